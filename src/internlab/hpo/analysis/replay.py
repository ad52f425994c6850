"""Searches replayed on recorded learning curves: what a scheduler would have spent and kept.

A learning curve that was recorded to its end holds every answer a scheduler could have asked for
on the way. So thousands of searches, each with the runs in another order, cost seconds instead of
days. What is replayed is one worker that trains one run after another. Several workers decide with
a little less knowledge, because a run then meets a rung before its neighbours do; one worker shows
the same trade-off and can be followed by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


class Scheduler(Protocol):
    """Decides how long a run is trained.

    `max_t` is the epoch at which a run is finished. `last_epoch` gets the run's whole curve and
    the curves of the runs before it, each as far as it was trained, and returns the epoch (from 1)
    after which the run stops. It may look at ``curve[:epoch]`` only to decide at `epoch`.
    """

    max_t: int

    def last_epoch(self, curve: Sequence[float], earlier: Sequence[Sequence[float]]) -> int: ...


@dataclass(frozen=True)
class FullTraining:
    """Train every run to the end: random or grid search without a scheduler."""

    max_t: int = 16

    def last_epoch(self, curve: Sequence[float], earlier: Sequence[Sequence[float]]) -> int:
        """Return `max_t`."""
        return self.max_t


@dataclass(frozen=True)
class Asha:
    """Asynchronous successive halving: at each rung only the top 1 / `reduction` goes on.

    The rungs are the epochs ``grace``, ``grace * reduction``, ``grace * reduction**2``, ... before
    `max_t`. A run that reaches a rung is compared with all runs that reached it earlier, whether
    those went on or not, and the first at a rung always goes on. So no run ever waits for another.

    This is the rule that stops runs, as Ray Tune has it in `ASHAScheduler`; the paper's own rule
    pauses every run at its rung and later promotes the best.

    Parameters
    ----------
    grace : int
        Epochs that every run gets.
    reduction : int
        The paper's eta, at least 2.
    max_t : int
        Epochs of a run that is never stopped.

    References
    ----------
    Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar, "A System for Massively
    Parallel Hyperparameter Tuning", MLSys 2020, section 3.2. https://arxiv.org/abs/1810.05934
    """

    grace: int = 4
    reduction: int = 2
    max_t: int = 16

    def __post_init__(self) -> None:
        _check_grace(self.grace, self.max_t)
        if self.reduction != int(self.reduction) or self.reduction < 2:
            raise ValueError(
                f"Got reduction={self.reduction}, expected a whole number of at least 2: with 2 "
                "the better half goes on, with 3 the best third."
            )

    @property
    def rungs(self) -> list[int]:
        """The epochs at which a run can be stopped."""
        rungs, epoch = [], self.grace
        while epoch < self.max_t:
            rungs.append(epoch)
            epoch *= self.reduction
        return rungs

    def last_epoch(self, curve: Sequence[float], earlier: Sequence[Sequence[float]]) -> int:
        """Return the first rung at which the run is worse than the top 1 / `reduction`."""
        for rung in self.rungs:
            recorded = [other[rung - 1] for other in earlier if len(other) >= rung]
            if recorded and curve[rung - 1] < quantile(recorded, 1 - 1 / self.reduction):
                return rung
        return self.max_t


@dataclass(frozen=True)
class MedianStopping:
    """Stop a run whose best value so far is below the median of the others' running means.

    It is asked after every epoch from `grace` on, as Ray Tune's `MedianStoppingRule` is: the mean
    of each other run goes from epoch `grace` to the epoch in question.

    Parameters
    ----------
    grace : int
        Epochs that every run gets.
    min_runs : int
        Nothing is stopped before so many earlier runs have come as far.
    max_t : int
        Epochs of a run that is never stopped.

    References
    ----------
    Golovin, Solnik, Moitra, Kochanski, Karro, Sculley, "Google Vizier: A Service for Black-Box
    Optimization", KDD 2017, section 3.2.2.
    """

    grace: int = 4
    min_runs: int = 3
    max_t: int = 16

    def __post_init__(self) -> None:
        _check_grace(self.grace, self.max_t)
        if self.min_runs < 1:
            raise ValueError(f"Got min_runs={self.min_runs}, expected at least 1.")

    def last_epoch(self, curve: Sequence[float], earlier: Sequence[Sequence[float]]) -> int:
        """Return the first epoch at which the run is below the median."""
        for epoch in range(self.grace, self.max_t):
            seen = [other[self.grace - 1 : epoch] for other in earlier if len(other) >= epoch]
            means = [sum(values) / len(values) for values in seen]
            if len(means) >= self.min_runs and max(curve[:epoch]) < median(means):
                return epoch
        return self.max_t


@dataclass(frozen=True)
class Recorded:
    """Learning curves of a pool of runs, each recorded to its end.

    Parameters
    ----------
    runs : tuple of str
        A name for each run.
    values : array, (runs, epochs) float64
        The validation metric after each epoch; higher is better, so negate a loss.
    cpu_seconds : array, (runs, epochs) float64
        CPU-seconds that the run had used by then: cumulative, from its start.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is NaN, or CPU-seconds fall within a run.
    """

    runs: tuple[str, ...]
    values: np.ndarray
    cpu_seconds: np.ndarray

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float64)
        cpu_seconds = np.asarray(self.cpu_seconds, dtype=np.float64)
        if values.ndim != 2 or values.shape != cpu_seconds.shape or len(values) != len(self.runs):
            raise ValueError(
                f"Got {len(self.runs)} runs, values of shape {values.shape} and CPU-seconds of "
                f"shape {cpu_seconds.shape}. Expected (runs, epochs) for both."
            )
        if not values.size:
            raise ValueError("There are no runs to replay; expected at least one of one epoch.")
        if not (np.isfinite(values).all() and np.isfinite(cpu_seconds).all()):
            bad = np.flatnonzero(~np.isfinite(values + cpu_seconds).all(axis=1))
            raise ValueError(
                f"Run {self.runs[bad[0]]!r} has a value that is NaN or infinite. Give a run that "
                "diverged the worst value, for an IoU 0."
            )
        steps = np.diff(cpu_seconds, axis=1, prepend=0)
        if (steps < 0).any():
            bad = np.flatnonzero((steps < 0).any(axis=1))
            raise ValueError(
                f"The CPU-seconds of run {self.runs[bad[0]]!r} fall from one epoch to the next. "
                "Expected what the run had used since its start, not what each epoch used."
            )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "cpu_seconds", cpu_seconds)

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, metric: str = "validation_iou", *, run: str = "run"
    ) -> Recorded:
        """Take the curves from a table with one row per run and epoch.

        Parameters
        ----------
        frame : DataFrame
            With columns `run`, ``epoch`` (from 1), `metric` and ``cpu_seconds``.
        metric, run : str
            Names of columns.

        Raises
        ------
        ValueError
            If a column is missing, or a run was not recorded at every epoch.
        """
        missing = {run, "epoch", metric, "cpu_seconds"} - set(frame.columns)
        if missing:
            raise ValueError(
                f"The table has no column {', '.join(sorted(missing))}. It has "
                f"{', '.join(map(str, frame.columns))}."
            )
        repeated = frame.duplicated([run, "epoch"])
        if repeated.any():
            first = frame[repeated].iloc[0]
            raise ValueError(
                f"Run {first[run]!r} has epoch {first['epoch']} twice. If runs differ in their "
                "seed only, give each a name of its own."
            )
        values = frame.pivot(index=run, columns="epoch", values=metric)
        cpu_seconds = frame.pivot(index=run, columns="epoch", values="cpu_seconds")
        if list(values.columns) != list(range(1, values.shape[1] + 1)):
            raise ValueError(f"Got epochs {list(values.columns)}, expected 1, 2, 3, ...")
        short = values.index[values.isna().any(axis=1)]
        if len(short):
            raise ValueError(
                f"Run {short[0]!r} was not recorded at each of the {values.shape[1]} epochs. Only "
                "curves recorded to their end can be replayed."
            )
        return cls(tuple(values.index), values.to_numpy(), cpu_seconds.to_numpy())


@dataclass(frozen=True)
class Replay:
    """What one replayed search did. Arrays are in the order in which the runs were trained.

    Parameters
    ----------
    spent : float
        CPU-seconds of all runs together.
    best : float
        The highest last value of a run: what the search would report.
    chosen : int
        The row of that run in the recorded pool.
    order : array, (k,) int
        Rows of the pool, as trained.
    last_epoch : array, (k,) int
        The epoch after which each run stopped.
    cpu_seconds : array, (k,) float64
        What each run cost.
    values : array, (k,) float64
        Each run's value at its last epoch. Not the maximum over its epochs, which flatters noisy
        runs.
    """

    spent: float
    best: float
    chosen: int
    order: np.ndarray
    last_epoch: np.ndarray
    cpu_seconds: np.ndarray
    values: np.ndarray


def replay(recorded: Recorded, order: Iterable[int], scheduler: Scheduler) -> Replay:
    """Train the runs of `order` one after another, as far as the scheduler lets each go.

    Parameters
    ----------
    recorded : Recorded
        The pool of curves.
    order : iterable of int
        Rows of the pool, the first trained first. Need not name all.
    scheduler : Scheduler
        `FullTraining`, `Asha` or `MedianStopping`.

    Raises
    ------
    ValueError
        If the order is empty or names a row that is not there, or the scheduler wants more epochs
        than were recorded.
    """
    rows = np.fromiter(order, dtype=np.int64)
    count, epochs = recorded.values.shape
    if not len(rows):
        raise ValueError("The order is empty; expected at least one run.")
    if rows.min() < 0 or rows.max() >= count:
        raise ValueError(f"The order names rows {rows.min()} to {rows.max()}, there are {count}.")
    if scheduler.max_t > epochs:
        raise ValueError(
            f"The scheduler trains up to epoch {scheduler.max_t}, but {epochs} were recorded."
        )
    trained: list[list[float]] = []
    for curve in recorded.values[rows, : scheduler.max_t].tolist():
        trained.append(curve[: scheduler.last_epoch(curve, trained)])
    last_epoch = np.array([len(curve) for curve in trained])
    values = recorded.values[rows, last_epoch - 1]
    cpu_seconds = recorded.cpu_seconds[rows, last_epoch - 1]
    chosen = int(np.argmax(values))
    return Replay(
        spent=float(cpu_seconds.sum()),
        best=float(values[chosen]),
        chosen=int(rows[chosen]),
        order=rows,
        last_epoch=last_epoch,
        cpu_seconds=cpu_seconds,
        values=values,
    )


def draw_orders(pool: int, runs: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw `count` orders of `runs` distinct rows out of `pool`: (count, runs) int64.

    Orders drawn from one pool share runs, so they vary less than fresh searches would.

    Raises
    ------
    ValueError
        If the pool is smaller than a search.
    """
    if not 1 <= runs <= pool:
        raise ValueError(f"Cannot draw {runs} distinct runs from a pool of {pool}.")
    return np.array([rng.permutation(pool)[:runs] for _ in range(count)])


