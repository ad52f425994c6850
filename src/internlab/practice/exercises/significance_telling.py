"""What the checks of lab 02 share: which slip does a number come from."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

from internlab.answers import in_print
from internlab.exercises import NotYet

TOLERANCE = 1e-6  # a float32 has seven digits


def tell(got: float, right: float, known: Mapping[str, float], asks: str, given: str = "") -> None:
    """Raise NotYet with what is known about a wrong number.

    Parameters
    ----------
    got, right : float
        What was given, and what was expected.
    known : mapping
        From what is said of a slip, after "Yours", to the number that it gives.
    asks : str
        The question if it is none of them.
    given : str
        The inputs, in words.
    """
    yours, expected = in_print(got, right)
    told = f"{given}you gave {yours}, expected {expected}"
    for says, value in known.items():
        if same(got, value):
            raise NotYet(f"{told}. Yours {says}")
    if any(math.isclose(got, round(right, digits), abs_tol=1e-9) for digits in range(1, 5)):
        raise NotYet(f"{told}. Yours is rounded: what will the next step compute with?")
    raise NotYet(f"{told}: {asks}")


def same(got: float, other: float) -> bool:
    """Say whether two numbers are equal up to the rounding of a float32."""
    return math.isclose(got, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def alike(values: Mapping[str, float], right: float) -> bool:
    """Say whether two of the numbers could not be told apart on this draw."""
    numbers = sorted(each for each in [right, *values.values()] if math.isfinite(each))
    return any(b - a < 1e-5 * max(1, abs(a)) for a, b in itertools.pairwise(numbers))
