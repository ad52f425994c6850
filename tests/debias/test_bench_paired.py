"""Differences within seeds, against scipy and by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from internlab.debias.bench import compare, holm, sign_flip

NUMBERS = st.floats(-50, 50).filter(lambda x: x == 0 or abs(x) > 1e-3)


def seeded(values):
    return dict(enumerate(values))


def test_three_seeds_by_hand():
    pair = compare({0: 5.0, 1: 7.0, 2: 9.0}, {2: 6.0, 0: 4.0, 1: 5.0})
    assert pair.differences == (1, 2, 3)
    assert pair.mean == 2 and pair.sd == 1 and pair.standard_error == pytest.approx(3**-0.5)
    # Of the eight ways to flip signs, only all plus and all minus are as far from zero.
    assert pair.sign_flip == 0.25 == 2 / 2**3
    assert pair.won == 3
    half = stats.t.ppf(0.975, 2) / 3**0.5
    assert pair.interval == pytest.approx((2 - half, 2 + half))


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=8))
def test_the_t_test_is_scipys_paired_one(pairs):
    first, second = np.array(pairs).T
    pair = compare(seeded(first), seeded(second))
    if pair.sd > 1e-9:
        assert pair.t_test == pytest.approx(stats.ttest_rel(first, second).pvalue, abs=1e-9)


@given(st.lists(NUMBERS, min_size=2, max_size=7))
def test_the_sign_flip_counts_all_ways(differences):
    signs = np.array(list(itertools.product((1, -1), repeat=len(differences))))
    means = np.abs((signs * np.array(differences)).mean(axis=1))
    counted = (means >= abs(np.mean(differences)) - 1e-9).mean()
    assert sign_flip(differences) == pytest.approx(counted)


def test_a_shared_difficulty_does_not_blur_a_paired_comparison():
    rng = np.random.default_rng(0)
    hard, noise = rng.normal(0, 10, 8), rng.normal(0, 0.5, (2, 8))
    first, second = 60 + hard + 2 + noise[0], 60 + hard + noise[1]
    assert compare(seeded(first), seeded(second)).t_test < 0.01
    assert stats.ttest_ind(first, second).pvalue > 0.5


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ({0: 1.0, 1: 2.0}, {0: 1.0, 2: 2.0}, "Seed 1, 2 is there for one method only"),
        ({0: 1.0}, {0: 2.0}, "at least 2"),
        ({0: 1.0, 1: math.nan}, {0: 1.0, 1: 1.0}, "finite"),
    ],
)
def test_what_cannot_be_compared_says_why(first, second, says):
    with pytest.raises(ValueError, match=says):
        compare(first, second)


def test_equal_results_are_no_evidence():
    pair = compare({0: 1.0, 1: 2.0}, {0: 1.0, 1: 2.0})
    assert pair.sign_flip == 1 and math.isnan(pair.t_test) and pair.won == 0


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_never_lowers_a_p_nor_changes_their_order(p_values):
    corrected = np.array(holm(p_values))
    assert (corrected >= np.array(p_values)).all() and (corrected <= 1).all()
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(corrected[order]) >= 0).all()
