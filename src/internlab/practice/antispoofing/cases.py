"""Attacks as cases: factors with levels, pairwise coverage, and what collecting costs.

References
----------
Cohen, Dalal, Fredman and Patton, The AETG system: an approach to testing based on combinatorial
design, IEEE Transactions on Software Engineering 23(7), 1997 (a greedy construction; this one
weighs every possible case rather than a sample of them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

Case = dict[str, str]
Pair = tuple[tuple[str, str], tuple[str, str]]


def always(case: Case) -> bool:
    """Say of every case that it is possible."""
    return True


def all_cases(
    factors: Mapping[str, Sequence[str]], possible: Callable[[Case], bool] = always
) -> list[Case]:
    """Return the full grid: every combination of levels that is possible.

    Raises
    ------
    ValueError
        If a factor has no level or one twice.
    """
    for name, levels in factors.items():
        if not levels or len(set(levels)) != len(levels):
            raise ValueError(f"Factor {name!r} has the levels {list(levels)}; expected each once.")
    grid = (dict(zip(factors, levels, strict=True)) for levels in product(*factors.values()))
    return [case for case in grid if possible(case)]


def pairs_of(case: Case) -> set[Pair]:
    """Return the pairs of levels that a case holds, factors in their order.

    Examples
    --------
    >>> pairs_of({"kind": "paper", "light": "dim"})
    {(('kind', 'paper'), ('light', 'dim'))}
    """
    return set(combinations(case.items(), 2))


def pairs_wanted(
    factors: Mapping[str, Sequence[str]], possible: Callable[[Case], bool] = always
) -> set[Pair]:
    """Return every pair of levels of two factors that some possible case holds."""
    return set().union(*(pairs_of(case) for case in all_cases(factors, possible)))


def coverage(
    cases: Iterable[Case],
    factors: Mapping[str, Sequence[str]],
    possible: Callable[[Case], bool] = always,
) -> float:
    """Return the share of the wanted pairs that some case holds, 0 to 1."""
    wanted = pairs_wanted(factors, possible)
    held = set().union(*(pairs_of(case) for case in cases))
    return len(wanted & held) / len(wanted)


def coverage_so_far(
    cases: Iterable[Case],
    factors: Mapping[str, Sequence[str]],
    possible: Callable[[Case], bool] = always,
) -> list[float]:
    """Return the share of the wanted pairs that is held after each case, in their order."""
    wanted = pairs_wanted(factors, possible)
    held: set = set()
    shares = []
    for case in cases:
        held |= pairs_of(case)
        shares.append(len(wanted & held) / len(wanted))
    return shares


def lower_bound(
    factors: Mapping[str, Sequence[str]], possible: Callable[[Case], bool] = always
) -> int:
    """Return a number of cases below which all pairs cannot be covered.

    A case holds one pair of two given factors, so the two with the most possible pairs of levels
    set the bound: without constraints the product of the two largest factors.
    """
    wanted = pairs_wanted(factors, possible)
    between = {}
    for (first, _), (second, _) in wanted:
        between[first, second] = between.get((first, second), 0) + 1
    return max(between.values(), default=len(all_cases(factors, possible)))


def pairwise(
    factors: Mapping[str, Sequence[str]],
    rng: np.random.Generator,
    possible: Callable[[Case], bool] = always,
    tries: int = 20,
) -> list[Case]:
    """Return few cases that hold every possible pair of levels.

    Greedy: of all possible cases take one that holds most of the pairs that are still missing,
    until none is. Ties are broken by lot; the shortest list of several tries is kept.

    Parameters
    ----------
    factors : mapping
        From a factor's name to its levels; two or more factors.
    rng : Generator
    possible : callable
        From a case to whether it can be: a mask has no edges.
    tries : int
    """
    grid = all_cases(factors, possible)
    holds = [pairs_of(case) for case in grid]
    number = {pair: i for i, pair in enumerate(sorted(set().union(*holds)))}
    table = np.zeros((len(grid), len(number)), bool)
    for row, pairs in enumerate(holds):
        table[row, [number[pair] for pair in pairs]] = True
    best: list[int] = list(range(len(grid)))
    for _ in range(tries):
        missing, chosen = np.ones(len(number), bool), []
        while missing.any():
            gain = (table & missing).sum(axis=1)
            pick = int(rng.choice(np.flatnonzero(gain == gain.max())))
            chosen.append(pick)
            missing &= ~table[pick]
        if len(chosen) < len(best):
            best = chosen
    return [grid[row] for row in best]


@dataclass(frozen=True)
class Prices:
    """What collecting costs, in hours. Assumptions: put in your own.

    Parameters
    ----------
    session : float
        For each place and light that has to be set up.
    instrument : mapping
        For each kind of attack that has to be made, once.
    case : float
        For each case: hold it, capture it, write it down.
    """

    session: float
    instrument: Mapping[str, float]
    case: float


def hours(cases: Sequence[Case], prices: Prices, setting: Sequence[str], kind: str) -> list[float]:
    """Return the hours that each case adds, in the order in which the cases are collected.

    Parameters
    ----------
    cases : sequence of dict
    prices : Prices
    setting : sequence of str
        The factors that make a session: a new combination of them has to be set up.
    kind : str
        The factor that names the instrument.

    Raises
    ------
    ValueError
        If an instrument has no price.
    """
    set_up: set[tuple[str, ...]] = set()
    made: set[str] = set()
    added = []
    for case in cases:
        where, instrument = tuple(case[name] for name in setting), case[kind]
        if instrument not in prices.instrument:
            known = ", ".join(prices.instrument)
            raise ValueError(f"No price for the instrument {instrument!r}; there are {known}.")
        spent = prices.case
        if where not in set_up:
            spent += prices.session
        if instrument not in made:
            spent += prices.instrument[instrument]
        set_up.add(where)
        made.add(instrument)
        added.append(spent)
    return added


def best_first(
    cases: Sequence[Case], prices: Prices, setting: Sequence[str], kind: str
) -> list[Case]:
    """Return the same cases in an order that covers many pairs an hour early.

    Greedy: next comes the case with the most new pairs for the hours that it adds; of equal ones
    the first. A plan that is broken off half way has then spent its hours well.
    """
    left, order, held = list(cases), [], set()
    while left:
        spent = [hours([*order, case], prices, setting, kind)[-1] for case in left]
        gains = [len(pairs_of(case) - held) / paid for case, paid in zip(left, spent, strict=True)]
        pick = left.pop(int(np.argmax(gains)))
        order.append(pick)
        held |= pairs_of(pick)
    return order
