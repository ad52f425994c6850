"""Break a card on purpose: a fact removed, or changed to what people write by mistake."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from internlab.practice.handover.cards import facts_of


def without(card: Mapping[str, Any], fact: str) -> dict[str, Any]:
    """Return a copy of a card that lacks one fact.

    Raises
    ------
    KeyError
        If the card has no such fact.
    """
    broken = copy.deepcopy(dict(card))
    *branches, leaf = fact.split(".")
    place = broken
    for branch in branches:
        place = place[branch]
    del place[leaf]
    return broken


def changed(card: Mapping[str, Any], fact: str, value: Any) -> dict[str, Any]:
    """Return a copy of a card in which one fact has another value."""
    broken = copy.deepcopy(dict(card))
    *branches, leaf = fact.split(".")
    place = broken
    for branch in branches:
        place = place[branch]
    place[leaf] = value
    return broken


def each_removed(card: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every fact of a card with the card that lacks it."""
    for fact, _ in facts_of(card):
        yield fact, without(card, fact)


def each_mistaken(card: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each fact that running the model can disprove, with a card that has it wrong.

    The mistakes are common ones: colours in the other order, no normalisation, per cent for a
    share, classes in alphabetical order, the hash of an older file.
    """
    facts = dict(facts_of(card))
    classes, channels = facts["output.classes"], len(facts["input.mean"])
    mistakes = {
        "file.name": "model_final_2.onnx",
        "file.format": "pytorch",
        "file.runtime": "onnxruntime>=99.0",
        "file.sha256": "0" * 64,
        "input.name": facts["input.name"] + "_1",
        "input.dtype": "uint8",
        "input.layout": "NHWC",
        "input.channels": "BGR" if channels == 3 else "RGB",
        "input.height": [1, 2],
        "input.width": [1, 2],
        "input.pixel_range": [0, 1] if facts["input.pixel_range"][1] > 1 else [0, 255],
        "input.mean": [0.0] * channels,
        "input.std": [1.0] * channels,
        "output.name": facts["output.name"] + "_1",
        "output.dtype": "float16",
        "output.layout": "NC" if facts["output.layout"] != "NC" else "NCHW",
        "output.meaning": "probabilities" if facts["output.meaning"] == "logits" else "logits",
        "output.classes": _other_order(classes),
        "test.image": facts["test.image"][:40],
        "test.classes": [*facts["test.classes"][:-1], _another(classes, facts["test.classes"][-1])],
        "test.probabilities": [max(0.0, p - 0.01) for p in facts["test.probabilities"]],
        "test.tolerance": 1.0,
        "metric.value": round(100 * facts["metric.value"], 2),
        "metric.low": facts["metric.high"] + 0.1,
        "metric.high": facts["metric.low"] - 0.1,
        "metric.level": 95,
        "metric.n": 0,
        "metric.data_sha256": "see the other page",
        "cost.file_bytes": facts["cost.file_bytes"] + 1,
        "cost.cpu_ms": 0,
    }
    if facts.get("test.places"):
        mistakes["test.places"] = [[column, row] for row, column in facts["test.places"]]
    for fact, value in mistakes.items():
        yield fact, changed(card, fact, value)


def _other_order(classes: list[str]) -> list[str]:
    """Return the classes as a program would sort them, or backwards if they are sorted."""
    return sorted(classes) if classes != sorted(classes) else classes[::-1]


def _another(classes: list[str], name: str) -> str:
    return next(each for each in classes if each != name)
