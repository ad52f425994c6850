"""Checks of lab 42: choosing by a rule, a difference within seeds, and the sign-flip test."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from internlab.answers import check_name, in_print, number, same, several, tell, told_apart
from internlab.debias.exercises.benchmark_given import STEPS, tuning_results
from internlab.exercises import NotYet, call

# Accuracies in per cent and in float32 are as far off, and their differences.
TOLERANCE = 2e-5


def check_choose(answer: Callable[..., tuple[str, float]]) -> None:
    """Expect a function of results to (setting, mean test accuracy)."""
    rng = np.random.default_rng()
    for _ in range(2):
        results, ways = _telling_results(rng)
        _check_choice(call(answer, results), results, ways)


def _telling_results(
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, dict[str, tuple[str, float]]]:
    """Return results on which every wrong way chooses, or reports, something else."""
    while True:
        results = tuning_results(rng)
        right, validation, test, single, worst = (
            results.setting == f"setting-{i}" for i in rng.choice(6, 5, replace=False)
        )
        last = results.step == STEPS[-1]
        results.loc[validation, "validation_average"] += 0.02
        results.loc[test, "test_unbiased"] += 0.15
        results.loc[worst, "balanced_unbiased"] -= 0.2
        results.loc[right, "balanced_unbiased"] += 0.15
        results.loc[single & last, "balanced_unbiased"] += 0.25 * (results.seed == 1) - 0.05
        ways = _ways_to_choose(results)
        names = {name for way, (name, _) in ways.items() if way in _CHOICES or way == "right"}
        if len(names) == 5 and told_apart(*(value for _, value in ways.values())):
            return results, ways


def _ways_to_choose(results: pd.DataFrame) -> dict[str, tuple[str, float]]:
    """Return the right choice under "right", and what people choose instead."""
    last = results[results.step == STEPS[-1]]
    mean = last.groupby("setting")[
        ["validation_average", "balanced_unbiased", "test_unbiased"]
    ].mean()
    single = last.loc[last.balanced_unbiased.idxmax()]
    runs = results.groupby(["setting", "seed"])
    epoch = runs.test_unbiased.max().groupby("setting").mean()
    stopped = results.loc[runs.balanced_unbiased.idxmax()].groupby("setting")
    stopped = stopped[["balanced_unbiased", "test_unbiased"]].mean()
    early = stopped.balanced_unbiased.idxmax()
    ways = {
        "right": mean.balanced_unbiased.idxmax(),
        "validation": mean.validation_average.idxmax(),
        "test": mean.test_unbiased.idxmax(),
        "single seed": single.setting,
        "worst": mean.balanced_unbiased.idxmin(),
    }
    found = {way: (name, float(mean.test_unbiased[name])) for way, name in ways.items()}
    return found | {
        "epochs": (epoch.idxmax(), float(epoch.max())),
        "own epochs": (ways["right"], float(epoch[ways["right"]])),
        "stopped": (early, float(stopped.test_unbiased[early])),
    }


_CHOICES = {
    "test": "leads on the test set: if test images choose, which images are left that had no part "
    "in it?",
    "validation": "leads on the validation average. Nearly all images there are aligned, and those "
    "are right anyway: which column counts every group the same?",
    "single seed": "has the best single run: would it lead with another seed, too?",
    "worst": "is the worst by the rule: is larger better?",
}


def _check_choice(result, results: pd.DataFrame, ways: dict[str, tuple[str, float]]) -> None:
    name, value = several(result, "a setting", "its mean test accuracy")
    right, wanted = ways["right"]
    check_name(name, value, set(results.setting), "setting", "which column did you group by?")
    name, got = str(name), number(value, "the accuracy")
    given, expected = in_print(got, wanted, digits=3)
    told = f"you report {given} for {name!r}"
    if name == ways["epochs"][0] and same(got, ways["epochs"][1]):
        raise NotYet(
            f"{told}, the maximum over checkpoints of the test accuracy, expected {expected} for "
            f"{right!r}: who could have stopped there without having seen the test set?"
        )
    if name == ways["stopped"][0] and same(got, ways["stopped"][1]):
        raise NotYet(
            f"{told}, each run at the checkpoint where its balanced score was highest, expected "
            f"{expected} for {right!r}: which checkpoint does the rule name?"
        )
    for way, ask in _CHOICES.items():
        if name != right and name == ways[way][0]:
            raise NotYet(f"you choose {name!r}, expected {right!r}. Yours {ask}")
    if name != right:
        raise NotYet(
            f"you choose {name!r}, expected {right!r}, whose mean of `balanced_unbiased` over the "
            "seeds after the last step is the largest: which rows did you average?"
        )
    if same(got, wanted):
        return
    own = results[results.setting == right]
    last = own[own.step == STEPS[-1]]
    known = {
        "is the balanced score that chose it. Of many settings the best has had luck there: on "
        "which images had it none?": float(last.balanced_unbiased.mean()),
        "is the mean over all checkpoints. What you would use is the trained network: which step "
        "is that?": float(own.test_unbiased.mean()),
        "takes the best checkpoint of every seed, by the test set: who could have stopped there?": (
            ways["own epochs"][1]
        ),
    }
    for row in own.itertuples():
        says = f"is that of one run, seed {row.seed} at step {row.step}: what would the next seed "
        known[f"{says}give?"] = float(row.test_unbiased)
    asks = "which column, which step, and the mean over what?"
    given = "the setting is right, for its accuracy you gave"
    tell(got, wanted, known, asks, given=given, share=True)


def check_difference(answer: Callable[..., tuple[float, float]]) -> None:
    """Expect a function of two dictionaries from seed to accuracy to (mean, standard error)."""
    rng = np.random.default_rng()
    for _ in range(3):
        first, second = _two_methods(rng)
        means, errors = _ways_to_compare(first, second)
        # By more, because accuracies in per cent are compared with less precision.
        while not all(told_apart(*each.values(), by=1e-4) for each in (means, errors)):
            first, second = _two_methods(rng)
            means, errors = _ways_to_compare(first, second)
        result = call(answer, first, second)
        mean, error = several(result, "the mean difference", "its standard error")
        _check_difference(number(mean, "the mean"), number(error, "the error"), means, errors)


def _two_methods(rng: np.random.Generator) -> tuple[dict[int, float], dict[int, float]]:
    seeds = rng.choice(50, 6, replace=False)
    hard = rng.normal(0, 4, 6)
    gain = rng.uniform(1, 3)
    first = {
        int(s): float(60 + h + gain + rng.normal(0, 1)) for s, h in zip(seeds, hard, strict=True)
    }
    second = {int(s): float(60 + h + rng.normal(0, 1)) for s, h in zip(seeds, hard, strict=True)}
    # The second is listed in another order, as results from a folder are.
    shuffled = [int(seed) for seed in rng.permutation(seeds)]
    while shuffled == list(first):
        shuffled = [int(seed) for seed in rng.permutation(seeds)]
    return first, {seed: second[seed] for seed in shuffled}


def _ways_to_compare(
    first: dict[int, float], second: dict[int, float]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return means and standard errors, the right ones under "right"."""
    a, b = np.array(list(first.values())), np.array([second[seed] for seed in first])
    listed = np.array(list(second.values()))
    each, count = a - b, len(first)
    root = math.sqrt(count)
    keys = np.array(list(first)) - np.array(list(second))
    means = {
        "right": float(each.mean()),
        "turned": float(-each.mean()),
        # Some difference is below zero, or this were right.
        "absolute": float(np.abs(each).mean()),
        "hundredth": float(each.mean() / 100),
        "hundredfold": float(each.mean() * 100),
        "first alone": float(a.mean()),
        "second alone": float(b.mean()),
        "sum": float(each.sum()),
        "median": float(np.median(each)),
        "of keys": float(keys.mean()),
    }
    errors = {
        "right": float(each.std(ddof=1) / root),
        "unpaired": float(math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / count)),
        "listed": float((a - listed).std(ddof=1) / root),
        "population": float(each.std() / root),
        "no root": float(each.std(ddof=1)),
        "variance": float(each.var(ddof=1) / root),
        "over n": float(each.std(ddof=1) / count),
        "n under no root": float(each.var(ddof=1) / count),
        "twice": float(2 * each.std(ddof=1) / root),
        "ranked": float((np.sort(a) - np.sort(b)).std(ddof=1) / root),
        "root of n - 1": float(each.std(ddof=1) / math.sqrt(count - 1)),
        "no root, population": float(each.std()),
        "hundredth": float(each.std(ddof=1) / root / 100),
    }
    return means, errors


