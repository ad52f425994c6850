"""Checks of the exercises on metrics: average precision, FPR95, and the share of true alarms."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from internlab.exercises import NotYet, call
from internlab.ood.metrics import auroc, average_precision, evaluate
from internlab.ood.metrics.thresholds import Thresholds
from internlab.ood.metrics.traps import fpr95_of_inliers, trapezoidal_average_precision

# Two numbers nearer than this cannot be told apart by their rule.
APART = 1e-4
MEANINGS_AP = {
    "trapezoid": "the area under straight lines from point to point. Which threshold gives the "
    "precisions on such a line?",
    "unanchored": "the area under straight lines from point to point, from the first point on. "
    "Which threshold gives the precisions on such a line?",
    "flipped": "the average precision of the score turned round. Which end of your order is the "
    "most outlying?",
    "mean": "the mean precision over all thresholds. Should a threshold at which no outlier is "
    "gained count as much as one at which many are?",
    "auroc": "the area under the ROC curve. What is on its axes, and what on those of precision "
    "and recall?",
    "before": "a sum with the precision of the threshold before. With which precision were the "
    "outliers of this step found?",
    "interpolated": "the interpolated version, where each precision is replaced by the best one "
    "further down. Did your threshold have that precision?",
    "inliers": "the average precision of finding inliers. Which class is the positive one?",
}
MEANINGS_FPR = {
    "inliers positive": "a share of outliers: the threshold keeps 95 % of the inliers. Papers that "
    "call the inliers positive report this one. Which class is the positive one here?",
    "inlier quantile": "5 % by construction: the threshold was taken from the inliers, so it says "
    "nothing about outliers. Which pixels must be caught at 95 %?",
    "wrong tail": "what a threshold gives that flags only 5 % of the outliers. Do the outliers to "
    "be caught lie above or below your threshold?",
    "quantile of all": "what the threshold above 95 % of *all* pixels gives, so it flags 5 % of "
    "them, whatever they are. Which pixels must be caught at 95 %, and do they lie above it?",
    "true negatives": "the share of inliers that is left in peace. Which share is a false alarm?",
    "turned round": "the share of inliers below the threshold. Is a higher score more outlying?",
    "discovery": "the share of the flagged pixels that are inliers. Of how many inliers is the "
    "rate a share?",
    "of all": "a share of all pixels. Of how many inliers is the rate a share?",
    "strict": "the rate at the threshold after. Is 38 of 40 at least 95 %?",
    "tpr": "the true positive rate that was reached. Which pixels are flagged by mistake?",
}
MEANINGS_ALARMS = {
    "no base rate": "the share if there were as many outliers as inliers. How many of each does a "
    "street have?",
    "false": "the share of false alarms. Which was asked for?",
    "found": "the share of all pixels that are true alarms. Among which pixels was it asked?",
    "swapped": "what comes out with inliers and outliers exchanged. Which of the two is rare?",
    "specificity": "1 - fpr, the share of inliers left in peace. Does it know how rare outliers "
    "are?",
    "tpr": "the share of outliers that raise an alarm. And of the alarms, how many are outliers?",
    "pixels": "divided by all pixels, also those without an alarm. Among which pixels was it "
    "asked?",
}


def check_step_sum(answer: Callable[..., float]) -> None:
    """Expect a function of (is_outlier, score), both (N,), to the average precision."""
    rng = np.random.default_rng()
    for _ in range(3):
        is_outlier, score, right, known = _draw(rng, _ranked, _known_ap)
        got = _number(call(answer, is_outlier, score), "the average precision")
        if _same(got, right):
            order = rng.permutation(score.size)
            again = _number(call(answer, is_outlier[order], score[order]), "the average precision")
        else:
            _explain(got, right, known, MEANINGS_AP)
            # A rule that cuts through equal scores gives another number in another order.
            orders = [rng.permutation(score.size) for _ in range(4)]
            again = next(
                (
                    value
                    for value in (_number(call(answer, is_outlier[o], score[o])) for o in orders)
                    if not _same(value, got)
                ),
                got,
            )
        if not _same(again, got):
            raise NotYet(
                f"the same pixels in another order give {again:.4f} after {got:.4f}, expected "
                f"{right:.4f} in any order. Many scores are equal: can a threshold flag one of "
                "them and spare the other?"
            )
        if not _same(got, right):
            raise NotYet(
                f"you gave {got:.4f}, expected {right:.4f} for {is_outlier.sum()} outliers among "
                f"{score.size} pixels: what is gained in recall at each threshold, and with which "
                "precision?"
            )
    is_outlier = np.arange(200) % 100 == 0
    got = _number(call(answer, is_outlier, np.zeros(200)), "the average precision")
    if not _same(got, 0.01):
        raise NotYet(
            f"a score that is the same everywhere gets {got:.3f} at a base rate of 0.01, expected "
            "0.01: how many thresholds are there, and which precision has it?"
        )


def check_fpr95(answer: Callable[..., float]) -> None:
    """Expect a function of (is_outlier, score), both (N,), to the FPR at 95 % TPR."""
    rng = np.random.default_rng()
    for _ in range(3):
        is_outlier, score, right, known = _draw(rng, _spread, _known_fpr)
        got = _number(call(answer, is_outlier, score), "the false positive rate")
        if _same(got, right):
            continue
        _explain(got, right, known, MEANINGS_FPR)
        raise NotYet(
            f"you gave {got:.4f}, expected {right:.4f} for {is_outlier.sum()} outliers and "
            f"{(~is_outlier).sum()} inliers: which is the highest threshold that flags 95 % of the "
            "outliers, and what share of the inliers does it flag?"
        )


def check_alarms(answer: Callable[..., float]) -> None:
    """Expect a function of (tpr, fpr, base_rate) to the share of alarms that are outliers."""
    rng = np.random.default_rng()
    for _ in range(3):
        tpr, fpr, rate, right, known = _draw(rng, _rates, _known_alarms)
        got = _number(call(answer, tpr, fpr, rate), "the share of true alarms")
        if math.isclose(got, right, rel_tol=1e-6, abs_tol=1e-9):
            continue
        _explain(got, right, known, MEANINGS_ALARMS)
        raise NotYet(
            f"for a TPR of {tpr:.3f}, an FPR of {fpr:.3f} and a base rate of {rate:.3f} you gave "
            f"{got:.4f}, expected {right:.4f}: how many of a million pixels raise a true alarm, "
            "and how many a false one?"
        )


def _draw(
    rng: np.random.Generator,
    draw: Callable[[np.random.Generator], tuple | None],
    known_of: Callable[..., tuple[float, dict[str, float]]],
) -> tuple:
    """Draw inputs until every wrong rule gives another number than the right one."""
    while True:
        inputs = draw(rng)
        if inputs is None:
            continue
        right, known = known_of(*inputs)
        values = [right, *known.values()]
        gaps = np.diff(np.sort(values))
        if gaps.min() > APART:
            return *inputs, right, known


def _explain(got: float, right: float, known: Mapping[str, float], meanings: dict) -> None:
    for name, value in known.items():
        if _same(got, value):
            raise NotYet(f"you gave {got:.4f}, expected {right:.4f}. Yours is {meanings[name]}")


def _ranked(rng: np.random.Generator) -> tuple:
    """Few outliers, and scores with many ties."""
    is_outlier = rng.permutation(np.arange(60) < 12)
    return is_outlier, np.round(rng.normal(0, 1.5, 60) + 2 * is_outlier)


def _known_ap(is_outlier: np.ndarray, score: np.ndarray) -> tuple[float, dict[str, float]]:
    counts = Thresholds.of(is_outlier, score)
    recall, precision = counts.recall, counts.precision
    gains = np.diff(recall, prepend=0)
    best_below = np.maximum.accumulate(precision[::-1])[::-1]
    known = {
        "trapezoid": trapezoidal_average_precision(is_outlier, score),
        "unanchored": float(np.trapezoid(precision, recall)),
        "flipped": average_precision(is_outlier, -score),
        "mean": float(precision.mean()),
        "auroc": auroc(is_outlier, score),
        "before": float(np.sum(gains[1:] * precision[:-1])),
        "interpolated": float(np.sum(gains * best_below)),
        "inliers": average_precision(~is_outlier, -score),
    }
    return average_precision(is_outlier, score), known


def _spread(rng: np.random.Generator) -> tuple | None:
    """Forty outliers without ties: 38 of them are 95 %."""
    is_outlier = rng.permutation(np.arange(160) < 40)
    score = rng.normal(0, 3, 160) + 3.5 * is_outlier
    threshold = np.quantile(score[is_outlier], 0.05, method="higher")
    between = (score >= np.quantile(score[is_outlier], 0.05)) & (score < threshold)
    # NumPy's quantile lies a little below the outlier that is meant: let it make no difference.
    return None if between.any() else (is_outlier, score)


def _known_fpr(is_outlier: np.ndarray, score: np.ndarray) -> tuple[float, dict[str, float]]:
    right = evaluate(is_outlier, score).fpr95
    outlying, inlying = score[is_outlier], score[~is_outlier]
    ascending = np.sort(outlying)
    kept_out = np.mean(inlying >= np.quantile(outlying, 0.95))
    flagged_wrongly = np.sum(inlying >= ascending[2])
    known = {
        "inliers positive": fpr95_of_inliers(is_outlier, score),
        "inlier quantile": float(np.mean(inlying > np.quantile(inlying, 0.95))),
        "wrong tail": float(kept_out),
        "quantile of all": float(np.mean(inlying >= np.quantile(score, 0.95))),
        "true negatives": 1 - right,
        "turned round": float(np.mean(inlying <= np.quantile(outlying, 0.95))),
        "discovery": float(flagged_wrongly / (flagged_wrongly + 38)),
        "of all": float(flagged_wrongly / score.size),
        "strict": float(np.mean(inlying >= ascending[1])),
        "tpr": 0.95,
    }
    return right, known


def _rates(rng: np.random.Generator) -> tuple[float, float, float]:
    return rng.uniform(0.7, 0.98), rng.uniform(0.02, 0.2), rng.uniform(0.005, 0.05)


def _known_alarms(tpr: float, fpr: float, rate: float) -> tuple[float, dict[str, float]]:
    true, false = rate * tpr, (1 - rate) * fpr
    known = {
        "no base rate": tpr / (tpr + fpr),
        "false": false / (true + false),
        "found": true,
        "swapped": (1 - rate) * tpr / ((1 - rate) * tpr + rate * fpr),
        "specificity": 1 - fpr,
        "tpr": tpr,
        "pixels": true + false,
    }
    return true / (true + false), known


def _number(value: Any, what: str = "the result") -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise NotYet(
            f"{what} is of type {type(value).__name__}, expected one number: over what is left to "
            "sum or to average?"
        ) from None
    if not math.isfinite(number):
        raise NotYet(f"{what} is {number}, expected a finite number: what do you divide by?")
    return number


def _same(first: float, second: float) -> bool:
    return math.isclose(first, second, abs_tol=1e-7)
