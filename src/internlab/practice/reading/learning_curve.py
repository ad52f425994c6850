"""Learning curves: how the error falls with more data, and how much data a target needs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

# How a curve may go on where nobody has looked: like a power law, to a floor, or ever steeper.
SHAPES = ("straight", "levelling", "bending")


@dataclass(frozen=True)
class Curve:
    """``error(n) = floor + scale * n ** -(power + bend * log(n))``."""

    scale: float
    power: float
    floor: float = 0.0
    bend: float = 0.0

    def error(self, size: float | np.ndarray) -> float | np.ndarray:
        """Return the error at a training size or sizes."""
        logs = np.log(np.asarray(size, dtype=float))
        return self.floor + self.scale * np.exp(-self.power * logs - self.bend * logs**2)

    def size_for(self, target: float) -> float:
        """Return the training size at which the curve reaches an error; inf if it never does."""
        if target <= self.floor:
            return math.inf
        goal = math.log(self.scale / (target - self.floor))
        if self.bend == 0:
            log_size = goal / self.power if self.power > 0 else math.inf
        else:
            # bend * l ** 2 + power * l = goal, on the branch where the error falls.
            inside = self.power**2 + 4 * self.bend * goal
            log_size = (
                (math.sqrt(inside) - self.power) / (2 * self.bend) if inside >= 0 else math.inf
            )
        return math.exp(log_size) if log_size < 700 else math.inf


def fit_curve(sizes: Sequence[float], errors: Sequence[float], shape: str = "straight") -> Curve:
    """Fit a curve to errors, by least squares of their logarithms.

    "straight" is a power law: a line through ``log(error)`` over ``log(size)``. "levelling" adds a
    floor that no amount of data removes, "bending" lets the line become steeper or flatter.

    Parameters
    ----------
    sizes : sequence of float
        Training sizes, above 0; at least two different ones, three unless the shape is straight.
    errors : sequence of float
        The error at each, above 0. Several seeds may share a size.
    shape : {"straight", "levelling", "bending"}

    Raises
    ------
    ValueError
        If the shape is unknown, there are too few sizes, lengths differ, or a value is not above 0.

    References
    ----------
    Cortes and others, "Learning curves: asymptotic values and rate of convergence", NIPS 1993;
    Hestness and others, "Deep learning scaling is predictable, empirically", 2017
    (arXiv 1712.00409).
    """
    if shape not in SHAPES:
        raise ValueError(f"shape is {shape!r}; expected one of {', '.join(SHAPES)}.")
    n, e = np.asarray(sizes, dtype=float), np.asarray(errors, dtype=float)
    least = 2 if shape == "straight" else 3
    if n.shape != e.shape or n.ndim != 1 or len(np.unique(n)) < least:
        raise ValueError(
            f"{len(np.unique(n))} different sizes and {e.size} errors; expected one error for each "
            f"entry and at least {least} different sizes."
        )
    if not ((n > 0).all() and (e > 0).all()):
        raise ValueError(
            "A size or an error is not above 0: an error of 0 on a test set only says that the "
            "test set is too small."
        )
    slope, height = np.polyfit(np.log(n), np.log(e), 1)
    if shape == "straight":
        return Curve(float(np.exp(height)), float(-slope))
    if shape == "bending":
        bend, tilt, start = np.polyfit(np.log(n), np.log(e), 2)
        return Curve(float(np.exp(start)), float(-tilt), bend=float(-bend))
    return _levelling(n, e, height, slope)


def _levelling(n: np.ndarray, e: np.ndarray, height: float, slope: float) -> Curve:
    def residuals(parameters: np.ndarray) -> np.ndarray:
        log_scale, power, level = parameters
        return np.log(level + np.exp(log_scale - power * np.log(n))) - np.log(e)

    found = least_squares(
        residuals,
        x0=[height, max(-slope, 0.01), e.min() / 2],
        bounds=([-np.inf, 0.0, 0.0], [np.inf, 5.0, e.min()]),
        x_scale=[1.0, 0.1, e.min()],
        xtol=1e-12,
        ftol=1e-12,
        gtol=1e-12,
    ).x
    return Curve(math.exp(found[0]), float(found[1]), floor=float(found[2]))


@dataclass(frozen=True)
class Forecast:
    """A prediction at one size: the power law's, and the range between all refits of all shapes."""

    size: float
    straight: float
    low: float
    high: float


def forecast(
    sizes: Sequence[float],
    errors: np.ndarray,
    at: Sequence[float],
    rng: np.random.Generator,
    *,
    shapes: Sequence[str] = SHAPES,
    refits: int = 100,
    confidence: float = 0.9,
) -> list[Forecast]:
    """Predict the error at larger sizes, with the range that seeds and shapes leave open.

    Each refit draws the seeds again, with replacement, and fits every shape. The range holds
    `confidence` of them: part of the doubt is which seeds were run, part is how the curve goes on.
    What none of the shapes allows for is not in it.

    Parameters
    ----------
    sizes : sequence of float
        (K,) training sizes, at least three.
    errors : array
        (S, K), one row a seed, at least two.
    at : sequence of float
        Sizes to predict at.
    rng : numpy Generator
    shapes : sequence of str
        Of `SHAPES`, at least one.
    refits : int
        At least 1.
    confidence : float

    Raises
    ------
    ValueError
        As `fit_curve`, and if there are fewer than two seeds.
    """
    errors = np.asarray(errors, dtype=float)
    if errors.ndim != 2 or errors.shape[0] < 2 or errors.shape[1] != len(sizes):
        raise ValueError(
            f"errors has shape {errors.shape}; expected (seeds, {len(sizes)}), two seeds or more."
        )
    straight = fit_curve(sizes, errors.mean(axis=0))
    drawn = []
    for _ in range(refits):
        again = errors[rng.integers(0, len(errors), len(errors))].mean(axis=0)
        drawn += [fit_curve(sizes, again, shape).error(at) for shape in shapes]
    edges = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(np.array(drawn), edges, axis=0)
    return [
        Forecast(float(size), float(straight.error(size)), float(low[i]), float(high[i]))
        for i, size in enumerate(at)
    ]
