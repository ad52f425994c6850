"""Record the grid that ships with the kit: ``python -m internlab.debias.bench.record_grid``.

It takes a quarter of an hour of CPU, goes on where it was if it is stopped, and writes
``data/debias/grid.csv``. Its runs lie in the cache until then.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from internlab.data.shortcuts import DATA_SETS
from internlab.debias.bench.grid import Progress, run_grid
from internlab.debias.bench.page import write_csv
from internlab.debias.bench.plan import Run, plan_runs
from internlab.debias.bench.recorded import (
    COLUMNS,
    IMAGES,
    KEY,
    NOTE,
    grid_path,
    recorded_key,
    recorded_runs,
)
from internlab.debias.bench.sources import Source, find_methods
from internlab.debias.bench.table import tidy
from internlab.debias.bench.together import Conditions, default_settings, identity_of
from internlab.files import cache_dir

RATIO, SEEDS = 0.98, 3
# Coloured digits at further ratios, and a pair of methods over many seeds: how much is luck.
OTHER_RATIOS = (0.95, 0.99)
PAIR, PAIR_RATIO, PAIR_SEEDS, PAIR_STEPS = ("erm", "lff", "ldd"), 0.99, 12, 1500


def record(folder: Path | None = None) -> pd.DataFrame:
    """Compute what is missing of the recorded grid, and return it as a table.

    Parameters
    ----------
    folder : Path, optional
        Where the runs are kept on the way; by default in the cache.
    """
    sources = find_methods(["all"])
    usual = {name: [default_settings(each.load())] for name, each in sources.items()}
    pair = {name: usual[name] for name in PAIR}
    plans: list[tuple[list[Run], Conditions]] = [
        (plan_runs(usual, DATA_SETS, [RATIO], SEEDS), Conditions()),
        (plan_runs(usual, ["coloured-mnist"], OTHER_RATIOS, SEEDS), Conditions()),
        (
            plan_runs(pair, ["coloured-mnist"], [PAIR_RATIO], PAIR_SEEDS),
            Conditions(steps=PAIR_STEPS),
        ),
    ]
    return table_of(plans, sources, folder or cache_dir() / "debias-grid")


def table_of(
    plans: Iterable[tuple[list[Run], Conditions]], sources: Mapping[str, Source], folder: Path
) -> pd.DataFrame:
    """Compute what is missing of some plans, with default settings, and return the recorded rows.

    Parameters
    ----------
    plans : iterable
        Runs, and what all runs of a plan share.
    sources : mapping
        From `find_methods`.
    folder : Path
        Where the runs are kept.
    """
    parts = []
    for plan, conditions in plans:
        outcome = run_grid(plan, sources, folder, conditions, progress=_say)
        steps = [conditions.recipe(run.data, run.settings).steps for run in plan]
        rows = tidy(outcome.records).assign(steps=steps)
        hashes = {
            KEY: [recorded_key(each) for each in recorded_runs(rows)],
            IMAGES: [identity_of(run, conditions) for run in plan],
        }
        parts.append(rows.assign(**hashes))
    table = pd.concat(parts, ignore_index=True)[[*COLUMNS, NOTE, KEY, IMAGES]]
    return table.round(
        {name: 5 for name in COLUMNS if name.startswith("test_")} | {"cpu_seconds": 2}
    )


def _say(progress: Progress) -> None:
    run = progress.stack.runs[0]
    print(
        f"[{progress.done}/{progress.total}] {run.method} on {run.data} {run.ratio:g}", flush=True
    )


def main() -> int:
    """Record the grid and write it; return 0."""
    table = record()
    path = write_csv(table, grid_path())
    by_set = table.groupby(["data", "ratio", "steps"], sort=False).cpu_seconds.sum()
    print(by_set.round().to_string())
    failed = int((table.failure != "").sum())
    noted = int((table.note != "").sum())
    spent = table.cpu_seconds.sum()
    print(f"{len(table)} runs, {failed} failed, {noted} with a note, {spent:.0f} CPU-seconds")
    print(f"Wrote {path.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
