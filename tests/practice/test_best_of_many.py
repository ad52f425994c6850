"""The best of equal tries: known constants, brute force, simulation."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from internlab.practice.best_of import (
    choose_best,
    expected_best,
    expected_best_accuracy,
    lead_that_stays,
    normal_spread,
    some_significant,
)


def test_the_largest_of_two_and_three_normal_numbers_is_known():
    assert expected_best(1) == pytest.approx(0, abs=1e-9)
    assert expected_best(2) == pytest.approx(1 / math.sqrt(math.pi))
    assert expected_best(3) == pytest.approx(1.5 / math.sqrt(math.pi))


def test_the_best_accuracy_is_the_mean_over_all_outcomes():
    likely = stats.binom.pmf(range(5), 4, 0.7)
    total = sum(
        max(counts) / 4 * math.prod(likely[each] for each in counts)
        for counts in itertools.product(range(5), repeat=3)
    )
    assert expected_best_accuracy(3, 4, 0.7) == pytest.approx(total)
    assert expected_best_accuracy(1, 4, 0.7) == pytest.approx(0.7)


def test_on_many_images_the_count_is_normal():
    normal = 0.8 + expected_best(20) * normal_spread(0.8, 10_000)
    assert expected_best_accuracy(20, 10_000, 0.8) == pytest.approx(normal, abs=2e-4)


def test_the_winner_is_too_good_where_it_was_chosen_and_nowhere_else():
    chosen = choose_best(20, 1000, 0.8, np.random.default_rng(0), 4000)
    error = chosen.elsewhere.std() / math.sqrt(4000)
    right = expected_best_accuracy(20, 1000, 0.8)
    assert abs(chosen.where_chosen.mean() - right) < 4 * error
    assert abs(chosen.elsewhere.mean() - 0.8) < 4 * error


def test_some_of_many_tests_of_nothing_is_significant():
    assert some_significant(1) == pytest.approx(0.05)
    assert some_significant(2) == pytest.approx(0.0975)


def test_the_lead_is_that_of_the_winner_on_the_first_set():
    lead, stays = lead_that_stays(np.array([0.7, 0.9, 0.8]), np.array([0.9, 0.8, 0.7]))
    assert (lead, stays) == pytest.approx((0.1, 0.0))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda: expected_best(0), "at least one"),
        (lambda: expected_best_accuracy(2, 0, 0.5), "one image"),
        (lambda: lead_that_stays(np.ones(2), np.ones(3)), "in both"),
    ],
)
def test_what_is_no_choice_is_refused(broken, says):
    with pytest.raises(ValueError, match=says):
        broken()
