"""A bar that a measured number is held against; experiment notes and claims share it."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass

_COMPARE = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
}
_WORDS = {
    ">=": "at least",
    ">": "more than",
    "<=": "at most",
    "<": "less than",
    "==": "exactly",
}


@dataclass(frozen=True)
class Bar:
    """A comparison and a threshold, in a unit.

    Parameters
    ----------
    comparison : {">=", ">", "<=", "<", "==", "between"}
        How the measured number must stand to the threshold.
    threshold : float or pair of float
        One number; a pair ``(low, high)``, both ends included, for ``"between"``.
    unit : str
        For people to read; "" for a ratio or a count.

    Raises
    ------
    ValueError
        If the comparison is unknown or the threshold does not fit it.
    """

    comparison: str
    threshold: float | tuple[float, float]
    unit: str = ""

    def __post_init__(self) -> None:
        if self.comparison == "between":
            low_high = self.threshold
            if not isinstance(low_high, (tuple, list)) or len(low_high) != 2:
                raise ValueError(f"'between' takes a pair (low, high), got {self.threshold!r}.")
            object.__setattr__(self, "threshold", (float(low_high[0]), float(low_high[1])))
        elif self.comparison in _COMPARE:
            if isinstance(self.threshold, (tuple, list, str)):
                raise ValueError(f"{self.comparison!r} takes one number, got {self.threshold!r}.")
            object.__setattr__(self, "threshold", float(self.threshold))
        else:
            known = ", ".join([*_COMPARE, "between"])
            raise ValueError(f"Unknown comparison {self.comparison!r}. Expected one of {known}.")

    def holds(self, value: float) -> bool:
        """Say whether `value` meets the bar; NaN meets none."""
        if math.isnan(value):
            return False
        if self.comparison == "between":
            low, high = self.threshold
            return low <= value <= high
        return _COMPARE[self.comparison](value, self.threshold)

    def __str__(self) -> str:
        if self.comparison == "between":
            low, high = self.threshold
            return f"between {show_number(low)} and {show_number(high)} {self.unit}".rstrip()
        words = _WORDS[self.comparison]
        return f"{words} {show_number(self.threshold)} {self.unit}".rstrip()


def show_number(value: float) -> str:
    """Write a number with four significant digits, without a trailing ``.0``."""
    return f"{value:.4g}"
