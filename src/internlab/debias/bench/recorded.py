"""The recorded grid that ships with the kit: all methods, all sets, several seeds.

``python -m internlab.debias.bench.record_grid`` makes it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

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
        run with a result.

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
    table = pd.read_csv(path).assign(failure=lambda found: found.failure.fillna(""))
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise ValueError(f"{path.name} lacks {', '.join(missing)}; restore it.")
    return table.assign(settings="as they come")


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
