"""Check of lab 42: the sign-flip test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import numpy as np

from internlab.answers import number, same, tell, told_apart
from internlab.exercises import NotYet, call

TINY = 1e-12  # sums round


def check_sign_flip(answer: Callable[..., float]) -> None:
    """Expect a function of differences (n,) to the two-sided p of the sign-flip test."""
    rng = np.random.default_rng()
    # A mean below zero, too: above it, two wrong ways give the right p.
    for count, below in ((6, False), (7, True), (6, bool(rng.integers(2)))):
        differences, right, known = _differences(rng, count, below)
        got = number(call(answer, differences), "p")
        if same(got, right):
            continue
        after = f" as p, with a mean of {differences.mean():+.2f}"
        given = f"for {count} differences you gave"
        if got > 1 and not any(same(got, value) for value in [*known.values(), 100 * right]):
            raise NotYet(
                f"{given} {got:.4g}{after}, expected {right:.4f}. A p lies between 0 and "
                "1: what do you divide by?"
            )
        asks = (
            f"of all {2**count} ways to choose signs, in how many is the mean at least as far from "
            "zero?"
        )
        tell(got, right, known, asks, given=given, after=after, share=True)


def _differences(
    rng: np.random.Generator, count: int, below: bool
) -> tuple[np.ndarray, float, dict[str, float]]:
    """Draw differences with a mean below or above zero, on which no two ways agree."""
    while True:
        differences = rng.normal(-0.6 if below else 0.6, 1, count)
        if (differences.mean() < 0) != below:
            continue
        right, known = _ways_to_flip(differences)
        if not _apart(right, known):
            continue
        known |= _other_tests(differences)
        if _apart(right, known):
            return differences, right, known


def _apart(right: float, known: Mapping[str, float]) -> bool:
    # Nor may one of them give 1, which a wrong flip often gives, unless it always does.
    others = [value for says, value in known.items() if says != _ALWAYS_ONE]
    return told_apart(right, 100 * right, 1.0, *others)


def _other_tests(differences: np.ndarray) -> dict[str, float]:
    """Return the p of tests that people take instead, by what to say of it."""
    from scipy import stats

    above = int((differences > 0).sum())
    return {
        "is the t-test's, which assumes normally distributed differences: which signs did you "
        "flip?": float(stats.ttest_1samp(differences, 0).pvalue),
        "counts only how many differences are positive: does it matter how large they are?": float(
            stats.binomtest(above, len(differences)).pvalue
        ),
        "is that of signed ranks: does it matter how far apart two neighbours are?": float(
            stats.wilcoxon(differences).pvalue
        ),
    }


_ALWAYS_ONE = (
    "is 1, since no distance from zero is smaller than a mean below zero. How far from zero is the "
    "mean that was found?"
)


def _ways_to_flip(differences: np.ndarray) -> tuple[float, dict[str, float]]:
    """Return the right p, and what people give instead by what to say of it."""
    count, mean = len(differences), float(differences.mean())
    means, parts = (
        (np.array(list(itertools.product(by, repeat=count))) * differences).mean(axis=1)
        for by in ((1, -1), (0, 1))
    )
    far = np.abs(means) >= abs(mean) - TINY
    higher = float((means >= mean - TINY).mean())
    lower = float((means <= mean + TINY).mean())
    known = {
        "counts flips whose mean is at least as *high*: would a mean as far below zero have "
        "surprised you less?": higher,
        "counts flips whose mean is at least as *low*: would a mean as far above zero have "
        "surprised you less?": lower,
        "leaves out the flips that give exactly what was found. The differences as they are were "
        "one of the ways: is p ever 0?": float((np.abs(means) > abs(mean) + TINY).mean()),
        "counts the flips that are *nearer* to zero than what was found: which are at least as "
        "surprising?": float((np.abs(means) <= abs(mean) + TINY).mean()),
        "multiplies by 0 and 1, which leaves differences out. Which two numbers keep a difference, "
        "and turn its sign?": float((np.abs(parts) >= abs(mean) - TINY).mean()),
        "adds one above and below, as one does for flips that chance has picked. Are the "
        "differences as they are not among all ways already?": (
            float((far.sum() + 1) / (far.size + 1))
        ),
        "leaves the differences as they are out of the ways, above and below: could these signs "
        "not have come up?": float((far.sum() - 1) / (far.size - 1)),
        "is a number of ways: what do you divide by?": float(far.sum()),
    }
    if mean < 0:
        known |= {
            "is twice a share on the upper side. Here the mean lies below zero: on which side are "
            "the means that are as far out?": 2 * higher,
            _ALWAYS_ONE: 1.0,
        }
    else:
        known[
            "is twice a share on the lower side. Here the mean lies above zero: on which side "
            "are the means that are as far out?"
        ] = 2 * lower
    return float(far.mean()), known
