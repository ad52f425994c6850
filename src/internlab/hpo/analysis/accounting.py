"""What a search costs and what it finds: results against the seconds that were spent on them.

A search is accounted for by its trials in the order in which they ended, each with its CPU-seconds
and the value it ended with; higher is better. Seconds add up over workers: two workers that are
busy for one second spend two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from internlab.hpo.analysis.replay import quantile


@dataclass(frozen=True)
class BestSoFar:
    """The best value known after each trial, against what had been spent by then.

    Parameters
    ----------
    spent : array, (trials,) float64
        CPU-seconds of all trials up to and with this one.
    best : array, (trials,) float64
        The highest value up to and with this trial. A trial whose value is NaN counts its cost
        only; NaN as long as there is no value.
    """

    spent: np.ndarray
    best: np.ndarray

    def at(self, budget: float) -> float:
        """Return the best value known once `budget` CPU-seconds are spent; NaN if none is yet.

        A trial that the budget cuts in two does not count.
        """
        ended = int(np.searchsorted(self.spent, budget, side="right"))
        return float(self.best[ended - 1]) if ended else math.nan

    def seconds_to(self, target: float) -> float:
        """Return the CPU-seconds after which `target` was reached; infinity if it never was."""
        reached = np.flatnonzero(self.best >= target)
        return float(self.spent[reached[0]]) if len(reached) else math.inf


def best_so_far(cpu_seconds: Sequence[float], values: Sequence[float]) -> BestSoFar:
    """Add up what was spent and keep the best.

    Parameters
    ----------
    cpu_seconds : sequence of float, (trials,)
        What each trial cost, in the order in which the trials ended. Trials that were stopped or
        that failed cost too: leave none out.
    values : sequence of float, (trials,)
        The value each ended with; NaN for one that failed.

    Raises
    ------
    ValueError
        If the lengths differ, there is no trial, or a cost is negative or not finite.
    """
    cost, value = np.asarray(cpu_seconds, dtype=float), np.asarray(values, dtype=float)
    if cost.ndim != 1 or cost.shape != value.shape or not len(cost):
        raise ValueError(
            f"Got CPU-seconds of shape {cost.shape} and values of shape {value.shape}. Expected "
            "one of each for every trial, and at least one trial."
        )
    wrong = cost[~(np.isfinite(cost) & (cost >= 0))]
    if len(wrong):
        raise ValueError(
            f"A trial cost {wrong[0]} CPU-seconds; expected a finite number of at least 0. A trial "
            "that failed has cost something as well."
        )
    return BestSoFar(np.cumsum(cost), np.fmax.accumulate(value))


def seconds_to_target(
    cpu_seconds: Sequence[float], values: Sequence[float], target: float
) -> float:
    """Return the CPU-seconds that a search spent to reach `target`; infinity if it never did.

    Over several searches, count those that never did before you average the others: the mean of
    the lucky ones is no result.
    """
    return best_so_far(cpu_seconds, values).seconds_to(target)


def on_grid(searches: Iterable[BestSoFar], budgets: Sequence[float]) -> np.ndarray:
    """Read several searches off at the same budgets, to compare or average them.

    Parameters
    ----------
    searches : iterable of BestSoFar
        For example one for each seed.
    budgets : sequence of float
        CPU-seconds.

    Returns
    -------
    array, (searches, budgets) float64
        The best values; NaN where a search has no value yet. A search that has ended keeps its
        best, so read no further than the shortest search went where that would be unfair.
    """
    return np.array([[search.at(budget) for budget in budgets] for search in searches])


@dataclass(frozen=True)
class Estimate:
    """A mean with the interval that holds a share of the draws: `low` to `high`."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} ({self.low:.3f} to {self.high:.3f})"


def best_of_n(
    chosen_by: Sequence[float],
    n: int,
    rng: np.random.Generator,
    *,
    reported: Sequence[float] | None = None,
    draws: int = 2000,
    share: float = 0.9,
) -> Estimate:
    """Estimate what the best of `n` random configurations is worth, by resampling a pool.

    Each draw takes `n` different configurations of the pool, chooses the one with the highest
    `chosen_by`, and notes what it is worth. With `reported` that is another number than the one it
    was chosen by: choose on validation, report on test.

    The interval says how lucky a search of `n` trials is, given this pool. It does not say how
    lucky the pool is, and as `n` comes near the size of the pool all draws become the same:
    then it shrinks to a point, which does not mean that the result is certain.

    Parameters
    ----------
    chosen_by : sequence of float, (configurations,)
        What the search sees; higher is better.
    n : int
        Trials of a search.
    rng : numpy.random.Generator
        Draws the searches.
    reported : sequence of float, (configurations,), optional
        What the chosen configuration is worth; by default `chosen_by`.
    draws : int
        How many searches are drawn.
    share : float
        Of the draws that lie within the interval.

    Raises
    ------
    ValueError
        If `n` is not between 1 and the size of the pool, the lengths differ, or a value is NaN.
    """
    chooser, worth = _pool(chosen_by, reported, n)
    found = np.empty(draws)
    for number in range(draws):
        drawn = rng.permutation(len(chooser))[:n]
        found[number] = worth[drawn[np.argmax(chooser[drawn])]]
    tail = (1 - share) / 2
    values = found.tolist()
    return Estimate(float(found.mean()), quantile(values, tail), quantile(values, 1 - tail))


