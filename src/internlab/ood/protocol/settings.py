"""Knobs of a dense detector: settings that anybody could defend, to tune over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from internlab.ood.dense.boundary import suppress_boundaries
from internlab.ood.dense.smoothing import smooth
from internlab.ood.dense.standardised import CleanUp, StandardizedMaxLogit, predicted_classes
from internlab.ood.dense.statistics import Moments, shrink
from internlab.ood.detectors.energy import Energy

# So strongly shrunk, all classes share one mean and one spread.
_ALL_ALIKE = 1e9


@dataclass(frozen=True)
class Setting:
    """One way to turn logits into a score for each pixel.

    Parameters
    ----------
    shrinkage : float
        How strongly the moments of rare classes are drawn to the common ones, at least 0.
    energy : float
        Share of the energy in the score, 0 to 1; the rest is the standardised max logit.
    temperature : float
        Of the energy, positive.
    width : int
        Width of boundary suppression in pixels, with as many iterations; 0 for none.
    dilation : int
        Dilation of the smoothing in pixels, 0 for none.
    offsets : tuple of float
        Added to the score of a pixel by its predicted class, one for each class; () for none.

    Raises
    ------
    ValueError
        If a number is out of its range.
    """

    shrinkage: float = 0.0
    energy: float = 0.0
    temperature: float = 1.0
    width: int = CleanUp.width
    dilation: int = CleanUp.dilation
    offsets: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        ranges = {
            "shrinkage": (self.shrinkage >= 0, "at least 0"),
            "energy": (0 <= self.energy <= 1, "a share from 0 to 1"),
            "temperature": (self.temperature > 0, "a positive number"),
            "width": (self.width >= 0, "0 for none, or pixels"),
            "dilation": (self.dilation >= 0, "0 for none, or pixels"),
        }
        for name, (fits, expected) in ranges.items():
            if not fits:
                raise ValueError(f"{name} is {getattr(self, name)}, expected {expected}.")

    def score(self, logits: torch.Tensor, moments: Moments) -> np.ndarray:
        """Return the score of every pixel.

        Parameters
        ----------
        logits : tensor
            (N, K, H, W), float.
        moments : Moments
            Of the max logits on training images.

        Returns
        -------
        array
            (N, H, W) float32, higher is more out of distribution.

        Raises
        ------
        ValueError
            If there are offsets for another number of classes.
        """
        if self.offsets and len(self.offsets) != logits.shape[1]:
            raise ValueError(
                f"{len(self.offsets)} offsets for logits of {logits.shape[1]} classes; expected "
                "one for each class, or none."
            )
        # A few images at a time stay in the processor's cache.
        return np.concatenate([self._score(each, moments).numpy() for each in logits.split(10)])

    def _score(self, logits: torch.Tensor, moments: Moments) -> torch.Tensor:
        predicted = predicted_classes(logits)
        score = StandardizedMaxLogit.standardise(logits, shrink(moments, self.shrinkage))
        if self.energy:
            common = shrink(moments, _ALL_ALIKE)
            energy = Energy.energy(logits, self.temperature)
            energy = (energy + common.mean.float()[0]) / common.sd.float()[0]
            score = (1 - self.energy) * score + self.energy * energy
        if self.offsets:
            score = score + torch.tensor(self.offsets)[predicted]
        if self.width:
            score = suppress_boundaries(score, predicted, self.width, self.width)
        if self.dilation:
            score = smooth(score, dilation=self.dilation)
        return score


# Standardised max logits with both steps, as lesson 31 leaves them.
START = Setting()


def draw(rng: np.random.Generator, *, classes: int = 0) -> Setting:
    """Draw a setting at random.

    Parameters
    ----------
    rng : numpy.random.Generator
    classes : int
        Number of classes that get an offset of their own, drawn with a spread of 0.7 standardised
        logits; 0 for no offsets. Each is one more number that a public score can be used to choose.
    """
    return Setting(
        shrinkage=float(10 ** rng.uniform(-3, -0.5)),
        energy=float(rng.uniform(0, 1)),
        temperature=float(2 ** rng.uniform(-1, 3)),
        width=int(rng.choice([0, 2, 4])),
        dilation=int(rng.choice([0, 1, 2, 4, 6])),
        offsets=tuple(rng.normal(0, 0.7, classes).tolist()),
    )
