"""Check of lab 32: a detector against the control."""

from __future__ import annotations

from internlab.ood.exercises.trust_given import measure
from internlab.study import Study


def _animals_minus_pasted(seed: int) -> float:
    animals, pasted = measure(seed)
    return float(animals - pasted)


def _slips(seed: int) -> list[tuple[float, str]]:
    animals = float(measure(seed)[0])
    says = (
        "Yours compares the animals with chance. Chance was never pasted: what does the detector "
        "say to a pasted car?"
    )
    return [(animals, says), (animals - 0.5, says)]


CONTROL = Study(
    measure=_animals_minus_pasted,
    what="animals minus pasted",
    conclusions=("finds the new", "finds the pasted", "cannot tell"),
    of_each="network",
    asks="on which side of zero is the mean, by two standard errors?",
    asks_of_number="are both numbers of the same network?",
    slips=_slips,
)
check_control = CONTROL.check
