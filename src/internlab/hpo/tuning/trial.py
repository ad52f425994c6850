"""One interface between an objective and whatever runs it: a person, Ray Tune or Optuna.

An objective is a function whose first argument is the trial and whose keyword arguments are the
hyperparameters. Once an iteration it reports its metrics and offers to save a checkpoint::

    def objective(trial, *, lr=1e-3, epochs=16):
        network, first = build(), 0
        if trial.checkpoint:
            network, first = load(trial.checkpoint / "state.pt")
        for epoch in range(first, epochs):
            score = train_one_epoch(network, lr)
            trial.report({"score": score}, save=lambda folder: save(network, folder / "state.pt"))
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from internlab.files import atomic_folder

ADDED = ("iteration", "cpu_seconds")
COUNTS = "trial.json"

Save = Callable[[Path], None]


class Trial(Protocol):
    """What an objective sees of the trial it runs in.

    Attributes
    ----------
    checkpoint : Path or None
        Folder with the last checkpoint, to go on from; None for a fresh start.
    """

    checkpoint: Path | None

    def report(self, metrics: Mapping[str, float], save: Save | None = None) -> None:
        """Report the metrics of one iteration; call it once an iteration.

        Parameters
        ----------
        metrics : mapping of str to float
            By name. ``iteration`` (from 1) and ``cpu_seconds`` (of this trial so far, kept when
            it goes on from a checkpoint) are added.
        save : function of a Path, optional
            Writes everything that is needed to go on into the folder it is given.

        Raises
        ------
        TrialStopped, SystemExit or optuna.TrialPruned
            If the trial is to end here. An objective lets them pass.
        """


class TrialStopped(Exception):
    """Raised by `Trial.report` to end an objective whose trial goes no further."""


class CountedTrial:
    """What all kinds of trial share: they count iterations and CPU-seconds, checkpoints included.

    Parameters
    ----------
    checkpoint : Path, optional
        Folder to go on from; the counts go on too.
    """

    def __init__(self, checkpoint: Path | None = None) -> None:
        self.checkpoint = checkpoint
        self.iteration, self.cpu_seconds = _read_counts(checkpoint) if checkpoint else (0, 0.0)
        self._clock = time.process_time()

    def row(self, metrics: Mapping[str, float]) -> dict[str, float]:
        """Count one iteration and return its metrics as plain floats, with the counts added.

        Raises
        ------
        TypeError
            If a metric is not a number.
        ValueError
            If there is no metric, or one has the name of a count.
        """
        values = checked_metrics(metrics)
        now = time.process_time()
        self.iteration += 1
        self.cpu_seconds += now - self._clock
        self._clock = now
        return {"iteration": self.iteration, **values, "cpu_seconds": self.cpu_seconds}

    def write(self, save: Save, folder: Path) -> None:
        """Let the objective save into `folder`, and put the counts beside it."""
        save(folder)
        counts = {"iteration": self.iteration, "cpu_seconds": self.cpu_seconds}
        (folder / COUNTS).write_text(json.dumps(counts), encoding="utf-8")


class PlainTrial(CountedTrial):
    """A trial run by hand, without any search.

    Parameters
    ----------
    folder : Path, optional
        Where checkpoints go; a checkpoint already there is gone on from. Without it, nothing is
        saved.
    stop_when : function of dict, optional
        Is given each reported row and says whether the trial ends there.

    Attributes
    ----------
    history : list of dict
        One row of numbers for each report.

    Examples
    --------
    >>> def objective(trial, *, rate=0.5):
    ...     for step in range(3):
    ...         trial.report({"score": rate * step})
    >>> [row["score"] for row in PlainTrial().run(objective, rate=2.0)]
    [0.0, 2.0, 4.0]
    """

    def __init__(
        self,
        folder: Path | str | None = None,
        stop_when: Callable[[dict[str, float]], bool] | None = None,
    ) -> None:
        self.folder = Path(folder) if folder is not None else None
        super().__init__(newest_checkpoint(self.folder) if self.folder else None)
        self.stop_when = stop_when
        self.history: list[dict[str, float]] = []

    def report(self, metrics: Mapping[str, float], save: Save | None = None) -> None:
        """Keep the row in `history`; see `Trial.report`."""
        row = self.row(metrics)
        self.history.append(row)
        if save is not None and self.folder is not None:
            self.checkpoint = keep_checkpoint(self, save, self.folder)
        if self.stop_when is not None and self.stop_when(row):
            raise TrialStopped(f"stopped after iteration {self.iteration}")

    def run(self, objective: Callable[..., Any], **hyperparameters: Any) -> list[dict[str, float]]:
        """Run `objective` in this trial until it returns or is stopped; return the history."""
        try:
            objective(self, **hyperparameters)
        except TrialStopped:
            pass
        return self.history


class OptunaTrial(CountedTrial):
    """A trial of an Optuna study: reports go to its pruner.

    Parameters
    ----------
    trial : optuna.trial.Trial
        The trial that Optuna started.
    metric : str
        The name that the study optimises.
    folder : Path, optional
        Where this trial's checkpoints go; a checkpoint already there is gone on from.

    Attributes
    ----------
    history : list of dict
        One row of numbers for each report.
    """

    def __init__(self, trial: Any, metric: str, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder is not None else None
        super().__init__(newest_checkpoint(self.folder) if self.folder else None)
        self.trial, self.metric = trial, metric
        self.history: list[dict[str, float]] = []

    def report(self, metrics: Mapping[str, float], save: Save | None = None) -> None:
        """Report to Optuna, and end the trial if its pruner says so; see `Trial.report`.

        Raises
        ------
        KeyError
            If the metric of the study is not among the reported ones.
        """
        from optuna import TrialPruned

        row = self.row(metrics)
        if self.metric not in row:
            raise KeyError(f"{self.metric!r} was not reported, but {', '.join(metrics)}.")
        self.history.append(row)
        if save is not None and self.folder is not None:
            self.checkpoint = keep_checkpoint(self, save, self.folder)
        self.trial.report(row[self.metric], step=self.iteration)
        if not math.isfinite(row[self.metric]):
            raise TrialPruned(f"diverged: {self.metric} is {row[self.metric]}")
        if self.trial.should_prune():
            raise TrialPruned(f"stopped after iteration {self.iteration}")


class MetricMissing(Exception):
    """Raised by a trial's report if the search's metric is not reported; holds what was."""

    def __init__(self, reported: list[str]) -> None:
        super().__init__(reported)
        self.reported = reported


def checked_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return metrics as plain floats.

    Raises
    ------
    TypeError
        If a metric is not a number.
    ValueError
        If there is no metric, or one has the name of a count.
    """
    if not metrics:
        raise ValueError("report was called without a metric; expected at least one.")
    taken = [name for name in ADDED if name in metrics]
    if taken:
        raise ValueError(
            f"report was given {' and '.join(taken)}, which the trial counts itself. "
            "Leave it out or choose another name."
        )
    values = {}
    for name, value in metrics.items():
        try:
            values[name] = float(value)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"Metric {name!r} is {type(value).__name__}, expected one number."
            ) from error
    return values


def keep_checkpoint(trial: CountedTrial, save: Save, folder: Path) -> Path:
    """Save a checkpoint into `folder` under its iteration's number; remove the earlier ones.

    It gets its final name only when it is complete.
    """
    earlier = sorted(folder.glob("checkpoint_*"))
    final = folder / f"checkpoint_{trial.iteration:06d}"
    with atomic_folder(final) as partial:
        trial.write(save, partial)
    for each in earlier:
        if each != final:
            shutil.rmtree(each, ignore_errors=True)
    return final


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the checkpoint in `folder` with the highest number, or None."""
    found = [each for each in sorted(folder.glob("checkpoint_*")) if (each / COUNTS).is_file()]
    return found[-1] if found else None


def _read_counts(checkpoint: Path) -> tuple[int, float]:
    try:
        counts = json.loads((checkpoint / COUNTS).read_text(encoding="utf-8"))
        return int(counts["iteration"]), float(counts["cpu_seconds"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{checkpoint} is not a checkpoint of a trial: its {COUNTS} cannot be read. "
            "Expected a folder that a trial's report wrote."
        ) from error
