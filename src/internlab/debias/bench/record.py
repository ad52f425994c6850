"""What is kept of a run: how it ended, its scores on every split, and the test curve."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from internlab.debias.bench.plan import Run, Settings, settings_of
from internlab.debias.groups import GroupScores

SPLITS = ("validation", "balanced", "test")
# The note of a run whose network answers the same whatever it is shown.
ONE_CLASS = "one class for every image"


@dataclass(frozen=True)
class Scores:
    """The scores of one run on one split, each 0 to 1; NaN where there is no such image.

    Parameters
    ----------
    average : float
        Share of right answers over all images; needs no bias labels.
    unbiased : float
        Mean accuracy of the groups (class x bias).
    aligned, conflicting : float
        Accuracy on the images that the bias points to the right class of, and on the others.
    worst_group : float or None
        The lowest accuracy of a group; None where a group has fewer than 100 images.
    follow_rate : float
        Share of conflicting images that get the class of their bias.
    smallest_group : float
        The lowest accuracy of a group that has an image, however few they are; for the selection
        rule by the worst group, never reported.
    """

    average: float
    unbiased: float
    aligned: float
    conflicting: float
    worst_group: float | None
    follow_rate: float
    smallest_group: float = math.nan

    @classmethod
    def of(cls, scores: GroupScores) -> Scores:
        """Take over what a table of groups says."""
        filled = scores.counts > 0
        hits = (scores.table[filled] * scores.counts[filled]).sum()
        return cls(
            average=float(hits / scores.counts.sum()),
            unbiased=scores.unbiased,
            aligned=scores.aligned,
            conflicting=scores.conflicting,
            worst_group=scores.worst_group,
            follow_rate=scores.follow_rate,
            smallest_group=float(scores.table[filled].min()),
        )


@dataclass(frozen=True)
class Checkpoint:
    """Scores on the test set after so many steps; nothing may be chosen by them."""

    step: int
    test: Scores


@dataclass(frozen=True)
class Record:
    """One run, done or failed.

    Parameters
    ----------
    run : Run
        What was run.
    key : str
        The hash of everything that decides the result; the name of the record's file.
    failure : str
        Why it failed; "" if it did not.
    scores : mapping of str to Scores
        By split, after the last step. ``"balanced"`` is the half of the balanced set that no
        method trains on, and is not there where a data set has none. Empty for a failed run.
    history : tuple of Checkpoint
        On the way, the last step included: the curve that must not choose.
    cpu_seconds : float
        The run's share of the stack it was trained in.
    note : str
        What a reader should know of a result: `ONE_CLASS` if all test images got the same; else "".
    """

    run: Run
    key: str
    failure: str = ""
    scores: Mapping[str, Scores] = field(default_factory=dict)
    history: tuple[Checkpoint, ...] = ()
    cpu_seconds: float = 0.0
    note: str = ""

    @property
    def failed(self) -> bool:
        """Whether there is no result."""
        return bool(self.failure)

    def to_json(self) -> dict[str, Any]:
        """Return plain lists, dictionaries and numbers."""
        plain = asdict(self)
        plain["run"]["settings"] = dict(self.run.settings)
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Record:
        """Read what `to_json` gave.

        Raises
        ------
        KeyError, TypeError, AttributeError
            If it is no record.
        """
        settings: Settings = settings_of(plain["run"]["settings"])
        return cls(
            run=Run(**{**plain["run"], "settings": settings}),
            key=plain["key"],
            failure=plain["failure"],
            scores={split: Scores(**scores) for split, scores in plain["scores"].items()},
            history=tuple(
                Checkpoint(each["step"], Scores(**each["test"])) for each in plain["history"]
            ),
            cpu_seconds=plain["cpu_seconds"],
            note=plain["note"],
        )
