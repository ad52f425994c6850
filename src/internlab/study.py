"""Check a learner's small study: a difference for each of some fixed seeds, and a conclusion."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from internlab.answers import in_print, number
from internlab.exercises import NotYet

# Fixed before anybody measures: whoever may choose the seeds, or when to stop, chooses the result.
SEEDS = range(12)
# Two percentages in float32 differ by as much from what was measured.
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Study:
    """A paired comparison over the seeds 0 to 11, every one of which is measured again.

    The rule of the conclusion: is the mean difference more than two standard errors from zero?

    Parameters
    ----------
    measure : callable
        From a seed to the right difference.
    what : str
        The difference in words, such as ``"TPE minus random"``.
    conclusions : tuple of str
        For a mean above zero, below zero, and too near to tell.
    of_each : str
        What a seed stands for: "seed", "network".
    asks, asks_of_number : str
        The question for a conclusion that does not follow, and for a number from nowhere.
    slips : callable, optional
        From a seed to wrong differences that people give, each with what is said of it.
    """

    measure: Callable[[int], float]
    what: str
    conclusions: tuple[str, str, str]
    of_each: str
    asks: str
    asks_of_number: str
    slips: Callable[[int], list[tuple[float, str]]] = lambda seed: []

    def check(self, answer: Mapping[str, Any]) -> None:
        """Expect {"differences": {seed: difference}, "conclusion": one of the conclusions}.

        Raises
        ------
        NotYet
            If the answer is no such study, a value is not the measured one, or the conclusion does
            not follow.
        """
        differences, conclusion = _parts(answer)
        if getattr(differences, "ndim", 0) == 1 and hasattr(differences, "to_dict"):
            differences = differences.to_dict()  # a Series, whose index holds the seeds
        if not isinstance(differences, Mapping):
            raise NotYet(
                f"the differences are a {type(differences).__name__}, expected a dictionary from "
                f"seed to difference: which {self.of_each} made which of them?"
            )
        self._check_seeds(differences)
        values = np.array([_number(differences[seed], seed) for seed in SEEDS])
        self._check_values(values)
        if conclusion not in self.conclusions:
            raise NotYet(
                f"the conclusion is {conclusion!r}, expected one of "
                f"{', '.join(self.conclusions)}: which does the rule give?"
            )
        mean, error = values.mean(), values.std(ddof=1) / math.sqrt(values.size)
        follows = self.conclusions[0 if mean > 2 * error else 1 if mean < -2 * error else 2]
        if conclusion != follows:
            raise NotYet(
                f"the mean of {values.size} differences is {mean:+.3f} and its standard error "
                f"{error:.3f}, and you conclude {conclusion!r}: {self.asks}"
            )

    def _check_seeds(self, differences: Mapping[int, Any]) -> None:
        study = f"the study is seeds {SEEDS[0]} to {SEEDS[-1]}"
        texts = [seed for seed in differences if isinstance(seed, str)]
        if texts:
            raise NotYet(
                f"your answer names seeds by text, such as {texts[0]!r}, expected whole numbers: "
                "what turns the one into the other?"
            )
        others = [seed for seed in differences if seed not in SEEDS]
        if others:
            raise NotYet(
                f"your answer holds {_seeds(others)}, {study}: who chose yours, and what was known "
                "about them by then?"
            )
        if len(differences) < 3:
            raise NotYet(
                f"you measured {len(differences)} {self.of_each}{'s' * (len(differences) != 1)}, "
                f"{study}: what would another {self.of_each} have said?"
            )
        left_out = [seed for seed in range(max(differences)) if seed not in differences]
        if left_out:
            raise NotYet(
                f"without {_seeds(left_out)} you went on to seed {max(differences)}, {study}: were "
                "they left out after you had seen them?"
            )
        if len(differences) < len(SEEDS):
            raise NotYet(
                f"you stopped after seed {max(differences)}, {study}: would you have stopped there "
                "if the mean had lain on the other side of zero?"
            )

    def _check_values(self, values: np.ndarray) -> None:
        right = np.array([self.measure(seed) for seed in SEEDS])
        wrong = np.flatnonzero(np.abs(values - right) > TOLERANCE)
        if wrong.size == 0:
            return
        seed = int(wrong[0])
        got = float(values[seed])
        given, measured = in_print(got, float(right[seed]), digits=3, sign="+")
        told = f"for seed {seed} you give {given}, {self.what} is {measured}"
        if _same(got, -right[seed]):
            raise NotYet(f"{told}: which is taken from which?")
        for value, says in [*self.slips(seed), *_other_units(float(right[seed]))]:
            if _same(got, value):
                raise NotYet(f"{told}. {says}")
        digits = _rounded_to(values, right)
        if digits is not None:
            raise NotYet(
                f"{told}. Yours are rounded to {digits} digit{'s' * (digits != 1)}: which numbers "
                "belong into the mean and the standard error?"
            )
        if wrong.size < len(SEEDS):
            raise NotYet(
                f"{told}; {len(SEEDS) - wrong.size} of the {len(SEEDS)} seeds are right and "
                f"{wrong.size} not: which run gave you this number?"
            )
        raise NotYet(f"{told}: {self.asks_of_number}")


def _parts(answer: Any) -> tuple[Any, Any]:
    """Return the differences and the conclusion of an answer that has both, and nothing else."""
    wanted = "expected a dictionary with the keys 'differences' and 'conclusion'"
    if not isinstance(answer, Mapping):
        raise NotYet(f"you gave {type(answer).__name__}, {wanted}: what is missing?")
    if set(answer) != {"differences", "conclusion"}:
        keys = ", ".join(repr(key) for key in answer) or "no key"
        more = {"differences", "conclusion"} < set(answer)
        asks = "which of yours is not asked for?" if more else "what is missing?"
        raise NotYet(f"you gave {keys}, {wanted}: {asks}")
    return answer["differences"], answer["conclusion"]


def _same(got: float, slip: float) -> bool:
    # Relative, because a hundredth of a small difference is near to nothing.
    return math.isclose(got, slip, rel_tol=TOLERANCE, abs_tol=1e-9)


def _other_units(right: float) -> list[tuple[float, str]]:
    """Return a difference in points for shares, and in shares for points, with what to say."""
    return [
        (100 * right, "Yours is a hundred times as much: did you turn shares into points?"),
        (right / 100, "Yours is a hundredth of it: did you divide by 100?"),
    ]


def _rounded_to(values: np.ndarray, right: np.ndarray) -> int | None:
    """Return after how many digits all the values were rounded; None if they were not."""
    for digits in range(1, 5):
        step = 10.0**-digits
        whole = np.abs(values - np.round(values, digits)) < 1e-6 * step
        near = np.abs(values - right) <= step / 2 + TOLERANCE
        # Twelve times nothing is no rounding.
        if whole.all() and near.all() and values.any():
            return digits
    return None


def _seeds(seeds: list[Any]) -> str:
    return f"seed{'s' * (len(seeds) != 1)} {', '.join(map(str, seeds))}"


def _number(value: Any, seed: int) -> float:
    try:
        if math.isfinite(found := float(value)):
            return found
    except (TypeError, ValueError):
        return number(value, f"the difference of seed {seed}", "is one taken from the other?")
    raise NotYet(
        f"for seed {seed} you give {found}, expected a finite number: what are mean and "
        "standard error worth with it among the differences?"
    )
