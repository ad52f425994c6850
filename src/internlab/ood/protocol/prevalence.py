"""Average precision at another base rate: the same detector, more or fewer anomalies."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from internlab.ood.metrics.thresholds import Thresholds, checked


def average_precision_at(is_outlier: ArrayLike, score: ArrayLike, base_rate: float) -> float:
    """Return the average precision that the same detector would have at another base rate.

    A threshold flags a share TPR of the outliers and a share FPR of the inliers, however many
    there are of each. With a share b of outliers, the precision is

        b TPR / (b TPR + (1 - b) FPR),

    and average precision sums it over the steps of TPR. Nothing has to be drawn.

    Parameters
    ----------
    is_outlier, score : array
        As for `internlab.ood.metrics.average_precision`.
    base_rate : float
        Share of outliers, in (0, 1).

    Returns
    -------
    float
        0 to 1. At the base rate of the data it is the plain average precision.

    Raises
    ------
    ValueError
        If the base rate is no share, or the data lack outliers or inliers.
    """
    _check_rate(base_rate)
    counts = Thresholds.of(is_outlier, score).need_both()
    caught = base_rate * counts.recall
    precision = caught / (caught + (1 - base_rate) * counts.false_positive_rate)
    return float(np.sum(np.diff(counts.recall, prepend=0) * precision))


def thinned(is_outlier: ArrayLike, base_rate: float, rng: np.random.Generator) -> np.ndarray:
    """Choose pixels at random so that a share `base_rate` of the chosen ones are outliers.

    As many as possible are kept: all inliers and some outliers, or all outliers and some inliers.

    Parameters
    ----------
    is_outlier : array
        (P,), bool or 0 and 1.
    base_rate : float
        Share of outliers among the chosen, in (0, 1).
    rng : numpy.random.Generator

    Returns
    -------
    array
        (Q,) int64, the chosen positions in ascending order.

    Raises
    ------
    ValueError
        If the base rate is no share, or one of the two would have no pixel left.
    """
    _check_rate(base_rate)
    is_outlier, _ = checked(is_outlier, np.zeros(np.shape(is_outlier)))
    outliers, inliers = np.flatnonzero(is_outlier), np.flatnonzero(~is_outlier)
    odds = base_rate / (1 - base_rate)
    keep_out = min(len(outliers), round(odds * len(inliers)))
    keep_in = min(len(inliers), round(len(outliers) / odds))
    if not keep_out or not keep_in:
        raise ValueError(
            f"{len(outliers)} outliers and {len(inliers)} inliers cannot be thinned to a base "
            f"rate of {base_rate:g}: nothing of one kind would be left. Pool more images, or use "
            "average_precision_at."
        )
    chosen = [
        rng.choice(outliers, keep_out, replace=False),
        rng.choice(inliers, keep_in, replace=False),
    ]
    return np.sort(np.concatenate(chosen))


def _check_rate(base_rate: float) -> None:
    if not 0 < base_rate < 1:
        raise ValueError(f"Base rate {base_rate}; expected a share between 0 and 1, such as 0.01.")
