"""The best of many tries looks better than it is; a choice on other images does not.

Tries that are equally good still differ by luck, and the best of them had the most of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import integrate, stats


def expected_best(tries: int) -> float:
    """Return the mean of the largest of so many standard normal numbers.

    The largest is at most x if all are, so its density is n pdf(x) cdf(x)^(n - 1).

    Raises
    ------
    ValueError
        If there is no try.

    References
    ----------
    David and Nagaraja, Order Statistics, 3rd edition, Wiley 2003, section 3.1.
    """
    _check(tries)

    def density_times_x(x: float) -> float:
        return x * tries * stats.norm.pdf(x) * stats.norm.cdf(x) ** (tries - 1)

    return float(integrate.quad(density_times_x, -10, 10, limit=200)[0])


def expected_best_accuracy(tries: int, images: int, accuracy: float) -> float:
    """Return the mean of the best measured accuracy of equally good tries, exactly.

    Each try is right on each image with probability `accuracy`, independently. The best count
    exceeds k unless all counts are at most k; the mean of a count is the sum of these chances.
    """
    _check(tries)
    if not 0 <= accuracy <= 1 or images < 1:
        raise ValueError(
            f"accuracy is {accuracy} on {images} images. Expected a share, and at least one image."
        )
    counts = np.arange(images)
    return float((1 - stats.binom.cdf(counts, images, accuracy) ** tries).sum() / images)


def some_significant(tries: int, alpha: float = 0.05) -> float:
    """Return the chance that at least one of so many tests of nothing is below `alpha`."""
    _check(tries)
    return 1 - (1 - alpha) ** tries


@dataclass(frozen=True)
class Chosen:
    """What was chosen: its accuracy on the images that chose it, and on others (repeats,)."""

    where_chosen: np.ndarray
    elsewhere: np.ndarray


def choose_best(
    tries: int,
    images: int,
    accuracy: float,
    rng: np.random.Generator,
    repeats: int = 2000,
) -> Chosen:
    """Simulate: choose the best of equally good tries, then test it on as many other images."""
    _check(tries)
    first = rng.binomial(images, accuracy, size=(repeats, tries)) / images
    best = first.argmax(axis=1)
    second = rng.binomial(images, accuracy, size=(repeats, tries)) / images
    rows = np.arange(repeats)
    return Chosen(first[rows, best], second[rows, best])


def lead_that_stays(scores: np.ndarray, other_scores: np.ndarray) -> tuple[float, float]:
    """Return the winner's lead over the mean where it was chosen, and its lead elsewhere.

    Parameters
    ----------
    scores, other_scores : array (tries,)
        Of the same tries, on two sets of images.

    Raises
    ------
    ValueError
        If they differ in length.
    """
    scores, other_scores = np.asarray(scores, float), np.asarray(other_scores, float)
    if scores.shape != other_scores.shape or scores.ndim != 1:
        raise ValueError(
            f"Scores have shapes {scores.shape} and {other_scores.shape}. Expected one number for "
            "each try in both."
        )
    best = int(scores.argmax())
    return float(scores[best] - scores.mean()), float(other_scores[best] - other_scores.mean())


def normal_spread(accuracy: float, images: int) -> float:
    """Return the standard deviation of a measured accuracy, by the images alone."""
    return math.sqrt(accuracy * (1 - accuracy) / images)


def _check(tries: int) -> None:
    if tries < 1:
        raise ValueError(f"{tries} tries. Expected at least one.")
