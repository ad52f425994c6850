"""Checks of lab 06: a count, a sentence, an acceptance test, and an interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from internlab.answers import number, several, tell, told_apart
from internlab.exercises import NotYet, call


def check_found(answer: Callable[..., float]) -> None:
    """Expect a function of (sizes, marked) to the share of people found."""
    while True:
        sizes, marked = _people(np.random.default_rng())
        right, known = _found(sizes, marked)
        if told_apart(right, 100 * right, *known.values()):
            break
    got = number(call(answer, sizes, marked), "the share of people found")
    asks = "who counts as found, and out of how many?"
    tell(got, right, known, asks, given="the share is", share=True)


def _people(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    sizes = rng.integers(4, 200, 60)
    sizes[:10] = 2 * rng.integers(6, 60, 10)
    sizes[10] = 12
    marked = np.minimum(sizes, (sizes * rng.beta(1.2, 0.8, 60)).round().astype(int))
    marked[:10] = sizes[:10] // 2  # exactly half
    marked[10] = 11
    return sizes, marked


def _found(sizes: np.ndarray, marked: np.ndarray) -> tuple[float, dict[str, float]]:
    tall, half = sizes >= 12, 2 * marked >= sizes
    right = half[tall].mean()
    known = {
        "is the share of pixels: one large person outweighs many small ones. What is counted, "
        "pixels or people?": marked[tall].sum() / sizes[tall].sum(),
        "is the share of pixels of all people, small ones too. What does the requirement count?": (
            marked.sum() / sizes.sum()
        ),
        "is the mean of each person's share of marked pixels. When is a person found?": (
            (marked / sizes)[tall].mean()
        ),
        "passes over who has exactly half of the pixels marked. What does 'at least half' say?": (
            2 * marked > sizes
        )[tall].mean(),
        "counts people of fewer than 12 pixels as well. What does the requirement say of "
        "them?": half.mean(),
        "leaves out people of exactly 12 pixels. What does '12 or more' say?": (
            half[sizes > 12].mean()
        ),
        "leaves small people out of those found, but divides by all. Out of how many?": (
            half[tall].sum() / len(sizes)
        ),
        "is a number of people. Which share of them is it?": float(half[tall].sum()),
        "is the share of people who are missed. Which one is asked for?": 1 - right,
    }
    return float(right), {says: float(value) for says, value in known.items()}


_CASES = (
    ({}, "The service shall {response}."),
    ({"while_": "{state}"}, "While {state}, the service shall {response}."),
    ({"when": "{trigger}"}, "When {trigger}, the service shall {response}."),
    ({"if_": "{fault}"}, "If {fault}, then the service shall {response}."),
    (
        {"while_": "{state}", "when": "{trigger}"},
        "While {state}, when {trigger}, the service shall {response}.",
    ),
    (
        {"while_": "{state}", "if_": "{fault}"},
        "While {state}, if {fault}, then the service shall {response}.",
    ),
)


def check_sentence(answer: Callable[..., str]) -> None:
    """Expect a function of (response, while_, when, if_) to an EARS sentence."""
    rng = np.random.default_rng()
    words = {
        "response": f"answer within {rng.integers(20, 90)} ms",
        "state": f"at least {rng.integers(3, 9)} clients are connected",
        "trigger": f"a picture of {rng.integers(32, 256)} pixels arrives",
        "fault": f"the picture has more than {rng.integers(257, 999)} pixels a side",
    }
    for clauses, form in _CASES:
        given = {name: text.format(**words) for name, text in clauses.items()}
        expected = form.format(**words)
        got = call(answer, words["response"], **given)
        if not isinstance(got, str):
            raise NotYet(
                f"you gave {type(got).__name__}, expected a text such as {expected!r}: what joins "
                "the parts?"
            )
        if got != expected:
            raise NotYet(f"you gave {got!r}, expected {expected!r}: {_asks(got, expected, given)}")


def _asks(got: str, expected: str, given: Mapping[str, str]) -> str:
    low, want = got.lower(), expected.lower()
    if "none" in low or "while ," in low or "when ," in low or "if ," in low:
        return "what becomes of a clause that is not given?"
    if " ".join(low.split()) == " ".join(want.split()) and low != want:
        return "where are there too many spaces?"
    if low == want:
        return "which letters of a sentence are capital?"
    if "if_" in given and "then" not in low:
        return "which word goes with 'if' in EARS?"
    if "if_" not in given and "then" in low:
        return "which of the clauses asks for 'then'?"
    if "shall" not in low:
        return "which word makes it a requirement?"
    if sorted(low.replace(",", " ").split()) == sorted(want.replace(",", " ").split()):
        return "what stands first, the state or what happens in it, and where are the commas?"
    if low.rstrip(".") == want.rstrip("."):
        return "how does a sentence end?"
    if any(text.lower() not in low for text in given.values()):
        return "which of the clauses is lost?"
    return "which word is another?"


def check_accepts(answer: Callable[..., bool]) -> None:
    """Expect a function of a dictionary of measurements to whether the model is accepted."""
    draw = np.random.default_rng().uniform
    good = {"people_found": draw(0.86, 0.99), "file_mb": draw(0.5, 1.9)}
    cases = (
        (good, True, "both requirements are met", "which comparison says otherwise?"),
        (good | {"people_found": draw(0.7, 0.84)}, False, "people_found is below its bar",
         "must one be met, or both?"),
        (good | {"file_mb": draw(2.1, 5)}, False, "file_mb is above its bar",
         "is a larger file better?"),
        (good | {"people_found": 0.85}, True, "people_found is exactly 0.85",
         "what does 'at least' say?"),
        (good | {"file_mb": 2.0}, True, "file_mb is exactly 2", "what does 'at most' say?"),
        ({"file_mb": good["file_mb"]}, False, "people_found has not been measured",
         "what is known about it?"),
        ({"people_found": good["people_found"]}, False, "file_mb has not been measured",
         "which default would have met the bar?"),
        (good | {"people_found": math.nan}, False, "people_found is nan",
         "what does a comparison with nan give, and what its 'not'?"),
        (good | {"file_mb": math.nan}, False, "file_mb is nan",
         "what does a comparison with nan give, and what its 'not'?"),
        (good | {"night_miou": 0.1}, True, "a number is there that no requirement names",
         "which of the two looks at it?"),
    )  # fmt: skip
    for measured, right, why, asks in cases:
        try:
            got = call(answer, measured)
        except NotYet as problem:
            if "KeyError" in str(problem):
                raise NotYet(
                    f"{why}, and your function raised KeyError, expected False: may a number be "
                    "missing?"
                ) from None
            raise
        if not isinstance(got, (bool, np.bool_)):
            raise NotYet(
                f"you gave {got!r}, of type {type(got).__name__}, expected True or False: is the "
                "model accepted?"
            )
        if bool(got) != right:
            raise NotYet(f"{why}: you gave {bool(got)}, expected {right}: {asks}")


def check_interval(answer: Callable[..., Any]) -> None:
    """Expect a function of (found, there, weights) to (value, low, high)."""
    while True:
        found, there, weights = _scenes(np.random.default_rng())
        (value, low, high), known = _interval(found, there, weights)
        if told_apart(low, *known["low"].values()):
            break
    got = call(answer, found, there, weights)
    given = several(got, "the value", "its low end", "its high end")
    names = ("the value", "the low end", "the high end")
    first, second, third = (number(v, w) for v, w in zip(given, names, strict=True))
    asks = "which people are found, out of how many?"
    tell(first, value, known["value"], asks, given=f"{names[0]} is")
    if second > third:
        raise NotYet(
            f"the low end is {second:.4f} and the high end {third:.4f}, expected low before high: "
            "which of the two is smaller?"
        )
    tell(second, low, known["low"], "which 2.5 % lie below it?", given=f"{names[1]} is")
    tell(third, high, known["high"], "which 2.5 % lie above it?", given=f"{names[2]} is")


def _scenes(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    there = rng.integers(0, 6, 40)
    found = rng.binomial(there, rng.beta(3, 1, 40))
    weights = rng.multinomial(40, np.full(40, 1 / 40), size=400)
    return found, there, weights


def _interval(
    found: np.ndarray, there: np.ndarray, weights: np.ndarray
) -> tuple[tuple[float, float, float], dict[str, dict[str, float]]]:
    drawn = weights @ found / (weights @ there)
    value = found.sum() / there.sum()
    shares = found[there > 0] / there[there > 0]
    per_scene = np.divide(found, there, out=np.zeros(len(there)), where=there > 0)
    mean_drawn = weights @ per_scene / weights.sum(axis=1)
    people = math.sqrt(value * (1 - value) / there.sum())
    ends = {}
    for name, sign, level in (("low", -1, 0.025), ("high", 1, 0.975)):
        tail = {"low": 0.05, "high": 0.95}[name]
        ends[name] = {
            "leaves five per cent out on this side alone. How many are left out on both "
            "together?": np.quantile(drawn, tail),
            "is the most extreme of all draws. Which share of them lies inside a 95 % "
            "interval?": drawn.min() if sign < 0 else drawn.max(),
            "is one standard deviation away. Which share lies within one?": (
                value + sign * drawn.std()
            ),
            "treats the people as drawn one by one. People of one scene share its light: what was "
            "drawn anew?": value + sign * 1.96 * people,
            "averages the shares of the scenes. Does a scene with one person count like one with "
            "five?": np.quantile(mean_drawn, level),
        }
    known = {
        "is the mean of the scenes' shares. Does a scene with one person count like one with "
        "five?": shares.mean(),
        "is the mean of the scenes' shares, with 0 where nobody is. Who was missed there?": (
            per_scene.mean()
        ),
        "is the mean of the draws, not the value itself. What was measured without any draw?": (
            drawn.mean()
        ),
        "is the median of the draws, not the value itself. What was measured without any draw?": (
            np.median(drawn)
        ),
    }
    low, high = np.quantile(drawn, [0.025, 0.975])
    return (float(value), float(low), float(high)), {"value": known, **ends}
