"""How many images, or seeds, before anything runs?

The power of a test is the probability that it finds a gain that is really there. Everywhere here
"finds" means significant and in favour of B, so with no gain the rate is half of alpha.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

# A tail that is exactly half of alpha is significant; its sum in floating point may be a hair more.
_ROUNDING = 1 + 1e-9


def mcnemar_power(images: int, gain: float, disagreement: float, alpha: float = 0.05) -> float:
    """Return the power of McNemar's test by the normal approximation.

    Parameters
    ----------
    images : int
        In the test set.
    gain : float
        Accuracy of B minus accuracy of A, as a share.
    disagreement : float
        Share of the images on which one of the two is right and the other wrong.
    alpha : float
        Two-sided level of the test.

    Raises
    ------
    ValueError
        If the gain is larger than the disagreement, or a share is none.

    References
    ----------
    Connor, Biometrics 43, 1987.
    """
    _check(gain, disagreement, alpha)
    z = stats.norm.ppf(1 - alpha / 2)
    spread = math.sqrt(disagreement - gain**2)
    return float(stats.norm.cdf((gain * math.sqrt(images) - z * math.sqrt(disagreement)) / spread))


def mcnemar_power_exact(
    images: int, gain: float, disagreement: float, alpha: float = 0.05
) -> float:
    """Return the power of the exact test: summed over every number of disagreements.

    So many images are disagreed on with a binomial probability. Of these B gets a share of
    (disagreement + gain) / 2 / disagreement, and the test finds the gain if A gets few enough.
    """
    _check(gain, disagreement, alpha)
    tosses = np.arange(images + 1)
    likely = stats.binom.pmf(tosses, images, disagreement)
    share_of_a = (disagreement - gain) / (2 * disagreement)
    # The most that A may have: the largest count whose doubled tail is at most alpha.
    most = stats.binom.ppf(alpha / 2, tosses, 0.5)
    most -= stats.binom.cdf(most, tosses, 0.5) > alpha / 2 * _ROUNDING
    return float((likely * stats.binom.cdf(most, tosses, share_of_a)).sum())


def mcnemar_power_simulated(
    images: int,
    gain: float,
    disagreement: float,
    rng: np.random.Generator,
    repeats: int = 20_000,
    alpha: float = 0.05,
) -> float:
    """Return the share of simulated test sets on which the exact test finds the gain."""
    _check(gain, disagreement, alpha)
    shares = [(disagreement - gain) / 2, (disagreement + gain) / 2, 1 - disagreement]
    only_a, only_b, _ = rng.multinomial(images, shares, size=repeats).T
    return float(finds(only_a, only_b, alpha).mean())


def finds(only_a: np.ndarray, only_b: np.ndarray, alpha: float = 0.05) -> np.ndarray:
    """Say for many pairs of counts whether the exact test finds that B is better.

    With an alpha of 1 it finds whatever comes out ahead.
    """
    p = 2 * stats.binom.cdf(np.minimum(only_a, only_b), only_a + only_b, 0.5)
    return (p <= alpha * _ROUNDING) & (only_b > only_a)


def images_needed(gain: float, disagreement: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return how many test images find a gain with this power, by Connor's formula.

    Raises
    ------
    ValueError
        If the gain is not above zero or larger than the disagreement, or a share is none.
    """
    _check(gain, disagreement, alpha)
    if gain <= 0 or not 0 < power < 1:
        raise ValueError(
            f"gain is {gain} and power {power}. Expected a gain above 0 and a power between 0 and "
            "1: no number of images finds a gain that is not there."
        )
    z_alpha, z_power = stats.norm.ppf([1 - alpha / 2, power])
    root = z_alpha * math.sqrt(disagreement) + z_power * math.sqrt(disagreement - gain**2)
    return math.ceil((root / gain) ** 2)


def seeds_power(seeds: int, gain: float, sd: float, alpha: float = 0.05) -> float:
    """Return the power of the paired t-test over seeds: exact for normal differences.

    Parameters
    ----------
    seeds : int
        At least two.
    gain : float
        Mean difference of the two recipes.
    sd : float
        Standard deviation of the differences, seed by seed, above 0.
    alpha : float
        Two-sided level of the test.

    Raises
    ------
    ValueError
        If there are fewer than two seeds or the deviation is not above 0.
    """
    if seeds < 2 or not sd > 0:
        raise ValueError(
            f"{seeds} seeds and sd {sd}. Expected at least two seeds and an sd above 0."
        )
    wall = stats.t.ppf(1 - alpha / 2, seeds - 1)
    return float(stats.nct.sf(wall, seeds - 1, gain / sd * math.sqrt(seeds)))


def seeds_needed(
    gain: float, sd: float, power: float = 0.8, alpha: float = 0.05, at_most: int = 10_000
) -> int:
    """Return how many seeds find a mean difference with this power.

    Raises
    ------
    ValueError
        If the gain is not above zero, or more than `at_most` seeds would be needed.
    """
    if not gain > 0:
        raise ValueError(f"gain is {gain}. Expected one above 0.")
    # Power grows with the seeds, so halve the interval that holds the answer.
    low, high = 1, at_most
    if seeds_power(high, gain, sd, alpha) < power:
        raise ValueError(
            f"More than {at_most} seeds would be needed to find a gain of {gain} with a deviation "
            f"of {sd}. Expected a gain that somebody could pay for."
        )
    while high - low > 1:
        middle = (low + high) // 2
        if seeds_power(middle, gain, sd, alpha) < power:
            low = middle
        else:
            high = middle
    return high


def _check(gain: float, disagreement: float, alpha: float) -> None:
    if not 0 < disagreement <= 1 or not 0 < alpha <= 1:
        raise ValueError(
            f"disagreement is {disagreement} and alpha {alpha}. Expected shares between 0 and 1."
        )
    if abs(gain) > disagreement or gain**2 == disagreement:
        raise ValueError(
            f"A gain of {gain} needs at least as much disagreement, and {disagreement} was given. "
            "Expected shares, such as 0.01 for one point: was one of them per cent?"
        )
