"""Read an answer of the lab on scores as numbers, and name what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from internlab.exercises import NotYet


def numbers(value: Any) -> np.ndarray:
    """Return a tensor, an array, or a list of such, as float64."""
    if isinstance(value, tuple) and hasattr(value, "values") and hasattr(value, "indices"):
        raise NotYet(
            "you gave values and indices, as max(dim) returns them: which of the two is the score?"
        )
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    try:
        if isinstance(value, (list, tuple)):
            value = np.stack([numbers(each) for each in value])
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise NotYet(
            f"you gave {type(value).__name__}, expected a tensor of numbers: what goes after the "
            "`return`?"
        ) from None


def finite(values: np.ndarray, question: str = "what do you divide by") -> np.ndarray:
    """Return the values, or say how many of them are no numbers."""
    bad = int((~np.isfinite(values)).sum())
    if bad:
        raise NotYet(
            f"{bad} of your {values.size} values are NaN or infinite, expected numbers: {question}?"
        )
    return values


def scores(value: Any, count: int, *, may_overflow: bool = False) -> np.ndarray:
    """Return an answer as finite scores (count,), or say which shape was expected."""
    values = numbers(value)
    if values.shape != (count,):
        raise NotYet(
            f"your scores have shape {values.shape}, expected ({count},): how many scores does one "
            "image get?"
        )
    return values if may_overflow else finite(values)


def close(first: Any, second: Any, tolerance: float = 1e-4) -> bool:
    """Say whether two arrays are equal up to rounding."""
    first, second = numbers(first), numbers(second)
    return first.shape == second.shape and bool(
        np.allclose(first, second, rtol=tolerance, atol=tolerance)
    )


def refuse_company(
    score: Callable[[Tensor], Any], rows: Tensor, got: np.ndarray, question: str
) -> None:
    """Refuse scores of images that depend on which other images are scored with them."""
    few = scores(score(rows[:5]), 5)
    if not close(few, got[:5], 1e-3):
        raise NotYet(
            f"the first image gets {got[0]:.4g} among {len(rows)} images and {few[0]:.4g} among 5. "
            f"A score must not depend on the company: {question}?"
        )


def refuse_known(got: np.ndarray, right: np.ndarray, known: Mapping[str, Any]) -> None:
    """Name the mistake if the answer equals one of the known wrong ones."""
    for meaning, values in known.items():
        options = values if isinstance(values, tuple) else (values,)
        if any(close(got, each, 1e-3) for each in options):
            raise NotYet(f"{furthest(got, right)}. That is {meaning}?")


def furthest(got: np.ndarray, right: np.ndarray) -> str:
    """Return the number of an answer that is furthest off, beside the expected one."""
    place = np.unravel_index(np.abs(got - right).argmax(), right.shape)
    where = int(place[0]) if len(place) == 1 else tuple(int(axis) for axis in place)
    return f"at index {where} you give {got[place]:.4g}, expected {right[place]:.4g}"


def normal(rng: np.random.Generator, *shape: int) -> Tensor:
    """Draw a float32 tensor from the standard normal distribution."""
    return torch.from_numpy(rng.normal(size=shape).astype(np.float32))
