"""Is one result better than another? Three tests, and which luck each of them is about.

- McNemar's test and the bootstrap over images: would *these two networks* still differ on other
  test images?
- The interval over seeds: would *these two recipes* still differ if they were trained again?

A gain is that of B over A, as a share of the test images: 0.01 is one point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class McNemar:
    """Two networks on the same images, and how often chance alone sets them so far apart.

    Parameters
    ----------
    only_a, only_b : int
        Images that only A, and only B, gets right.
    exact, mid_p, asymptotic : float
        Two-sided p.
    """

    only_a: int
    only_b: int
    exact: float
    mid_p: float
    asymptotic: float


def discordant(right_a: np.ndarray, right_b: np.ndarray) -> tuple[int, int]:
    """Return how many images only A, and only B, gets right.

    Parameters
    ----------
    right_a, right_b : array of bool (images,)
        Whether each network is right, on the same images in the same order.

    Raises
    ------
    ValueError
        If they are not of one shape, or hold anything but right and wrong.
    """
    right_a, right_b = _answers(right_a, "right_a"), _answers(right_b, "right_b")
    if right_a.shape != right_b.shape:
        raise ValueError(
            f"A was tested on {right_a.size} images and B on {right_b.size}. Expected the same "
            "images in the same order."
        )
    return int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())


def mcnemar(only_a: int, only_b: int) -> McNemar:
    """Test whether two networks are equally often right, from the images they disagree on.

    If they are, each of those images is a fair coin: B's, or A's. `exact` doubles the probability
    of so few heads, or fewer. `mid_p` counts "so few" half, because the exact test is too careful
    with small counts. `asymptotic` takes the coin's sum for normal.

    Raises
    ------
    ValueError
        If a count is negative or no whole number.

    References
    ----------
    McNemar, Psychometrika 12, 1947. Fagerland, Lydersen and Laake, BMC Medical Research
    Methodology 13:91, 2013, for the mid-p test.
    """
    if min(only_a, only_b) < 0 or only_a != int(only_a) or only_b != int(only_b):
        raise ValueError(f"Counts are {only_a} and {only_b}. Expected whole numbers from 0 on.")
    only_a, only_b = int(only_a), int(only_b)
    tosses, few = only_a + only_b, min(only_a, only_b)
    if tosses == 0:
        return McNemar(0, 0, 1.0, 1.0, 1.0)
    ways = [math.comb(tosses, heads) for heads in range(few + 1)]
    so_few_or_fewer, so_few = sum(ways) / 2**tosses, ways[-1] / 2**tosses
    apart = abs(only_b - only_a) / math.sqrt(tosses)
    return McNemar(
        only_a,
        only_b,
        exact=min(1.0, 2 * so_few_or_fewer),
        mid_p=min(1.0, 2 * so_few_or_fewer - so_few),
        asymptotic=math.erfc(apart / math.sqrt(2)),
    )


def bootstrap_gains(
    right_a: np.ndarray, right_b: np.ndarray, rng: np.random.Generator, repeats: int = 2000
) -> np.ndarray:
    """Draw test sets from the test set, with replacement; return B's gain on each (repeats,).

    An image is drawn with both networks' answers to it.

    Raises
    ------
    ValueError
        If the answers do not belong together, or there are none.
    """
    discordant(right_a, right_b)
    gains = np.asarray(right_b, dtype=float) - np.asarray(right_a, dtype=float)
    if gains.size == 0:
        raise ValueError("There are no images. Give the answers to at least one.")
    drawn = rng.integers(0, gains.size, size=(repeats, gains.size))
    return gains[drawn].mean(axis=1)


def redrawn_gains(
    only_a: int, only_b: int, images: int, rng: np.random.Generator, repeats: int = 2000
) -> np.ndarray:
    """Return what `bootstrap_gains` would, faster: only the counts of the three kinds are drawn."""
    shares = np.array([only_a, only_b, images - only_a - only_b]) / images
    lost, won, _ = rng.multinomial(images, shares, size=repeats).T
    return (won - lost) / images


def bootstrap_interval(
    right_a: np.ndarray,
    right_b: np.ndarray,
    rng: np.random.Generator,
    repeats: int = 2000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Return the interval that holds the middle `level` of the bootstrap's gains.

    References
    ----------
    Efron, Annals of Statistics 7, 1979; the percentile interval.
    """
    outside = (1 - level) / 2
    low, high = np.quantile(bootstrap_gains(right_a, right_b, rng, repeats), [outside, 1 - outside])
    return float(low), float(high)


@dataclass(frozen=True)
class OverSeeds:
    """Differences of two recipes, seed by seed: mean, standard deviation, interval and p."""

    seeds: int
    mean: float
    sd: float
    standard_error: float
    low: float
    high: float
    p: float


def over_seeds(differences: np.ndarray, level: float = 0.95) -> OverSeeds:
    """Test whether a recipe is better than another, from one difference for each seed.

    Parameters
    ----------
    differences : array (seeds,)
        Accuracy of B minus that of A, both trained with this seed.
    level : float
        Of the interval, by Student's t.

    Raises
    ------
    ValueError
        If there are fewer than two seeds, or a difference is not finite.
    """
    differences = np.asarray(differences, dtype=float)
    if differences.ndim != 1 or differences.size < 2 or not np.isfinite(differences).all():
        raise ValueError(
            f"Differences have shape {differences.shape}. Expected finite numbers, one for each of "
            "at least two seeds: one run has no spread."
        )
    seeds, mean, sd = differences.size, differences.mean(), differences.std(ddof=1)
    error = sd / math.sqrt(seeds)
    wide = stats.t.ppf((1 + level) / 2, seeds - 1) * error
    p = 2 * stats.t.sf(abs(mean) / error, seeds - 1) if error > 0 else float(mean == 0)
    return OverSeeds(
        seeds,
        float(mean),
        float(sd),
        float(error),
        float(mean - wide),
        float(mean + wide),
        float(p),
    )


def _answers(right: np.ndarray, name: str) -> np.ndarray:
    right = np.asarray(right)
    if right.ndim != 1 or not np.isin(right, (0, 1)).all():
        raise ValueError(
            f"{name} has shape {right.shape} and dtype {right.dtype}. Expected one right (True) or "
            "wrong (False) for each image."
        )
    return right.astype(bool)
