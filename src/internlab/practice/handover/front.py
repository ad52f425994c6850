"""Accuracy against cost: which of several ways to run a model nobody should choose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray


def front(cost: ArrayLike, score: ArrayLike) -> NDArray[np.bool_]:
    """Say which options are on the Pareto front.

    One option dominates another if it costs no more, scores no less, and is better in one of the
    two. Equal options do not dominate each other.

    Parameters
    ----------
    cost : array_like
        (n,), lower is better.
    score : array_like
        (n,), higher is better.

    Returns
    -------
    array
        (n,) bool: whether nothing dominates the option.
    """
    cost, score = np.asarray(cost, dtype=float), np.asarray(score, dtype=float)
    if cost.ndim != 1 or cost.shape != score.shape:
        raise ValueError(
            f"cost has the shape {cost.shape}, score {score.shape}; expected a number of each for "
            "every option."
        )
    # [i, j]: whether j dominates i.
    no_worse = (cost[None, :] <= cost[:, None]) & (score[None, :] >= score[:, None])
    better = (cost[None, :] < cost[:, None]) | (score[None, :] > score[:, None])
    return ~(no_worse & better).any(axis=1)


def defensible(
    cost: ArrayLike, drawn: Mapping[str, ArrayLike], *, level: float = 0.95
) -> dict[str, bool]:
    """Say of each option whether it is shown to score more than every cheaper one.

    An option on the front may be there by luck of the test set. Here it stays only if its
    advantage over the best cheaper option that stayed is above zero in the bootstrap interval of
    the *difference*, drawn with the same test items on both sides.

    Parameters
    ----------
    cost : array_like
        (n,), in the order of `drawn`.
    drawn : mapping
        From the name of each option to its scores on the same bootstrap samples, (draws,).
    level : float
        Of the two-sided interval.

    Returns
    -------
    dict
        In the order of `drawn`. The cheapest option always stays.
    """
    cost = np.asarray(cost, dtype=float)
    scores = {name: np.asarray(values, dtype=float) for name, values in drawn.items()}
    names = list(scores)
    kept: list[str] = []
    for index in np.argsort(cost, kind="stable"):
        name = names[index]
        gains = [np.quantile(scores[name] - scores[other], (1 - level) / 2) for other in kept]
        if all(gain > 0 for gain in gains):
            kept.append(name)
    return {name: name in kept for name in names}
