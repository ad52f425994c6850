"""Standardised max logits, and the two steps that clean a score map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from internlab.ood.dense.boundary import check_widths, suppress_boundaries
from internlab.ood.dense.smoothing import check_kernel, smooth
from internlab.ood.dense.statistics import ClassStatistics, Moments, shrink
from internlab.ood.detectors.base import Detector
from internlab.ood.outputs import Outputs

# Chosen on the validation scenes with objects, for images of 128 x 256.
STRENGTH = 0.03


class StandardizedMaxLogit(Detector):
    """The max logit, compared with what is usual for the predicted class.

    Classes differ in how large their max logits are: a road is called road with more evidence than
    a pole is called pole. So one threshold for all calls every pole an outlier. The score is
    ``-(max_k f_k - mu_c) / sd_c`` with c the predicted class, and mu_c, sd_c the mean and standard
    deviation of the max logit where the training images are predicted as c.

    Parameters
    ----------
    statistics : ClassStatistics or Moments, optional
        Gathered before, for training sets whose logits do not fit into memory. Without it, `fit`.
    strength : float
        How much to `shrink` the statistics of rare classes; 0 is the published method.

    References
    ----------
    Jung, Lee, Gwak, Choi, Choo, "Standardized max logits: a simple yet effective approach for
    identifying unexpected road obstacles in urban-scene segmentation", ICCV 2021, equations 2 to 4.
    """

    name = "sml"
    title = "SML"
    paper = "Standardized Max Logits: A Simple yet Effective Approach for Identifying Unexpected "
    paper += "Road Obstacles in Urban-Scene Segmentation"
    year = 2021
    url = "https://arxiv.org/abs/2107.11264"
    uses_fit = True

    def __init__(
        self, statistics: ClassStatistics | Moments | None = None, strength: float = 0.0
    ) -> None:
        self.strength = strength
        self.moments = None if statistics is None else shrink(statistics, strength)

    def fit(self, outputs: Outputs) -> Self:
        """Gather the statistics of training outputs; labels are not read.

        So every pixel counts, void ones too: at test time nothing says which pixels are void.
        """
        self.moments = shrink(ClassStatistics(outputs.classes).add(outputs.logits), self.strength)
        return self

    def score(self, outputs: Outputs) -> Tensor:
        """Return `standardise` of the logits."""
        if self.moments is None:
            self._fitted(None)
        return self.standardise(outputs.logits, self.moments)

    @staticmethod
    def standardise(logits: Tensor, moments: Moments) -> Tensor:
        """Return ``-(max_k f_k - mu_c) / sd_c`` of logits (N, K) or (N, K, H, W).

        Raises
        ------
        ValueError
            If the moments are of another number of classes.
        """
        if logits.shape[1] != len(moments.mean):
            raise ValueError(
                f"Got logits of {logits.shape[1]} classes and statistics of {len(moments.mean)}. "
                "Expected both from the same network."
            )
        highest, predicted = logits.max(1)
        mean, sd = moments.mean.to(highest), moments.sd.to(highest)
        return (mean[predicted] - highest) / sd[predicted]


@dataclass(frozen=True)
class CleanUp:
    """Boundary suppression and dilated smoothing, with one set of widths.

    The defaults are for images of 128 x 256, chosen on the validation scenes with objects.
    `PUBLISHED` has the widths of the paper, for images of 1024 x 2048.

    Parameters
    ----------
    width, iterations : int
        See `suppress_boundaries`.
    size, dilation, sigma
        See `smooth`.

    Raises
    ------
    ValueError
        If one of the two steps cannot have these widths.
    """

    width: int = 2
    iterations: int = 2
    size: int = 7
    dilation: int = 4
    sigma: float = 1.0

    def __post_init__(self) -> None:
        check_widths(self.width, self.iterations)
        check_kernel(self.size, self.dilation, self.sigma)

    def suppress(self, score: Tensor, prediction: Tensor) -> Tensor:
        """Return a score (N, H, W) with its boundaries suppressed."""
        return suppress_boundaries(score, prediction, self.width, self.iterations)

    def smooth(self, score: Tensor) -> Tensor:
        """Return a score (N, H, W) smoothed."""
        return smooth(score, self.size, self.dilation, self.sigma)

    def __call__(self, score: Tensor, prediction: Tensor) -> Tensor:
        """Return a score (N, H, W) after both steps."""
        return self.smooth(self.suppress(score, prediction))


PUBLISHED = CleanUp(width=4, iterations=4, size=7, dilation=6, sigma=1.0)


def predicted_classes(logits: Tensor) -> Tensor:
    """Return the predicted class of each pixel, (N, H, W) int64."""
    return torch.argmax(logits, dim=1)
