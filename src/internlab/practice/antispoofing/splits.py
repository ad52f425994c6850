"""Which frames are for training and which for testing: at random, by person, by session."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FOLDS = 4


def random_folds(count: int, rng: np.random.Generator, folds: int = FOLDS) -> NDArray[np.int64]:
    """Return for each frame the fold in which it is tested, at random: (count,), 0 to folds - 1.

    Raises
    ------
    ValueError
        If there are fewer frames than folds.
    """
    _enough(count, folds, "frames")
    return rng.permutation(np.arange(count) % folds)


def folds_by(groups: ArrayLike, rng: np.random.Generator, folds: int = FOLDS) -> NDArray[np.int64]:
    """Return for each frame the fold in which it is tested, with a group never in two folds.

    Parameters
    ----------
    groups : array
        (N,): the session of each frame, or the person.
    rng : Generator
        Which groups go together.
    folds : int

    Raises
    ------
    ValueError
        If there are fewer groups than folds.
    """
    names, which = np.unique(np.asarray(groups), return_inverse=True)
    _enough(names.size, folds, "groups")
    return random_folds(names.size, rng, folds)[which]


def _enough(count: int, folds: int, what: str) -> None:
    if folds < 2:
        raise ValueError(f"folds is {folds}; expected 2 or more.")
    if count < folds:
        raise ValueError(f"{count} {what} for {folds} folds; expected one for each at least.")
