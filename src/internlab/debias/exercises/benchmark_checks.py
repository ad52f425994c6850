"""Checks of lab 42: choosing by a rule, a difference within seeds, and the sign-flip test."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from internlab.debias.exercises.benchmark_given import STEPS, tuning_results
from internlab.debias.exercises.benchmark_numbers import apart, as_number, known_mistake, pair_of
from internlab.exercises import NotYet, call


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
        names = {name for way, (name, _) in ways.items() if "epochs" not in way}
        if len(names) == 5 and apart([value for _, value in ways.values()], 1e-4):
            return results, ways


def _ways_to_choose(results: pd.DataFrame) -> dict[str, tuple[str, float]]:
    """Return the right choice under "right", and what people choose instead."""
    last = results[results.step == STEPS[-1]]
    mean = last.groupby("setting")[
        ["validation_average", "balanced_unbiased", "test_unbiased"]
    ].mean()
    single = last.loc[last.balanced_unbiased.idxmax()]
    epoch = results.groupby(["setting", "seed"]).test_unbiased.max().groupby("setting").mean()
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
    }


def _check_choice(result, results: pd.DataFrame, ways: dict[str, tuple[str, float]]) -> None:
    name, value = pair_of(result, "a setting and its mean test accuracy")
    right, wanted = ways["right"]
    if not isinstance(name, str) or name not in set(results.setting):
        raise NotYet(
            f"the first of your values is {name!r}, expected a name from the column `setting`: "
            "which column did you group by?"
        )
    got = as_number(value, "the accuracy")
    if math.isclose(got, ways["epochs"][1], abs_tol=1e-6) and name == ways["epochs"][0]:
        raise NotYet(
            f"you report {got:.3f} for {name!r}, the maximum over checkpoints of the test "
            f"accuracy, expected {wanted:.3f} for {right!r}: who could have stopped there without "
            "having seen the test set?"
        )
    asks = {
        "test": "leads on the test set: if test images choose, which images are left that had no "
        "part in it?",
        "validation": "leads on the validation average. Nearly all images there are aligned, and "
        "those are right anyway: which column counts every group the same?",
        "single seed": "has the best single run: would it lead with another seed, too?",
        "worst": "is the worst by the rule: is larger better?",
    }
    for way, ask in asks.items():
        if name != right and name == ways[way][0]:
            raise NotYet(f"you choose {name!r}, expected {right!r}. Yours {ask}")
    if name != right:
        raise NotYet(
            f"you choose {name!r}, expected {right!r}, whose mean of `balanced_unbiased` over the "
            "seeds after the last step is the largest: which rows did you average?"
        )
    if math.isclose(got, wanted, abs_tol=1e-6):
        return
    own = results[results.setting == right]
    last = own[own.step == STEPS[-1]]
    known = {
        "is the balanced score that chose it. Of many settings the best has had luck there: on "
        "which images had it none?": float(last.balanced_unbiased.mean()),
        "is the mean over all checkpoints. What you would use is the trained network: which step "
        "is that?": float(own.test_unbiased.mean()),
        "is the best of its seeds: what would the next seed give?": float(last.test_unbiased.max()),
        "takes the best checkpoint of every seed, by the test set: who could have stopped there?": (
            ways["own epochs"][1]
        ),
        "is per cent: what is it as a share between 0 and 1?": 100 * wanted,
    }
    meaning = known_mistake(got, known, 1e-6)
    told = f"the setting is right, its accuracy is given as {got:.4f}, expected {wanted:.4f}"
    raise NotYet(
        f"{told}. Yours {meaning}"
        if meaning
        else f"{told}: which column, which step, and the mean over what?"
    )


def check_difference(answer: Callable[..., tuple[float, float]]) -> None:
    """Expect a function of two dictionaries from seed to accuracy to (mean, standard error)."""
    rng = np.random.default_rng()
    for _ in range(3):
        first, second = _two_methods(rng)
        means, errors = _ways_to_compare(first, second)
        while not (apart([*means.values()], 1e-4) and apart([*errors.values()], 1e-4)):
            first, second = _two_methods(rng)
            means, errors = _ways_to_compare(first, second)
        result = call(answer, first, second)
        mean, error = pair_of(result, "the mean difference and its standard error")
        _check_difference(as_number(mean, "the mean"), as_number(error, "the error"), means, errors)


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
    means = {"right": float(each.mean()), "turned": float(-each.mean())}
    errors = {
        "right": float(each.std(ddof=1) / root),
        "unpaired": float(math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / count)),
        "listed": float((a - listed).std(ddof=1) / root),
        "population": float(each.std() / root),
        "no root": float(each.std(ddof=1)),
        "variance": float(each.var(ddof=1) / root),
        "over n": float(each.std(ddof=1) / count),
    }
    return means, errors


def _check_difference(
    mean: float, error: float, means: dict[str, float], errors: dict[str, float]
) -> None:
    if not math.isclose(mean, means["right"], abs_tol=1e-6):
        if math.isclose(mean, means["turned"], abs_tol=1e-6):
            raise NotYet(
                f"the mean is {mean:+.3f}, expected {means['right']:+.3f}: which is taken from "
                "which?"
            )
        raise NotYet(
            f"the mean is {mean:+.3f}, expected {means['right']:+.3f}, the mean over seeds of "
            "first minus second: did every seed take part?"
        )
    if math.isclose(error, errors["right"], abs_tol=1e-6):
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
    }
    told = f"the mean is right, its standard error is {error:.4f}, expected {errors['right']:.4f}"
    for way, ask in asks.items():
        if math.isclose(error, errors[way], abs_tol=1e-6):
            raise NotYet(f"{told}. Yours {ask}")
    raise NotYet(f"{told}: the standard deviation of what, divided by what?")


def check_sign_flip(answer: Callable[..., float]) -> None:
    """Expect a function of differences (n,) to the two-sided p of the sign-flip test."""
    rng = np.random.default_rng()
    for count in (5, 6, 7):
        differences, ways = _differences(rng, count)
        got = as_number(call(answer, differences), "p")
        if math.isclose(got, ways["right"], abs_tol=1e-6):
            continue
        told = f"for {count} differences you gave p = {got:.4f}, expected {ways['right']:.4f}"
        asks = {
            "one-sided": "counts flips whose mean is at least as *high*: would a mean as far "
            "below zero have surprised you less?",
            "without ties": "leaves out the flips that give exactly what was found. The "
            "differences as they are were one of the ways: is p ever 0?",
            "too small": "counts the flips that are *nearer* to zero than what was found: which "
            "are at least as surprising?",
            "t-test": "is the t-test's, which assumes normally distributed differences: which "
            "signs did you flip?",
            "signs only": "counts only how many differences are positive: does it matter how "
            "large they are?",
        }
        for way, ask in asks.items():
            if math.isclose(got, ways[way], abs_tol=1e-6):
                raise NotYet(f"{told}. Yours {ask}")
        if not 0 <= got <= 1:
            raise NotYet(f"{told}. A p lies between 0 and 1: what do you divide by?")
        raise NotYet(
            f"{told}: of all {2**count} ways to choose signs, in how many is the mean at least as "
            "far from zero?"
        )


def _differences(rng: np.random.Generator, count: int) -> tuple[np.ndarray, dict[str, float]]:
    from scipy import stats

    while True:
        differences = rng.normal(0.7, 1, count)
        signs = np.array(list(itertools.product((1, -1), repeat=count)))
        means = (signs * differences).mean(axis=1)
        mean = differences.mean()
        tiny = 1e-12
        far = np.abs(means) >= abs(mean) - tiny
        ways = {
            "right": float(far.mean()),
            "one-sided": float((means >= mean - tiny).mean()),
            "without ties": float((np.abs(means) > abs(mean) + tiny).mean()),
            "too small": float((np.abs(means) <= abs(mean) + tiny).mean()),
            "t-test": float(stats.ttest_1samp(differences, 0).pvalue),
            "signs only": float(stats.binomtest(int((differences > 0).sum()), count).pvalue),
        }
        # No way may give 1 either, which a wrong flip often gives.
        if mean > 0 and apart([*ways.values(), 1.0], 1e-4):
            return differences, ways
