"""Mahalanobis distance, less the distance from everything."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from internlab.ood.detectors.base import Detector, by_rows, expect_width, labelled_rows
from internlab.ood.detectors.mahalanobis import RIDGE, Mahalanobis, cholesky, squared_distances
from internlab.ood.outputs import Outputs


class RelativeMahalanobis(Detector):
    """Relative Mahalanobis distance: nearer to a class than to the data as a whole?

    A background Gaussian (mu_0, S_0) is fitted to all features, whatever their class. The score
    is ``min_c d_c(z) - d_0(z)`` with squared distances d. Directions in which classes do not
    differ count in both terms and cancel: that is meant for near outliers. A far one is far from
    the background as well, and some of its distance is lost.

    Parameters
    ----------
    ridge : float
        As in `Mahalanobis`, for both covariances.

    References
    ----------
    Ren, Fort, Liu, Roy, Padhy, Lakshminarayanan, "A Simple Fix to Mahalanobis Distance for
    Improving Near-OOD Detection", 2021.
    """

    name = "relative_mahalanobis"
    title = "Relative Mahalanobis"
    paper = "A Simple Fix to Mahalanobis Distance for Improving Near-OOD Detection"
    year = 2021
    url = "https://arxiv.org/abs/2106.09022"
    needs = ("features",)
    needs_to_fit = ("features", "labels")
    uses_fit = True

    def __init__(self, ridge: float = RIDGE) -> None:
        self.classes = Mahalanobis(ridge)
        self.background_mean: Tensor | None = None
        self.background_covariance: Tensor | None = None

    def fit(self, outputs: Outputs) -> Self:
        """Learn the Gaussians of the classes and that of everything."""
        features, labels = labelled_rows(outputs, self.title)
        self.classes.means, self.classes.covariance = Mahalanobis.gaussians(features, labels)
        # One class that holds everything.
        self.background_mean, self.background_covariance = Mahalanobis.gaussians(
            features, torch.zeros_like(labels)
        )
        return self

    def score(self, outputs: Outputs) -> Tensor:
        """Return the difference of squared distances, in float64; it is often negative."""
        features = outputs.require("features", self.title)
        background_mean = self._fitted(self.background_mean)
        expect_width(features, background_mean.shape[1], self.title)
        ridge, means = self.classes.ridge, self.classes.means
        near = cholesky(self.classes.covariance, ridge)
        wide = cholesky(self.background_covariance, ridge)

        def relative(rows: Tensor) -> Tensor:
            to_class = squared_distances(rows, means, near).amin(dim=1)
            return to_class - squared_distances(rows, background_mean, wide)[:, 0]

        return by_rows(relative, features)
