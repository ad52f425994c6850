"""Checks of lab 03: the worst species, BPCER at a fixed APCER, and the two goals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from internlab.answers import number, same, several, tell, told_apart
from internlab.exercises import NotYet, call
from internlab.practice.antispoofing import metrics

COUNT = "is a number of frames: which share of them is it?"


def _frames(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return scores with ties, and kinds, shuffled; species differ in size and difficulty."""
    sizes = {"live": 40, "paper": 25, "screen": 37, "mask": 11}
    kinds = np.repeat(list(sizes), list(sizes.values()))
    middle = dict(zip(sizes, (0.8, *rng.permutation([1.4, 1.9, 2.6])), strict=True))
    scores = np.array([rng.normal(middle[str(kind)], 0.7) for kind in kinds])
    order = rng.permutation(kinds.size)
    # Rounded, so that some scores lie on a threshold.
    return np.round(scores[order], 1), kinds[order]


def check_worst(answer: Callable[..., Any]) -> None:
    """Expect a function of (scores, kinds, threshold) to (species, APCER)."""
    while True:
        scores, kinds = _frames(rng := np.random.default_rng())
        attacks = scores[kinds != "live"]
        threshold = float(rng.choice(attacks[(attacks > 1) & (attacks < 1.8)]))
        rates = metrics.apcer(scores, kinds, threshold)
        name, right = metrics.worst(rates)
        missed = {each: right * float((kinds == each).sum()) for each in rates}[name]
        known = {
            "is the share of all attacks: an easy species that is common hides a hard one. Which "
            "species is the worst?": float((attacks < threshold).mean()),
            "is the mean over the species. Which one would an attacker pick?": float(
                np.mean(list(rates.values()))
            ),
            "is the species that is caught best. Which one passes most?": min(rates.values()),
            COUNT: missed,
            "also misses attacks whose score is the threshold, and those are called attacks. Is it "
            "< or <= ?": max(float((scores[kinds == each] <= threshold).mean()) for each in rates),
            "is the share that is caught. Which share is missed?": 1 - right,
            "is the largest share that is caught. Which share is missed?": 1 - min(rates.values()),
            "is a share of the live frames. Whose error is this?": float(
                (scores[kinds == "live"] < threshold).mean()
            ),
            "divides the missed attacks of the species by all frames. How many of *its* attacks "
            "are there?": missed / kinds.size,
        }
        ordered = sorted(rates.values())
        if told_apart(right, 100 * right, *known.values()) and ordered[-1] > ordered[-2]:
            break
    got = several(call(answer, scores, kinds, threshold), "the species", "its APCER")
    if not isinstance(got[0], str):
        raise NotYet(
            f"the first of your values is {got[0]!r}, expected the name of a species: which of the "
            "two comes first?"
        )
    rate = number(got[1], "the APCER", "which of the species' rates?")
    if str(got[0]) == "live":
        raise NotYet("you name 'live' as the worst species: is a live person an attack?")
    asks = "which frames are counted, out of which?"
    tell(rate, right, known, asks, given="the APCER: you gave", share=True)
    if str(got[0]) != name:
        raise NotYet(
            f"the rate is right and the species is not: you name {str(got[0])!r}, expected "
            f"{name!r}: whose rate is it?"
        )


def check_bpcer_at(answer: Callable[..., Any]) -> None:
    """Expect a function of (scores, kinds, limit) to the BPCER at a fixed worst APCER."""
    for limit in (0.1, 0.3):
        while True:
            scores, kinds = _frames(np.random.default_rng())
            scores = scores - 5.0 * (limit == 0.3)  # scores may be negative as well
            right, known = _bpcer_at(scores, kinds, limit)
            if told_apart(right, 100 * right, *known.values()) and 0 < right < 1:
                break
        got = number(call(answer, scores, kinds, limit), "the BPCER")
        asks = "at which threshold, and which live people are turned away there?"
        given = f"the BPCER at a worst APCER of {limit}: you gave"
        tell(got, right, known, asks, given=given, share=True)


