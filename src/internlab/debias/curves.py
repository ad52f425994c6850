"""What happened while a method was trained, as arrays: run by run and step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from internlab.debias.groups import GroupScores
    from internlab.debias.stack.training import Trained


@dataclass(frozen=True)
class Curves:
    """Scores of R runs at T steps of training.

    Parameters
    ----------
    steps : array
        (T,), int64: how many steps had been taken.
    aligned, conflicting, unbiased, follow_rate : array
        (R, T), float64, 0 to 1, as in `GroupScores`; NaN for a run that had failed.
    """

    steps: NDArray[np.int64]
    aligned: NDArray[np.float64]
    conflicting: NDArray[np.float64]
    unbiased: NDArray[np.float64]
    follow_rate: NDArray[np.float64]

    @property
    def gap(self) -> NDArray[np.float64]:
        """(R, T): aligned minus conflicting accuracy."""
        return self.aligned - self.conflicting


def curves_of(trained: Trained) -> Curves:
    """Return the curves of a method that was trained with `watch`.

    Raises
    ------
    ValueError
        If no step was watched.
    """
    history = _history(trained)
    names = ("aligned", "conflicting", "unbiased", "follow_rate")
    return Curves(
        steps=np.array([moment.step for moment in history]),
        **{
            name: np.array([[_score(each, name) for each in moment.scores] for moment in history]).T
            for name in names
        },
    )


def recorded(trained: Trained, name: str) -> tuple[NDArray[np.int64], NDArray, NDArray]:
    """Return something a method recorded of aligned and of conflicting images, such as a weight.

    Parameters
    ----------
    trained : Trained
        A method that was trained with `watch`.
    name : str
        Such as ``"weight"``.

    Returns
    -------
    tuple of array
        Steps (T,), then the values of aligned and those of conflicting images, (R, T) each; NaN
        where the batch of that step had none.

    Raises
    ------
    ValueError
        If no step was watched, or the method records nothing of this name.
    """
    history = [moment for moment in _history(trained) if moment.record]
    keys = tuple(f"{name}/{kind}" for kind in ("aligned", "conflicting"))
    known = sorted({key.split("/")[0] for moment in history for key in moment.record if "/" in key})
    if name not in known:
        raise ValueError(
            f"{trained.method.title} records no {name!r} of aligned and conflicting images; it "
            f"records {', '.join(known) or 'nothing'}."
        )
    aligned, conflicting = (
        np.array([moment.record[key].numpy() for moment in history]).T for key in keys
    )
    return np.array([moment.step for moment in history]), aligned, conflicting


def first_reaching(
    steps: NDArray[np.int64], values: NDArray[np.float64], level: float
) -> NDArray[np.float64]:
    """Return the first step at which each run's curve has reached a level.

    Parameters
    ----------
    steps : array
        (T,).
    values : array
        (R, T).
    level : float

    Returns
    -------
    array
        (R,); NaN for a run that never does.
    """
    reached = np.atleast_2d(values) >= level
    return np.where(reached.any(axis=1), steps[reached.argmax(axis=1)], np.nan)


def _history(trained: Trained):
    if not trained.history:
        raise ValueError(
            "No step of this training was watched, so there is no curve. Train with "
            "watch=range(0, 101, 5)."
        )
    return trained.history


def _score(scores: GroupScores | None, name: str) -> float:
    return float("nan") if scores is None else getattr(scores, name)
