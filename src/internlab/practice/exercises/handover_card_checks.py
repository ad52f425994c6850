"""Checks of lab 06: pixels prepared by a card, the front, and a card to mend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from internlab.exercises import Blank, NotYet, call
from internlab.practice.exercises import handover_given as given
from internlab.practice.handover import cards, digits
from internlab.practice.handover.front import front


def check_prepare(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of (image, card["input"]) to what the model takes."""
    rng = np.random.default_rng()
    for channels in ("RGB", "BGR"):
        for ends in ([0, 1], [0, 255], [-1, 1]):
            facts = {
                "channels": channels,
                "pixel_range": ends,
                "mean": (rng.uniform(0.3, 0.6, 3) * ends[1]).round(3).tolist(),
                "std": (rng.uniform(0.2, 0.4, 3) * ends[1]).round(3).tolist(),
            }
            image = rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)
            _check_prepared(call(answer, image, facts), image, facts)


def _prepared(image: np.ndarray, facts: Mapping[str, Any], **other: Any) -> np.ndarray:
    f = {**facts, **other}
    if f["channels"] == "BGR":
        image = image[..., ::-1]
    low, high = f["pixel_range"]
    x = (low + (high - low) * image.astype(float) / 255 - np.array(f["mean"])) / np.array(f["std"])
    return x.transpose(2, 0, 1)[None]


def _wrapped(image: np.ndarray, facts: Mapping[str, Any]) -> np.ndarray:
    """Return what comes out if the range is multiplied in uint8."""
    low, high = facts["pixel_range"]
    product = ((high - low) * image.astype(int)) % 256
    return _prepared(product, facts | {"pixel_range": [low, low + 1]})


def _check_prepared(got: Any, image: np.ndarray, facts: Mapping[str, Any]) -> None:
    if hasattr(got, "detach"):
        got = got.detach().cpu().numpy()
    right = _prepared(image, facts)
    got = np.asarray(got)
    case = f"channels {facts['channels']}, pixel_range {facts['pixel_range']}"
    if got.shape != right.shape:
        asks = {
            right.shape[1:]: "a model takes a batch: which axis is missing?",
            image.shape: "where do the channels stand in NCHW, and where is the batch?",
            (1, *image.shape): "where do the channels stand in NCHW?",
        }.get(got.shape, "which axis is which?")
        raise NotYet(f"{case}: your shape is {got.shape}, expected {right.shape}: {asks}")
    if got.dtype != np.float32:
        raise NotYet(
            f"{case}: your array is {got.dtype}, expected float32: what does the file's input say, "
            "and which type has a division of NumPy?"
        )
    if np.allclose(got, right, rtol=1e-4, atol=1e-4):
        return
    other_order = {"RGB": "BGR", "BGR": "RGB"}[facts["channels"]]
    mean, std, (low, high) = facts["mean"], facts["std"], facts["pixel_range"]
    scaled = (low + (high - low) * image / 255).transpose(2, 0, 1)[None]
    m, s = (np.array(v)[:, None, None] for v in (mean, std))
    slips = {
        "the picture is uint8 while you multiply, and 256 begins again at 0: what makes it a "
        "float first?": _wrapped(image, facts),
        "the colours are in the other order: which channel does the model see first?": (
            _prepared(image, facts, channels=other_order)
        ),
        "your pixels run from 0 to 255: what does pixel_range say they become?": (
            _prepared(image, facts, pixel_range=[0, 255])
        ),
        "your pixels run from 0 to 1: what does pixel_range say they become?": (
            _prepared(image, facts, pixel_range=[0, 1])
        ),
        "the mean is not subtracted: which numbers stand at facts['mean']?": (
            _prepared(image, facts, mean=[0, 0, 0])
        ),
        "nothing is divided by std: which numbers stand there?": (
            _prepared(image, facts, std=[1, 1, 1])
        ),
        "you divide by std before you subtract the mean: what does the sender do first?": (
            scaled[:, ::-1] / s - m if facts["channels"] == "BGR" else scaled / s - m
        ),
        "mean and std went along with the flip: in whose order are they on the card?": (
            _prepared(image, facts, mean=mean[::-1], std=std[::-1])
        ),
        "your picture is upside down: which axis holds the channels?": (
            _prepared(image[::-1], facts, channels="RGB")
        ),
        "your picture is mirrored: which axis holds the channels?": (
            _prepared(image[:, ::-1], facts, channels="RGB")
        ),
        "one mean and one std serve all channels: how many are on the card?": (
            _prepared(image, facts, mean=[np.mean(mean)] * 3, std=[np.mean(std)] * 3)
        ),
    }
    for says, slip in slips.items():
        if np.allclose(got, slip, rtol=1e-4, atol=1e-4):
            raise NotYet(f"{case}: {says}")
    gap = float(np.abs(got - right).max())
    raise NotYet(f"{case}: you are {gap:.3g} away at most: in which order are the steps done?")


