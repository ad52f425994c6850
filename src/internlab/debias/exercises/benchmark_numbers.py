"""Reading what a learner's function gave, for the checks of lab 42."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from internlab.exercises import NotYet


def as_number(value: Any, what: str) -> float:
    """Return a learner's value as a float, or say that one number was expected."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise NotYet(
            f"{what} is of type {type(value).__name__}, expected one number: is a sum or a mean "
            "missing?"
        ) from None
    if not math.isfinite(number):
        raise NotYet(f"{what} is {number}, expected a finite number: what do you divide by?")
    return number


def pair_of(value: Any, what: str) -> tuple[Any, Any]:
    """Return two values, or say that two were expected."""
    array = isinstance(value, np.ndarray) and value.ndim > 0
    count = len(value) if array or isinstance(value, (tuple, list)) else 1
    if count != 2:
        raise NotYet(
            f"you gave {count} value{'s' * (count != 1)}, expected two, {what}: what goes after "
            "the `return`?"
        )
    return value[0], value[1]


def known_mistake(got: float, known: Mapping[str, float], tolerance: float) -> str | None:
    """Return the meaning of a wrong number that people give, if it is one of them."""
    for meaning, value in known.items():
        if math.isclose(got, value, abs_tol=tolerance):
            return meaning
    return None


def apart(values: list[float], tolerance: float) -> bool:
    """Say whether all values differ by more than so much, so that a check can tell them apart."""
    finite = [value for value in values if math.isfinite(value)]
    return len(finite) < 2 or float(np.diff(np.sort(finite)).min()) > tolerance
