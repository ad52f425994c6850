"""The exercises on metrics of lab 32: step sum, FPR95, and how many alarms are true."""

from __future__ import annotations

from internlab.exercises import Exercise
from internlab.ood.exercises.metrics_checks import check_alarms, check_fpr95, check_step_sum

EXERCISES = [
    Exercise(
        "step-sum",
        check_step_sum,
        hints=(
            "Each distinct score is a threshold. Walk from the highest down: what is flagged, and "
            "how many of that are outliers?",
            "At each threshold, multiply the precision by what recall has gained since the one "
            "before. No straight lines, no starting point.",
            "for t in np.unique(score)[::-1]: flagged = score >= t; precision = "
            "is_outlier[flagged].mean(); recall = is_outlier[flagged].sum() / is_outlier.sum(); "
            "total += precision * (recall - before); before = recall",
        ),
    ),
    Exercise(
        "fpr95",
        check_fpr95,
        hints=(
            "Two steps: a threshold from the outliers alone, then a share of the inliers.",
            "Try the thresholds from the highest down, and stop at the first that flags at least "
            "95 % of the outliers.",
            "thresholds = np.unique(score)[::-1]; threshold = next(t for t in thresholds if "
            "(score[is_outlier] >= t).mean() >= 0.95); then (score[~is_outlier] >= "
            "threshold).mean()",
        ),
    ),
    Exercise(
        "alarms",
        check_alarms,
        hints=(
            "Imagine a million pixels. How many outliers are among them, and how many of those "
            "raise an alarm? And of the others?",
            "True alarms: base_rate * tpr. False alarms: (1 - base_rate) * fpr.",
            "base_rate * tpr / (base_rate * tpr + (1 - base_rate) * fpr)",
        ),
    ),
]
