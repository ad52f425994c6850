"""Check a learner's small study: a difference for each of some fixed seeds, and a conclusion."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from internlab.exercises import NotYet

# Fixed before anybody measures: whoever may choose the seeds, or when to stop, chooses the result.
SEEDS = range(12)


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
        if not isinstance(answer, Mapping) or set(answer) != {"differences", "conclusion"}:
            raise NotYet(
                "expected a dictionary with the keys 'differences' and 'conclusion': what is "
                "missing?"
            )
        differences, conclusion = answer["differences"], answer["conclusion"]
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
        wrong = np.flatnonzero(~np.isclose(values, right, rtol=0, atol=1e-9))
        if wrong.size == 0:
            return
        seed = int(wrong[0])
        got = values[seed]
        told = f"for seed {seed} you give {got:+.3f}, {self.what} is {right[seed]:+.3f}"
        if math.isclose(got, -right[seed], abs_tol=1e-9):
            raise NotYet(f"{told}: which is taken from which?")
        for value, says in self.slips(seed):
            if math.isclose(got, value, abs_tol=1e-9):
                raise NotYet(f"{told}. {says}")
        if wrong.size < len(SEEDS):
            raise NotYet(
                f"{told}; {len(SEEDS) - wrong.size} of the {len(SEEDS)} seeds are right and "
                f"{wrong.size} not: which run gave you this number?"
            )
        raise NotYet(f"{told}: {self.asks_of_number}")


def _seeds(seeds: list[Any]) -> str:
    return f"seed{'s' * (len(seeds) != 1)} {', '.join(map(str, seeds))}"


def _number(value: Any, seed: int) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise NotYet(
            f"the difference of seed {seed} is of type {type(value).__name__}, expected one "
            "number: is a sum or a mean missing?"
        ) from None
    if not math.isfinite(number):
        raise NotYet(
            f"for seed {seed} you give {number}, expected a finite number: what are mean and "
            "standard error worth with it among the differences?"
        )
    return number
