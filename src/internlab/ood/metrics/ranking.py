"""How well a score ranks outliers above inliers: AUROC, average precision, FPR at 95 % TPR.

An outlier is the positive class and a higher score is more out of distribution, everywhere. All
functions take ``(is_outlier, score)`` in this order, as scikit-learn does, and pool what they are
given: of many images, concatenate the pixels without void (or use `StreamingScores`).

All raise a ValueError for NaN scores, labels other than 0 and 1, arrays of different shape, and
where there is no outlier or no inlier: none of the metrics is defined then.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from internlab.ood.metrics.thresholds import Thresholds, checked


@dataclass(frozen=True)
class Scores:
    """What a score is worth on one pool of samples or pixels; all but the count in [0, 1].

    Parameters
    ----------
    auroc : float
        Probability that an outlier scores above an inlier, ties counted half. Chance is 0.5.
    average_precision : float
        Step sum over the precision-recall curve. Chance is the base rate.
    fpr95 : float
        Share of inliers flagged by the threshold that flags 95 % of the outliers; lower is better.
    base_rate : float
        Share of outliers.
    pixels : int
        Samples or pixels counted, void left out.
    """

    auroc: float
    average_precision: float
    fpr95: float
    base_rate: float
    pixels: int

    @classmethod
    def of(cls, thresholds: Thresholds) -> Scores:
        """Take all metrics from one set of counts."""
        thresholds.need_both()
        pixels = thresholds.outliers + thresholds.inliers
        return cls(
            auroc=thresholds.auroc(),
            average_precision=thresholds.average_precision(),
            fpr95=thresholds.fpr_at_tpr(0.95),
            base_rate=thresholds.outliers / pixels,
            pixels=pixels,
        )

    def as_row(self) -> dict[str, float | int]:
        """Return the fields as a dictionary, for a table."""
        return asdict(self)


def auroc(is_outlier: ArrayLike, score: ArrayLike) -> float:
    """Return the area under the ROC curve.

    It is the probability that a random outlier scores above a random inlier, a tie counted half.
    It does not depend on the base rate, so it can look fine where nearly every alarm is false.

    Parameters
    ----------
    is_outlier : array
        Any shape, bool or 0 and 1.
    score : array
        The same shape, float; higher is more out of distribution.

    Returns
    -------
    float
        0 to 1; 0.5 for a score that knows nothing.

    References
    ----------
    Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27(8), 2006, section 7.
    """
    return Thresholds.of(is_outlier, score).need_both().auroc()


def average_precision(is_outlier: ArrayLike, score: ArrayLike) -> float:
    """Return the average precision: precision at each threshold, weighted by its gain in recall.

    A sum of steps, as Fishyscapes and scikit-learn have it. The trapezoidal area under the same
    points joins them by straight lines, which no threshold can reach; see `traps`. Compare only
    at equal base rates: a score that knows nothing gets the base rate.

    Parameters, see `auroc`.

    Returns
    -------
    float
        0 to 1; the base rate for a constant score.

    References
    ----------
    Davis and Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006.
    Blum et al., "The Fishyscapes benchmark", IJCV 2021, arXiv 1904.03215, section 4.
    """
    return Thresholds.of(is_outlier, score).need_both().average_precision()


def fpr_at_tpr(is_outlier: ArrayLike, score: ArrayLike, tpr: float = 0.95) -> float:
    """Return the share of inliers that is flagged when a share `tpr` of the outliers is.

    The threshold is the highest one that flags at least `tpr` of the outliers. Papers that take
    the inliers as the positive class report another number under the same name; see `traps`.

    Parameters
    ----------
    is_outlier, score : array
        See `auroc`.
    tpr : float
        More than 0, at most 1.

    Returns
    -------
    float
        0 to 1; lower is better.

    References
    ----------
    Liang, Li, Srikant, "Enhancing the reliability of out-of-distribution image detection in neural
    networks", ICLR 2018, arXiv 1706.02690, section 4.2 (with the inliers as the positive class).
    """
    if not 0 < tpr <= 1:
        raise ValueError(f"tpr is {tpr}, expected a share in (0, 1], for example 0.95.")
    return Thresholds.of(is_outlier, score).need_both().fpr_at_tpr(tpr)


def base_rate(is_outlier: ArrayLike) -> float:
    """Return the share of outliers: the average precision of a score that knows nothing."""
    is_outlier, _ = checked(is_outlier, np.zeros(np.shape(is_outlier)))
    if not is_outlier.size:
        raise ValueError("There is nothing to take a share of: is_outlier is empty.")
    return float(np.mean(is_outlier))


def best_f1(is_outlier: ArrayLike, score: ArrayLike) -> tuple[float, float]:
    """Return the highest F1 that any threshold gives, and the threshold (``score >= threshold``).

    The threshold is chosen with the labels at hand, so on a test set this F1 flatters.
    """
    return Thresholds.of(is_outlier, score).need_both().best_f1()


def evaluate(is_outlier: ArrayLike, score: ArrayLike) -> Scores:
    """Return AUROC, AP, FPR95, base rate and count of one pool; for the parameters see `auroc`.

    Examples
    --------
    >>> found = evaluate([True, False, True, False], [4.0, 3.0, 2.0, 1.0])
    >>> found.auroc, round(found.average_precision, 3), found.fpr95, found.base_rate
    (0.75, 0.833, 0.5, 0.5)
    """
    return Scores.of(Thresholds.of(is_outlier, score))
