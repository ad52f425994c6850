"""Checks of lab 01: a gap by cause, and a seal."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any
from unittest.mock import patch

import numpy as np

from internlab.answers import number, same, tell
from internlab.exercises import NotYet, call
from internlab.practice.gap import by_cause

PARTS = ("data", "features", "model")


def check_causes(answer: Callable[..., dict[str, float]]) -> None:
    """Expect a function of (score, parts) to each part's mean gain over all orders."""
    scores = _scores(np.random.default_rng())
    right, slips = _gains(scores)

    def score(oracles: set[str]) -> float:
        try:
            return scores[frozenset(oracles)]
        except (KeyError, TypeError):
            raise ValueError(
                f"score() was asked for {oracles!r}, it takes a set of {', '.join(PARTS)}"
            ) from None

    got = call(answer, score, PARTS)
    if hasattr(got, "to_dict"):
        got = got.to_dict()
    if not isinstance(got, Mapping):
        raise NotYet(f"you gave {type(got).__name__}, expected a dictionary from part to gain: "
                     "which gain is of which part?")  # fmt: skip
    if set(got) != set(PARTS):
        raise NotYet(f"the keys are {', '.join(map(repr, got))}, expected {', '.join(PARTS)}: "
                     "which part has none of its own?")  # fmt: skip
    gains = {part: number(got[part], f"the gain of {part!r}") for part in PARTS}
    if all(same(gains[part], right[part]) for part in PARTS):
        return
    for says, wrong in slips.items():
        # One slip must explain all of the gains; a single one may be right by chance.
        if all(same(gains[part], wrong[part]) for part in PARTS):
            part = max(PARTS, key=lambda part: abs(gains[part] - right[part]))
            tell(gains[part], right[part], {says: gains[part]}, "", given=f"{part}: you gave")
    total = scores[frozenset(PARTS)] - scores[frozenset()]
    part = next(part for part in PARTS if not same(gains[part], right[part]))
    asks = (
        f"your gains add up to {sum(gains.values()):.4f} and the gap is {total:.4f}. Over which "
        "orders is the mean?"
    )
    tell(gains[part], right[part], {}, asks, given=f"{part}: you gave")


def _scores(rng: np.random.Generator) -> dict[frozenset[str], float]:
    """Return an accuracy for each set of oracles, in which the parts interact."""
    worth = dict(zip(PARTS, rng.uniform(0.02, 0.1, 3), strict=True))
    scores = {}
    for count in range(4):
        for chosen in combinations(PARTS, count):
            together = 0.05 * rng.random() * math.comb(count, 2)
            scores[frozenset(chosen)] = 0.6 + sum(worth[part] for part in chosen) + together
    return scores


def _gains(
    scores: dict[frozenset[str], float],
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Return the right gains, and those that slips give, by what is said of the slip."""
    gap = by_cause(scores.__getitem__, PARTS)
    first = {cause.name: cause.first for cause in gap.causes}
    last = {cause.name: cause.last for cause in gap.causes}
    right = {cause.name: cause.shared for cause in gap.causes}
    before = {part: frozenset(PARTS[:place]) for place, part in enumerate(PARTS)}
    slips = {
        "is its gain when it is replaced first, in the baseline. These do not add up to the gap: "
        "what is it worth after the others?": first,
        "is what is lost if it is put back into the ideal, so when it is replaced last. What is it "
        "worth before the others?": last,
        "is the mean of being first and being last. With three parts there is a place between: how "
        "often is a part there?": {part: (first[part] + last[part]) / 2 for part in PARTS},
        "is the gain of the first replacement, stretched until the sum fits. Does that know which "
        "parts need each other?": {
            part: first[part] * gap.total / sum(first.values()) for part in PARTS
        },
        "is of a single order. What would the part have gained in another one?": {
            part: scores[before[part] | {part}] - scores[before[part]] for part in PARTS
        },
        "is the mean over the sets without it, each counted alike. In how many orders do just "
        "these parts come before it?": {
            part: float(np.mean([scores[s | {part}] - scores[s] for s in scores if part not in s]))
            for part in PARTS
        },
        "is summed over the orders. How many are there?": {p: 6 * right[p] for p in PARTS},
        "is in points. In what unit are the scores?": {p: 100 * right[p] for p in PARTS},
    }
    return right, slips


def check_seal(answer: Callable[[dict[str, float]], Any]) -> None:
    """Expect a function of {name: forecast} to a fingerprint that any change changes."""
    rng = np.random.default_rng()
    names = [str(name) for name in rng.permutation(["ash", "birch", "cedar", "larch", "oak"])]
    sheet = {name: round(float(p), 2) for name, p in zip(names, _apart(rng), strict=True)}
    seal = call(answer, sheet)
    if isinstance(seal, (int, float)) and not isinstance(seal, bool):
        raise NotYet(
            f"you gave the number {seal!r}, expected a text or bytes. Python's hash() of a text is "
            "another one in every process, and a sum says nothing of its terms: would a colleague "
            "get the same tomorrow?"
        )
    if not isinstance(seal, (str, bytes)):
        raise NotYet(f"you gave {type(seal).__name__}, expected a text or bytes. A hash object is "
                     "not yet its value: what has hexdigest()?")  # fmt: skip
    if len(seal) < 8:
        raise NotYet(f"the seal has {len(seal)} characters, expected at least 8: how many sheets "
                     "would share one by chance?")  # fmt: skip
    if call(answer, sheet) != seal:
        raise NotYet("the same sheet was sealed twice and got two seals, expected one. With what "
                     "could anybody compare it later?")  # fmt: skip
    with patch("builtins.hash", lambda value: 8191):  # as another process would have another one
        if call(answer, sheet) != seal:
            raise NotYet(
                f"you gave {seal!r}, made with Python's hash(), which is another one for the same "
                "text in every process: what will a colleague compare tomorrow?"
            )
    turned = dict(reversed(sheet.items()))
    if call(answer, turned) != seal:
        raise NotYet(
            "the same forecasts in another order got another seal, expected the same one. Is the "
            "order of a dictionary part of what was promised?"
        )
    _check_changes(answer, sheet, seal)


def _check_changes(answer: Callable, sheet: dict[str, float], seal: str | bytes) -> None:
    names = list(sheet)
    swapped = {**sheet, names[0]: sheet[names[1]], names[1]: sheet[names[0]]}
    renamed = {(f"{name}es" if name == names[2] else name): p for name, p in sheet.items()}
    sure = {**sheet, names[3]: 0.99}
    nearly = {**sheet, names[4]: sheet[names[4]] + 0.003}
    fewer = {name: sheet[name] for name in names[:-1]}
    for says, changed in (
        ("One forecast was changed to 0.99", sure),
        ("Two questions swapped their forecasts", swapped),
        ("One question got another name", renamed),
        ("One question was left out", fewer),
        ("One forecast was moved by 0.003", nearly),
    ):
        if call(answer, changed) == seal:
            asks = {
                "Two questions swapped their forecasts": "does your text say whose number it is?",
                "One question got another name": "what of a question is in your text?",
                "One forecast was moved by 0.003": "where does it get rounded?",
            }.get(says, "what goes into your text?")
            raise NotYet(f"{says}, and the seal is the same, expected another one: {asks}")


def _apart(rng: np.random.Generator) -> np.ndarray:
    """Return five forecasts that differ by more than any rounding would hide."""
    return rng.permutation([0.12, 0.28, 0.51, 0.67, 0.83]) + rng.integers(-2, 3) / 100
