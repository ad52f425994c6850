"""Detectors of attacks: numbers of a frame, standardised, then a classifier of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

# Of the support vector machine: how much a training frame on the wrong side costs.
COST = 10.0


def linear() -> Pipeline:
    """Return logistic regression on standardised features, classes weighted alike."""
    return make_pipeline(
        StandardScaler(), LogisticRegression(C=1.0, max_iter=3000, class_weight="balanced")
    )


def kernel(cost: float = COST, gamma: float | str = "scale") -> Pipeline:
    """Return a support vector machine with a Gaussian kernel, classes weighted alike."""
    return make_pipeline(StandardScaler(), SVC(C=cost, gamma=gamma, class_weight="balanced"))


def cross_scores(
    make: Callable[[], Any],
    inputs: NDArray[np.float64],
    attacks: NDArray[np.bool_],
    folds: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return a score for each frame by a detector that was fitted without the frame's fold.

    Parameters
    ----------
    make : callable
        Returns a new detector with `fit` and `decision_function`.
    inputs : array
        (N, D).
    attacks : array
        (N,), bool.
    folds : array
        (N,), as `internlab.practice.antispoofing.splits` returns.

    Returns
    -------
    array
        (N,); 0 and above is called an attack.
    """
    scores = np.full(len(inputs), np.nan)
    for fold in np.unique(folds):
        tested = folds == fold
        fitted = make().fit(inputs[~tested], attacks[~tested])
        scores[tested] = fitted.decision_function(inputs[tested])
    return scores


def calibrated(
    inputs: NDArray[np.float64], sessions: NDArray[np.str_], known_live: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return features minus the mean of known live frames of the same session.

    Whoever opens a door in a new place can walk through it a few times. What these frames share
    is the place; what is left should be the face.

    Parameters
    ----------
    inputs : array
        (N, D).
    sessions : array
        (N,).
    known_live : array
        (N,), bool: the frames to calibrate by. They are live by arrangement, and are not to be
        scored.

    Raises
    ------
    ValueError
        If a session has no such frame.
    """
    moved = np.array(inputs, dtype=float)
    for session in np.unique(sessions):
        here = sessions == session
        if not (here & known_live).any():
            raise ValueError(f"Session {session} has no known live frame to calibrate by.")
        moved[here] -= inputs[here & known_live].mean(axis=0)
    return moved
