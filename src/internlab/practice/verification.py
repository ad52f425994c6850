"""How many of the gains that were found are real, and how large are they really?

A share `base` of all ideas is any good. A test finds a good one with probability `power` and takes
a useless one for good with probability `false_alarm`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from internlab.practice.power import finds


def found(base: float, power: float, false_alarm: float) -> float:
    """Return the share of all ideas that the test finds."""
    _check(base=base, power=power, false_alarm=false_alarm)
    return base * power + (1 - base) * false_alarm


def share_true(base: float, power: float, false_alarm: float) -> float:
    """Return the share of real gains among those found: Bayes' rule.

    Raises
    ------
    ValueError
        If one of the three is no share, or nothing is ever found.

    References
    ----------
    Ioannidis, PLoS Medicine 2(8):e124, 2005 (positive predictive value, without its bias term).
    """
    everything = found(base, power, false_alarm)
    if everything == 0:
        raise ValueError("Nothing is found: power, or base, and false_alarm are 0. Give one above.")
    return base * power / everything


def exaggeration(gain: float, standard_error: float, alpha: float = 0.05) -> float:
    """Return how many times its true size a gain has, on average, where it is found.

    Measured gains are taken for normal around the true one. The significant ones are the upper
    tail, and its mean lies above the true gain: the winner's curse.

    Raises
    ------
    ValueError
        If the gain or the standard error is not above 0.

    References
    ----------
    Gelman and Carlin, Perspectives on Psychological Science 9(6), 2014 (type M error).
    """
    if not (gain > 0 and standard_error > 0):
        raise ValueError(
            f"gain is {gain} and standard_error {standard_error}. Expected both above 0."
        )
    wall = stats.norm.ppf(1 - alpha / 2) - gain / standard_error
    return float(1 + standard_error / gain * stats.norm.pdf(wall) / stats.norm.sf(wall))


@dataclass(frozen=True)
class Ideas:
    """Many ideas that went through a quick look and a verification (ideas,)."""

    good: np.ndarray
    measured: np.ndarray
    promising: np.ndarray
    verified: np.ndarray


def simulate_ideas(
    ideas: int,
    base: float,
    gain: float,
    disagreement: float,
    rng: np.random.Generator,
    look_images: int,
    look_alpha: float,
    verify_images: int,
    verify_alpha: float = 0.05,
) -> Ideas:
    """Test many ideas on few images, and what looked promising again on many others.

    A good idea gains `gain`, any other nothing; each disagrees with the baseline on a share
    `disagreement` of the images. Promising, or verified, is what the exact McNemar test finds on
    its images in favour of the idea. Every idea is also put to the verification, so that the
    result of promising ones can be compared with the rest.

    Returns
    -------
    Ideas
        `measured` is the gain in the quick look, as a share.
    """
    good = rng.random(ideas) < base
    true_gain = np.where(good, gain, 0.0)
    outcomes = []
    for images, alpha in ((look_images, look_alpha), (verify_images, verify_alpha)):
        only_a = (disagreement - true_gain) / 2
        tosses = rng.binomial(images, disagreement, ideas)
        lost = rng.binomial(tosses, only_a / disagreement)
        won = tosses - lost
        outcomes.append(((won - lost) / images, finds(lost, won, alpha)))
    (measured, promising), (_, verified) = outcomes
    return Ideas(good, measured, promising, verified)


def _check(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is {share}. Expected a share between 0 and 1.")
