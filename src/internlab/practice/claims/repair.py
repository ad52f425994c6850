"""What lesson 04 claims: eight checks for eight faults, the stated number, and the stranger."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from internlab.claims import Measurement, claim
from internlab.practice.repair import FAULTS, Place
from internlab.practice.repair.capture import Environment, capture
from internlab.practice.repair.checks import FOUND, GONE, check
from internlab.practice.repair.repairs import copy_with
from internlab.practice.repair.runs import stated, train
from internlab.practice.repair.stranger import play

ON_CPU = ("--device", "cpu")
# The README's number is the mean of the first; the others had no part in it.
STATED_SEEDS = range(20)
NEW_SEEDS = range(20, 30)


@contextmanager
def repaired(*left: str) -> Iterator[Place]:
    """Give a copy of the repository in which only the named faults are left."""
    with tempfile.TemporaryDirectory() as folder:
        yield copy_with(Path(folder) / "work", *left)


@claim(
    "practice",
    "fault-has-its-check",
    "faults of the broken repository, alone in a copy, that are found by a check of their own and "
    "by no other",
    equals=8,
    unit="faults",
)
def fault_has_its_check() -> Measurement:
    found_alone, cannot_tell = 0, 0
    for name in FAULTS:
        with repaired(name) as place:
            states = {each.fault: each.state for each in check(place)}
        found_alone += [fault for fault, state in states.items() if state == FOUND] == [name]
        cannot_tell += sum(state not in (FOUND, GONE) for state in states.values())
    with repaired() as place:
        gone = sum(each.state == GONE for each in check(place))
    others = len(FAULTS) * (len(FAULTS) - 1)
    return Measurement(
        found_alone if gone == len(FAULTS) else -1,
        f"{cannot_tell} of {others} other checks cannot tell, because the run stops before; with "
        f"all repaired {gone} of {len(FAULTS)} say gone",
    )


@claim(
    "practice",
    "stated-number-reached",
    "runs of the repaired repository, of ten seeds that had no part in the stated number, that "
    "reach it within its tolerance",
    at_least=9,
    unit="runs",
)
def stated_number_reached() -> Measurement:
    with repaired() as place:
        wanted = stated(place)
        numbers = [train(place, "--seed", str(seed), *ON_CPU).number for seed in NEW_SEEDS]
    return Measurement(
        sum(wanted.reached_by(number) for number in numbers),
        f"stated {wanted.number} g ± {wanted.tolerance} g; measured "
        + ", ".join("none" if each is None else f"{each:.1f}" for each in numbers),
    )


@claim(
    "practice",
    "stated-number-measured",
    "difference of mean, and of three standard deviations, over seeds 0 to 19 of the repaired "
    "repository from the number and the tolerance that its README states, larger",
    at_most=0.1,
    unit="g",
)
def stated_number_measured() -> Measurement:
    with repaired() as place:
        wanted = stated(place)
        numbers = [train(place, "--seed", str(seed), *ON_CPU).number for seed in STATED_SEEDS]
    mean = statistics.mean(numbers)
    spread = 3 * statistics.stdev(numbers)
    return Measurement(
        max(abs(mean - wanted.number), abs(spread - wanted.tolerance)),
        f"mean {mean:.2f} g, stated {wanted.number} g; three standard deviations {spread:.2f} g, "
        f"stated ± {wanted.tolerance} g",
    )


@claim(
    "practice",
    "stated-number-seed-0",
    "difference of the repaired repository, run as its README says, from the stated number, over "
    "the tolerance",
    at_most=1.0,
)
def stated_number_seed_0() -> Measurement:
    with repaired() as place:
        wanted = stated(place)
        number = train(place, "--seed", "0", *ON_CPU).number
    return Measurement(
        float("inf") if number is None else abs(number - wanted.number) / wanted.tolerance,
        f"{number} g, stated {wanted.number} g ± {wanted.tolerance} g",
    )


@claim(
    "practice",
    "broken-number-missed",
    "the smallest distance from the stated number, over the tolerance, with one of the faults "
    "type, mode and version left in, 3 seeds",
    at_least=2.0,
)
def broken_number_missed() -> Measurement:
    distances, told = [], []
    for name in ("dtype", "mode", "pin"):
        with repaired(name) as place:
            wanted = stated(place)
            numbers = [train(place, "--seed", str(seed), *ON_CPU).number for seed in range(3)]
        distances += [abs(number - wanted.number) / wanted.tolerance for number in numbers]
        told.append(f"{name} {', '.join(f'{number:.0f}' for number in numbers)} g")
    return Measurement(min(distances), "; ".join(told))


@claim(
    "practice",
    "stranger-same-number",
    "difference between the stranger's number and the captured one, seeds 0 to 2, largest",
    equals=0.0,
    unit="g",
)
def stranger_same_number() -> Measurement:
    differences, told = [], []
    with repaired() as place:
        for seed in range(3):
            captured = capture(place, "--seed", str(seed), *ON_CPU)
            verdict = play(captured, place.repository, place.index)
            got = float("inf") if verdict.number is None else verdict.number
            differences.append(abs(got - captured.number))
            told.append(repr(verdict.number))
    return Measurement(max(differences), ", ".join(told))


@claim(
    "practice",
    "stranger-needs-every-fact",
    "packages, wheels' hashes and files of the captured environment that can be taken away without "
    "the stranger noticing",
    equals=0,
    unit="facts",
)
def stranger_needs_every_fact() -> Measurement:
    unnoticed, tried = [], 0
    with repaired() as place:
        captured = capture(place, "--seed", "0", *ON_CPU)
        for fact, poorer in poorer_than(captured):
            tried += 1
            if play(poorer, place.repository, place.index).same:
                unnoticed.append(fact)
    return Measurement(len(unnoticed), f"{tried} tried; {', '.join(unnoticed) or 'all noticed'}")


def poorer_than(captured: Environment) -> Iterator[tuple[str, Environment]]:
    """Give a captured environment with one fact less, for each of its facts, by name."""
    from dataclasses import replace

    for kind in ("packages", "wheels", "files"):
        facts = getattr(captured, kind)
        for name in facts:
            rest = {key: value for key, value in facts.items() if key != name}
            yield f"{kind}: {name}", replace(captured, **{kind: rest})
