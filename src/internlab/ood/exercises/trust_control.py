"""Check of lab 32: a detector against the control."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from internlab.exercises import NotYet
from internlab.ood.exercises.trust_checks import as_number
from internlab.ood.exercises.trust_given import measure

CONCLUSIONS = ("finds the new", "finds the pasted", "cannot tell")
# Fixed before anybody measures: whoever may choose the seeds, or when to stop, chooses the result.
SEEDS = range(12)


def check_control(answer: Mapping[str, Any]) -> None:
    """Expect {"differences": {seed: animals minus pasted}, "conclusion": one of CONCLUSIONS}."""
    if not isinstance(answer, Mapping) or set(answer) != {"differences", "conclusion"}:
        raise NotYet(
            "expected a dictionary with the keys 'differences' and 'conclusion': what is missing?"
        )
    differences, conclusion = answer["differences"], answer["conclusion"]
    if not isinstance(differences, Mapping):
        raise NotYet(
            f"the differences are a {type(differences).__name__}, expected a dictionary from seed "
            "to difference: which network made which of them?"
        )
    _check_seeds(differences)
    values = np.array([as_number(differences[s], f"the difference of seed {s}") for s in SEEDS])
    _check_values(values)
    if conclusion not in CONCLUSIONS:
        raise NotYet(
            f"the conclusion is {conclusion!r}, expected one of {', '.join(CONCLUSIONS)}: which "
            "does the rule give?"
        )
    mean, error = values.mean(), values.std(ddof=1) / math.sqrt(values.size)
    follows = CONCLUSIONS[0 if mean > 2 * error else 1 if mean < -2 * error else 2]
    if conclusion != follows:
        raise NotYet(
            f"the mean of {values.size} differences is {mean:+.3f} and its standard error "
            f"{error:.3f}, and you conclude {conclusion!r}: on which side of zero is the mean, by "
            "two standard errors?"
        )


def _check_seeds(differences: Mapping[int, Any]) -> None:
    study = f"the study is seeds {SEEDS[0]} to {SEEDS[-1]}"
    others = [repr(s) if isinstance(s, str) else s for s in differences if s not in SEEDS]
    if others:
        raise NotYet(
            f"your answer holds seeds {', '.join(map(str, others))}, {study}: who chose yours, and "
            "what was known about them by then?"
        )
    if len(differences) < 3:
        raise NotYet(
            f"you measured {len(differences)} network{'s' * (len(differences) != 1)}, {study}: "
            "what would another one have said?"
        )
    left_out = [seed for seed in range(max(differences)) if seed not in differences]
    if left_out:
        raise NotYet(
            f"seeds {', '.join(map(str, left_out))} are missing before seed {max(differences)}, "
            f"{study}: were they left out after you had seen them?"
        )
    if len(differences) < len(SEEDS):
        raise NotYet(
            f"you stopped after seed {max(differences)}, {study}: would you have stopped there if "
            "the mean had lain on the other side of zero?"
        )


def _check_values(values: np.ndarray) -> None:
    for seed in SEEDS:
        if not math.isfinite(values[seed]):
            raise NotYet(
                f"for seed {seed} you give {values[seed]}, expected a finite number: what are mean "
                "and standard error worth with it among the differences?"
            )
    measured = np.array([measure(seed) for seed in SEEDS])
    right = measured[:, 0] - measured[:, 1]
    wrong = np.flatnonzero(~np.isclose(values, right, rtol=0, atol=1e-9))
    if wrong.size == 0:
        return
    seed = int(wrong[0])
    got, animals = values[seed], measured[seed, 0]
    told = f"for seed {seed} you give {got:+.3f}, animals minus pasted is {right[seed]:+.3f}"
    if math.isclose(got, -right[seed], abs_tol=1e-9):
        raise NotYet(f"{told}: which is taken from which?")
    if math.isclose(got, animals, abs_tol=1e-9) or math.isclose(got, animals - 0.5, abs_tol=1e-9):
        raise NotYet(
            f"{told}. Yours compares the animals with chance. Chance was never pasted: what does "
            "the detector say to a pasted car?"
        )
    if wrong.size < len(SEEDS):
        raise NotYet(
            f"{told}; {len(SEEDS) - wrong.size} of the {len(SEEDS)} seeds are right and "
            f"{wrong.size} not: which run gave you this number?"
        )
    raise NotYet(f"{told}: are both numbers of the same network?")
