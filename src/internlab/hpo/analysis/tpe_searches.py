"""The recorded searches by TPE with ASHA, and their race against the random ones.

A sampler that learns cannot be replayed on curves that were drawn at random: it would ask for
configurations that nobody trained. So its searches are recorded whole, with the seeds of the random
ones. ``python -m internlab.hpo.analysis.record_tpe`` records them anew.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from internlab.files import data_dir
from internlab.hpo.analysis.accounting import compare_at_equal_budget
from internlab.hpo.analysis.curves import read_table
from internlab.hpo.tuning.space import BUILDING_SPACE

COLUMNS = (
    "search",
    "trial",
    "status",
    "iterations",
    "validation_iou",
    "test_iou",
    "cpu_seconds",
    *BUILDING_SPACE,
)


def tpe_path() -> Path:
    """Return where the recorded searches lie."""
    return data_dir() / "hpo" / "tpe.csv"


def load_tpe(path: Path | None = None) -> pd.DataFrame:
    """Return the recorded searches by TPE with ASHA, one row a trial, in the order they ran.

    Returns
    -------
    DataFrame
        ``search`` (its seed), ``trial``, ``status`` (finished or stopped), ``iterations``; IoU on
        validation and on test after the last of them, ``cpu_seconds`` and the hyperparameters.

    Raises
    ------
    ValueError
        If the file is not such a table.
    """
    return read_table(path or tpe_path(), COLUMNS)


def race(random_trials: pd.DataFrame, tpe_trials: pd.DataFrame) -> dict[str, float]:
    """Compare two searches where the cheaper one ended.

    Parameters
    ----------
    random_trials, tpe_trials : DataFrame
        One row a trial in the order they ran, with ``cpu_seconds`` (of that trial),
        ``validation_iou`` and ``test_iou``.

    Returns
    -------
    dict
        ``budget`` in CPU-seconds; ``random_trials`` and ``tpe_trials`` that ended within it;
        ``validation`` and ``test``: the IoU of TPE's choice minus that of random search's, each
        chosen on validation.
    """
    pairs = [
        list(zip(each.cpu_seconds, each.validation_iou, strict=True))
        for each in (random_trials, tpe_trials)
    ]
    fair = compare_at_equal_budget(*pairs)
    chosen = []
    for trials in (random_trials, tpe_trials):
        in_time = trials[trials.cpu_seconds.cumsum() <= fair.budget]
        chosen.append(in_time.test_iou[in_time.validation_iou.idxmax()])
    return {
        "budget": fair.budget,
        "random_trials": fair.first_trials,
        "tpe_trials": fair.second_trials,
        "validation": fair.difference,
        "test": chosen[1] - chosen[0],
    }