def _bpcer_at(
    scores: np.ndarray, kinds: np.ndarray, limit: float
) -> tuple[float, dict[str, float]]:
    live, attacks = scores[kinds == "live"], scores[kinds != "live"]
    threshold = metrics.threshold_at_apcer(scores, kinds, limit)
    pooled = metrics.threshold_at_apcer(attacks, ["attack"] * attacks.size, limit)
    allowed = [
        t
        for t in np.unique(scores)
        if np.mean(list(metrics.apcer(scores, kinds, t).values())) <= limit
    ]
    highest = np.sort(live)[-1 - math.floor(limit * live.size + 1e-9)]
    known = {
        "uses a threshold for all attacks together. Does it hold for the worst species?": float(
            (live >= pooled).mean()
        ),
        "holds the mean of the species' APCER at the limit. Does it hold for the worst one?": float(
            (live >= max(allowed)).mean()
        ),
        "is the threshold. Which share of live people is turned away there?": threshold,
        "is the share of live people who pass. Which share is turned away?": float(
            (live < threshold).mean()
        ),
        "is the limit on the APCER. Which share of *live* people does that cost?": limit,
        "lets people pass whose score is the threshold, and those are called attacks. Is it > or "
        ">= ?": float((live > threshold).mean()),
        "misses no attack at all. How many may be missed?": float((live >= attacks.min()).mean()),
        "fixes the BPCER at the limit and gives the worst APCER. Which of the two is fixed?": max(
            float((scores[kinds == each] < highest).mean()) for each in set(kinds) - {"live"}
        ),
    }
    return float((live >= threshold).mean()), known


def check_success(answer: Callable[..., Any]) -> None:
    """Expect a function of (scores, matches, threshold) to both success rates."""
    while True:
        rng = np.random.default_rng()
        size = 37
        scores = np.round(rng.normal(1, 1, size), 1)
        threshold, matches = float(rng.choice(scores)), rng.random(size) < 0.7
        passed = scores < threshold
        if not 0.3 < passed.mean() < 0.8:
            continue
        first = (passed & matches).mean()
        second = (passed & ~matches).mean()
        slips = {
            0: _success_slips(scores, threshold, matches),
            1: _success_slips(scores, threshold, ~matches),
        }
        if told_apart(first, 100 * first, second, *slips[0].values()) and told_apart(
            second, 100 * second, *slips[1].values()
        ):
            break
    got = several(
        call(answer, scores, matches, threshold), "the impersonation rate", "the evasion rate"
    )
    pair = [number(each, "a rate") for each in got]
    if same(pair[0], second) and same(pair[1], first):
        raise NotYet(
            f"you gave {pair[0]:.4f} and {pair[1]:.4f}, expected them the other way round: which "
            "goal wants the matcher to say yes?"
        )
    asks = "which attacks get past both, out of all?"
    for value, right, known, what in (
        (pair[0], first, slips[0], "impersonation"),
        (pair[1], second, slips[1], "evasion"),
    ):
        tell(value, float(right), known, asks, given=f"{what}: you gave", share=True)


def _success_slips(scores: np.ndarray, threshold: float, wanted: np.ndarray) -> dict[str, float]:
    passed = scores < threshold
    return {
        "asks the detector alone. What must the matcher say?": float(passed.mean()),
        "asks the matcher alone. What must the detector say?": float(wanted.mean()),
        "is the share of those who passed the detector. Out of how many did the attacker try?": (
            float(wanted[passed].mean())
        ),
        "counts those that the detector caught. On which side of the threshold does one pass?": (
            float((~passed & wanted).mean())
        ),
        "counts an attack that fooled one of the two. How many must be fooled?": float(
            (passed | wanted).mean()
        ),
        COUNT: float((passed & wanted).sum()),
    }
