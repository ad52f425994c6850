"""Costs add up, budgets are equal, and the best of n is what order statistics say."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.hpo.analysis.accounting import (
    best_of_n,
    best_so_far,
    compare_at_equal_budget,
    expected_best_of_n,
    on_grid,
    seconds_to_target,
)

COSTS, VALUES = [10, 5, 20, 5], [0.3, 0.5, math.nan, 0.4]


def test_best_so_far_worked_by_hand():
    search = best_so_far(COSTS, VALUES)
    assert search.spent.tolist() == [10, 15, 35, 40]
    assert search.best.tolist() == [0.3, 0.5, 0.5, 0.5]


def test_a_budget_counts_only_trials_that_ended_within_it():
    search = best_so_far(COSTS, VALUES)
    assert math.isnan(search.at(9.9))
    assert [search.at(budget) for budget in (10, 14.9, 15, 1000)] == [0.3, 0.3, 0.5, 0.5]


def test_seconds_to_a_target():
    assert seconds_to_target(COSTS, VALUES, 0.3) == 10
    assert seconds_to_target(COSTS, VALUES, 0.31) == 15
    assert seconds_to_target(COSTS, VALUES, 0.6) == math.inf


def test_a_search_that_starts_with_failures_has_no_best_yet():
    search = best_so_far([1, 2, 3], [math.nan, math.nan, 0.2])
    assert np.isnan(search.best[:2]).all() and search.best[2] == 0.2
    assert math.isnan(search.at(3)) and search.seconds_to(0.1) == 6


def test_several_searches_on_one_grid():
    searches = [best_so_far(COSTS, VALUES), best_so_far([12, 12], [0.2, 0.6])]
    found = on_grid(searches, [5, 12, 24])
    assert np.isnan(found[:, 0]).all()
    assert found[:, 1:].tolist() == [[0.3, 0.5], [0.2, 0.6]]


trials = st.lists(
    st.tuples(st.integers(0, 30), st.one_of(st.just(math.nan), st.integers(0, 9))), min_size=1
)


@given(trials, st.integers(0, 200))
def test_best_so_far_is_what_a_loop_finds(pairs, budget):
    search = best_so_far([cost for cost, _ in pairs], [value for _, value in pairs])
    spent, best = 0, math.nan
    for cost, value in pairs:
        spent += cost
        if spent <= budget and not math.isnan(value):
            best = value if math.isnan(best) else max(best, value)
    assert search.at(budget) == best or (math.isnan(search.at(budget)) and math.isnan(best))
    if not math.isnan(best):
        assert search.seconds_to(best) <= budget


def test_what_cannot_be_accounted_for_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2,\) and values of shape \(1,\)"):
        best_so_far([1, 2], [0.5])
    with pytest.raises(ValueError, match="at least one trial"):
        best_so_far([], [])
    with pytest.raises(ValueError, match="cost nan CPU-seconds"):
        best_so_far([1, math.nan], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"cost -1\.0 CPU-seconds"):
        best_so_far([-1], [0.5])


def test_equal_budget_worked_by_hand():
    random = [(20, 0.4), (20, 0.5), (20, 0.6)]
    asha = [(20, 0.4), (5, 0.1), (5, 0.2), (20, 0.55)]
    found = compare_at_equal_budget(random, asha)
    # ASHA spent 50 in all; by then random search had ended two trials, not three.
    assert found.budget == 50
    assert (found.first, found.second) == (0.5, 0.55)
    assert (found.first_trials, found.second_trials) == (2, 4)
    assert found.difference == pytest.approx(0.05)
    # At unequal budgets random search would have looked better.
    assert best_so_far(*zip(*random, strict=True)).best[-1] > found.second


def test_equal_budget_below_the_first_trial():
    found = compare_at_equal_budget([(20, 0.4)], [(5, 0.1), (30, 0.2)], budget=10)
    assert math.isnan(found.first) and found.second == 0.1 and math.isnan(found.difference)
    assert (found.first_trials, found.second_trials) == (0, 1)


@given(trials, trials)
def test_swapping_the_searches_swaps_the_answer(first, second):
    if min(sum(cost for cost, _ in each) for each in (first, second)) == 0:
        return
    found = compare_at_equal_budget(first, second)
    other = compare_at_equal_budget(second, first)
    assert (found.budget, found.first_trials) == (other.budget, other.second_trials)
    assert found.first == other.second or (math.isnan(found.first) and math.isnan(other.second))


def test_a_budget_that_one_search_never_had_is_refused():
    with pytest.raises(ValueError, match=r"Cannot compare at 30 CPU-seconds: .* 20 and 40"):
        compare_at_equal_budget([(20, 0.4)], [(40, 0.4)], budget=30)
    with pytest.raises(ValueError, match="Cannot compare at 0 "):
        compare_at_equal_budget([(20, 0.4)], [(40, 0.4)], budget=0)
    with pytest.raises(ValueError, match="pairs"):
        compare_at_equal_budget([20, 0.4], [(40, 0.4)])


# Without ties: among equal values to choose by, which one is reported is a matter of order.
pools = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 100)),
    min_size=1,
    max_size=7,
    unique_by=lambda pair: pair[0],
)


@given(pools, st.data())
def test_the_closed_form_is_the_mean_over_every_subset(pool, data):
    n = data.draw(st.integers(1, len(pool)))
    chooser, worth = zip(*pool, strict=True)
    every = [max(subset)[1] for subset in itertools.combinations(pool, n)]
    assert expected_best_of_n(chooser, n, reported=worth) == pytest.approx(np.mean(every))
    every = [max(subset) for subset in itertools.combinations(chooser, n)]
    assert expected_best_of_n(chooser, n) == pytest.approx(np.mean(every))


@pytest.mark.parametrize("n", [1, 4, 16])
def test_resampling_agrees_with_the_closed_form(n):
    rng = np.random.default_rng(n)
    validation = rng.random(48)
    test = validation * 0.6 + rng.normal(0, 0.05, 48)
    draws = 4000
    for reported in (None, test):
        estimate = best_of_n(validation, n, rng, reported=reported, draws=draws)
        expected = expected_best_of_n(validation, n, reported=reported)
        # Values lie within about 0 to 1, so the standard error is at most .5 / sqrt(draws).
        assert estimate.mean == pytest.approx(expected, abs=4 * 0.5 / math.sqrt(draws))
        assert estimate.low <= estimate.mean <= estimate.high


def test_the_interval_holds_the_stated_share():
    # The best of n of the numbers 1..1000 is at most m in (m choose n) / (1000 choose n) of draws.
    numbers = np.arange(1, 1001)
    estimate = best_of_n(numbers, 2, np.random.default_rng(0), draws=4000, share=0.8)
    below = [math.comb(m, 2) / math.comb(1000, 2) for m in range(1001)]
    assert estimate.low == pytest.approx(np.searchsorted(below, 0.1), abs=25)
    assert estimate.high == pytest.approx(np.searchsorted(below, 0.9), abs=25)


def test_uniform_values_have_the_textbook_expectation():
    # The expected maximum of n draws without replacement from 1..N is n (N + 1) / (n + 1).
    for n in (1, 2, 7, 16):
        assert expected_best_of_n(range(1, 49), n) == pytest.approx(n * 49 / (n + 1))


def test_all_of_the_pool_leaves_nothing_to_chance():
    estimate = best_of_n([0.1, 0.7, 0.3], 3, np.random.default_rng(0), reported=[1, 2, 3])
    assert (estimate.mean, estimate.low, estimate.high) == (2, 2, 2)
    assert str(best_of_n([0.25], 1, np.random.default_rng(0))) == "0.250 (0.250 to 0.250)"


def test_a_pool_that_cannot_be_drawn_from_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="Cannot draw 4 different configurations from a pool of 3"):
        best_of_n([1, 2, 3], 4, rng)
    with pytest.raises(ValueError, match="Cannot draw 0"):
        expected_best_of_n([1, 2, 3], 0)
    with pytest.raises(ValueError, match="NaN"):
        best_of_n([1, math.nan], 1, rng)
    with pytest.raises(ValueError, match=r"\(2,\) to choose by and \(1,\) to report"):
        best_of_n([1, 2], 1, rng, reported=[1])
