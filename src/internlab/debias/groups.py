"""What a model does on each group: one class together with one value of the bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

# A smaller group says little: one of its images moves its accuracy by more than a point.
SMALLEST_GROUP = 100


@dataclass(frozen=True)
class GroupScores:
    """Accuracy group by group, and what is read from it.

    Parameters
    ----------
    unbiased : float
        Mean of the accuracies of all groups that have an image, 0 to 1: each group counts the
        same, however many images it has.
    aligned, conflicting : float
        Share of right answers among all images whose bias points to their class, and among the
        others. NaN without such images.
    worst_group : float or None
        The lowest accuracy of a group; None where a group has fewer than 100 images.
    follow_rate : float
        Share of conflicting images that are given the class that their bias points to. NaN
        without conflicting images.
    table : array
        (classes, biases), the accuracy of each group; NaN where it has no image.
    counts : array
        (classes, biases), the images of each group.
    """

    unbiased: float
    aligned: float
    conflicting: float
    worst_group: float | None
    follow_rate: float
    table: NDArray[np.float64]
    counts: NDArray[np.int64]


def group_scores(
    labels: ArrayLike, biases: ArrayLike, predictions: ArrayLike, classes: int, biases_count: int
) -> GroupScores:
    """Score predictions by groups.

    Parameters
    ----------
    labels, biases, predictions : array
        (N,), whole numbers: the class of each image, its value of the bias, and the class that
        it was given. Bias b points to class b.
    classes, biases_count : int
        How many classes and values of the bias there are.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, are empty, or hold a value out of range.
    """
    y = _indices("labels", labels, classes)
    b = _indices("biases", biases, biases_count)
    predicted = _indices("predictions", predictions, classes)
    if not len(y) == len(b) == len(predicted):
        raise ValueError(
            f"{len(y)} labels, {len(b)} biases and {len(predicted)} predictions; expected one of "
            "each an image."
        )
    if not len(y):
        raise ValueError("No image to score; expected at least one. Which split was passed?")
    right = predicted == y
    conflicting = b != y
    group = y * biases_count + b
    counts = np.bincount(group, minlength=classes * biases_count)
    hits = np.bincount(group, weights=right, minlength=classes * biases_count)
    with np.errstate(invalid="ignore"):
        accuracy = hits / counts
    filled = counts > 0
    # Where every group has 100 images, the lowest accuracy is more than one unlucky image.
    worst = float(accuracy.min()) if counts.min() >= SMALLEST_GROUP else None
    return GroupScores(
        unbiased=float(accuracy[filled].mean()),
        aligned=_share(right[~conflicting]),
        conflicting=_share(right[conflicting]),
        worst_group=worst,
        follow_rate=_share((predicted == b)[conflicting]),
        table=accuracy.reshape(classes, biases_count),
        counts=counts.reshape(classes, biases_count),
    )


def align_conflict(aligned: float, conflicting: float) -> float:
    """Return one number that is high only if both accuracies are: their harmonic mean.

    Where validation images are drawn like the training images, nearly all are aligned, and their
    plain average says nothing about the rest. Counted side by side, the two must both be good: 0.99
    and 0.1 give 0.18, 0.8 and 0.7 give 0.75. Knowing which images conflict takes bias labels.

    Parameters
    ----------
    aligned, conflicting : float
        Accuracy on aligned and on conflicting images, 0 to 1. NaN gives NaN.

    Notes
    -----
    A score of this name is proposed in the paper below to tune methods by. We have read its
    abstract, which gives the purpose and no formula; the harmonic mean is our reading of it.

    References
    ----------
    Lee, Lee, Jung, Choo, "Improving Evaluation of Debiasing in Image Classification", 2022,
    arXiv:2206.03680, abstract.
    """
    total = aligned + conflicting
    return 2 * aligned * conflicting / total if total else 0.0


def _share(hits: NDArray[np.bool_]) -> float:
    return float(hits.mean()) if len(hits) else float("nan")


def _indices(what: str, values: ArrayLike, count: int) -> NDArray[np.int64]:
    found = np.asarray(values)
    if found.ndim != 1 or not (np.issubdtype(found.dtype, np.integer) or not found.size):
        raise ValueError(
            f"The {what} have shape {found.shape} and dtype {found.dtype}; expected whole numbers, "
            "one an image."
        )
    if found.size and not (found.min() >= 0 and found.max() < count):
        raise ValueError(
            f"The {what} run from {found.min()} to {found.max()}; expected 0 to {count - 1}. "
            "Count from 0, and pass how many there are."
        )
    return found.astype(np.int64)
