"""Run a grid: what the journal has is taken over, what is missing is computed and kept at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from internlab.debias.bench.data import FOLDER, check_data
from internlab.debias.bench.journal import Journal
from internlab.debias.bench.plan import Run
from internlab.debias.bench.record import Record
from internlab.debias.bench.sources import Source
from internlab.debias.bench.together import Conditions, key_of, train_together

# Runs trained side by side; a kill loses at most so many for each process.
TOGETHER = 9


@dataclass(frozen=True)
class Stack:
    """Runs that are trained side by side: of one method and setting, on one data set."""

    runs: tuple[Run, ...]
    keys: Mapping[Run, str]
    source: Source
    conditions: Conditions
    folder: Path

    def compute(self) -> list[Record]:
        """Train them, and write each record into the journal."""
        journal = Journal(self.folder)
        journal.note_start(self.keys[run] for run in self.runs)
        records = train_together(self.runs, self.keys, self.source, self.conditions)
        for record in records:
            journal.write(record)
        return records


@dataclass(frozen=True)
class Progress:
    """How far a grid has come, after each stack.

    Parameters
    ----------
    done, total : int
        Runs that need no more work, and all runs.
    stack : Stack
        What was computed last.
    records : list of Record
        Its records.
    seconds_left : float
        A guess, from the time so far.
    """

    done: int
    total: int
    stack: Stack
    records: list[Record]
    seconds_left: float


@dataclass(frozen=True)
class Outcome:
    """What a grid gave.

    Parameters
    ----------
    records : tuple of Record
        One for each planned run, in the plan's order.
    computed : int
        How many of them were computed now; the others were in the journal.
    others : int
        Records of other settings in the same folder, left as they are.
    cpu_seconds : float
        What all records took when they were computed.
    """

    records: tuple[Record, ...]
    computed: int
    others: int
    cpu_seconds: float

    @property
    def failed(self) -> list[Record]:
        """The runs without a result."""
        return [record for record in self.records if record.failed]


def run_grid(
    plan: Sequence[Run],
    sources: Mapping[str, Source],
    folder: Path,
    conditions: Conditions | None = None,
    *,
    jobs: int = 1,
    again: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Outcome:
    """Compute the runs of a plan that a results folder does not have yet.

    A run whose loss is not finite, or whose method raises, is recorded as failed with its reason,
    and the grid goes on. A grid that was killed goes on where it was, when it is called again:
    what was in flight is repeated, nothing else.

    Parameters
    ----------
    plan : sequence of Run
        From `plan_runs`.
    sources : mapping
        From `find_methods`.
    folder : Path
        The results folder.
    conditions : Conditions, optional
        What all runs share.
    jobs : int
        Processes; each computes one stack at a time, with one thread.
    again : bool
        Compute failed runs again. (After a method's code was changed that happens anyway.)
    progress : callable, optional
        Called after each stack.

    Raises
    ------
    ValueError, FileNotFoundError
        If a data set or a hyperparameter is not there; nothing is computed then.
    KeyboardInterrupt, ChildProcessError, MemoryError
        After Ctrl-C, if a process was ended from outside, or if the memory is full; with a note
        that says what is kept.
    """
    conditions = conditions or Conditions()
    journal = Journal(folder)
    keys = _check(plan, sources, conditions)
    known = {run: journal.read(key) for run, key in keys.items() if key in journal}
    if again:
        known = {run: record for run, record in known.items() if not record.failed}
    missing = [run for run in plan if run not in known]
    done = len(known)
    start = time.monotonic()
    stacks = list(stacks_of(missing, keys, sources, conditions, folder))
    try:
        with closing(_computed(stacks, jobs)) as finished:
            for stack, records in finished:
                known.update((record.run, record) for record in records)
                done += len(records)
                left = len(plan) - done
                pace = (time.monotonic() - start) / max(1, len(missing) - left)
                if progress is not None:
                    progress(Progress(done, len(plan), stack, records, pace * left))
    except (KeyboardInterrupt, ChildProcessError, MemoryError) as stop:
        stop.add_note(
            f"{done} of {len(plan)} runs are kept in {folder}; give the same command again to go "
            "on."
        )
        raise
    records = tuple(known[run] for run in plan)
    return Outcome(
        records=records,
        computed=len(missing),
        others=len(journal) - len(set(keys.values())),
        cpu_seconds=sum(record.cpu_seconds for record in records),
    )


def stacks_of(
    missing: Iterable[Run],
    keys: Mapping[Run, str],
    sources: Mapping[str, Source],
    conditions: Conditions,
    folder: Path,
    together: int = TOGETHER,
) -> Iterable[Stack]:
    """Yield the missing runs in stacks of at most so many, in the plan's order.

    What a run gives does not depend on its stack, so a grid may be cut up anyhow. A folder's
    percentages are not stacked: as published they differ in their number of images.
    """

    def fits(run: Run) -> tuple[object, ...]:
        alone = run.ratio if run.data.startswith(FOLDER) else None
        return run.method, run.data, run.settings, alone

    for (method, *_), group in groupby(missing, fits):
        runs = list(group)
        for at in range(0, len(runs), together):
            part = tuple(runs[at : at + together])
            yield Stack(part, {run: keys[run] for run in part}, sources[method], conditions, folder)


def _check(
    plan: Sequence[Run], sources: Mapping[str, Source], conditions: Conditions
) -> dict[Run, str]:
    """Return the key of each run; raise for what no run of it could be computed with."""
    if not plan:
        raise ValueError("The plan has no run; name methods, data, ratios and seeds.")
    for name in dict.fromkeys(run.data for run in plan):
        check_data(name, dict.fromkeys(run.ratio for run in plan if run.data == name))
    return {run: key_of(run, sources[run.method], conditions) for run in plan}


def _computed(stacks: Sequence[Stack], jobs: int) -> Iterable[tuple[Stack, list[Record]]]:
    """Yield the stacks with their records as they are done."""
    if jobs == 1 or len(stacks) < 2:
        from internlab import tier

        tier.one_thread()
        return ((stack, stack.compute()) for stack in stacks)
    from internlab.debias.bench.processes import computed_by

    return computed_by(stacks, jobs)
