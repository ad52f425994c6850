"""Checks of lab 01: the Brier score, what to write down, and the three parts of a score."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from internlab.answers import number, same, several, tell, told_apart
from internlab.exercises import NotYet, call
from internlab.practice.calibration import murphy

GRID = 0.011  # of a probability that was searched for in steps of 0.01


def check_brier(answer: Callable[..., float]) -> None:
    """Expect a function of (probabilities, outcomes), both (N,), to the Brier score."""
    rng = np.random.default_rng()
    right, known = 0.0, {"": 0.0}
    while not told_apart(right, *known.values()):
        p = np.round(rng.uniform(0.05, 0.95, 15), 2)
        o = (rng.random(15) < p).astype(int)
        right, known = _briers(p, o)
    got = number(call(answer, p, o), "the score")
    tell(got, right, known, "what does one question cost?")


def _briers(p: np.ndarray, o: np.ndarray) -> tuple[float, dict[str, float]]:
    cost = (p - o) ** 2
    right = float(cost.mean())
    known = {
        "is the mean distance without the square. Under it, who believes in 70 % does best to "
        "write 100 %: what makes honesty pay?": np.abs(p - o).mean(),
        "is the sum of the costs. What would it be for twice as many questions?": cost.sum(),
        "is the root of it. Which of the two is asked for?": math.sqrt(right),
        "is twice as much, as in Brier's paper, whose sum runs over yes and no. How many "
        "probabilities were given for each question here?": 2 * right,
        "is the share that lies on the wrong side of one half. Does it matter to it whether "
        "somebody wrote 51 % or 99 %?": ((p > 0.5) != o).mean(),
        "is the log score. How is the distance to what happened measured here?": (
            -np.log(np.where(o == 1, p, 1 - p)).mean()
        ),
        "is the square of the mean difference, in which a yes too high and a no too low cancel: "
        "what comes first, the square or the mean?": (p - o).mean() ** 2,
        "is what a calibrated forecaster would expect: where are the outcomes?": (
            (p * (1 - p)).mean()
        ),
        "is 1 minus the score. Which score is the best one?": 1 - right,
    }
    return right, {says: float(value) for says, value in known.items()}


def check_write_down(answer: Callable[..., float]) -> None:
    """Expect a function of (cost, belief) to the probability that costs least on average."""
    rng = np.random.default_rng()
    belief = float(rng.uniform(0.62, 0.7))
    for what, cost, right in _costs(belief):
        got = number(call(answer, cost, belief), "what you write down")
        _check_written(got, right, belief, what, cost)


def _costs(belief: float) -> list[tuple[str, Callable[..., float], float]]:
    """Return cost functions with their name and what is best to write under them."""
    # Of the fourth power: the derivative of q (1 - p)**4 + (1 - q) p**4 is zero where
    # p / (1 - p) is the cube root of q / (1 - q).
    odds = (belief / (1 - belief)) ** (1 / 3)
    return [
        ("the squared distance", lambda p, o: (p - o) ** 2, belief),
        ("the fourth power of the distance", lambda p, o: (p - o) ** 4, odds / (1 + odds)),
        ("the plain distance", lambda p, o: abs(p - o), 1.0),
    ]


def _check_written(
    got: float, right: float, belief: float, what: str, cost: Callable[..., float]
) -> None:
    told = f"cost is {what}, belief is {belief:.3f}: you gave {got:.3f}, expected {right:.3f}"
    if not 0 <= got <= 1:
        raise NotYet(f"{told}. What is a probability between?")
    if abs(got - right) <= GRID:
        return
    expected = belief * cost(right, 1) + (1 - belief) * cost(right, 0)
    if abs(got - expected) < 1e-3:
        raise NotYet(f"{told}. Yours is what it costs there: where is *there*?")
    if abs(got - belief) < GRID:
        raise NotYet(
            f"{told}. Yours is the belief itself. Under which scores only is that the best answer?"
        )
    if abs(got - (1 - right)) < GRID:
        raise NotYet(f"{told}. Yours is best for somebody who believes the opposite: which of the "
                     "two costs has the weight belief?")  # fmt: skip
    if right < 1 and got in (0.0, 1.0):
        raise NotYet(
            f"{told}. Yours is an end of the range. Did you weigh both outcomes, or look for the "
            "largest cost instead of the smallest?"
        )
    raise NotYet(f"{told}. What is the cost to expect at each p from 0 to 1?")


def check_murphy(answer: Callable[..., tuple[float, float, float]]) -> None:
    """Expect a function of (forecasts, outcomes) to (reliability, resolution, uncertainty)."""
    names = ("reliability", "resolution", "uncertainty")
    rights, known = [0.0, 0.0, 0.0], [{"": 0.0}] * 3
    while not told_apart(*rights) or not all(
        told_apart(right, *slips.values()) for right, slips in zip(rights, known, strict=True)
    ):
        p, o = _graded(np.random.default_rng())
        rights, known = _parts(p, o)
    values = several(call(answer, p, o), *names, asks="which of the three is missing?")
    got = [number(each, name) for each, name in zip(values, names, strict=True)]
    if same(got[0], rights[1]) and same(got[1], rights[0]):
        raise NotYet(
            f"you gave {got[0]:.4f} and {got[1]:.4f} for reliability and resolution, expected "
            "the one where the other is: which of them compares a group with its own forecast?"
        )
    for name, value, right, slips in zip(names, got, rights, known, strict=True):
        asks = "what is the mean over, and with which weights?"
        tell(value, right, slips, asks, given=f"{name}: you gave")


def _graded(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return 200 forecasts in fifths, in groups of different sizes, and outcomes."""
    p = rng.choice([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], 200, p=[0.1, 0.3, 0.2, 0.05, 0.25, 0.1])
    return p, (rng.random(200) < 0.3 + 0.5 * p).astype(int)


