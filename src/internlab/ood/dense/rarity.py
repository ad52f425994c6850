"""One scale for all scores: how rare a value is where nothing is wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

# 1 in 1,000: beyond it, the tail of the ordinary scenes is made of too few places to be told apart.
HIGHEST = 3.0


def rarity(score: ArrayLike, ordinary: ArrayLike, highest: float = HIGHEST) -> np.ndarray:
    """Return how rare each score is among ordinary pixels, in powers of ten.

    Scores of different detectors have different units. The share of ordinary pixels that score at
    least as high has not: 0 means that all do, 2 that 1 in 100 does. The order of the pixels stays
    as it is.

    Parameters
    ----------
    score : array
        Any shape, float.
    ordinary : array
        Any shape, float: the same score on scenes without an anomaly.
    highest : float
        Greater values are cut to this one.

    Returns
    -------
    array
        Like `score`, float64 from 0 to `highest`.

    Raises
    ------
    ValueError
        If there is no ordinary score, or one of either is NaN.
    """
    score, ordinary = np.asarray(score), np.sort(np.asarray(ordinary), axis=None)
    if not ordinary.size or np.isnan(ordinary[-1]) or np.isnan(score).any():
        raise ValueError(
            f"Got {ordinary.size} ordinary scores, or a NaN among the scores. Expected at least "
            "one ordinary score and numbers everywhere."
        )
    at_least = ordinary.size - np.searchsorted(ordinary, score, side="left")
    share = np.maximum(at_least, 10.0**-highest * ordinary.size) / ordinary.size
    return np.minimum(-np.log10(share), highest) + 0.0
