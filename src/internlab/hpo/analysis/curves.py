"""The recorded learning curves that ship with the kit: what a search would see, and the test.

Recording them once makes two things possible in seconds: schedulers can be replayed over thousands
of orderings, and a search can be judged on the test that it never saw. To record them anew:
``python -m internlab.hpo.analysis.record_curves``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from internlab.files import data_dir
from internlab.hpo.tuning.space import BUILDING_SPACE

COLUMNS = (
    "run",
    "group",
    "search",
    "seed",
    *BUILDING_SPACE,
    "epoch",
    "train_loss",
    "validation_iou",
    "mild_iou",
    "test_iou",
    "cpu_seconds",
)
EPOCHS = 16
SEARCHES = (0, 1, 2)
RUNS_OF_A_SEARCH = 16


def curves_path() -> Path:
    """Return where the recorded curves lie."""
    return data_dir() / "hpo" / "curves.csv"


def load_curves(path: Path | None = None) -> pd.DataFrame:
    """Return the recorded curves, one row an epoch of a run.

    Returns
    -------
    DataFrame
        ``run`` (such as ``"random-03"``); ``group``: ``"default"`` (the defaults of
        `train_buildings`, several seeds), ``"random"`` (three searches of 16 configurations, the
        column ``search`` says which) or ``"ablation"`` (augmentation on and off); ``seed`` of the
        training; the hyperparameters; ``epoch`` from 1; ``train_loss``; the IoU on the right
        validation split, on the mild (wrong) one and on the test; ``cpu_seconds`` of training and
        validation since the start of the run.

    Raises
    ------
    ValueError
        If the file is not such a table.
    """
    return read_table(path or curves_path(), COLUMNS)


def read_table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read one of the shipped tables.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    frame = pd.read_csv(path)
    missing = [name for name in columns if name not in frame]
    if missing:
        raise ValueError(
            f"{path.name} lacks the columns {', '.join(missing)}. Restore it with git."
        )
    return frame


@dataclass(frozen=True)
class Pool:
    """Runs of equal length as arrays, the form in which schedulers are replayed.

    Parameters
    ----------
    names : list of str
        Of the runs.
    validation, test, seconds : array
        (runs, epochs), float; seconds are cumulative CPU-seconds.
    """

    names: list[str]
    validation: np.ndarray
    test: np.ndarray
    seconds: np.ndarray


def pool(curves: pd.DataFrame, group: str = "random") -> Pool:
    """Return the runs of a group as arrays, in the order of their names.

    Raises
    ------
    ValueError
        If there is no run of this group, or one is shorter than another.
    """
    rows = curves[curves.group == group].sort_values(["run", "epoch"])
    if rows.empty:
        known = ", ".join(sorted(curves.group.unique()))
        raise ValueError(f"No run of the group {group!r}; the table has {known}.")
    lengths = rows.groupby("run").size()
    if lengths.nunique() != 1:
        raise ValueError(
            f"Runs of {lengths.min()} and {lengths.max()} epochs; expected equal ones."
        )

    def matrix(column: str) -> np.ndarray:
        return rows[column].to_numpy(float).reshape(len(lengths), -1)

    return Pool(
        list(lengths.index), matrix("validation_iou"), matrix("test_iou"), matrix("cpu_seconds")
    )


def last_epochs(curves: pd.DataFrame) -> pd.DataFrame:
    """Return the last epoch of each run, one row a run."""
    return curves.loc[curves.groupby("run").epoch.idxmax()].reset_index(drop=True)
