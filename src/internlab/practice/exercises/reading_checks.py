"""Checks of lab 05: the gaps of a card, the verdict of a probe, and the climb."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from scipy import stats

from internlab.exercises import Blank, NotYet, call
from internlab.practice.reading.probe import CANNOT_TELL, GO, NO_GO, decide

FIELDS = ("claim", "than", "table", "seeds", "weakest")


def check_gaps(answer: Callable[..., list[str]]) -> None:
    """Expect a function of (card, fields) to the names of the fields that say nothing."""
    whole = {
        "claim": "LfF is better",
        "than": "plain training",
        "table": "Table 2",
        "seeds": 3,
        "weakest": "needs an easy bias",
    }
    cases = [
        (whole, "a card that says everything", "which of its fields says nothing?"),
        ({**whole, "seeds": 0}, "seeds = 0, 'the text does not say'", "is that no answer?"),
        ({**whole, "than": "  "}, "than = blanks only", "what does a reader see there?"),
        ({**whole, "table": ""}, "table = ''", "what does a reader see there?"),
        ({**whole, "weakest": None}, "weakest = None", "what does None say?"),
        (
            {name: whole[name] for name in FIELDS if name != "table"},
            "a card without the field 'table'",
            "what of a field that is not there?",
        ),
        ({"seeds": 0, "weakest": " "}, "a nearly empty card", "in which order are they asked for?"),
    ]
    for card, what, asks in cases:
        right = [name for name in FIELDS if _says_nothing(card.get(name))]
        got = _names(call(answer, card, list(FIELDS)))
        if got != right:
            raise NotYet(f"for {what} you gave {got}, expected {right}: {asks}")


def _says_nothing(value: Any) -> bool:
    return value is None or not str(value).strip()


def _names(got: Any) -> list[str]:
    if isinstance(got, (str, bool, int, float, Mapping)) or not isinstance(got, Iterable):
        raise NotYet(
            f"you gave {got!r} ({type(got).__name__}), expected a list of names: which fields are "
            "to be asked for?"
        )
    if isinstance(got, (set, frozenset)):
        raise NotYet(
            "you gave a set, expected a list in the order of `fields`: in which order will the "
            "questions be asked?"
        )
    found = list(got)
    if any(each is ... for each in found):
        raise Blank
    return [str(each) for each in found]


def check_verdict(answer: Callable[..., str]) -> None:
    """Expect a function of (values, line) to "go", "no go" or "cannot tell"."""
    cases = _cases(np.random.default_rng())
    right = [_by_interval(values, line) for values, line in cases]
    got = []
    for values, line in cases:
        verdict = call(answer, values, line)
        if verdict not in (GO, NO_GO, CANNOT_TELL):
            raise NotYet(
                f"you gave {verdict!r}, expected {GO!r}, {NO_GO!r} or {CANNOT_TELL!r}: which of "
                "the three is it?"
            )
        got.append(str(verdict))
    if got == right:
        return
    wrong = [i for i in range(len(cases)) if got[i] != right[i]]
    values, line = cases[wrong[0]]
    told = (
        f"for {np.round(values, 2).tolist()} and the line {line:g} you gave {got[wrong[0]]!r}, "
        f"expected {right[wrong[0]]!r} ({len(wrong)} of {len(cases)} probes are judged otherwise)"
    )
    for says, rule in _SLIPS.items():
        if got == [rule(values, line) for values, line in cases]:
            raise NotYet(f"{told}. {says}")
    raise NotYet(f"{told}: where are the two ends of the interval, and where is the line?")


def _by_interval(
    values: np.ndarray,
    line: float,
    share: float = 0.95,
    ddof: int = 1,
    root: bool = True,
    normal: bool = False,
    freedom: int = -1,
) -> str:
    count = len(values)
    factor = stats.norm.ppf(share) if normal else stats.t.ppf(share, count + freedom)
    half = factor * np.std(values, ddof=ddof) / (np.sqrt(count) if root else 1)
    mean = np.mean(values)
    return GO if mean - half >= line else NO_GO if mean + half < line else CANNOT_TELL


def _swapped(values: np.ndarray, line: float) -> str:
    found = decide(values, line).verdict
    return {GO: NO_GO, NO_GO: GO}.get(found, found)


def _all_of_them(values: np.ndarray, line: float) -> str:
    return GO if values.min() >= line else NO_GO if values.max() < line else CANNOT_TELL


_SLIPS: dict[str, Callable[[np.ndarray, float], str]] = {
    "Yours looks at the mean alone and is never in doubt: what would other seeds have said?": (
        lambda values, line: GO if np.mean(values) >= line else NO_GO
    ),
    "Yours takes the factor of the normal distribution. With a few seeds the spread is a guess "
    "itself: which distribution allows for that?": lambda v, line: _by_interval(
        v, line, normal=True
    ),
    "Yours divides the squares by n, which is the default of np.std: what is lost to the mean of "
    "the same values?": lambda v, line: _by_interval(v, line, ddof=0),
    "Yours is the range of single seeds. How much less does a mean of n seeds vary?": (
        lambda v, line: _by_interval(v, line, root=False)
    ),
    "Yours leaves 2.5 % on each side. How much does a 90 % interval leave?": (
        lambda v, line: _by_interval(v, line, share=0.975)
    ),
    "Yours leaves 10 % on each side. How much does a 90 % interval leave?": (
        lambda v, line: _by_interval(v, line, share=0.9)
    ),
    "Yours has n degrees of freedom. How many are left after the mean?": (
        lambda v, line: _by_interval(v, line, freedom=0)
    ),
    "Yours has go and no go the wrong way round. Is larger better?": _swapped,
    "Yours asks every seed to be on one side. Is the mean not surer than each of them?": (
        _all_of_them
    ),
    "Yours says go unless the line is missed for sure. What of those that cannot tell?": (
        lambda v, line: NO_GO if decide(v, line).verdict == NO_GO else GO
    ),
    "Yours says no go unless it is sure. What of those that cannot tell?": (
        lambda v, line: GO if decide(v, line).verdict == GO else NO_GO
    ),
}


def _cases(rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    """Return probes whose verdicts tell the slips apart, none of them on the edge."""
    while True:
        cases = []
        while len(cases) < 120:
            values = rng.normal(rng.uniform(-2.5, 2.5), 1, rng.integers(3, 7))
            line = float(np.round(rng.uniform(-1, 1), 1))
            found = decide(values, line)
            if min(abs(found.low - line), abs(found.high - line)) > 1e-6:
                cases.append((values, line))
        judged = {
            tuple(rule(values, line) for values, line in cases)
            for rule in (_by_interval, *_SLIPS.values())
        }
        if len(judged) == 1 + len(_SLIPS):
            return cases


def check_climb(answer: Callable[..., set[str]]) -> None:
    """Expect a function of (solved, given_up, works) to the demands in force at the end."""
    for solved, given_up, enough, what, asks in _climbs():
        tried: list[frozenset[str]] = []

        def works(kept: Iterable[str], tried: list = tried, enough: Callable = enough) -> bool:
            tried.append(frozenset(kept))
            return enough(frozenset(kept))

        got = call(answer, set(solved), list(given_up), works)
        if isinstance(got, (str, bool, int, float)) or not isinstance(got, Iterable):
            raise NotYet(
                f"you gave {got!r} ({type(got).__name__}), expected a set of demands: which are in "
                "force at the end?"
            )
        found, right = frozenset(got), _climbed(solved, given_up, enough)
        told = f"{what} you gave {sorted(found)}, expected {sorted(right)}"
        if found != right:
            if not found >= frozenset(solved):
                raise NotYet(f"{told}: where did the demands of the solved task go?")
            if found == _climbed(solved, given_up[::-1], enough):
                raise NotYet(f"{told}: in which order are they put back?")
            if not enough(found):
                raise NotYet(f"{told}. With yours the baseline does not work: {asks}")
            raise NotYet(f"{told}: {asks}")
        if len(tried) > len(given_up) + 1:
            raise NotYet(
                f"{what} you measured {len(tried)} tasks for {len(given_up)} demands: which of "
                "them did you need?"
            )


def _climbed(
    solved: set[str], given_up: list[str], enough: Callable[[frozenset[str]], bool]
) -> frozenset[str]:
    kept = frozenset(solved)
    for demand in given_up:
        if enough(kept | {demand}):
            kept |= {demand}
    return kept


def _climbs() -> list[tuple[set[str], list[str], Callable[[frozenset[str]], bool], str, str]]:
    """Return solved tasks, the demands given up in order, what works, and what is said."""
    a, b, c, d = "ten digits", "noise", "anywhere", "few images"
    return [
        (
            {"labels"},
            [a, b, c],
            lambda kept: c not in kept,
            "where 'anywhere' is the only obstacle",
            "which of the others can be put back?",
        ),
        (
            {"labels"},
            [a, b, c],
            lambda kept: a not in kept,
            "where the first demand cannot be put back",
            "does one refusal end the climb?",
        ),
        (
            {"labels"},
            [a, b, d],
            lambda kept: not {a, b} <= kept,
            "where each of two demands can be put back, but not both",
            "with what in force was the second one tried?",
        ),
        (
            set(),
            [d, a, b, c],
            lambda kept: len(kept) <= 2,
            "where no more than two demands can be met",
            "in which order are they put back?",
        ),
    ]