def _parts(p: np.ndarray, o: np.ndarray) -> tuple[list[float], list[dict[str, float]]]:
    parts = murphy(p, o)
    values = np.unique(p)
    share = np.array([o[p == value].mean() for value in values])
    weight = np.array([(p == value).mean() for value in values])
    overall = float(o.mean())
    unweighted = (
        "counts every group alike. Does a forecast that was made twice weigh as much as one made "
        "sixty times?"
    )
    root = "is made of distances without the square. Would the parts then add up?"
    every = "is over single questions: whose share of yes is to be compared?"
    known = [
        {
            unweighted: np.mean((values - share) ** 2),
            root: weight @ np.abs(values - share),
            "is the whole Brier score. Which part of it is left if each outcome is replaced by "
            "the share of yes in its group?": np.mean((p - o) ** 2),
            "is summed and not divided by the number of questions. What would twice as many do?": (
                len(p) * parts.reliability
            ),
        },
        {
            unweighted: np.mean((share - overall) ** 2),
            root: weight @ np.abs(share - overall),
            every: np.mean((o - overall) ** 2),
            "is how far the *forecasts* lie from the share over all. Somebody who only looks bold "
            "has that too: what do the outcomes of the groups say?": (
                weight @ (values - overall) ** 2
            ),
            "is measured from one half. What is known of these questions without any forecast?": (
                weight @ (share - 0.5) ** 2
            ),
            "is summed and not divided by the number of questions. What would twice as many do?": (
                len(p) * parts.resolution
            ),
        },
        {
            "is a standard deviation. Which power makes the parts add up?": math.sqrt(
                overall * (1 - overall)
            ),
            "is the share of yes. How uncertain is that?": overall,
            "is of the forecasts. Does the difficulty of the questions depend on who answers?": (
                float(p.mean() * (1 - p.mean()))
            ),
            "has N - 1 below it. Would the parts then add up?": float(o.var(ddof=1)),
        },
    ]
    return [parts.reliability, parts.resolution, parts.uncertainty], [
        {says: float(value) for says, value in each.items()} for each in known
    ]
