"""What every threshold on a score lets through: the counts that all ranking metrics come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Thresholds:
    """Outliers and inliers at or above each distinct score.

    Equal scores share one threshold: no rule can flag one of them and spare the other. That is the
    whole treatment of ties.

    Parameters
    ----------
    score : array
        (T,) distinct scores, from the highest down. Flagged is what scores at least this.
    true_positives : array
        (T,) int64, outliers flagged; the last entry is their number.
    false_positives : array
        (T,) int64, inliers flagged; the last entry is their number.
    """

    score: np.ndarray
    true_positives: np.ndarray
    false_positives: np.ndarray

    @classmethod
    def of(cls, is_outlier: ArrayLike, score: ArrayLike) -> Thresholds:
        """Count from labels and scores of equal shape; see `checked` for what is refused."""
        is_outlier, score = checked(is_outlier, score)
        if score.size == 0:
            raise ValueError("There is nothing to rank: is_outlier and score are empty.")
        order = np.argsort(-score, kind="stable")
        score, is_outlier = score[order], is_outlier[order]
        last_of_its_score = np.append(score[1:] != score[:-1], True)
        flagged = np.flatnonzero(last_of_its_score) + 1
        true_positives = np.cumsum(is_outlier, dtype=np.int64)[last_of_its_score]
        return cls(score[last_of_its_score], true_positives, flagged - true_positives)

    @property
    def outliers(self) -> int:
        """Number of outliers."""
        return int(self.true_positives[-1])

    @property
    def inliers(self) -> int:
        """Number of inliers."""
        return int(self.false_positives[-1])

    @property
    def recall(self) -> np.ndarray:
        """(T,) share of the outliers that is flagged, the true positive rate."""
        return self.true_positives / self.outliers

    @property
    def false_positive_rate(self) -> np.ndarray:
        """(T,) share of the inliers that is flagged."""
        return self.false_positives / self.inliers

    @property
    def precision(self) -> np.ndarray:
        """(T,) share of what is flagged that is an outlier."""
        return self.true_positives / (self.true_positives + self.false_positives)

    def auroc(self) -> float:
        """Return the area under the ROC curve, by trapezoids."""
        fpr, tpr = np.append(0, self.false_positive_rate), np.append(0, self.recall)
        return float(np.trapezoid(tpr, fpr))

    def average_precision(self) -> float:
        """Return the step sum of precision over the gains in recall."""
        return float(np.sum(np.diff(self.recall, prepend=0) * self.precision))

    def fpr_at_tpr(self, tpr: float = 0.95) -> float:
        """Return the false positive rate at the highest threshold that reaches `tpr`."""
        reaches = self.recall >= tpr
        return float(self.false_positive_rate[np.argmax(reaches)])

    def best_f1(self) -> tuple[float, float]:
        """Return the highest F1 of all thresholds, and that threshold."""
        flagged = self.true_positives + self.false_positives
        f1 = 2 * self.true_positives / (flagged + self.outliers)
        best = np.argmax(f1)
        return float(f1[best]), float(self.score[best])

    def need_both(self) -> Thresholds:
        """Return these counts if there are outliers and inliers; else say what is missing."""
        check_both(self.outliers, self.inliers)
        return self


def checked(is_outlier: ArrayLike, score: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return labels as (N,) bool and scores as (N,) floats.

    Parameters
    ----------
    is_outlier : array
        Any shape; bool, or numbers that are all 0 or 1. 1 is an outlier. Void is left out before.
    score : array
        The same shape; higher is more out of distribution. Infinities are the ends of the order.

    Raises
    ------
    ValueError
        If the shapes differ, a label is neither 0 nor 1, or a score is NaN or no real number.
    """
    is_outlier, score = np.asarray(is_outlier), np.asarray(score)
    if is_outlier.shape != score.shape:
        raise ValueError(
            f"is_outlier has shape {is_outlier.shape}, score has {score.shape}; they must be "
            "equal. Is each score beside its own label, and is_outlier the first argument?"
        )
    if is_outlier.dtype != bool:
        wrong = is_outlier[(is_outlier != 0) & (is_outlier != 1)]
        if wrong.size:
            raise ValueError(
                f"is_outlier holds {wrong.flat[0]}, expected True or False (or 1 and 0). Compare a "
                "label map with the outlier id, and leave void out, before you measure."
            )
        is_outlier = is_outlier == 1
    if score.dtype.kind not in "biuf":
        raise ValueError(
            f"The scores are of type {score.dtype}, which has no order. Expected real numbers."
        )
    score = score.astype(np.result_type(score.dtype, np.float32), copy=False).ravel()
    nans = np.count_nonzero(np.isnan(score))
    if nans:
        raise ValueError(
            f"{nans} of {score.size} scores are NaN, and NaN has no place in an order. Find where "
            "they come from: a division by 0, log(0) - log(0), or logits that overflowed."
        )
    return is_outlier.ravel(), score


def check_both(outliers: int, inliers: int) -> None:
    """Raise a ValueError unless there are outliers and inliers."""
    if outliers and inliers:
        return
    missing, present, number = (
        ("inlier", "outliers", outliers) if outliers else ("outlier", "inliers", inliers)
    )
    raise ValueError(
        f"There is no {missing} among {number} {present}, so AUROC, AP and FPR at a TPR are not "
        "defined. Pool more images, or check the ids of outlier and void."
    )
