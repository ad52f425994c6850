"""What a learner's function returned, read as the numbers that a check compares."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from internlab.exercises import Blank, NotYet

_IN_WORDS = {2: "two", 3: "three", 4: "four"}


def number(value: Any, what: str, asks: str = "is a sum or a mean missing?") -> float:
    """Return a learner's value as a float: a number, or whatever holds exactly one.

    A NumPy or torch scalar, float32, an array, tensor or Series of one element are all welcome.

    Raises
    ------
    Blank
        If it is ``...``.
    NotYet
        If it is no number, several, or not finite; `what` says what was expected, and `asks` the
        question for something that is no single number.
    """
    if value is ...:
        raise Blank
    if isinstance(value, str):
        try:
            found = float(value)
        except ValueError:
            raise NotYet(
                f"{what} is of type str, {str(value)!r}, expected one number: where did it become "
                "text?"
            ) from None
    else:
        count = _count(value)
        try:
            if hasattr(value, "detach"):
                value = value.detach().cpu().numpy()
            found = float(np.asarray(value, dtype=float).reshape(()))
        except (TypeError, ValueError, RuntimeError):
            kind = f"is of type {type(value).__name__}" if count is None else f"is {count} values"
            raise NotYet(f"{what} {kind}, expected one number: {asks}") from None
    if not math.isfinite(found):
        raise NotYet(f"{what} is {found}, expected a finite number: what do you divide by?")
    return found


def several(
    value: Any, *names: str, asks: str = "what goes after the `return`?"
) -> tuple[Any, ...]:
    """Return as many values as there are `names`, from a tuple, list, array, tensor or Series.

    Raises
    ------
    Blank
        If one of them is ``...``.
    NotYet
        If there are more or fewer, or they come in a dictionary, which has no first and second.
    """
    wanted = f"expected {_IN_WORDS[len(names)]}, {', '.join(names[:-1])} and {names[-1]}"
    if isinstance(value, Mapping):
        keys = ", ".join(repr(key) for key in value)
        raise NotYet(
            f"you gave a {type(value).__name__} with the keys {keys}, {wanted}, without keys and "
            "in this order: which of yours comes first?"
        )
    count = _count(value)
    if count != len(names):
        kind = f" (of type {type(value).__name__})" if count is None else ""
        count = count or 1
        raise NotYet(f"you gave {count} value{'s' * (count != 1)}{kind}, {wanted}: {asks}")
    found = tuple(value)
    if any(each is ... for each in found):
        raise Blank
    return found


def in_print(got: float, expected: float, digits: int = 4, sign: str = "") -> tuple[str, str]:
    """Return both numbers with at least so many digits, and enough that they differ in print."""
    for count in range(digits, 17):
        texts = f"{got:{sign}.{count}f}", f"{expected:{sign}.{count}f}"
        if texts[0] != texts[1]:
            return texts
    return f"{got:{sign}}", f"{expected:{sign}}"


def _count(value: Any) -> int | None:
    """Return how many values a tuple, list, array, tensor or Series holds; None for others."""
    if isinstance(value, (tuple, list)) or getattr(value, "ndim", 0) == 1:
        return len(value)
    return None
