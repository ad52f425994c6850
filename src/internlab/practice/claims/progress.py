"""Claim of the progress page: a room of 50 labs, five of them bad, within bounds."""

from __future__ import annotations

import hashlib
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from internlab.claims import Measurement, claim
from internlab.progress import bounded, catalogue, examples
from internlab.progress.limits import Limits
from internlab.progress.outcome import Outcome
from internlab.progress.room import Cache, run_room
from internlab.progress.submissions import of_room

PARTICIPANTS = 50
JOBS = 2
LIMITS = Limits(wall_s=60, cpu_s=8, cell_s=20, memory_mb=1500, folder_mb=50, file_mb=20)
# Between the 45 honest ones: broken, hanging, and three that attack the machine or the results.
BAD = ("broken", "hanging", "fork bomb", "memory", "attacker")
# What an honest lab is allowed here, with start and end of its process.
HONEST_CPU_S, OWN_CPU_S = 2.0, 40.0
# The five bad ones may each use their whole time, and a shared machine is slow.
WALL_BOUND_S = 900.0


@claim(
    "practice",
    "progress-room",
    "right rows of 45 honest labs in a room of 50, five broken, hanging or hostile, with time, "
    "CPU and memory within bounds and no file outside touched",
    equals=45,
    unit="rows",
)
def progress_room() -> Measurement:
    """Run the room; a row is right if every exercise has the label that it was given.

    Raises
    ------
    RuntimeError
        If a bound is exceeded, a bad row counts an exercise, or a file outside was touched.
    """
    lab = catalogue.labs()[examples.LAB]
    limits = LIMITS
    with tempfile.TemporaryDirectory() as made:
        outside = Path(made)
        folder = outside / "room"
        expected = {}
        for number in range(PARTICIPANTS):
            name = f"participant {number:02d}"
            path = folder / name / f"{lab.file_name}.ipynb"
            bad = BAD[number // 10] if number % 10 == 4 else None
            expected[name] = _write(path, lab.exercises, number, bad, outside)
        before = _state(outside)
        room = of_room(folder, [lab.file_name])
        protection = bounded.available()
        cache = Cache(limits, protection, folder=Path(made) / "cache", fresh=True)
        cpu, wall = _cpu_seconds(), time.monotonic()
        outcomes, _ = run_room(
            room.submissions,
            {lab.file_name: lab},
            protection,
            limits,
            cache,
            JOBS,
            hidden=[folder],
        )
        # A process that is ended with its parent is counted by nobody but who looked at it.
        sampled = sum(outcome.cpu_seconds for outcome in outcomes.values())
        cpu, wall = max(_cpu_seconds() - cpu, sampled), time.monotonic() - wall
        after = {path: state for path, state in _state(outside).items() if "cache" not in path}
    if protection.isolated and after != before:
        raise RuntimeError(f"files outside were touched: {set(before) ^ set(after) or 'content'}")
    honest = [each for each in room.submissions if expected[each.participant] is not None]
    right = sum(_labels(outcomes[each]) == expected[each.participant] for each in honest)
    longest = max(outcome.seconds for outcome in outcomes.values())
    most_cpu = max(outcome.cpu_seconds for outcome in outcomes.values())
    memory = max(outcome.memory_mb for outcome in outcomes.values())
    cpu_bound = len(honest) * HONEST_CPU_S + len(BAD) * limits.cpu_s + OWN_CPU_S
    for what, value, bound in (
        ("CPU-seconds", cpu, cpu_bound),
        ("seconds", wall, WALL_BOUND_S),
        ("seconds of one lab", longest, limits.wall_s + 20),
        ("CPU-seconds of one lab", most_cpu, 2 * limits.cpu_s),
        # What 20 processes can take between two looks comes on top of the limit.
        ("MB of one lab", memory, 3 * limits.memory_mb),
    ):
        if value > bound:
            raise RuntimeError(f"{value:.0f} {what}, at most {bound:.0f} were allowed")
    passed = [s.participant for s, o in outcomes.items() if expected[s.participant] is None
              and o.passed]  # fmt: skip
    if passed:
        raise RuntimeError(f"bad labs were given a PASS: {passed}")
    return Measurement(
        right,
        f"{len(outcomes)} rows; {cpu:.0f} CPU-s (bound {cpu_bound:.0f}), longest lab "
        f"{longest:.0f} s (bound {limits.wall_s:.0f}), most memory of one {memory:.0f} MB (limit "
        f"{limits.memory_mb}, sampled), {len(before)} files outside untouched; "
        f"layers: {', '.join(protection.layers) or 'resource limits only'}",
    )


def _write(
    path: Path, exercises: tuple[str, ...], number: int, bad: str | None, outside: Path
) -> dict[str, str] | None:
    """Write a participant's lab; return the labels it should get, None for a bad one."""
    target = outside / f"target{number}"
    target.write_text("as it was", encoding="utf-8")
    target.chmod(0o666)
    if bad == "broken":
        path.parent.mkdir(parents=True)
        path.write_text('{"cells": [', encoding="utf-8")
        return None
    if bad is not None:
        code = "\n".join(_attack(bad, target, exercises))
        examples.write(examples.with_first_cell(examples.blank(), code), path)
        return None
    # Every honest participant has got a little further than the one before.
    done = exercises[: number % (len(exercises) + 1)]
    notebook = examples.answered(answers=done)
    if number % 3 == 0 and len(done) < len(exercises):
        tried = exercises[len(done)]
        notebook = json.loads(json.dumps(notebook))
        for cell in notebook["cells"]:
            if f'check("{tried}"' in "".join(cell["source"]):
                cell["source"] = f'check("{tried}", "no answer of this kind")'
    else:
        tried = None
    examples.write(notebook, path)
    return {
        name: "PASS" if name in done else "NOT YET" if name == tried else "TODO"
        for name in exercises
    }


def _attack(bad: str, target: Path, exercises: tuple[str, ...]) -> Iterator[str]:
    if bad == "hanging":
        yield examples.HOSTILE["endless loop that catches everything"]
    elif bad == "fork bomb":
        yield examples.HOSTILE["fork bomb"]
    elif bad == "memory":
        yield examples.HOSTILE["memory of many processes"]
    else:
        tries = ["write outside", "delete outside", "change permissions outside"]
        for name in [*tries, "an orphan that hides", "kill the parents", "endless output"]:
            code = examples.HOSTILE[name].replace("{target!r}", repr(str(target)))
            yield "try:\n" + "\n".join(f"    {line}" for line in code.split("\n"))
            yield "except BaseException:\n    pass"
            if name == "change permissions outside":
                yield examples.FORGED["channel"].replace("{exercises!r}", repr(exercises))


def _labels(outcome: Outcome) -> dict[str, str]:
    return {name: told.label for name, told in outcome.exercises.items()}


def _state(folder: Path) -> dict[str, tuple[int, str]]:
    """Return permissions and content of all files, by path."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def _cpu_seconds() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    spent = [resource.getrusage(kind) for kind in kinds]
    return sum(each.ru_utime + each.ru_stime for each in spent)
