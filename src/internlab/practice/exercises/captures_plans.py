"""Checks of lab 03: pairs that are not covered, the next case, and a test that opens once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from internlab.answers import number, tell, told_apart
from internlab.exercises import NotYet, call
from internlab.practice.antispoofing import cases

KINDS = ("paper", "screen", "mask", "disguise")
LEVELS = {
    "kind": KINDS,
    "light": ("window", "lamp", "dim"),
    "distance": ("near", "far"),
    "glasses": ("with", "without"),
}


def check_uncovered(answer: Callable[..., Any]) -> None:
    """Expect a function of (chosen, factors) to the number of pairs that no case holds."""
    for count in (5, 0):
        while True:
            rng = np.random.default_rng()
            grid = cases.all_cases(LEVELS)
            chosen = [grid[i] for i in rng.choice(len(grid), count, replace=False)]
            wanted = cases.pairs_wanted(LEVELS)
            held = set().union(*(cases.pairs_of(case) for case in chosen)) if chosen else set()
            right = float(len(wanted - held))
            triples = {t for case in grid for t in combinations(case.items(), 3)}
            known = {
                "counts each pair twice, once from either factor. Is (paper, dim) another pair "
                "than (dim, paper)?": 2 * right,
                "is the number of combinations that are not in the list. How many pairs of levels "
                "does one case hold?": float(len(grid) - count),
                "is the number of all pairs. Which of them does a case hold already?": (
                    float(len(wanted)) if count else -1.0
                ),
                "is the number of pairs that are covered. Which are not?": (
                    float(len(held)) if count else -2.0
                ),
                "is the number of levels that no case has. A level may occur and a pair of two "
                "not: which pairs are missing?": (
                    _levels_missing(chosen) if count else sum(map(len, LEVELS.values()))
                ),
                "counts all pairs of the list, and some are held by several cases. How many "
                "*different* ones are there?": (float(len(wanted) - 6 * count) if count else -3.0),
                "is a share. How many pairs are missing?": right / len(wanted),
                "counts threes. How many factors make a pair?": float(
                    len(triples - {t for case in chosen for t in combinations(case.items(), 3)})
                ),
            }
            if told_apart(right, *known.values()):
                break
        got = number(call(answer, chosen, LEVELS), "the number of pairs")
        asks = "which two levels of two factors does no case have together?"
        chosen_from = f"for {count} cases" if count else "for an empty list"
        tell(got, right, known, asks, given=f"{chosen_from}: you gave")


def _levels_missing(chosen: list[dict[str, str]]) -> float:
    return float(
        sum(
            all(case[name] != level for case in chosen)
            for name, levels in LEVELS.items()
            for level in levels
        )
    )


def check_next_case(answer: Callable[..., Any]) -> None:
    """Expect a function of (candidates, chosen, hours) to the index of the best candidate."""
    for _ in range(2):
        candidates, chosen, hours, best, slips = _puzzle()
        got = call(answer, candidates, chosen, hours)
        if isinstance(got, dict):
            raise NotYet("you gave a case, expected its index in the list: where does it stand?")
        index = number(got, "the index", "which one of the candidates?")
        if index == best:
            continue
        gain = [len(_new(case, chosen)) for case in candidates]
        told = (
            f"you gave {index:g}, expected {best} ({gain[best]} new pairs in {hours[best]:g} hours)"
        )
        for says, slip in slips.items():
            if index == slip:
                raise NotYet(f"{told}. Yours {says}")
        raise NotYet(f"{told}: which pairs are new, and what does an hour of each case bring?")


def _new(case: dict[str, str], chosen: list[dict[str, str]]) -> set:
    held = set().union(*(cases.pairs_of(each) for each in chosen))
    return cases.pairs_of(case) - held


def _puzzle() -> tuple[
    list[dict[str, str]], list[dict[str, str]], list[float], int, dict[str, int]
]:
    """Return candidates among which each slip points at another one."""
    rng, grid = np.random.default_rng(), cases.all_cases(LEVELS)
    while True:
        picked = rng.permutation(len(grid))[:12]
        chosen, candidates = [grid[i] for i in picked[:4]], [grid[i] for i in picked[4:]]
        hours = rng.choice([0.5, 1, 1.5, 2, 4, 5, 8], len(candidates)).tolist()
        new = np.array([len(_new(case, chosen)) for case in candidates], float)
        value = new / hours
        slips = {
            "has the most new pairs. What does it cost?": new,
            "is the cheapest. What does it add?": -np.array(hours),
            "has the fewest new pairs an hour. Which has the most?": -value,
            "takes most hours for a new pair. Which is divided by which?": np.array(hours)
            / np.maximum(new, 0.1),
        }
        places = {says: int(np.argmax(v)) for says, v in slips.items()}
        best = int(np.argmax(value))
        # The two last slips may point at one case: the one is the other upside down.
        others = list(places.values())[:3]
        clear = np.sort(value)[-1] > np.sort(value)[-2] and len({best, *others}) == 4
        unique = all((v == v.max()).sum() == 1 for v in list(slips.values())[:3])
        # As if nothing had been chosen, the cheapest would win: that is the second slip.
        if clear and unique:
            return candidates, chosen, hours, best, places


def check_open_once(answer: Callable[..., Any]) -> None:
    """Expect a function of (path, who, when): "opened" the first time, else who it was and when."""
    rng = np.random.default_rng()
    first, second = (str(each) for each in rng.permutation(["Mina", "Jun", "Sora", "Theo"])[:2])
    days = [f"2026-{rng.integers(1, 6):02}-{rng.integers(10, 28)}" for _ in range(2)]
    days[1] = days[1].replace("2026", "2027")
    with tempfile.TemporaryDirectory() as folder:
        path, other = Path(folder) / "test.txt", Path(folder) / "other.txt"
        got = call(answer, path, first, days[0])
        if got != "opened":
            raise NotYet(f"the first call returned {got!r}, expected 'opened': who came before?")
        if not path.exists():
            raise NotYet(
                "after the first call there is no file at `path`: how can a second process know "
                "that the test was opened?"
            )
        again = str(call(answer, path, second, days[1]))
        if again == "opened":
            raise NotYet(
                f"{second} opened the test again after {first}, expected a refusal: what lies at "
                "`path` by then?"
            )
        if second in again or days[1] in again:
            if first not in again or days[0] not in again:
                raise NotYet(
                    f"the refusal says {again!r}, expected {first} and {days[0]}: who opened the "
                    "test, and who only asked?"
                )
        elif first not in again or days[0] not in again:
            raise NotYet(
                f"the refusal says {again!r}, expected it to name {first} and {days[0]}: whom "
                "would a colleague ask about the result?"
            )
        third = str(call(answer, path, second, days[1]))
        if first not in third or days[0] not in third:
            raise NotYet(
                f"asked a third time you say {third!r}, expected {first} and {days[0]} still: what "
                "did the second call write into the file?"
            )
        if call(answer, other, second, days[1]) != "opened":
            raise NotYet(
                "another test, at another path, was refused as well: what does your function "
                "remember outside of the file?"
            )
