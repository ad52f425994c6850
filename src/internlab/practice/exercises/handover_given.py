"""What lab 06 gives: a model file, the record of its run, a card with faults, and a receiver."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from internlab.practice.handover import cards, desk, digits, faults


@cache
def _sent() -> tuple[Path, dict[str, Any]]:
    place = Path(tempfile.mkdtemp(prefix="internlab-lab-06-"))
    model = digits.write_model(place / "digits.onnx")
    return model, digits.record(model)


def record() -> dict[str, Any]:
    """Return what the run knows: a dictionary from dotted fact to value."""
    return copy.deepcopy(_sent()[1])


def broken_card() -> dict[str, Any]:
    """Return a card of the digits model that somebody wrote in a hurry."""
    card = cards.model_card(record(), digits.STATED)
    for fact, value in (
        ("input.std", [1.0]),
        ("output.classes", sorted(digits.CLASSES)),
        ("metric.value", 0.981),
        ("metric.low", 0.972),
        ("metric.high", 0.989),
    ):
        card = faults.changed(card, fact, value)
    return faults.changed(faults.without(card, "input.layout"), "licence", "TODO")


def receive(card: Mapping[str, Any]) -> desk.Verdict:
    """Put the model file and a card into an empty folder, and return what the receiver says."""
    model, _ = _sent()
    with tempfile.TemporaryDirectory(prefix="internlab-parcel-") as place:
        return desk.examine(desk.pack(Path(place) / "parcel", model, dict(card)))
