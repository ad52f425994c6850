"""Lab 42: choose, difference, sign-flip, missing, budget and conclusion."""

from __future__ import annotations

from internlab.debias.exercises.benchmark_checks import check_choose, check_difference
from internlab.debias.exercises.benchmark_grid_checks import (
    check_budget,
    check_conclusion,
    check_missing,
)
from internlab.debias.exercises.benchmark_luck_checks import check_sign_flip
from internlab.exercises import Exercise, Lab

lab = Lab(
    "debias.benchmark",
    [
        Exercise(
            "choose",
            check_choose,
            hints=(
                "Three columns, and the rule names one. The test column comes in only after the "
                "choice is made.",
                "Keep the rows of the last step, `results[results.step == results.step.max()]`, "
                "group them by setting, and take means over the seeds.",
                "last = results[results.step == 600]; mean = last.groupby('setting')[["
                "'balanced_unbiased', 'test_unbiased']].mean(); best = "
                "mean.balanced_unbiased.idxmax(); return best, mean.test_unbiased[best].",
            ),
        ),
        Exercise(
            "difference",
            check_difference,
            hints=(
                "Subtract seed by seed, and look up the seed in both dictionaries: their order is "
                "not the same.",
                "The standard error of a mean is the standard deviation (ddof=1) over the square "
                "root of how many there are.",
                "d = np.array([first[s] - second[s] for s in first]); return d.mean(), "
                "d.std(ddof=1) / np.sqrt(len(d)).",
            ),
        ),
        Exercise(
            "sign-flip",
            check_sign_flip,
            hints=(
                "If the methods were equally good, each difference could as well have had the "
                "other sign. How many ways are there?",
                "itertools.product((1, -1), repeat=n) gives them all. Compare the absolute value "
                "of each mean with that of the mean as it is.",
                "signs = np.array(list(itertools.product((1, -1), repeat=len(d)))); means = (signs "
                "* d).mean(axis=1); return (np.abs(means) >= abs(d.mean()) - 1e-12).mean().",
            ),
        ),
        Exercise(
            "missing",
            check_missing,
            hints=(
                "A run is the whole tuple. What must its record have in common with today?",
                "Walk through the plan. A run needs computing if the journal does not know it, or "
                "knows it from other code; a failure is a result, too.",
                "[run for run in plan if run not in journal or journal[run]['code'] != "
                "code[run[0]]]",
            ),
        ),
        Exercise(
            "budget",
            check_budget,
            hints=(
                "Whoever tries 3 of 7 settings tries one of 35 sets of three. What is reported for "
                "each of these sets?",
                "itertools.combinations(range(n), tried) gives the sets; in each the setting with "
                "the highest of `values` is kept.",
                "np.mean([reported[max(pick, key=lambda i: values[i])] for pick in "
                "itertools.combinations(range(len(values)), tried)])",
            ),
        ),
        Exercise(
            "conclusion",
            check_conclusion,
            hints=(
                "Subtract within a seed: measure('ldd', seed) - measure('lff', seed).",
                "All twelve seeds take part. Compare the mean with twice its standard error.",
                "differences = {s: measure('ldd', s) - measure('lff', s) for s in range(12)}; the "
                "standard error is np.std(list(differences.values()), ddof=1) / np.sqrt(12).",
            ),
        ),
    ],
    solution="solutions/42_benchmark.ipynb",
)
check, hint = lab.check, lab.hint
