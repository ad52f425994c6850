"""What the checks of a number share: which slip does it come from, and could one tell."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from typing import Any

import numpy as np

from internlab.answers import in_print
from internlab.exercises import NotYet

# A float32 has seven digits.
TOLERANCE = 1e-6
PER_CENT = "is per cent: what is it as a share between 0 and 1?"


def tell(
    got: float,
    right: float,
    known: Mapping[str, float],
    asks: str,
    *,
    before: str = "",
    after: str = "",
    share: bool = True,
) -> None:
    """Raise NotYet with what is known about a wrong number.

    Parameters
    ----------
    got, right : float
        What was given, and what was expected.
    known : dict
        From what is said of a slip, after "Yours", to the number that it gives.
    asks : str
        The question if it is none of them.
    before, after : str
        What the message names before "you gave", and after the number.
    share : bool
        Whether a share is asked for, so that per cent is a slip.
    """
    given, expected = in_print(got, right)
    told = f"{before}you gave {given}{after}, expected {expected}"
    for says, value in [*known.items(), *([(PER_CENT, 100 * right)] if share else [])]:
        if same(got, value):
            raise NotYet(f"{told}. Yours {says}")
    if any(math.isclose(got, round(right, digits), abs_tol=1e-9) for digits in range(2, 6)):
        raise NotYet(f"{told}. Yours is rounded: what will the next step compute with?")
    raise NotYet(f"{told}: {asks}")


def check_name(name: Any, value: Any, names: Container[str], column: str, asks: str) -> None:
    """Refuse the first of two values if it is no name from a column of a table."""
    if isinstance(name, str) and name in names:
        return
    expected = f"expected a name from the column `{column}`"
    shown = name.item() if isinstance(name, np.generic) else name
    told = f"the first of your values is {shown!r}, {expected}"
    if isinstance(value, str) and value in names:
        raise NotYet(f"{told}, and the name is the second: which was asked for first?")
    raise NotYet(f"{told}: {asks}")


def same(got: float, other: float) -> bool:
    """Say whether two numbers are equal up to the rounding of a float32."""
    return math.isclose(got, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def apart(values: Iterable[float], by: float = 1e-4) -> bool:
    """Say whether all values differ by more than so much, so that a check can tell them apart."""
    finite = [value for value in values if math.isfinite(value)]
    return len(finite) < 2 or float(np.diff(np.sort(finite)).min()) > by


def too_close(right: float, known: Mapping[str, float]) -> bool:
    """Say whether two of the answers could not be told apart on this draw."""
    return not apart([right, 100 * right, *known.values()], 1e-5)
