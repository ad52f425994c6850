"""Checks of lab 02: what to report, effects, real gains, and three flaws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from internlab.answers import check_name, number, several, tell, told_apart
from internlab.exercises import NotYet, call
from internlab.practice.exercises.significance_given import FLAWS, hand_in


def check_report(answer: Callable[..., tuple[str, float]]) -> None:
    """Expect a function of (tries) to the name of one, and the accuracy to report."""
    for _ in range(3):
        tries = _tries(np.random.default_rng())
        result = call(answer, tries.copy())
        name, value = several(result, "a name", "an accuracy", asks="which one is missing?")
        _check_report(name, value, tries.set_index("name"))


def _check_report(name: Any, value: Any, tries: pd.DataFrame) -> None:
    check_name(name, value, set(tries.index), "name", "how is the try called?")
    best = tries.validation.idxmax()
    told = f"you report {name!r}, expected {best!r}"
    mean = (tries.validation + tries.test) / 2
    if name == tries.test.idxmax() != best:
        raise NotYet(
            f"{told}. Yours is the best on the test images: what do they say about a try that "
            "they have chosen?"
        )
    if name == mean.idxmax() != best:
        raise NotYet(
            f"{told}. Yours is the best on both sets taken together: which images are left that "
            "have not chosen?"
        )
    if name == tries.training.idxmax() != best:
        raise NotYet(
            f"{told}. Yours is the best on training images: what is a network good at that has "
            "learned them by heart?"
        )
    if name != best:
        raise NotYet(f"{told}: which column chooses?")
    got = number(value, "the accuracy")
    known = {
        "is its accuracy on validation, which chose it among all: which images have not?": (
            tries.validation[best]
        ),
        "is the best accuracy on the test images, of another try. What has the chosen one there?": (
            tries.test.max()
        ),
        "is its accuracy on training images. Which ones has it not seen?": tries.training[best],
        "is the mean of validation and test. Which of the two is too good?": mean[best],
        "is the mean of all tries on the test images. What has the chosen one there?": (
            tries.test.mean()
        ),
        "is in per cent. What is it as a share?": 100 * tries.test[best],
    }
    asks = "which images did not choose?"
    tell(got, float(tries.test[best]), known, asks, given=f"for {best!r} you gave")


def _tries(rng: np.random.Generator) -> pd.DataFrame:
    """Return ten tries; the best on training, validation, test and both are four of them."""
    names = rng.permutation(["ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple",
                             "oak", "pine"])  # fmt: skip
    wobble = rng.uniform(-0.004, 0.004, (3, 10))
    table = pd.DataFrame({"name": names, "training": 0.93 + wobble[0]})
    table["validation"] = 0.80 + wobble[1]
    table["test"] = 0.80 + wobble[2]
    table.loc[0, ["training", "validation", "test"]] = 0.935, 0.848, 0.801
    table.loc[1, ["training", "validation", "test"]] = 0.936, 0.812, 0.845
    table.loc[2, ["training", "validation", "test"]] = 0.937, 0.840, 0.836
    table.loc[3, ["training", "validation", "test"]] = 0.991, 0.790, 0.788
    table[["training", "validation", "test"]] += rng.uniform(-0.001, 0.001, (10, 3))
    return table.sample(frac=1, random_state=int(rng.integers(10_000))).reset_index(drop=True)


def check_effects(answer: Callable[..., tuple[float, ...]]) -> None:
    """Expect a function of (none, only_a, only_b, both) to effects of a, b and the pair."""
    rng = np.random.default_rng()
    for _ in range(2):
        runs = rng.uniform(60, 95, 4)
        rights, slips = _effects(*runs)
        while not all(
            told_apart(right, *known.values()) for right, known in zip(rights, slips, strict=True)
        ):
            runs = rng.uniform(60, 95, 4)
            rights, slips = _effects(*runs)
        result = call(answer, *(float(each) for each in runs))
        names = ("effect of a", "effect of b", "effect of the pair")
        got = several(result, *names)
        words = ", ".join(
            f"{what} {each:.1f}"
            for what, each in zip(("none", "only a", "only b", "both"), runs, strict=True)
        )
        for value, name, right, known in zip(got, names, rights, slips, strict=True):
            value = number(value, f"the {name}")
            asks = "which two runs have it, and which two do not?"
            tell(value, right, known, asks, given=f"with {words}: for the {name} you gave")


def _effects(none: float, a: float, b: float, both: float):
    first, second = ((a + both) - (none + b)) / 2, ((b + both) - (none + a)) / 2
    pair = (none + both - a - b) / 2
    single = (
        "is one factor at a time: it looks at two runs of four. What does it do where the other "
        "one is on?"
    )
    other = "is its effect where the other one is on, and nothing else. What of where it is off?"
    swapped = "has the sign turned: which mean is taken from which?"
    twice = "is twice as much: a mean of how many runs is taken from a mean of how many?"
    of_the_other = "is the effect of the other factor. Which two runs have this one?"
    return (first, second, pair), (
        {single: a - none, other: both - b, swapped: -first, twice: 2 * first,
         of_the_other: second},
        {single: b - none, other: both - a, swapped: -second, twice: 2 * second,
         of_the_other: first},
        {
            swapped: -pair,
            "is the difference of the two differences, not half of it. Over how many runs is a "
            "mean taken?": 2 * pair,
            "is what both give together, against none, and so the sum of the two effects. What is "
            "left where they do not simply add up?": both - none,
            "is the product of the two effects. Which runs have an even number of ideas on?": (
                first * second
            ),
            "is both minus the better of the two alone. Which two runs are taken from which two?": (
                both - max(a, b)
            ),
        },
    )  # fmt: skip


def check_real(answer: Callable[..., float]) -> None:
    """Expect a function of (base, power, false_alarm) to the share of real gains."""
    rng = np.random.default_rng()
    for _ in range(2):
        given = _team(rng)
        right, known = _real(*given)
        while not told_apart(right, *known.values()):
            given = _team(rng)
            right, known = _real(*given)
        got = number(call(answer, *given), "the share")
        words = "with base {:.3f}, power {:.3f} and false_alarm {:.3f} you gave".format(*given)
        tell(got, right, known, "of all that is found, how much is good?", given=words)


def _team(rng: np.random.Generator) -> tuple[float, float, float]:
    return tuple(float(rng.uniform(*ends)) for ends in ((0.05, 0.3), (0.3, 0.8), (0.02, 0.2)))


def _real(base: float, power: float, false_alarm: float) -> tuple[float, dict[str, float]]:
    good, useless = base * power, (1 - base) * false_alarm
    return good / (good + useless), {
        "is 1 - false_alarm. That is how many of the useless ideas are *not* found: how many of "
        "the found ones are good?": 1 - false_alarm,
        "is the power: how many of the good ones are found. How many of the found ones are good?": (
            power
        ),
        "leaves the base rate out, as if every second idea were good. How many are?": (
            power / (power + false_alarm)
        ),
        "is the share of ideas that are good and found, out of all ideas. Out of which are we "
        "asking?": good,
        "is the share of all ideas that is found. How much of that is good?": good + useless,
        "is the share that is *not* real. Which one is asked for?": useless / (good + useless),
        "takes the useless ideas for all ideas. How many are useless?": (
            good / (good + false_alarm)
        ),
        "has base and 1 - base exchanged. Which of the two meets the power?": (
            (1 - base) * power / ((1 - base) * power + base * false_alarm)
        ),
        "is the ratio of real to false ones. What is the share of real ones among both?": (
            good / useless
        ),
        "is in per cent. What is it as a share?": 100 * good / (good + useless),
    }


def check_flaw(answer: Callable[..., str]) -> None:
    """Expect a function of (report, log) to one of the flaws, or "none"."""
    rng = np.random.default_rng()
    kinds = [*FLAWS, *FLAWS]
    for kind in rng.permutation(kinds):
        result = hand_in(str(kind), rng)
        got = call(answer, dict(result.report), result.log.copy())
        got = got.item() if isinstance(got, np.ndarray | np.generic) else got
        if got == kind:
            continue
        if got not in FLAWS:
            raise NotYet(
                f"you gave {got!r}, expected one of {', '.join(map(repr, FLAWS))}: which is it?"
            )
        raise NotYet(f"for one result you gave {got!r}, expected {kind!r}: {result.says(got)}")
