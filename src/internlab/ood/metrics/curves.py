"""The points of the precision-recall and ROC curves, for figures."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from internlab.ood.metrics.thresholds import Thresholds


def precision_recall(
    is_outlier: ArrayLike, score: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return recall, precision and threshold, each (T,), from the highest threshold down.

    Between two points the curve is a step: the precision of a point holds for the recall gained on
    the way to it. Draw it with ``drawstyle="steps-pre"``, and the base rate as a level line.
    For the parameters and errors see `internlab.ood.metrics.ranking`.
    """
    counts = Thresholds.of(is_outlier, score).need_both()
    return counts.recall, counts.precision, counts.score


def roc(is_outlier: ArrayLike, score: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return false positive rate, true positive rate and threshold, each (T + 1,).

    The first point is (0, 0) at threshold infinity: nothing is flagged. Chance is the diagonal.
    For the parameters and errors see `internlab.ood.metrics.ranking`.
    """
    counts = Thresholds.of(is_outlier, score).need_both()
    return (
        np.append(0, counts.false_positive_rate),
        np.append(0, counts.recall),
        np.append(np.inf, counts.score),
    )
