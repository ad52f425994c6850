"""The problem ladder: relax one demand at a time until a baseline works, then climb back up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from internlab.practice.reading.probe import GO, Decision, decide


@dataclass(frozen=True)
class Demand:
    """Something a task asks for, and the easier thing that it could ask for instead."""

    name: str
    asked: str
    relaxed: str


@dataclass(frozen=True)
class Step:
    """One measured rung: which demands were in force, what was moved, and what came of it."""

    move: str
    kept: frozenset[str]
    decision: Decision

    @property
    def works(self) -> bool:
        """Whether the baseline reaches the bar, by the rule of `decide`."""
        return self.decision.verdict == GO


@dataclass(frozen=True)
class Walk:
    """A walk down the ladder and up again.

    Parameters
    ----------
    steps : tuple of Step
        In the order they were measured.
    solved : frozenset of str, or None
        The demands in force in the last task that works; None if none does.
    obstacles : tuple of str
        Those that could not be put back.
    """

    steps: tuple[Step, ...]
    solved: frozenset[str] | None
    obstacles: tuple[str, ...]


def walk(
    demands: Sequence[Demand],
    measure: Callable[[frozenset[str]], Sequence[float]],
    bar: float,
) -> Walk:
    """Relax demands in their order until the baseline works, then put each back if it still does.

    With k demands that is at most 2 k measurements and one, where trying every combination takes
    2 to the power of k. What is found depends on the order, and another set of demands may be as
    good or larger; no single demand can be added to what is found, if a task never becomes solvable
    by asking for more.

    Parameters
    ----------
    demands : sequence of Demand
        The one you would give up first comes first. Names differ.
    measure : callable
        From the names of the demands in force to scores over seeds, larger is better.
    bar : float
        See `decide`.

    Raises
    ------
    ValueError
        If there is no demand or two have one name.
    """
    names = [demand.name for demand in demands]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"The demands are {names}; expected at least one, each with its own name.")
    steps = []

    def take(move: str, kept: frozenset[str]) -> bool:
        steps.append(Step(move, kept, decide(measure(kept), bar)))
        return steps[-1].works

    kept = frozenset(names)
    relaxed: list[str] = []
    works = take("everything asked", kept)
    for demand in demands:
        if works:
            break
        kept -= {demand.name}
        relaxed.append(demand.name)
        works = take(f"relaxed: {demand.name}", kept)
    if not works:
        return Walk(tuple(steps), None, tuple(names))
    # The last one given up made it work, so it need not be tried again on its own.
    obstacles = relaxed[-1:]
    for name in relaxed[:-1]:
        if take(f"back: {name}", kept | {name}):
            kept |= {name}
        else:
            obstacles.append(name)
    return Walk(tuple(steps), kept, tuple(sorted(obstacles, key=names.index)))
