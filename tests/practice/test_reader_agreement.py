"""Agreement beyond chance: worked cases, properties, and scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from internlab.practice.reading import agreement, kappa
from internlab.practice.reading.agreement import interval

readers = st.integers(1, 30).flatmap(
    lambda n: st.tuples(*[st.lists(st.sampled_from("abc"), min_size=n, max_size=n)] * 2)
)


def test_a_worked_case():
    # 20 items: both yes 8, both no 6, first alone yes 4, second alone yes 2.
    first = ["yes"] * 12 + ["no"] * 8
    second = ["yes"] * 8 + ["no"] * 4 + ["yes"] * 2 + ["no"] * 6
    found = agreement(first, second)
    assert found.observed == pytest.approx(0.7)
    assert found.by_chance == pytest.approx(0.6 * 0.5 + 0.4 * 0.5)
    assert found.kappa == pytest.approx(0.4)
    assert found.items == 20


@given(readers)
def test_kappa_is_that_of_scikit_learn(pair):
    first, second = pair
    if len(set(first) | set(second)) == 1:
        assert math.isnan(kappa(first, second))
    else:
        assert kappa(first, second) == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)


@given(readers)
def test_kappa_has_no_first_reader_and_no_order(pair):
    first, second = pair
    assert kappa(first, second) == pytest.approx(kappa(second, first), nan_ok=True)
    again = [list(each) for each in zip(*sorted(zip(first, second, strict=True)), strict=True)]
    assert kappa(*again) == pytest.approx(kappa(first, second), nan_ok=True)


def test_readers_who_do_not_look_have_a_kappa_near_zero():
    rng = np.random.default_rng(0)
    first, second = (rng.choice(["read", "skip"], 4000, p=[0.1, 0.9]).tolist() for _ in range(2))
    found = agreement(first, second)
    assert found.observed > 0.8
    assert abs(found.kappa) < 0.05


def test_unequal_or_empty_lists_are_refused():
    for pair in (([], []), (["a"], ["a", "b"])):
        with pytest.raises(ValueError, match="same items"):
            agreement(*pair)


def test_the_interval_of_kappa_covers_it_and_narrows():
    rng = np.random.default_rng(1)
    first = rng.choice(["a", "b"], 400)
    second = np.where(rng.random(400) < 0.7, first, rng.choice(["a", "b"], 400))
    widths = []
    for count in (40, 400):
        pair = first[:count].tolist(), second[:count].tolist()
        low, high = interval(*pair, np.random.default_rng(2), resamples=300)
        assert low <= kappa(*pair) <= high
        widths.append(high - low)
    # A standard error falls with the square root of the number of items.
    assert 2 < widths[0] / widths[1] < 5
    with pytest.raises(ValueError, match="one judgement"):
        interval(["a"] * 5, ["a"] * 5, np.random.default_rng(0), resamples=10)
