"""Claims on the benchmark: what a grid costs, what a kill costs, what a further seed computes."""

from __future__ import annotations

import functools
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from internlab.claims import Measurement, claim
from internlab.debias.bench.grid import TOGETHER
from internlab.debias.bench.journal import Journal

# The grid of the claim on its cost: the methods of the two lessons before, and their nearest kin.
# They are not the dearest twelve; the grid that is recorded (`load_grid`) has what each of the
# others costs.
TWELVE = (
    "erm resample reweight group_dro irm lisa mixup gce lff jtt ldd dfr".split()
)  # fmt: skip
THREE_SETS = ("coloured-mnist", "portraits", "textured-digits")
SEEDS = 3
SMALL = "--methods erm resample group_dro --data coloured-mnist --ratios 0.95 0.98 --steps 300"
KILLS, KILL_SEED, JOBS = 4, 0, 2


@claim(
    "debias",
    "grid-cost",
    "12 methods x 3 data sets x 3 seeds at 98 %, CPU-seconds of the whole command, one process",
    at_most=900,
    unit="CPU-s",
)
def grid_cost() -> Measurement:
    """Return the CPU-seconds of a fresh grid, imports, data and report included."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _bench(
            Path(folder),
            f"--methods {' '.join(TWELVE)} --data {' '.join(THREE_SETS)} --seeds {SEEDS}",
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        runs = _table(Path(folder))
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    by_set = runs.groupby("data", sort=False).cpu_seconds.sum()
    shown = ", ".join(f"{name} {seconds:.0f}" for name, seconds in by_set.items())
    failed = int((runs.failure != "").sum())
    return Measurement(spent, f"{len(runs)} runs, {failed} failed; trainings alone: {shown} CPU-s")


@claim(
    "debias",
    "grid-killed",
    "a grid killed at random moments and gone on with: runs computed again, less those in flight "
    "when it was killed",
    at_most=0,
    unit="runs",
)
def repeated_runs() -> Measurement:
    """Return how many runs beyond those in flight were started again."""
    repeated, in_flight, _, detail = _killed_and_whole()
    return Measurement(repeated - in_flight, detail)


@claim(
    "debias",
    "grid-killed-table",
    "the same grid: cells of its table that differ from those of a grid that nobody killed",
    equals=0,
    unit="cells",
)
def table_after_kills() -> Measurement:
    """Return how many numbers of the table of runs differ."""
    *_, different, detail = _killed_and_whole()
    return Measurement(different, detail)


@claim(
    "debias",
    "grid-new-seed",
    "a grid asked for one seed more: runs of the earlier seeds that are computed again",
    equals=0,
    unit="runs",
)
def new_seed() -> Measurement:
    """Return the runs that were started though they had a record."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _bench(folder, f"{SMALL} --seeds 2")
        before = set(Journal(folder).starts())
        _bench(folder, f"{SMALL} --seeds 3")
        starts = Journal(folder).starts()
        runs = _table(folder)
    again = sum(starts[key] - 1 for key in before)
    return Measurement(
        again,
        f"{len(before)} runs with 2 seeds, {len(starts) - len(before)} new ones for the third, "
        f"{len(runs)} in the table",
    )


@functools.cache
def _killed_and_whole() -> tuple[int, int, int, str]:
    """Return the repeated runs, those in flight at the kills, differing cells, and the story."""
    rng = np.random.default_rng(KILL_SEED)
    in_flight, moments = 0, []
    with tempfile.TemporaryDirectory() as name:
        killed, whole = Path(name) / "killed", Path(name) / "whole"
        options = f"{SMALL} --seeds 6 --jobs {JOBS}"
        _bench(whole, f"{SMALL} --seeds 6")
        for moment in np.sort(rng.integers(0, 30, KILLS)):
            begun, done = _bench_and_kill(killed, options, moment, float(rng.uniform(0, 0.5)))
            in_flight += begun
            moments.append(f"{begun} at {done}")
        _bench(killed, options)
        starts = Journal(killed).starts()
        repeated = sum(starts.values()) - len(starts)
        different = _differing(_table(killed), _table(whole))
        total = len(_table(whole))
    detail = (
        f"{KILLS} kills of {JOBS} processes; in flight, at so many of {total} runs done: "
        f"{', '.join(moments)}; {repeated} computed again (a process has at most {TOGETHER} in "
        "flight)"
    )
    return repeated, in_flight, different, detail


def _differing(first: pd.DataFrame, second: pd.DataFrame) -> int:
    """Count the cells that differ; what a run cost is measured, not computed, and is left out."""
    first, second = (each.drop(columns="cpu_seconds") for each in (first, second))
    if first.shape != second.shape:
        return max(first.size, second.size)
    same = (first == second) | (first.isna() & second.isna())
    return int((~same).to_numpy().sum())


def _bench(folder: Path, options: str) -> None:
    subprocess.run(
        _command(folder, options), check=True, stdout=subprocess.DEVNULL, env=_environment()
    )


def _bench_and_kill(folder: Path, options: str, moment: int, delay: float) -> tuple[int, int]:
    """Run the command and kill it `delay` seconds after so many runs are done.

    Returns
    -------
    tuple of int
        How many runs were in flight, and how many were done.
    """
    journal = Journal(folder)
    before = journal.starts()
    # What the kill leaves behind complains on stderr; the run that goes on is not silenced.
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(_command(folder, options), env=_environment(), **silent)
    while process.poll() is None and (len(journal) < moment or journal.starts() == before):
        time.sleep(0.05)
    time.sleep(delay)
    process.kill()
    process.wait()
    # Its processes notice that it is gone; what they have in flight is lost with them.
    time.sleep(1)
    begun = journal.starts() - before
    return sum(key not in journal for key in begun), len(journal)


def _command(folder: Path, options: str) -> list[str]:
    command = [sys.executable, "-m", "internlab.debias", "bench", "--quiet", "--out", str(folder)]
    return command + options.split()


def _environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def _table(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "runs.csv", keep_default_na=True).assign(
        failure=lambda table: table.failure.fillna("")
    )