def _check_difference(
    mean: float, error: float, means: dict[str, float], errors: dict[str, float]
) -> None:
    right = means["right"], errors["right"]
    if _same_points(mean, right[1]) and _same_points(error, right[0]):
        raise NotYet(
            f"you gave {mean:.3f} and {error:.3f}, expected {right[0]:.3f} and {right[1]:.3f}, so "
            "the wrong way round: which of the two was asked for first?"
        )
    if not _same_points(mean, right[0]):
        _refuse_mean(mean, means)
    if _same_points(error, right[1]):
        return
    asks = {
        "unpaired": "adds the spreads of both methods. Hard seeds are hard for both: what is the "
        "spread of the differences?",
        "listed": "takes the values in the order in which they are listed, and the two list their "
        "seeds in another order: which value belongs to which seed?",
        "population": "divides by n. The mean was taken from the same few differences: what do you "
        "divide by then (ddof)?",
        "no root": "is the spread of single differences: does the mean of more seeds vary as much?",
        "variance": "comes from the variance: which unit has it?",
        "over n": "divides by n: how does the spread of a mean shrink with n?",
        "n under no root": "is the variance of the mean: what is left to do to have its spread?",
        "twice": "is twice the standard error: is the bound asked for, or the error itself?",
        "ranked": "sorts both lists first. The best of one is then taken from the best of the "
        "other: of which seed is each?",
        "root of n - 1": "divides by the root of n - 1, after ddof=1 has taken that into account: "
        "of how many differences is the mean?",
        "no root, population": "is the spread of single differences, with ddof=0: what is divided "
        "by the root of their number?",
        "hundredth": "is a hundredth of it, and the mean is not: are both in points?",
    }
    given, expected = in_print(error, right[1])
    told = f"the mean is right, its standard error is {given}, expected {expected}"
    for way, ask in asks.items():
        if _same_points(error, errors[way]):
            raise NotYet(f"{told}. Yours {ask}")
    raise NotYet(f"{told}: the standard deviation of what, divided by what?")


def _refuse_mean(mean: float, means: dict[str, float]) -> None:
    given, expected = in_print(mean, means["right"], digits=3, sign="+")
    told = f"the mean is {given}, expected {expected}"
    asks = {
        "turned": "which is taken from which?",
        "of keys": "is that of the keys, which are the seeds: where in a dictionary are the "
        "accuracies?",
        "absolute": "is the mean of the absolute differences. Where the second was better, does "
        "that count for the first?",
        "hundredth": "is a hundredth of it: did you divide by 100?",
        "hundredfold": "is a hundred times as much: are the accuracies in percent already?",
        "first alone": "is the accuracy of the first alone: compared with what?",
        "second alone": "is the accuracy of the second alone: what is it to be taken from?",
        "sum": "is the sum of the differences: what is it divided by?",
        "median": "is the median of the differences: which middle is asked for?",
    }
    for way, ask in asks.items():
        if _same_points(mean, means[way]):
            raise NotYet(f"{told}: {ask}" if way == "turned" else f"{told}. Yours {ask}")
    raise NotYet(f"{told}, the mean over seeds of first minus second: did every seed take part?")


def _same_points(got: float, other: float) -> bool:
    return math.isclose(got, other, rel_tol=1e-6, abs_tol=TOLERANCE)