@dataclass(frozen=True)
class TradeOff:
    """What a scheduler saves and what it loses, against training every run to the end.

    Parameters
    ----------
    cost_ratio : array, (orders,) float64
        CPU-seconds with the scheduler over CPU-seconds without; less is better.
    loss : array, (orders,) float64
        How much lower the best value is with the scheduler than without.
    """

    cost_ratio: np.ndarray
    loss: np.ndarray

    @property
    def mean_cost_ratio(self) -> float:
        """The mean of the cost ratios."""
        return float(self.cost_ratio.mean())

    def kept(self, within: float) -> float:
        """Return the share of orders, 0 to 1, in which the loss is at most `within`."""
        return float((self.loss <= within).mean())


def trade_off(recorded: Recorded, scheduler: Scheduler, orders: np.ndarray) -> TradeOff:
    """Replay each order with and without the scheduler.

    Parameters
    ----------
    recorded : Recorded
        The pool of curves.
    scheduler : Scheduler
        What is compared with full training of the same runs to the same `max_t`.
    orders : array, (orders, runs) int
        See `draw_orders`.
    """
    full = FullTraining(scheduler.max_t)
    ratios, losses = [], []
    for order in orders:
        cut, whole = replay(recorded, order, scheduler), replay(recorded, order, full)
        ratios.append(cut.spent / whole.spent)
        losses.append(whole.best - cut.best)
    return TradeOff(np.array(ratios), np.array(losses))


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a `share` of the values lies, interpolated between neighbours.

    It is `numpy.quantile` (method "linear"), many times faster on a handful of numbers.
    """
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def _check_grace(grace: int, max_t: int) -> None:
    if not 1 <= grace <= max_t:
        raise ValueError(
            f"Got grace={grace} and max_t={max_t}. Expected 1 <= grace <= max_t: every run gets "
            "`grace` epochs, and none more than `max_t`."
        )
