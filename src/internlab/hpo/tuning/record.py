"""The record of a search: one line in a file for everything that happens to a trial.

Ray keeps state of its own, but writes it every few seconds, and not what its scheduler has seen. So
the search keeps this record, and after a kill it is what the search goes on from. A line is written
in one call, so that a kill leaves at most one incomplete line, the last.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from internlab.hpo.tuning.trial import COUNTS

JOURNAL = "journal.jsonl"
ENDED = ("finished", "stopped", "diverged", "failed")


@dataclass
class TrialRecord:
    """What is known about one trial.

    Attributes
    ----------
    number : int
        From 0, in the order of the configurations.
    config : dict
        The searched hyperparameters, as they were last.
    rows : dict of int to dict
        What was reported, by iteration; repeated iterations replace earlier ones.
    checkpoints : dict of int to Path
        Folders by iteration.
    configs : dict of int to dict
        The configuration by iteration, where it changes on the way; else empty.
    status : str
        ``"waiting"``, ``"running"`` or one of `ENDED`.
    reason : str
        Why it failed or diverged.
    cpu_seconds : float
        All reported work, the repeated included.
    """

    number: int
    config: dict[str, Any]
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    checkpoints: dict[int, Path] = field(default_factory=dict)
    configs: dict[int, dict[str, Any]] = field(default_factory=dict)
    status: str = "waiting"
    reason: str = ""
    cpu_seconds: float = 0.0

    @property
    def ended(self) -> bool:
        """Whether no more work is to be done for it."""
        return self.status in ENDED

    @property
    def iterations(self) -> int:
        """The last reported iteration; 0 before the first."""
        return next(reversed(self.rows), 0)

    def value(self, metric: str) -> float:
        """Return the metric at the last iteration; NaN if there is none.

        Not the best over the iterations: the largest of several noisy numbers is too good, and
        nobody could have stopped there without knowing the rest.
        """
        return self.rows[self.iterations][metric] if self.rows else math.nan

    def last_checkpoint(self) -> Path | None:
        """Return the newest checkpoint that is still there and complete."""
        for iteration in sorted(self.checkpoints, reverse=True):
            if (self.checkpoints[iteration] / COUNTS).is_file():
                return self.checkpoints[iteration]
        return None

    def reached(self, checkpoint: Path | None) -> int:
        """Return the iteration of a checkpoint; 0 without one."""
        if checkpoint is None:
            return 0
        return json.loads((checkpoint / COUNTS).read_text(encoding="utf-8"))["iteration"]

    def rewind(self, iteration: int) -> None:
        """Forget what was reported after an iteration, because it will be done again."""
        self.rows = {each: row for each, row in self.rows.items() if each <= iteration}


class Record:
    """All trials of a search, kept in a file of the search's folder.

    Parameters
    ----------
    folder : Path
        The search's folder. Checkpoints are recorded relative to it, so it can be moved.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / JOURNAL
        self.trials: dict[int, TrialRecord] = {}
        if self.path.exists():
            self._read()

    def append(self, event: str, number: int, **details: Any) -> TrialRecord:
        """Write one event down, then apply it; return the trial that it happened to."""
        entry = {"event": event, "trial": number, **details}
        line = json.dumps(entry) + "\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)
        return self._apply(entry)

    def unfinished(self) -> list[TrialRecord]:
        """Return the trials that were started or planned and have not ended."""
        return [each for each in self.trials.values() if not each.ended]

    def ended(self) -> list[TrialRecord]:
        """Return the trials that have ended, in whatever way."""
        return [each for each in self.trials.values() if each.ended]

    def any_report(self) -> bool:
        """Say whether any trial has reported or ended."""
        return any(each.rows or each.ended for each in self.trials.values())

    def cpu_seconds(self) -> float:
        """Return the CPU-seconds of all trials."""
        return sum(each.cpu_seconds for each in self.trials.values())

    def best(self, metric: str, mode: str) -> TrialRecord | None:
        """Return the trial with the best last value among those that finished or were stopped.

        Of equal ones the trial that ran longer, then the earlier one. A stopped trial counts: with
        a scheduler that stops the worse half it is never better than all that went on, unless those
        became worse later.
        """
        sign = 1 if mode == "max" else -1
        able = [
            each
            for each in self.trials.values()
            if each.status in ("finished", "stopped") and math.isfinite(each.value(metric))
        ]
        key = lambda each: (sign * each.value(metric), each.iterations, -each.number)  # noqa: E731
        return max(able, key=key, default=None)

    def _read(self) -> None:
        text = self.path.read_bytes()
        whole, newline, rest = text.rpartition(b"\n")
        if rest:  # A kill came while this line was written.
            os.truncate(self.path, len(whole) + len(newline))
        for line in whole.splitlines():
            try:
                self._apply(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(
                    f"{self.path} has a line that is no event of a search: {line[:80]!r}. The file "
                    "was changed by something else; start the search in a new folder."
                ) from error

    def _apply(self, entry: dict[str, Any]) -> TrialRecord:
        number, event = int(entry["trial"]), entry["event"]
        if event == "planned":
            self.trials[number] = TrialRecord(number, entry["config"])
            return self.trials[number]
        trial = self.trials[number]
        if event == "started":
            trial.status = "running"
        elif event == "rewound":
            trial.rewind(entry["iteration"])
        elif event == "report":
            row = dict(entry["row"])
            trial.cpu_seconds += row.pop("cpu_step")
            trial.rewind(row["iteration"] - 1)
            trial.rows[row["iteration"]] = {**row, "cpu_seconds": trial.cpu_seconds}
            if "config" in entry:  # Population-based training changes it on the way.
                trial.config = entry["config"]
                trial.configs[row["iteration"]] = trial.config
        elif event == "checkpoint":
            trial.checkpoints[entry["iteration"]] = self.folder / entry["path"]
        elif event == "ended":
            trial.status, trial.reason = entry["status"], entry.get("reason", "")
            trial.cpu_seconds += entry.get("cpu_step", 0.0)
        else:
            raise ValueError(event)
        return trial
