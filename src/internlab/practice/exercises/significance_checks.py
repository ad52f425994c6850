"""Checks of lab 02: a p-value, an interval, a number of images."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
from scipy import stats

from internlab.answers import number, same, several, tell, told_apart
from internlab.exercises import NotYet, call
from internlab.practice.power import images_needed
from internlab.practice.significance import discordant, mcnemar, redrawn_gains

IMAGES = 400


def check_p_value(answer: Callable[..., float]) -> None:
    """Expect a function of (right_a, right_b) to the exact McNemar p."""
    for winner in (0, 1):
        given = _pair(np.random.default_rng(), winner)
        right, known = _p_values(*given)
        while not told_apart(right, *known.values()):
            given = _pair(np.random.default_rng(), winner)
            right, known = _p_values(*given)
        got = number(call(answer, *given), "p")
        only_a, only_b = discordant(*given)
        words = f"only A is right on {only_a} images and only B on {only_b}: you gave"
        tell(got, right, known, "which images are the coins, and which falls count?", given=words)
    both = np.arange(IMAGES) < 300
    got = number(call(answer, both, both.copy()), "p")
    if not same(got, 1):
        raise NotYet(
            f"for two networks that agree on every image you gave {got:.4g}, expected 1: is there "
            "anything that chance could not have done?"
        )
    even = [np.roll(both, shift) for shift in (0, 20)]
    got = number(call(answer, *even), "p")
    if not same(got, 1):
        raise NotYet(
            f"with 20 disagreements on either side you gave {got:.4g}, expected 1: doubling counts "
            "the middle twice, and how large can a probability be?"
        )


def _p_values(right_a: np.ndarray, right_b: np.ndarray) -> tuple[float, dict[str, float]]:
    test = mcnemar(*discordant(right_a, right_b))
    only_a, only_b = test.only_a, test.only_b
    tosses, few = only_a + only_b, min(only_a, only_b)
    counts = [[right_a.sum(), (~right_a).sum()], [right_b.sum(), (~right_b).sum()]]
    corrected = (abs(only_a - only_b) - 1) / math.sqrt(tosses)
    return test.exact, {
        "is one tail. Before the test nobody knew which would be better: how many tails count?": (
            test.exact / 2
        ),
        "is the mid-p, which counts the outcome itself half. Which one is exact?": test.mid_p,
        "is that of the normal approximation. How many of so many coins fall like this, "
        "exactly?": test.asymptotic,
        "is that of the normal approximation with a continuity correction. How many coins fall "
        "like this, exactly?": 2 * float(stats.norm.sf(corrected)),
        "is the probability of this outcome alone. What of those that are even more uneven?": (
            float(stats.binom.pmf(few, tosses, 0.5))
        ),
        "is twice the probability of this outcome alone. What of those that are even more "
        "uneven?": 2 * float(stats.binom.pmf(few, tosses, 0.5)),
        "takes A and B for two groups of other images. Which images are the same in both?": (
            float(stats.chi2_contingency(counts).pvalue)
        ),
        "takes A and B for two groups of other images (without a correction). Which images are the "
        "same in both?": float(stats.chi2_contingency(counts, correction=False).pvalue),
        "tosses a coin for every image. On how many do the two disagree?": min(
            1.0, 2 * float(stats.binom.cdf(few, len(right_a), 0.5))
        ),
        "leaves out the outcome itself. Is it as uneven as what was seen?": 2
        * float(stats.binom.cdf(few - 1, tosses, 0.5)),
        "is 1 - p. Is a small one to speak for a difference, or against?": 1 - test.exact,
    }


def check_interval(answer: Callable[..., tuple[float, float]]) -> None:
    """Expect a function of (right_a, right_b, rng) to the 95 % bootstrap interval."""
    rng = np.random.default_rng()
    # Three times the images, so that the steps between gains are small.
    given = tuple(np.tile(each, 3) for each in _pair(rng, 1))
    images = len(given[0])
    only_a, only_b = discordant(*given)
    gain, disagree = (only_b - only_a) / images, (only_a + only_b) / images
    error = math.sqrt((disagree - gain**2) / images)
    low, high = np.quantile(redrawn_gains(only_a, only_b, images, rng, 200_000), [0.025, 0.975])
    result = call(answer, *given, rng)
    ends = several(result, "low", "high", asks="which quantiles are the ends?")
    got = [
        number(each, f"the {name} end") for each, name in zip(ends, ("low", "high"), strict=True)
    ]
    told = f"you gave {got[0]:+.4f} to {got[1]:+.4f}, expected about {low:+.4f} to {high:+.4f}"
    # 2,000 repeats know an end to 0.06 standard errors; 90 % and 95 % lie 0.3 apart.
    slack = 0.24 * error + 0.5 / images
    width, right_width = got[1] - got[0], high - low
    near = abs(got[0] - low) < slack and abs(got[1] - high) < slack
    if near and abs(width - right_width) < 0.3 * error + 0.5 / images:
        return
    if got[0] > got[1]:
        raise NotYet(f"{told}: which end is the lower one?")
    middle = (got[0] + got[1]) / 2
    if width > 20 * right_width:
        raise NotYet(f"{told}. Yours is a hundred times as wide: is it in shares of the images?")
    if abs(middle + gain) < slack and abs(width / right_width - 1) < 0.25:
        raise NotYet(f"{told}. Yours is the gain of A over B: which is taken from which?")
    if abs(middle) < slack < abs(gain):
        raise NotYet(
            f"{told}. Yours lies around zero, not around the gain: what were the answers of A and "
            "B exchanged for?"
        )
    if width < 0.05 * right_width:
        raise NotYet(
            f"{told}. Yours has hardly a width, as if every redrawn set held the same images: can "
            "an image be drawn twice?"
        )
    unpaired = 2 * 1.96 * math.sqrt(sum(each.mean() * (1 - each.mean()) for each in given) / images)
    if abs(width / unpaired - 1) < 0.12:
        raise NotYet(
            f"{told}. Yours is as wide as if A's images and B's were drawn apart: whose answers "
            "belong to an image that is drawn?"
        )
    for says, ratio in (
        ("Yours holds 90 % of the sets: how much lies outside on either side of 95 %?", 1.645),
        ("Yours is one standard deviation wide on either side: which share does that hold?", 1.0),
        ("Yours holds 68 % of the sets: which quantiles hold 95 %?", 0.994),
    ):
        if abs(width / right_width - ratio / 1.96) < 0.04:
            raise NotYet(f"{told}. {says}")
    raise NotYet(f"{told}: how many images has a redrawn set, and which quantiles are the ends?")


def check_images(answer: Callable[..., int]) -> None:
    """Expect a function of (gain, disagreement) to a number of images."""
    rng = np.random.default_rng()
    for _ in range(3):
        gain = float(rng.uniform(0.008, 0.03))
        disagreement = float(rng.uniform(0.06, 0.2))
        right, known = _images(gain, disagreement)
        # Rounded up or down, too, every slip is another number.
        while not _whole_apart(right, known.values()):
            gain, disagreement = float(rng.uniform(0.008, 0.03)), float(rng.uniform(0.06, 0.2))
            right, known = _images(gain, disagreement)
        got = number(call(answer, gain, disagreement), "the number of images")
        words = f"to find {100 * gain:.2f} points with {disagreement:.1%} disagreement "
        if got in (right, right - 1) or abs(got - right) < 1:
            if got < right:
                raise NotYet(
                    f"{words}you gave {got:.2f}, expected {right}. That is rounded down, or not "
                    "rounded: can a test set have part of an image, and is a little less enough?"
                )
            if got != int(got):
                raise NotYet(f"{words}you gave {got:.2f}, expected {right}: how many whole images?")
            if got == right:
                continue
        for says, value in known.items():
            if got in (math.floor(value), math.ceil(value)) or same(got, value):
                raise NotYet(f"{words}you gave {got:.0f}, expected {right}. Yours {says}")
        raise NotYet(
            f"{words}you gave {got:.0f}, expected {right}: which part of the formula is squared, "
            "and which is under a root?"
        )


def _whole_apart(right: int, slips: Iterable[float]) -> bool:
    whole = [right, right - 1, *(way(each) for each in slips for way in (math.floor, math.ceil))]
    return len(set(whole)) == len(whole)


def _images(gain: float, disagreement: float) -> tuple[int, dict[str, float]]:
    a, b = stats.norm.ppf([0.975, 0.8])
    one = stats.norm.ppf(0.95)
    root, other = math.sqrt(disagreement), math.sqrt(disagreement - gain**2)
    return images_needed(gain, disagreement), {
        "leaves the power out, so it finds the gain one time in two. Which z belongs to 0.8?": (
            (a * root) ** 2 / gain**2
        ),
        "is for a one-sided test. How much of 0.05 lies on either side?": (
            (one * root + b * other) ** 2 / gain**2
        ),
        "is not squared. What does half the gain cost?": (a * root + b * other) / gain,
        "divides by the gain, not by its square. What does half the gain cost?": (
            (a * root + b * other) ** 2 / gain
        ),
        "has the disagreement without its root. Is it a variance or a deviation?": (
            (a * disagreement + b * (disagreement - gain**2)) ** 2 / gain**2
        ),
        "takes the z of a power of 0.9. Which one is asked for?": (
            (a * root + stats.norm.ppf(0.9) * other) ** 2 / gain**2
        ),
        "has the gain added to the disagreement. Is a variance the mean square minus the squared "
        "mean, or plus?": (a * root + b * math.sqrt(disagreement + gain**2)) ** 2 / gain**2,
        "takes the gain itself from the disagreement. What is squared there?": (
            (a * root + b * math.sqrt(disagreement - gain)) ** 2 / gain**2
        ),
        "takes the two deviations for the same. They nearly are: which one is there under the "
        "alternative?": ((a + b) * root) ** 2 / gain**2,
    }


def _pair(rng: np.random.Generator, winner: int) -> tuple[np.ndarray, np.ndarray]:
    """Return right and wrong of two networks (400,), the winner a few points ahead."""
    few, many = int(rng.integers(8, 14)), int(rng.integers(20, 30))
    both = int(rng.integers(260, 320))
    only = (many, few) if winner == 0 else (few, many)
    kinds = np.repeat([0, 1, 2, 3], [both, *only, IMAGES - both - sum(only)])
    kinds = rng.permutation(kinds)
    return np.isin(kinds, (0, 1)), np.isin(kinds, (0, 2))
