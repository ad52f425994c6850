"""What a learner's function returned, read as numbers, and what is known of a wrong one."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from typing import Any

import numpy as np

from internlab.exercises import Blank, NotYet

# A float32 has seven digits.
TOLERANCE = 1e-6
PER_CENT = "is per cent: what is it as a share between 0 and 1?"
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


def check_name(name: Any, value: Any, names: Container[str], column: str, asks: str) -> None:
    """Refuse the first of two values if it is no name from a column of a table.

    Raises
    ------
    NotYet
        If `name` is none of `names`; it says so where `value`, the second, is one, and otherwise
        asks `asks`.
    """
    if isinstance(name, str) and name in names:
        return
    shown = name.item() if isinstance(name, np.generic) else name
    told = f"the first of your values is {shown!r}, expected a name from the column `{column}`"
    if isinstance(value, str) and value in names:
        raise NotYet(f"{told}, and the name is the second: which was asked for first?")
    raise NotYet(f"{told}: {asks}")


def tell(
    got: float,
    right: float,
    known: Mapping[str, float],
    asks: str,
    *,
    given: str = "you gave",
    after: str = "",
    share: bool = False,
) -> None:
    """Return if a number is right; raise what is known about it if it is wrong.

    Parameters
    ----------
    got, right : float
        What was given, and what was expected.
    known : mapping
        From what is said of a slip, after "Yours", to the number that it gives.
    asks : str
        The question if it is none of them.
    given, after : str
        What the message says before the number that was given, and after it.
    share : bool
        Whether a share is asked for, so that per cent is a slip, and one decimal is more likely
        another number than a rounded one.

    Raises
    ------
    NotYet
        If `got` is not `right` up to the rounding of a float32.
    """
    if same(got, right):
        return
    yours, expected = in_print(got, right)
    told = f"{given} {yours}{after}, expected {expected}"
    for says, value in [*known.items(), *([(PER_CENT, 100 * right)] if share else [])]:
        if same(got, value):
            raise NotYet(f"{told}. Yours {says}")
    decimals = range(2 if share else 1, 6)
    if any(math.isclose(got, round(right, count), abs_tol=1e-9) for count in decimals):
        raise NotYet(f"{told}. Yours is rounded: what will the next step compute with?")
    raise NotYet(f"{told}: {asks}")


def same(got: float, other: float) -> bool:
    """Say whether two numbers are equal up to the rounding of a float32."""
    return math.isclose(got, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def told_apart(*values: float, by: float = 10 * TOLERANCE) -> bool:
    """Say whether no two numbers could be taken for each other.

    A check draws its inputs anew until this holds of the right number and of what the slips give,
    so that its message is about the slip that was made.

    Parameters
    ----------
    values : float
        Those that are not finite do not count.
    by : float
        How far apart they have to be, relative to numbers above 1. A check that forgives more than
        `same` needs more.
    """
    finite = np.sort([value for value in values if math.isfinite(value)])
    return bool((np.diff(finite) > by * np.maximum(1, np.abs(finite[1:]))).all())


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
