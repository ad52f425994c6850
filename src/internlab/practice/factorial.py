"""All combinations of k ideas, against one idea at a time.

An idea is a factor that is off (-1) or on (+1). In a full design every run says something about
every factor, and about pairs of factors, too.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np


def design(factors: int) -> np.ndarray:
    """Return all combinations (2 ** factors, factors) of -1 and +1; the first is all off.

    Raises
    ------
    ValueError
        If there is no factor, or so many that nobody would run them.
    """
    if not 1 <= factors <= 12:
        raise ValueError(f"{factors} factors make 2 ** {factors} runs. Expected 1 to 12.")
    return np.array(list(itertools.product((-1, 1), repeat=factors)))


def effects(results: np.ndarray, names: Sequence[str]) -> dict[str, float]:
    """Return the effect of every factor, and of every pair, triple and so on.

    The effect of a factor is the mean with it minus the mean without it, over all settings of the
    others. The effect of a pair is half of: the effect of the first where the second is on, minus
    its effect where the second is off.

    Parameters
    ----------
    results : array (2 ** k,) or (2 ** k, repeats)
        In the order of `design`; repeats are averaged.
    names : sequence of str
        Of the k factors.

    Returns
    -------
    dict from "a", "b", "a x b", ... to effect

    Raises
    ------
    ValueError
        If there are not 2 ** k results.

    References
    ----------
    Box, Hunter and Hunter, Statistics for Experimenters, 2nd edition, Wiley 2005, chapter 5.
    """
    runs = design(len(names))
    results = np.asarray(results, dtype=float)
    if len(results) != len(runs):
        raise ValueError(
            f"{len(results)} results for {len(names)} factors. Expected {len(runs)}, one for each "
            "combination in the order of design()."
        )
    means = results.reshape(len(runs), -1).mean(axis=1)
    found = {}
    for size in range(1, len(names) + 1):
        for chosen in itertools.combinations(range(len(names)), size):
            sign = runs[:, chosen].prod(axis=1)
            found[" x ".join(names[each] for each in chosen)] = float(
                means[sign > 0].mean() - means[sign < 0].mean()
            )
    return found


def one_at_a_time(results: np.ndarray, names: Sequence[str]) -> dict[str, float]:
    """Return for each factor the result with it alone, minus the result with none.

    Parameters
    ----------
    results, names
        As for `effects`; only k + 1 of the results are looked at.
    """
    runs = design(len(names))
    means = np.asarray(results, dtype=float).reshape(len(runs), -1).mean(axis=1)
    alone = {name: _row(runs, [index]) for index, name in enumerate(names)}
    return {name: float(means[row] - means[0]) for name, row in alone.items()}


def kept(results: np.ndarray, names: Sequence[str]) -> dict[str, tuple[tuple[str, ...], float]]:
    """Return what each way of deciding keeps, and its mean result.

    ``"one at a time"`` keeps every factor that gains alone; ``"one after another"`` tries the
    factors in their order, on top of what it has kept; ``"all combinations"`` keeps the best.
    """
    runs = design(len(names))
    means = np.asarray(results, dtype=float).reshape(len(runs), -1).mean(axis=1)
    alone = one_at_a_time(results, names)
    together = [index for index, name in enumerate(names) if alone[name] > 0]
    in_turn: list[int] = []
    for index in range(len(names)):
        if means[_row(runs, [*in_turn, index])] > means[_row(runs, in_turn)]:
            in_turn.append(index)
    best = list(np.flatnonzero(runs[means.argmax()] > 0))
    ways: Mapping[str, list[int]] = {
        "one at a time": together,
        "one after another": in_turn,
        "all combinations": best,
    }
    return {
        way: (tuple(names[index] for index in on), float(means[_row(runs, on)]))
        for way, on in ways.items()
    }


def variance_of_effect(factors: int, runs: int, sd: float = 1.0) -> tuple[float, float]:
    """Return the variance of an effect in a full design, and one at a time, with as many runs.

    In a full design each effect is the difference of two halves of the runs: 4 sd^2 / runs. One at
    a time the runs are shared out over k + 1 settings, and an effect is the difference of two of
    these: 2 (k + 1) sd^2 / runs. The ratio is (k + 1) / 2.

    References
    ----------
    Box, Hunter and Hunter, 2005, chapter 5: why not one factor at a time.
    """
    return 4 * sd**2 / runs, 2 * (factors + 1) * sd**2 / runs


def _row(runs: np.ndarray, on: Sequence[int]) -> int:
    wanted = np.full(runs.shape[1], -1)
    wanted[list(on)] = 1
    return int(np.flatnonzero((runs == wanted).all(axis=1))[0])
