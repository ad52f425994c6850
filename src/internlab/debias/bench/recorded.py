"""The recorded grid that ships with the kit: all methods, all sets, several seeds.

``python -m internlab.debias.bench.record_grid`` makes it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from internlab.data.cards import DataCard
from internlab.files import data_dir, sha256_of

COLUMNS = (
    "method",
    "data",
    "ratio",
    "seed",
    "steps",
    "test_unbiased",
    "test_aligned",
    "test_conflicting",
    "test_follow_rate",
    "test_worst_group",
    "cpu_seconds",
    "failure",
)
# What is recorded beside these: see `Record`, `key_of` by the code only, and `identity_of`.
NOTE, KEY, IMAGES = "note", "key", "images"


def grid_path() -> Path:
    """Return where the recorded grid is: ``data/debias/grid.csv``."""
    return data_dir() / "debias" / "grid.csv"


@cache
def load_grid(path: Path | None = None) -> pd.DataFrame:
    """Return the recorded runs, one a row.

    Returns
    -------
    DataFrame
        ``method``, ``data``, ``ratio``, ``seed``, ``steps``; scores on the test set, 0 to 1 (NaN
        where not measured); ``settings`` ("as they come"); ``cpu_seconds``; ``failure``, "" for a
        run with a result; ``note``, such as "one class for every image", or ""; ``key`` and
        ``images``, hashes of the code and of the images behind a row.

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is not there or lacks a column.
    """
    path = path or grid_path()
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no {path.name} in {path.parent.name}/; restore it from version control, or "
            "record it: python -m internlab.debias.bench.record_grid"
        )
    table = pd.read_csv(path, dtype={name: str for name in (NOTE, KEY, IMAGES)})
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise ValueError(f"{path.name} lacks {', '.join(missing)}; restore it.")
    words = {
        name: table[name].fillna("") if name in table else ""
        for name in ("failure", NOTE, KEY, IMAGES)
    }
    return table.assign(settings="as they come", **words)


class Recorded(NamedTuple):
    """Which run a row is of."""

    method: str
    data: str
    ratio: float
    seed: int
    steps: int


def stale(rows: pd.DataFrame) -> list[Recorded]:
    """Return the recorded runs whose key is not that of today's methods and recipes.

    Libraries and images do not count here: they may differ from machine to machine.

    Parameters
    ----------
    rows : DataFrame
        Of `load_grid`.
    """
    from internlab.debias.methods import METHODS

    return [
        run
        for run, key in zip(recorded_runs(rows), rows[KEY], strict=True)
        if run.method not in METHODS or key != recorded_key(run)
    ]


def recorded_runs(rows: pd.DataFrame) -> list[Recorded]:
    """Return which run each row is of."""
    return [Recorded(*row) for row in rows[list(Recorded._fields)].itertuples(index=False)]


def recorded_key(recorded: Recorded) -> str:
    """Return what the column ``key`` holds for a run of a method of the kit, as it is today."""
    from internlab.debias.bench.plan import Run
    from internlab.debias.bench.sources import find_methods
    from internlab.debias.bench.together import Conditions, default_settings, key_of

    method, data, ratio, seed, steps = recorded
    source = find_methods([method])[method]
    run = Run(method, data, float(ratio), int(seed), default_settings(source.load()))
    return key_of(run, source, Conditions(steps=int(steps)), code_only=True)


def card() -> DataCard:
    """Return what a reader should know about the recorded grid."""
    path, grid = grid_path(), load_grid()
    return DataCard(
        name="Recorded benchmark",
        what=f"{len(grid)} runs of {grid.method.nunique()} methods with their default settings on "
        f"{grid.data.nunique()} data sets: test scores and CPU-seconds of each.",
        origin="Trained by python -m internlab.debias.bench.record_grid on one CPU thread.",
        licence="MIT, like the kit.",
        size_bytes=path.stat().st_size,
        sha256=sha256_of(path),
        split="Test scores only; nothing was chosen by them.",
    )
