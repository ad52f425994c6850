"""Check of lab 40: what debiasing does where there is hardly a shortcut."""

from __future__ import annotations

from internlab.debias.exercises.shortcut_given import measure
from internlab.study import Study


def _resampled_minus_plain(seed: int) -> float:
    resampled, plain = measure(seed)
    return float(resampled - plain)


def _slips(seed: int) -> list[tuple[float, str]]:
    resampled, plain = measure(seed)
    says = "Yours is the gain over chance. What would it have been without resampling?"
    return [
        (resampled, "Yours is the accuracy with resampling alone. Compared with what?"),
        (plain, "Yours is the accuracy without resampling alone. Compared with what?"),
        (resampled - 0.5, says),
    ]


CONTROL = Study(
    measure=_resampled_minus_plain,
    what="with resampling minus without",
    conclusions=("helps", "costs", "cannot tell"),
    of_each="seed",
    asks="on which side of zero is the mean, by two standard errors?",
    asks_of_number="are both numbers of the same seed?",
    slips=_slips,
)
check_control = CONTROL.check
