"""Read an answer of the lab on dense scores, and name what is wrong with it; random maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from internlab.exercises import NotYet
from internlab.ood.exercises.score_answers import close, finite, furthest, numbers

CLASSES = 4


def read_map(
    value: Any, shape: tuple[int, ...], meaning: str, question: str = "what do you divide by"
) -> np.ndarray:
    """Return a score map, or say which shape was expected and what it means."""
    got = numbers(value)
    if got.shape != tuple(shape):
        raise NotYet(
            f"the score has shape {got.shape}, expected {tuple(shape)}, {meaning}: over which axis "
            "did you reduce?"
        )
    return finite(got, question)


def read_mean_and_sd(value: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return two arrays (K,), from anything of length two."""
    if isinstance(value, tuple) and hasattr(value, "indices"):
        numbers(value)
    shape = np.shape(value) if isinstance(value, (Tensor, np.ndarray)) else None
    parts = isinstance(value, (tuple, list)) or shape
    if not parts or len(value) != 2:
        kind = type(value).__name__ + (f" of shape {tuple(shape)}" if shape else "")
        raise NotYet(
            f"expected two values, mean and sd, got {kind}: does your function return both?"
        )
    found = numbers(value[0]), numbers(value[1])
    for name, each in zip(("mean", "sd"), found, strict=True):
        if each.shape != (CLASSES,):
            raise NotYet(
                f"{name} has shape {each.shape}, expected ({CLASSES},), one number for each "
                "class: over what did you loop?"
            )
        finite(each, f"what does your {name} divide by")
    return found


def refuse_swapped(got: tuple[np.ndarray, np.ndarray], mean: Tensor, *sds: Tensor) -> None:
    """Name two right values in the wrong order."""
    if close(got[1], mean) and any(close(got[0], sd) for sd in sds):
        raise NotYet("your first value is the sd and your second the mean: which was asked first?")


def explain(
    got: np.ndarray, known: Mapping[str, Any], right: Any, else_ask: str, what: str = "score"
) -> None:
    """Raise NotYet with what a wrong answer is; return if it equals the value under ""."""
    for meaning, values in known.items():
        options = values if isinstance(values, tuple) else (values,)
        if any(close(got, value) for value in options):
            if not meaning:
                return
            raise NotYet(f"your {what} is {meaning}?")
    raise NotYet(f"in your {what}, {furthest(got, numbers(right))}: {else_ask}?")


def fresh_generator() -> torch.Generator:
    """Return a generator with a seed that nobody knows."""
    generator = torch.Generator()
    generator.seed()
    return generator


def draw_logits(generator: torch.Generator) -> Tensor:
    """Return (2, K, 9, 11) logits in which every class is predicted at several pixels."""
    while True:
        logits = 2 * torch.randn(2, CLASSES, 9, 11, generator=generator)
        logits = logits + torch.arange(CLASSES)[:, None, None] / 4
        if torch.bincount(logits.argmax(1).flatten(), minlength=CLASSES).min() >= 8:
            return logits


def draw_labels(logits: Tensor, generator: torch.Generator) -> Tensor:
    """Return labels that a quarter of the pixels are not predicted as."""
    right = logits.argmax(1)
    wrong = torch.rand(right.shape, generator=generator) < 0.25
    return torch.where(wrong, torch.randint(CLASSES, right.shape, generator=generator), right)