def check_front(answer: Callable[..., Any]) -> None:
    """Expect a function of (cost, score) to a bool for each option."""
    for name, cost, score in _options(np.random.default_rng()):
        right = front(cost, score)
        got = call(answer, cost, score)
        if isinstance(got, (list, tuple)) and any(each is ... for each in got):
            raise Blank
        try:
            marks = np.asarray(got)
        except ValueError:
            marks = np.asarray(None)
        if marks.shape != right.shape or marks.dtype != bool:
            if marks.ndim == 1 and marks.dtype.kind in "iu" and marks.dtype != bool:
                raise NotYet(
                    f"you gave the whole numbers {marks.tolist()}, expected {len(right)} times "
                    "True or False: are yours positions?"
                )
            raise NotYet(
                f"you gave {type(got).__name__} of shape {marks.shape}, expected {len(right)} "
                "times True or False, in the order of the options: what is asked of each?"
            )
        wrong = np.flatnonzero(marks != right)
        if wrong.size:
            _tell_front(name, cost, score, marks, int(wrong[0]))


def _options(rng: np.random.Generator) -> list[tuple[str, np.ndarray, np.ndarray]]:
    base = float(rng.integers(2, 9))
    return [
        ("plain", base * np.array([1, 2, 3, 4.0]), np.array([0.6, 0.76, 0.75, 0.8])),
        ("equal cost", base * np.array([1, 2, 2, 3.0]), np.array([0.6, 0.7, 0.8, 0.9])),
        ("equal score", base * np.array([3, 1, 2.0]), np.array([0.8, 0.7, 0.8])),
        ("twins", base * np.array([1, 2, 2, 3.0]), np.array([0.6, 0.7, 0.7, 0.65])),
        ("random", rng.random(12), rng.random(12)),
    ]


def _tell_front(
    name: str, cost: np.ndarray, score: np.ndarray, marks: np.ndarray, wrong: int
) -> None:
    one = f"option {wrong} (cost {cost[wrong]:.3g}, score {score[wrong]:.3g})"
    if marks[wrong]:
        no_worse = (cost <= cost[wrong]) & (score >= score[wrong])
        by = int(np.flatnonzero(no_worse & ((cost < cost[wrong]) | (score > score[wrong])))[0])
        asks = {
            "equal cost": "who pays the same for less?",
            "equal score": "who pays more for the same?",
        }.get(name, "who would choose the first?")
        raise NotYet(
            f"you keep {one}, but option {by} (cost {cost[by]:.3g}, score {score[by]:.3g}) beats "
            f"it: {asks}"
        )
    if name == "twins":
        asks = "it has an equal twin: which of two equal options beats the other?"
    elif marks.sum() == 1:
        asks = "you keep a single option: does a front hold only one?"
    elif cost[wrong] == cost.min():
        asks = "nothing is cheaper: can anything beat it but an equal cost?"
    else:
        asks = "nothing that costs no more scores as much: what beats it?"
    raise NotYet(f"you drop {one}, expected to keep it: {asks}")


# Facts by which a card can be bent until a wrong one passes.
_TEST = ("test.image", "test.classes", "test.probabilities", "test.tolerance")


def check_mend(answer: Mapping[str, Any]) -> None:
    """Expect the whole card, with every recorded fact as the record has it."""
    if not isinstance(answer, Mapping):
        raise NotYet(
            f"you gave {type(answer).__name__}, expected the card, a dictionary: what did "
            "broken_card() return?"
        )
    record = given.record()
    facts = dict(cards.facts_of(answer))
    if any(value is ... for value in facts.values()):
        raise Blank
    dotted = [key for key in answer if isinstance(key, str) and "." in key]
    if dotted:
        raise NotYet(
            f"your card has the key {dotted[0]!r}, expected branches, card['input']['std']: what "
            "does the dot stand for?"
        )
    bent = [name for name in _TEST if name in facts and facts[name] != record[name]]
    if bent:
        raise NotYet(
            f"you changed {bent[0]}, which was right, and is the one thing that shows what is "
            "wrong: would a receiver's pictures change with it?"
        )
    verdict = given.receive(answer)
    if not verdict.served:
        problem = verdict.problems[0]
        raise NotYet(
            f"the receiver still refuses ({problem['text']}): what does the record say about "
            f"{problem['facts'][0]}?"
        )
    for name, value in record.items():
        if facts.get(name) != value:
            raise NotYet(
                f"the receiver serves your card, but {name} is {facts.get(name)!r} and the record "
                f"says {value!r}: can a receiver see that, and who can?"
            )
    changed = [name for name in digits.STATED if facts[name] != digits.STATED[name]]
    if [name for name in changed if name != "licence"]:
        raise NotYet(
            f"you changed {changed[0]}, which was stated and right: what made you touch it?"
        )
    licence = str(facts["licence"]).lower().replace("-", " ")
    if "mit" not in licence or "cc by" not in licence:
        raise NotYet(
            f"the licence is {facts['licence']!r}, expected that of the model and that of the "
            "data, as the task says: which of the two is missing?"
        )
