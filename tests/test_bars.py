"""Bars: the comparison that notes and claims share."""

import math
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.bars import Bar

numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(numbers, numbers)
def test_a_bar_agrees_with_the_operator(value, threshold):
    for sign, compare in {
        ">=": operator.ge,
        ">": operator.gt,
        "<=": operator.le,
        "<": operator.lt,
        "==": operator.eq,
    }.items():
        assert Bar(sign, threshold).holds(value) == compare(value, threshold)


@given(numbers, numbers, numbers)
def test_between_includes_its_ends(a, b, value):
    low, high = min(a, b), max(a, b)
    bar = Bar("between", (low, high))
    assert bar.holds(low) and bar.holds(high)
    assert bar.holds(value) == (low <= value <= high)


def test_nan_meets_no_bar():
    assert not any(Bar(sign, 0).holds(math.nan) for sign in (">=", ">", "<=", "<", "=="))


@pytest.mark.parametrize(
    ("comparison", "threshold"), [("=>", 1), ("between", 1), (">=", (1, 2)), (">=", "1")]
)
def test_a_bar_that_makes_no_sense_is_refused(comparison, threshold):
    with pytest.raises(ValueError):
        Bar(comparison, threshold)


def test_a_bar_reads_as_words():
    assert str(Bar(">=", 0.8, "dB")) == "at least 0.8 dB"
    assert str(Bar("<=", 1e-5)) == "at most 1e-05"
    assert str(Bar("between", (1, 2), "s")) == "between 1 and 2 s"
