"""The lab on search: draw, score, winner, rung, cost, budget, conclusion."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.hpo.exercises import search_checks, search_cost_checks

lab = Lab(
    "hpo.search",
    [
        Exercise(
            "draw",
            search_checks.check_draw,
            hints=(
                "Draw the exponent uniformly, then take the power.",
                "The exponents run from the logarithm of `low` to that of `high`. The base does "
                "not matter, as long as logarithm and power have the same one.",
                "np.exp(rng.uniform(np.log(low), np.log(high), count))",
            ),
        ),
        Exercise(
            "score",
            search_checks.check_score,
            hints=(
                "Every choice is made on validation, the choice of an epoch too.",
                "Find the position of the highest validation IoU, and read the test there.",
                "test[np.argmax(validation)]",
            ),
        ),
        Exercise(
            "winner",
            search_checks.check_winner,
            hints=(
                "One column is for choosing the row, another for reading the result.",
                "pandas' idxmax() passes over NaN; NumPy's argmax() does not.",
                'row = trials.loc[trials["validation_iou"].idxmax()], then its name and test IoU.',
            ),
        ),
        Exercise(
            "rung",
            search_cost_checks.check_rung,
            hints=(
                "Compare with recorded[epoch] only, and let the trial go on if that list is empty.",
                "One in eta values lies above the quantile 1 - 1 / eta.",
                "value >= np.quantile(recorded[epoch], 1 - 1 / eta), as a bool.",
            ),
        ),
        Exercise(
            "cost",
            search_cost_checks.check_cost,
            hints=(
                "A stopped trial cost what it had used when it stopped; the search cost the sum.",
                "The curves are cumulative, so one entry of each is enough. Epoch 1 is index 0.",
                "sum(cpu_seconds[trial][last - 1] for trial, last in stopped_at.items())",
            ),
        ),
        Exercise(
            "budget",
            search_cost_checks.check_budget,
            hints=(
                "The budget both can afford is the total of the cheaper search.",
                "cumsum() of the costs says when each trial was done. Keep those done in time.",
                "done = trials.cpu_seconds.cumsum() <= budget, then the maximum of "
                "validation_iou[done], for both.",
            ),
        ),
        Exercise(
            "conclusion",
            search_checks.check_conclusion,
            hints=(
                "Take the difference of two searches with the same seed, for seeds 0, 1, 2 and on.",
                "The standard error is the standard deviation (ddof=1) over the root of the count.",
                "Compare the mean with twice its standard error: above it is better, below minus "
                "it is worse, between them you cannot tell.",
            ),
        ),
    ],
    solution="solutions/21_search.ipynb",
)
check, hint = lab.check, lab.hint
