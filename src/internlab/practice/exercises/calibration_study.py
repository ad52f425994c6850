"""Check of lab 01: does it help to drop suspicious labels?"""

from __future__ import annotations

from internlab.practice.exercises.calibration_given import measure
from internlab.study import Study


def _dropped_minus_kept(seed: int) -> float:
    dropped, kept = measure(seed)
    return dropped - kept


def _slips(seed: int) -> list[tuple[float, str]]:
    dropped, kept = measure(seed)
    return [
        (dropped, "Yours is the accuracy with dropping alone. Compared with what?"),
        (kept, "Yours is the accuracy without dropping alone. Compared with what?"),
        (dropped / kept - 1, "Yours is a ratio. What is one minus the other?"),
    ]


SUSPECTS = Study(
    measure=_dropped_minus_kept,
    what="with dropping minus without",
    conclusions=("helps", "costs", "cannot tell"),
    of_each="seed",
    asks="on which side of zero is the mean, by two standard errors?",
    asks_of_number="are both numbers of the same seed?",
    slips=_slips,
)
check_suspects = SUSPECTS.check