def expected_best_of_n(
    chosen_by: Sequence[float], n: int, *, reported: Sequence[float] | None = None
) -> float:
    """Return the mean of `best_of_n` in closed form, without drawing.

    Sort the pool of N from the worst to the best. The i-th (from 1) is the best of `n` different
    ones if it is among them and the other n - 1 come from the i - 1 below it. That happens in
    C(i - 1, n - 1) of the C(N, n) possible draws.

    References
    ----------
    Dodge, Gururangan, Card, Schwartz, Smith, "Show Your Work: Improved Reporting of Experimental
    Results", EMNLP 2019, section 3.1, for draws with replacement. https://arxiv.org/abs/1909.03004
    """
    chooser, worth = _pool(chosen_by, reported, n)
    ways = [math.comb(below, n - 1) / math.comb(len(chooser), n) for below in range(len(chooser))]
    return float(np.dot(ways, worth[np.argsort(chooser, kind="stable")]))


@dataclass(frozen=True)
class EqualBudget:
    """Two searches cut off at the same number of CPU-seconds.

    Parameters
    ----------
    budget : float
        CPU-seconds at which both are cut.
    first, second : float
        The best value of each within the budget; NaN if none of its trials ended in time.
    first_trials, second_trials : int
        How many trials of each ended within the budget.
    """

    budget: float
    first: float
    second: float
    first_trials: int
    second_trials: int

    @property
    def difference(self) -> float:
        """How much better the second is than the first."""
        return self.second - self.first


def compare_at_equal_budget(
    first: Iterable[tuple[float, float]],
    second: Iterable[tuple[float, float]],
    budget: float | None = None,
) -> EqualBudget:
    """Compare two searches on the same budget, however long each went on.

    Parameters
    ----------
    first, second : iterable of (cpu_seconds, value)
        The trials of each search in the order in which they ended.
    budget : float, optional
        CPU-seconds; by default all that the cheaper of the two spent, so that neither is given
        time that the other had not.

    Raises
    ------
    ValueError
        If a search has no trial, or the budget is more than one of them spent.
    """
    searches = [best_so_far(*_columns(trials)) for trials in (first, second)]
    shortest = min(float(search.spent[-1]) for search in searches)
    if budget is None:
        budget = shortest
    if not 0 < budget <= shortest:
        raise ValueError(
            f"Cannot compare at {budget} CPU-seconds: the searches spent "
            f"{searches[0].spent[-1]:.4g} and {searches[1].spent[-1]:.4g}. Expected more than 0 "
            "and at most the smaller one, for beyond it only one of them went on searching."
        )
    values = [search.at(budget) for search in searches]
    trials = [int((search.spent <= budget).sum()) for search in searches]
    return EqualBudget(budget, *values, *trials)


def _columns(trials: Iterable[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = np.array(list(trials), dtype=float)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError(
            f"Got trials of shape {pairs.shape}. Expected pairs (cpu_seconds, value), at least one."
        )
    return pairs[:, 0], pairs[:, 1]


def _pool(
    chosen_by: Sequence[float], reported: Sequence[float] | None, n: int
) -> tuple[np.ndarray, np.ndarray]:
    chooser = np.asarray(chosen_by, dtype=float)
    worth = chooser if reported is None else np.asarray(reported, dtype=float)
    if chooser.ndim != 1 or chooser.shape != worth.shape:
        raise ValueError(
            f"Got values of shape {chooser.shape} to choose by and {worth.shape} to report. "
            "Expected one of each for every configuration."
        )
    if not 1 <= n <= len(chooser):
        raise ValueError(f"Cannot draw {n} different configurations from a pool of {len(chooser)}.")
    if np.isnan(chooser).any() or np.isnan(worth).any():
        raise ValueError("A value is NaN. Give a run that diverged the worst value, for an IoU 0.")
    return chooser, worth
