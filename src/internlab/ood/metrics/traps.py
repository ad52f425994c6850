"""Wrong ways to a metric that give a number too. For lessons and tests, never for a result."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from internlab.ood.metrics.thresholds import Thresholds


def auroc_by_torchmetrics(is_outlier: ArrayLike, score: ArrayLike) -> float:
    """Return the AUROC that torchmetrics gives for the scores as they are.

    It takes scores for probabilities, and if one of them lies outside [0, 1] it sends all through
    a sigmoid, in float32. The sigmoid keeps the order on paper; in float32 everything above about
    17 becomes exactly 1, and the order is gone. No warning is given. For the parameters see
    `internlab.ood.metrics.auroc`.
    """
    import torch
    from torchmetrics.functional.classification import binary_auroc

    score = torch.as_tensor(np.asarray(score), dtype=torch.float32)
    return float(binary_auroc(score, torch.as_tensor(np.asarray(is_outlier)).long()))


def scaled_to_unit(score: ArrayLike) -> np.ndarray:
    """Return scores moved and stretched to [0, 1], which mends `auroc_by_torchmetrics`."""
    score = np.asarray(score, dtype=np.float64)
    low, high = score.min(), score.max()
    return (score - low) / (high - low) if high > low else np.zeros_like(score)


def trapezoidal_average_precision(is_outlier: ArrayLike, score: ArrayLike) -> float:
    """Return the area under straight lines between the points of the precision-recall curve.

    The lines start at precision 1 and recall 0 and promise precisions between two thresholds that
    no threshold gives. The fewer distinct scores, the larger the promise: a constant score at a
    base rate of 1 % gets 0.505, its average precision is 0.01. Several OOD libraries report this
    area as AUPR. For the parameters see `internlab.ood.metrics.average_precision`.
    """
    counts = Thresholds.of(is_outlier, score).need_both()
    return float(np.trapezoid(np.append(1, counts.precision), np.append(0, counts.recall)))


def fpr95_of_inliers(is_outlier: ArrayLike, score: ArrayLike) -> float:
    """Return FPR at 95 % TPR with the *inliers* as the positive class, as the ODIN paper has it.

    The threshold accepts 95 % of the inliers; the rate is the share of outliers that is accepted
    with them. `internlab.ood.metrics.fpr_at_tpr` flags 95 % of the outliers and counts the inliers
    that are flagged with them. Both are called FPR95.
    """
    is_inlier = ~np.asarray(is_outlier, dtype=bool)
    return Thresholds.of(is_inlier, -np.asarray(score)).need_both().fpr_at_tpr(0.95)
