"""Checks of the lab on runtimes that need a pretended machine: a fair benchmark, and a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from internlab.exercises import Blank, NotYet, call


class _Machine:
    """A pretended computer: calls take known times, the first is cold, and noise can be set.

    `clock()` is in seconds. Work after `slow_from` seconds takes three times as long.
    """

    def __init__(self, costs: Mapping[str, float], cold: float, slow_from: float = np.inf) -> None:
        self.now = 0.0
        self.made: list[str] = []
        self._costs, self._cold, self._slow_from = costs, cold, slow_from
        self._hiccups: dict[int, float] = {}
        self.calls = {name: self._call(name) for name in costs}

    def clock(self) -> float:
        return self.now

    def disturb(self, number: int, seconds: float) -> None:
        """Let call `number` (from 0, over all calls) take longer."""
        self._hiccups[number] = seconds

    def _call(self, name: str) -> Callable[[], None]:
        def run() -> None:
            cost = self._costs[name] + (0 if name in self.made else self._cold)
            cost *= 3 if self.now >= self._slow_from else 1
            self.now += cost + self._hiccups.get(len(self.made), 0.0)
            self.made.append(name)

        return run


def check_fair(answer: Callable[..., Mapping[str, float]]) -> None:
    """Expect a function of (calls, rounds, rng, clock) to median seconds by name."""
    costs = {"old": 2.0, "new": 1.0, "third": 1.5}
    rounds = 9

    def medians(machine: _Machine) -> dict[str, float]:
        # The machine must not be copied, or its clock would stand still.
        rng = np.random.default_rng()
        got = call(lambda: answer(machine.calls, rounds, rng, machine.clock))
        if not isinstance(got, Mapping) or set(got) != set(costs):
            raise NotYet(f"you returned {got!r}, expected a dict with the keys {list(costs)}: why?")
        if any(value is ... for value in got.values()):
            raise Blank
        try:
            return {name: float(value) for name, value in got.items()}
        except (TypeError, ValueError):
            raise NotYet(
                "the values of your dict are no single numbers: which one number stands for all "
                "rounds of a call?"
            ) from None

    calm = _Machine(costs, cold=0.0)
    got = medians(calm)
    for name, seconds in costs.items():
        if abs(got[name] - seconds) > 1e-6:
            raise NotYet(
                f"each call of {name!r} takes {seconds:.1f} s, you gave {got[name]:.2f} s: what "
                "else is between your two readings of the clock?"
            )
    _check_order(calm.made, list(costs), rounds)
    _check_hiccup(medians, costs, len(calm.made))
    drifting = _Machine(costs, cold=0.0, slow_from=calm.now * 0.45)
    got = medians(drifting)
    if not 1.4 < got["old"] / got["new"] < 2.8:
        raise NotYet(
            "half-way the machine became three times slower, and your ratio of old to new went "
            f"from 2.0 to {got['old'] / got['new']:.1f}: which call was timed when?"
        )


def _check_order(made: list[str], names: list[str], rounds: int) -> None:
    counts = {name: made.count(name) for name in names}
    if min(counts.values()) < rounds:
        raise NotYet(f"{rounds} rounds were asked for, and the calls were made {counts}: why?")
    if min(counts.values()) == rounds:
        raise NotYet(
            f"every call was made {rounds} times in {rounds} rounds, so the first, cold one was "
            "timed too: what should come before the measurement?"
        )
    timed = made[len(made) - rounds * len(names) :]
    groups = [timed[start : start + len(names)] for start in range(0, len(timed), len(names))]
    if any(sorted(group) != sorted(names) for group in groups):
        raise NotYet(
            f"you timed in the order {', '.join(timed[:6])}, ...: if the machine slows down "
            "half-way, who pays? What is a round?"
        )
    if len({tuple(group) for group in groups}) == 1:
        raise NotYet(
            f"every round has the same order, {', '.join(groups[0])}, so each call always follows "
            "the same one and finds the cache as that left it: what is the generator for?"
        )


def _check_hiccup(
    medians: Callable[[_Machine], dict[str, float]], costs: Mapping[str, float], count: int
) -> None:
    disturbed = _Machine(costs, cold=50.0)
    disturbed.disturb(count - 1, 500.0)
    got = medians(disturbed)
    for name, seconds in costs.items():
        if abs(got[name] - seconds) > 1e-6:
            raise NotYet(
                f"one call was disturbed for 500 s, or the first one was cold, and your number for "
                f"{name!r} went from {seconds:.1f} s to {got[name]:.1f} s: which summary does one "
                "bad sample not move?"
            )


def check_decide(answer: Callable[..., tuple[Any, str]]) -> None:
    """Expect a function of (rows, baseline, max_loss) to (names on the front, the choice)."""
    rng = np.random.default_rng()
    worked = {
        "eager": (20.0, 30.0),
        "compiled": (11.0, 30.0),
        "int8": (6.0, 29.95),
        "int8 rough": (4.0, 29.2),
        "int8 elsewhere": (7.0, 29.95),
        "fp16 on CPU": (25.0, 29.99),
    }
    tables = [(worked, 0.1)]
    for _ in range(5):
        random = {
            f"r{i}": (float(rng.integers(5, 15)), float(rng.integers(290, 301)) / 10)
            for i in range(6)
        }
        tables.append(({"eager": (16.0, 30.0), **random}, 0.25))
    for rows, max_loss in tables:
        got = call(answer, rows, "eager", max_loss)
        if not isinstance(got, tuple) or len(got) != 2 or not isinstance(got[1], str):
            raise NotYet(f"you returned {got!r}, expected (names on the front, one name): both?")
        _check_front(set(got[0]), rows)
        _check_choice(got[1], rows, max_loss)


def _check_front(got: set[str], rows: Mapping[str, tuple[float, float]]) -> None:
    def better(a: tuple[float, float], b: tuple[float, float]) -> bool:
        return a[0] <= b[0] and a[1] >= b[1] and a != b

    for name, row in rows.items():
        over = [other for other, values in rows.items() if better(values, row)]
        if name in got and over:
            raise NotYet(
                f"{name} {row} is on your front, but {over[0]} {rows[over[0]]} is no slower and no "
                "worse: what makes a row dominated?"
            )
        if name not in got and not over:
            raise NotYet(
                f"{name} {row} is missing from your front: which row is at least as fast and at "
                "least as good?"
            )


def _check_choice(got: str, rows: Mapping[str, tuple[float, float]], max_loss: float) -> None:
    needed = rows["eager"][1] - max_loss
    if got not in rows:
        raise NotYet(f"your choice is {got!r}, expected one of {list(rows)}: which?")
    time, quality = rows[got]
    if quality < needed - 1e-9:
        raise NotYet(
            f"your choice {got} has {quality:.2f} dB, which is {rows['eager'][1] - quality:.2f} dB "
            f"below the baseline: is that within {max_loss} dB?"
        )
    fastest = min(t for t, q in rows.values() if q >= needed - 1e-9)
    if time > fastest:
        raise NotYet(
            f"your choice {got} takes {time:g} ms, but {fastest:g} ms would do within {max_loss} "
            "dB: does the service pay for quality beyond the limit?"
        )
