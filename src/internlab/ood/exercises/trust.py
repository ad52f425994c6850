"""Lab 32: the metrics, then region, report, vanished, flagged and control."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.ood.exercises import metrics
from internlab.ood.exercises.trust_checks import (
    check_flagged,
    check_region,
    check_report,
    check_vanished,
)
from internlab.ood.exercises.trust_control import check_control

EXERCISES = [
    Exercise(
        "region",
        check_region,
        hints=(
            "Two labels belong to it. One is what a car drives on, the other what it must not hit.",
            "The prediction is a trap: the region has to be the same for every network.",
            "(labels == ROAD) | (labels == ANOMALY)",
        ),
    ),
    Exercise(
        "report",
        check_report,
        hints=(
            "Which of the three columns could you use before anything of the test was seen?",
            "`submissions.loc[submissions.validation_ap.idxmax()]` is the chosen row. Its AP is in "
            "the column that had no part in any choice.",
            "best = submissions.loc[submissions.validation_ap.idxmax()], then return best['name'], "
            "best.hidden_ap, is_outlier.mean().",
        ),
    ),
    Exercise(
        "vanished",
        check_vanished,
        hints=(
            "One board at a time: who leads in public? That is the submission you keep.",
            "A gain is counted from submission 0 on the same half of the same board, because one "
            "half can be easier than the other.",
            "lead = public.argmax(axis=1), boards = np.arange(len(public)); the public gain is "
            "public[boards, lead] - public[:, 0], the hidden one the same with hidden. Take the "
            "mean of their difference.",
        ),
    ),
    Exercise(
        "flagged",
        check_flagged,
        hints=(
            "The threshold is fixed in clear weather, before anybody has seen fog.",
            "np.quantile gives the value that a share of the scores lies below.",
            "threshold = np.quantile(clear, 1 - share), then (fog > threshold).mean().",
        ),
    ),
    Exercise(
        "control",
        check_control,
        hints=(
            "measure(seed) gives two numbers of one network. Subtract within the network.",
            "The standard error is the standard deviation of the differences, with ddof=1, over "
            "the square root of their number.",
            "differences = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}, then "
            "compare the mean with twice its standard error.",
        ),
    ),
]

lab = Lab(
    "ood.trust", [*metrics.EXERCISES, *EXERCISES], solution="solutions/32_whom_to_believe.ipynb"
)
check, hint = lab.check, lab.hint
