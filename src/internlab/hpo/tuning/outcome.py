"""What a search found, as tables and as the best checkpoint."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from internlab.files import atomic_folder, atomic_write
from internlab.hpo.tuning.record import Record, TrialRecord

if TYPE_CHECKING:
    from internlab.hpo.tuning.search import Search


@dataclass(frozen=True)
class Best:
    """The best trial of a search.

    Attributes
    ----------
    trial : int
        Its number.
    config : dict
        Its hyperparameters, the fixed ones included.
    value : float
        The metric at its last iteration.
    checkpoint : Path or None
        Folder with its last checkpoint; None if the objective saves none.
    """

    trial: int
    config: dict[str, Any]
    value: float
    checkpoint: Path | None


@dataclass(frozen=True)
class Outcome:
    """What a search found.

    Attributes
    ----------
    trials : DataFrame
        A row for each trial: ``trial``, ``status`` (finished, stopped, diverged or failed),
        ``reason``, ``iterations``, the metric at the last iteration, ``cpu_seconds`` and the
        searched hyperparameters.
    curves : DataFrame
        A row for each trial and iteration: ``trial``, ``iteration``, every metric and
        ``cpu_seconds`` so far; with population-based training the hyperparameters too.
    best : Best or None
        None if no trial finished or was stopped.
    folder : Path
        The search's folder; holds ``trials.csv``, ``curves.csv`` and ``best/``.
    """

    trials: pd.DataFrame
    curves: pd.DataFrame
    best: Best | None
    folder: Path


def read(search: Search, record: Record) -> Outcome:
    """Put what was recorded into tables; see `Outcome`."""
    found = record.best(search.metric, search.mode)
    best = None
    if found is not None:
        checkpoint = record.folder / "best"
        best = Best(
            trial=found.number,
            config={**search.fixed, **found.config},
            value=found.value(search.metric),
            checkpoint=checkpoint if checkpoint.is_dir() and found.checkpoints else None,
        )
    return Outcome(_trials(search, record), _curves(record), best, record.folder)


def write(search: Search, record: Record) -> None:
    """Write both tables and the best checkpoint into the search's folder.

    Each gets its name only when it is complete.
    """
    for name, table in (("trials", _trials(search, record)), ("curves", _curves(record))):
        with atomic_write(record.folder / f"{name}.csv") as temporary:
            table.to_csv(temporary, index=False)
    best = record.best(search.metric, search.mode)
    if best is not None:
        _write_best(search, record.folder, best)


def _write_best(search: Search, folder: Path, best: TrialRecord) -> None:
    description = {
        "trial": best.number,
        "metric": search.metric,
        "value": best.value(search.metric),
        "iterations": best.iterations,
        "config": {**search.fixed, **best.config},
    }
    checkpoint = best.last_checkpoint()
    with atomic_folder(folder / "best") as partial:
        if checkpoint is not None:
            shutil.copytree(checkpoint, partial, dirs_exist_ok=True)
        text = yaml.safe_dump(description, sort_keys=False)
        (partial / "best.yaml").write_text(text, encoding="utf-8")


def _trials(search: Search, record: Record) -> pd.DataFrame:
    rows = [
        {
            "trial": each.number,
            "status": each.status,
            "reason": each.reason,
            "iterations": each.iterations,
            search.metric: each.value(search.metric),
            "cpu_seconds": each.cpu_seconds,
            **each.config,
        }
        for each in sorted(record.trials.values(), key=lambda each: each.number)
    ]
    columns = ["trial", "status", "reason", "iterations", search.metric, "cpu_seconds"]
    return pd.DataFrame(rows, columns=[*columns, *search.space])


def _curves(record: Record) -> pd.DataFrame:
    rows = [
        {"trial": each.number, **row, **each.configs.get(iteration, {})}
        for each in sorted(record.trials.values(), key=lambda each: each.number)
        for iteration, row in each.rows.items()
    ]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=["trial", "iteration"])
