"""How good are probabilities of yes or no, once the answers are known?

Everywhere `probabilities` are forecasts of yes in [0, 1], shape (N,), and `outcomes` what happened,
0 or 1 (or False and True), shape (N,).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


def brier(probabilities: ArrayLike, outcomes: ArrayLike) -> float:
    """Return the Brier score: the mean squared distance from forecast to outcome, lower is better.

    0 for somebody who is sure and right each time, 1 for somebody who is sure and wrong each time,
    and 0.25 for one half each time. It is *proper*: nobody can expect a better score by writing
    another probability than the one they believe.

    Raises
    ------
    ValueError
        If a forecast lies outside [0, 1], an outcome is neither 0 nor 1, or there are not as many
        of one as of the other.

    References
    ----------
    Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review
    78(1), 1950. His sum runs over both classes, and is twice this one.
    """
    p, o = _checked(probabilities, outcomes)
    return float(np.mean((p - o) ** 2))


def log_score(probabilities: ArrayLike, outcomes: ArrayLike) -> float:
    """Return the mean of -ln of the probability given to what happened; lower is better.

    Proper too, and it forgives nothing: who was sure and wrong once has an infinite score.

    References
    ----------
    Good, Rational decisions, Journal of the Royal Statistical Society B 14(1), 1952.
    """
    p, o = _checked(probabilities, outcomes)
    with np.errstate(divide="ignore"):
        # Adding 0 turns the -0 of a forecaster who was sure and right into 0.
        return float(np.mean(-np.log(np.where(o == 1, p, 1 - p)))) + 0.0


def expected_brier(report: ArrayLike, belief: ArrayLike) -> np.ndarray:
    """Return the Brier score to expect if yes has the probability `belief` and you write `report`.

    Parameters
    ----------
    report, belief : array
        In [0, 1], of shapes that broadcast.

    Returns
    -------
    array
        ``belief * (1 - report)**2 + (1 - belief) * report**2``, lowest where both are equal.
    """
    r, q = np.asarray(report, dtype=float), np.asarray(belief, dtype=float)
    return q * (1 - r) ** 2 + (1 - q) * r**2


@dataclass(frozen=True)
class Luck:
    """The Brier score that a calibrated forecaster expects, and how far chance moves it."""

    mean: float
    spread: float


def luck(probabilities: ArrayLike) -> Luck:
    """Return mean and standard deviation of the Brier score if every probability is the true one.

    A yes comes with probability p and costs (1 - p)**2, a no costs p**2. The mean of that is
    p (1 - p), its variance p (1 - p) (1 - 2 p)**2. The questions are taken as independent.
    """
    p = np.asarray(probabilities, dtype=float)
    p, _ = _checked(p, np.zeros_like(p))
    variance = p * (1 - p)
    return Luck(
        float(variance.mean()), float(np.sqrt((variance * (1 - 2 * p) ** 2).sum()) / p.size)
    )


@dataclass(frozen=True)
class Group:
    """Forecasts that are taken together: their mean, and how often yes came."""

    forecast: float
    share: float
    count: int


def calibration_curve(
    probabilities: ArrayLike, outcomes: ArrayLike, bins: int | None = None
) -> list[Group]:
    """Return the groups of a calibration curve, in order of their forecasts.

    Parameters
    ----------
    bins : int, optional
        Bins of equal width over [0, 1]; a forecast on an edge belongs to the bin above it, and 1 to
        the last one. Default: one group for each distinct forecast. Empty bins are left out.
    """
    p, o = _checked(probabilities, outcomes)
    return [
        Group(float(p[here].mean()), float(o[here].mean()), int(here.sum()))
        for here in _groups(p, bins)
    ]


@dataclass(frozen=True)
class Murphy:
    """The three parts of a Brier score, and what grouping leaves over.

    Attributes
    ----------
    reliability : float
        Mean squared distance from a group's forecast to its share of yes. 0 is perfect
        calibration: of what you call 70 %, 70 in 100 happen.
    resolution : float
        Mean squared distance from a group's share of yes to the share over all. What you know: it
        is 0 for somebody who says the same of every question.
    uncertainty : float
        s (1 - s) for a share s of yes over all: how hard the questions are for somebody who knows
        only that share.
    within : float
        What the forecasts of a group have by differing among themselves; 0 for one group a
        distinct forecast.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float

    @property
    def brier(self) -> float:
        """The Brier score: reliability - resolution + uncertainty + within."""
        return self.reliability - self.resolution + self.uncertainty + self.within


def murphy(probabilities: ArrayLike, outcomes: ArrayLike, bins: int | None = None) -> Murphy:
    """Return the parts of the Brier score: reliability - resolution + uncertainty.

    Parameters
    ----------
    bins : int, optional
        As for `calibration_curve`. With bins there is a fourth part, `Murphy.within`.

    References
    ----------
    Murphy, A new vector partition of the probability score, Journal of Applied Meteorology 12(4),
    1973. Stephenson, Coelho and Jolliffe, Two extra components in the Brier score decomposition,
    Weather and Forecasting 23(4), 2008, for the parts within a bin.
    """
    p, o = _checked(probabilities, outcomes)
    overall = o.mean()
    reliability = resolution = within = 0.0
    for here in _groups(p, bins):
        weight, forecast, share = here.mean(), p[here].mean(), o[here].mean()
        reliability += weight * (forecast - share) ** 2
        resolution += weight * (share - overall) ** 2
        # Variance of the forecasts, less twice their covariance with the outcomes.
        apart = p[here] - forecast
        within += weight * np.mean(apart**2 - 2 * apart * o[here])
    parts = reliability, resolution, overall * (1 - overall), within
    return Murphy(*(float(part) for part in parts))


def _groups(p: np.ndarray, bins: int | None) -> list[np.ndarray]:
    """Return one mask (N,) for each group that is not empty."""
    if bins is None:
        return [p == value for value in np.unique(p)]
    if bins < 1:
        raise ValueError(f"bins is {bins}, expected 1 or more.")
    # Against edges rather than int(p * bins): 0.29 * 100 is 28.999999999999996. And edges by one
    # division each, as somebody who writes 0.3 means it: in linspace(0, 1, 11) it is 0.30...04.
    edges = np.arange(bins + 1) / bins
    place = np.searchsorted(edges[1:-1], p, side="right")
    return [place == each for each in np.unique(place)]


def _checked(
    probabilities: ArrayLike | Sequence[float], outcomes: ArrayLike | Sequence[bool]
) -> tuple[np.ndarray, np.ndarray]:
    p, o = np.asarray(probabilities, dtype=float), np.asarray(outcomes, dtype=float)
    if p.ndim != 1 or p.shape != o.shape or p.size == 0:
        raise ValueError(
            f"Got forecasts of shape {p.shape} and outcomes of shape {o.shape}, expected (N,) for "
            "both, one outcome a forecast."
        )
    if not ((p >= 0) & (p <= 1)).all():
        wrong = p[~((p >= 0) & (p <= 1))][0]
        raise ValueError(f"A forecast is {wrong}, expected a probability of yes between 0 and 1.")
    if not np.isin(o, (0, 1)).all():
        wrong = o[~np.isin(o, (0, 1))][0]
        raise ValueError(f"An outcome is {wrong}, expected 1 for yes or 0 for no.")
    return p, o
