"""How far a search has come, in a line that a person can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from internlab.hpo.tuning.record import Record

if TYPE_CHECKING:
    from internlab.hpo.tuning.search import Search


@dataclass(frozen=True)
class Progress:
    """The state of a search when a trial has ended.

    Attributes
    ----------
    done, total : int
        Trials.
    metric : str
    best : float or None
        The best trial's last value of the metric; None while there is none.
    best_trial : int or None
    cpu_seconds : float
        Of all trials.
    note : str
        What is unusual about the trial that ended, such as why it failed; else empty.
    """

    done: int
    total: int
    metric: str
    best: float | None
    best_trial: int | None
    cpu_seconds: float
    note: str = ""

    @classmethod
    def of(cls, search: Search, record: Record, ended: int) -> Progress:
        """Return the state after trial number `ended` has ended."""
        best = record.best(search.metric, search.mode)
        trial = record.trials[ended]
        unusual = trial.status in ("failed", "diverged")
        return cls(
            done=len(record.ended()),
            total=total(search, record),
            metric=search.metric,
            best=best.value(search.metric) if best else None,
            best_trial=best.number if best else None,
            cpu_seconds=record.cpu_seconds(),
            note=f"trial {ended} {trial.status}: {trial.reason}" if unusual else "",
        )

    def __str__(self) -> str:
        best = ""
        if self.best is not None:
            best = f", best {self.metric} {self.best:.4g} (trial {self.best_trial})"
        note = f"; {self.note}" if self.note else ""
        return f"{self.done}/{self.total} done{best}, {self.cpu_seconds:.0f} CPU-s{note}"


def total(search: Search, record: Record) -> int:
    """Return how many trials the search has; a learning sampler plans them one by one."""
    return search.samples if search.sampler == "tpe" else len(record.trials)


Show = Callable[[Progress], None]
