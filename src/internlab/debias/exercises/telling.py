"""What the checks of a number share: is it one, and which slip does it come from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from internlab.exercises import NotYet


def one_number(value: Any, what: str) -> float:
    """Return a learner's value as a float, or say that one finite number was expected."""
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


def tell(got: float, right: float, known: dict[str, float], where: str, asks: str) -> None:
    """Raise NotYet with what is known about a wrong number."""
    told = f"you gave {got:.4f}{where}, expected {right:.4f}"
    for says, value in known.items():
        if math.isclose(got, value, abs_tol=1e-6):
            raise NotYet(f"{told}. Yours {says}")
    raise NotYet(f"{told}: {asks}")


def too_close(right: float, known: dict[str, float]) -> bool:
    """Say whether two of the answers could not be told apart on this draw."""
    return bool(np.diff(np.sort([right, *known.values()])).min() < 1e-5)
