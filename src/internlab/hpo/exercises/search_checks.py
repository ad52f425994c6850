"""Checks of the lab on search: what is drawn, chosen, reported and concluded."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from internlab.exercises import NotYet, call
from internlab.hpo.exercises.toy_search import search
from internlab.study import Study


def check_draw(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of (low, high, count, rng) to `count` log-uniform values."""
    low, high, count = 1e-5, 1e-1, 4000
    seed = int(np.random.default_rng().integers(2**31))
    values = _draws(call(answer, low, high, count, np.random.default_rng(seed)), count)
    again = _draws(call(answer, low, high, count, np.random.default_rng(seed)), count)
    other = _draws(call(answer, low, high, count, np.random.default_rng(seed + 1)), count)
    if not np.array_equal(values, again):
        raise NotYet(
            "two generators with one seed gave two different sets of values, so nobody can repeat "
            "your search: do all draws come from `rng`?"
        )
    if np.array_equal(values, other):
        raise NotYet(
            "two generators with different seeds gave the same values: do the draws come from "
            "the `rng` that was given, or from one you made yourself?"
        )
    outside = np.mean((values < low * (1 - 1e-9)) | (values > high * (1 + 1e-9)))
    if outside > 0:
        raise NotYet(
            f"{outside:.0%} of your values lie outside {low:g} to {high:g}, they run from "
            f"{values.min():.2g} to {values.max():.2g}: is the exponent drawn between the "
            "logarithms of the bounds, to the same base as the power?"
        )
    different = np.unique(values).size
    if different < count / 2:
        raise NotYet(
            f"{count} draws gave only {different} different values, expected every value between "
            "the bounds to be possible: what would a search miss between two of yours?"
        )
    position = (np.log10(values) - np.log10(low)) / (np.log10(high) - np.log10(low))
    decades = np.histogram(position, bins=4, range=(0, 1))[0] / count
    if decades[-1] > 0.8:
        raise NotYet(
            f"{decades[-1]:.0%} of your values lie in the highest of the four decades, expected "
            "25% in each: which quantity should be uniform, the rate or its logarithm?"
        )
    # A right answer fails the next line less than once in a million checks.
    furthest = np.abs(np.sort(position) - (np.arange(count) + 0.5) / count).max()
    if furthest > 2.8 / math.sqrt(count):
        shares = ", ".join(f"{share:.0%}" for share in decades)
        raise NotYet(
            f"the four decades get {shares} of your values, expected 25% each, evenly spread: how "
            "likely is each exponent?"
        )


def check_score(answer: Callable[..., float]) -> None:
    """Expect a function of one run's validation and test IoU by epoch to the score to report."""
    rng = np.random.default_rng()
    for _ in range(5):
        chosen, luckiest = (int(epoch) for epoch in rng.choice(np.arange(4, 15), 2, replace=False))
        validation = np.sort(rng.uniform(0.2, 0.5, 16))
        test = validation - rng.uniform(0.05, 0.1, 16)
        validation[chosen], test[luckiest] = 0.61, 0.58
        told = {
            test[luckiest]: "the highest test IoU of all epochs: who told you, before you looked "
            "at the test, to keep that epoch?",
            test[-1]: "the test IoU of the last epoch, while the run has a better checkpoint: "
            "after which epoch is the validation IoU highest?",
            validation[chosen]: "a validation IoU, and it was used for the choice, so it flatters: "
            "which column has not been looked at yet?",
            validation[-1]: "the validation IoU of the last epoch: which column has not been "
            "looked at yet?",
        }
        right = float(test[chosen])
        got = number(call(answer, validation, test), "the score")
        if math.isclose(got, right, abs_tol=1e-9):
            continue
        start = f"you gave {got:.3f}, expected {right:.3f}"
        for value, meaning in told.items():
            if math.isclose(got, float(value), abs_tol=1e-9):
                raise NotYet(f"{start}. That is {meaning}")
        raise NotYet(f"{start}: at which epoch does validation say to read the test?")


def check_winner(answer: Callable[..., tuple[str, float]]) -> None:
    """Expect a function of a frame of trials to (name of the winner, its test IoU)."""
    rng = np.random.default_rng()
    for _ in range(5):
        trials, best, luckiest, failed = _trials(rng)
        name, score = _pair(call(answer, trials))
        by_name = trials.set_index("trial")
        if name not in by_name.index:
            raise NotYet(
                f"the first of your two values is {name!r}, expected a name from the column "
                "`trial`: which column says how a trial is called?"
            )
        if name == failed:
            raise NotYet(
                f"you submit {name!r}, whose validation IoU is NaN because its loss exploded: "
                "which of NumPy's and pandas' ways to the maximum pass over a NaN?"
            )
        if name == luckiest:
            raise NotYet(
                f"you submit {name!r}, which has the highest test IoU, expected {best!r}: if the "
                "test picks the winner, what is left to test it with?"
            )
        if name != best:
            raise NotYet(
                f"you submit {name!r} with validation IoU {by_name.validation_iou[name]:.3f}, "
                f"expected {best!r} with {by_name.validation_iou[best]:.3f}: is larger better?"
            )
        if math.isclose(score, by_name.validation_iou[best], abs_tol=1e-9):
            raise NotYet(
                f"the winner is right, but {score:.3f} is its validation IoU. It won because that "
                "number came out high, partly by luck: which number had no part in the choice?"
            )
        if math.isclose(score, by_name.test_iou.max(), abs_tol=1e-9):
            raise NotYet(
                f"the winner is right, but {score:.3f} is the test IoU of {luckiest!r}: in whose "
                "row do you read the score?"
            )
        right = float(by_name.test_iou[best])
        if not math.isclose(score, right, abs_tol=1e-9):
            raise NotYet(
                f"the winner is right, its score is given as {score:.3f}, expected {right:.3f}: "
                "which column is the result?"
            )


CONCLUSION = Study(
    measure=lambda seed: search("tpe", seed) - search("random", seed),
    what="TPE minus random",
    conclusions=("better", "worse", "cannot tell"),
    of_each="seed",
    asks="is the mean more than two standard errors from zero?",
    asks_of_number="did both get the same seed?",
)
check_conclusion = CONCLUSION.check


def _draws(values: Any, count: int) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if values.shape != (count,):
        raise NotYet(
            f"you gave shape {values.shape}, expected ({count},): how many values were asked for?"
        )
    return values


def number(value: Any, what: str) -> float:
    """Return an answer as a float, or say that one number was expected."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise NotYet(
            f"{what} is of type {type(value).__name__}, expected one number: of what is it the "
            "sum, or the best?"
        ) from None


def _pair(value: Any) -> tuple[str, float]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise NotYet(
            f"you gave {type(value).__name__}, expected two values, a name and a score: what goes "
            "after the `return`?"
        )
    return value[0], number(value[1], "the score")


def _trials(rng: np.random.Generator) -> tuple[pd.DataFrame, str, str, str]:
    """Return trials, the best by validation, the best by test, and one whose score is NaN."""
    names = [f"trial-{i:02}" for i in range(12)]
    validation = rng.uniform(0.2, 0.55, 12)
    test = validation - rng.uniform(0.05, 0.12, 12)
    best, luckiest, failed = (int(i) for i in rng.choice(12, 3, replace=False))
    validation[best], test[best] = 0.62, 0.48
    validation[luckiest], test[luckiest] = 0.56, 0.53
    validation[failed], test[failed] = np.nan, np.nan
    trials = pd.DataFrame({"trial": names, "validation_iou": validation, "test_iou": test})
    return trials, names[best], names[luckiest], names[failed]
