"""Checks of lab 05 that compare one number: kappa, and the data that a target needs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from internlab.answers import number, tell, told_apart
from internlab.exercises import NotYet, call
from internlab.practice.reading import agreement, fit_curve

JUDGEMENTS = ("read", "skim", "skip")


def check_kappa(answer: Callable[..., float]) -> None:
    """Expect a function of two arrays of judgements to Cohen's kappa."""
    for kinds in (3, 2):
        given = _readers(np.random.default_rng(), kinds)
        right, known = _kappas(*given)
        while not told_apart(right, *known.values()):
            given = _readers(np.random.default_rng(), kinds)
            right, known = _kappas(*given)
        got = number(call(answer, *given), "kappa")
        tell(got, right, known, "how often do they agree, and how often would they by chance?")
    same = np.array(["read", "skip", "skip", "read", "skip"])
    got = number(call(answer, same, same.copy()), "kappa")
    if not math.isclose(got, 1, abs_tol=1e-6):
        raise NotYet(f"two readers who agree on all get {got:.3f}, expected 1: what is left over?")


def _readers(rng: np.random.Generator, kinds: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two readers of 40 abstracts, the second more willing to read."""
    names = np.array(JUDGEMENTS[:kinds])
    first = rng.choice(names, 40, p=[0.2, 0.3, 0.5][:kinds] if kinds == 3 else [0.25, 0.75])
    second = np.where(rng.random(40) < 0.55, first, rng.choice(names, 40))
    first[:kinds], second[:kinds] = names, names[::-1]
    return first, second


def _kappas(first: np.ndarray, second: np.ndarray) -> tuple[float, dict[str, float]]:
    """Return the right kappa, and what people give instead by what is said of it."""
    found = agreement(first.tolist(), second.tolist())
    observed, chance = found.observed, found.by_chance
    kinds = sorted(set(first) | set(second))
    one = {k: np.mean(first == k) for k in kinds}
    two = {k: np.mean(second == k) for k in kinds}
    pooled = sum(((one[k] + two[k]) / 2) ** 2 for k in kinds)

    def beyond(by_chance: float) -> float:
        return (observed - by_chance) / (1 - by_chance)

    return found.kappa, {
        "is the share of equal judgements. How much of it would two readers get who do not "
        "look?": observed,
        "is what chance gives. How far beyond it are the two?": chance,
        "takes chance away and does not divide. What is the most that could be left over?": (
            observed - chance
        ),
        "divides by chance. What is the most that could be left over?": (
            (observed - chance) / chance
        ),
        "takes all judgements as equally likely. How often does each reader give each one?": beyond(
            1 / len(kinds)
        ),
        "uses the habits of the first reader twice. Whose habits are the second's?": beyond(
            sum(one[k] ** 2 for k in kinds)
        ),
        "uses the habits of the second reader twice. Whose habits are the first's?": beyond(
            sum(two[k] ** 2 for k in kinds)
        ),
        "pools both readers (that is Scott's pi). Where does Cohen keep them apart?": beyond(
            pooled
        ),
        "counts one judgement alone in what chance gives. Which others can two readers share?": (
            beyond(one[kinds[0]] * two[kinds[0]])
        ),
    }


def check_needed(answer: Callable[..., float]) -> None:
    """Expect a function of (sizes, errors, target) to the training size a power law asks for."""
    given = _curve(np.random.default_rng())
    right, known = _needs(*given)
    # By more, because a whole number of images is as good.
    while not told_apart(right, *known.values(), by=1e-3):
        given = _curve(np.random.default_rng())
        right, known = _needs(*given)
    got = number(call(answer, *given), "the training size")
    if abs(got - right) <= max(1.0, 1e-6 * right):
        return
    tell(got, right, known, "where does the line meet the target?")


def _curve(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Return five sizes, the errors at them with some noise, and a target below the last."""
    sizes = 40.0 * 2 ** np.arange(5)
    errors = rng.uniform(1, 2) * sizes ** -rng.uniform(0.3, 0.5) * np.exp(rng.normal(0, 0.06, 5))
    return sizes, errors, float(errors.min() * rng.uniform(0.4, 0.6))


def _needs(sizes: np.ndarray, errors: np.ndarray, target: float) -> tuple[float, dict[str, float]]:
    logs, down = np.log(sizes), np.log(errors)
    slope, height = np.polyfit(logs, down, 1)
    straight = np.polyfit(sizes, errors, 1)
    half = np.polyfit(logs, errors, 1)
    decay = np.polyfit(sizes, down, 1)
    back = np.polyfit(down, logs, 1)
    ends = (down[-1] - down[0]) / (logs[-1] - logs[0])
    last = (down[-1] - down[-2]) / (logs[-1] - logs[-2])
    goal = np.log(target)
    with np.errstate(over="ignore"):
        known = {
            "is where a straight line on plain axes meets the target. Does the error fall by the "
            "same amount with each image?": (target - straight[1]) / straight[0],
            "takes the logarithm of the sizes alone. Which axis is left?": np.exp(
                (target - half[1]) / half[0]
            ),
            "takes the logarithm of the errors alone. Which axis is left?": (
                (goal - decay[1]) / decay[0]
            ),
            "is the logarithm of the size. What turns it back?": (goal - height) / slope,
            "goes through the last two sizes alone. What do the other ones say?": np.exp(
                logs[-1] + (goal - down[-1]) / last
            ),
            "goes through the first and the last size alone. What do the other ones say?": np.exp(
                logs[-1] + (goal - down[-1]) / ends
            ),
            "uses 10 to undo a natural logarithm. Which number belongs to np.log?": (
                10 ** ((goal - height) / slope)
            ),
            "fits the sizes to the errors. Which of the two has the noise?": np.exp(
                back[0] * goal + back[1]
            ),
            "is a further amount to collect. How many images are there in all?": (
                np.exp((goal - height) / slope) - sizes[-1]
            ),
        }
    right = fit_curve(sizes, errors).size_for(target)
    return right, {says: float(value) for says, value in known.items() if np.isfinite(value)}
