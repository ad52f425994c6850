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
# Recomputing every seed of a long study would keep a learner waiting.
RECOMPUTED = 4


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
    if len(differences) < 3:
        raise NotYet(
            f"you measured {len(differences)} network{'s' * (len(differences) != 1)}, expected at "
            "least three: what would another one have said?"
        )
    seeds = sorted(differences)
    left_out = sorted(set(range(seeds[0], seeds[-1] + 1)) - set(seeds))
    if left_out:
        raise NotYet(
            f"seeds {', '.join(map(str, left_out))} are missing between {seeds[0]} and "
            f"{seeds[-1]}: were they left out after you had seen them?"
        )
    for seed in seeds[:RECOMPUTED]:
        _check_difference(seed, as_number(differences[seed], f"the difference of seed {seed}"))
    if conclusion not in CONCLUSIONS:
        raise NotYet(
            f"the conclusion is {conclusion!r}, expected one of {', '.join(CONCLUSIONS)}: which "
            "does the rule give?"
        )
    values = np.array([differences[seed] for seed in seeds], dtype=float)
    mean, error = values.mean(), values.std(ddof=1) / math.sqrt(values.size)
    follows = CONCLUSIONS[0 if mean > 2 * error else 1 if mean < -2 * error else 2]
    if conclusion != follows:
        raise NotYet(
            f"the mean of {values.size} differences is {mean:+.3f} and its standard error "
            f"{error:.3f}, and you conclude {conclusion!r}: on which side of zero is the mean, by "
            "two standard errors?"
        )


def _check_difference(seed: int, got: float) -> None:
    animals, pasted = measure(seed)
    right = animals - pasted
    if math.isclose(got, right, abs_tol=1e-9):
        return
    told = f"for seed {seed} you give {got:+.3f}, animals minus pasted is {right:+.3f}"
    if math.isclose(got, -right, abs_tol=1e-9):
        raise NotYet(f"{told}: which is taken from which?")
    if math.isclose(got, animals, abs_tol=1e-9) or math.isclose(got, animals - 0.5, abs_tol=1e-9):
        raise NotYet(
            f"{told}. Yours compares the animals with chance. Chance was never pasted: what does "
            "the detector say to a pasted car?"
        )
    raise NotYet(f"{told}: are both numbers of the same network?")
