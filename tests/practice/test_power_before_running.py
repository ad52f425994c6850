"""Power by formula, by the exact sum and by simulation; images and seeds that reach it."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from internlab.practice.power import (
    finds,
    images_needed,
    mcnemar_power,
    mcnemar_power_exact,
    mcnemar_power_simulated,
    seeds_needed,
    seeds_power,
)
from internlab.practice.significance import mcnemar


def test_the_exact_sum_is_the_sum_over_every_outcome():
    images, gain, disagreement = 12, 0.2, 0.5
    shares = [(disagreement - gain) / 2, (disagreement + gain) / 2, 1 - disagreement]
    total = 0.0
    for only_a, only_b in itertools.product(range(images + 1), repeat=2):
        rest = images - only_a - only_b
        if rest >= 0 and only_b > only_a and mcnemar(only_a, only_b).exact <= 0.05:
            total += stats.multinomial.pmf([only_a, only_b, rest], images, shares)
    assert total > 0.01
    assert mcnemar_power_exact(images, gain, disagreement) == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize(("images", "gain"), [(200, 0.03), (1000, 0.01), (2000, 0.02)])
def test_the_simulation_finds_what_the_sum_says(images, gain):
    exact = mcnemar_power_exact(images, gain, 0.1)
    drawn = mcnemar_power_simulated(images, gain, 0.1, np.random.default_rng(0), 20_000)
    assert abs(drawn - exact) < 4 * math.sqrt(exact * (1 - exact) / 20_000)


def test_the_formula_is_near_the_sum_on_many_images():
    assert mcnemar_power(8000, 0.01, 0.1) == pytest.approx(
        mcnemar_power_exact(8000, 0.01, 0.1), abs=0.02
    )


def test_without_a_gain_half_of_alpha_is_found_in_favour_of_b():
    assert mcnemar_power(1000, 0.0, 0.1) == pytest.approx(0.025)
    assert 0.015 < mcnemar_power_exact(1000, 0.0, 0.1) <= 0.025


def test_alpha_one_finds_whatever_comes_out_ahead():
    assert finds(np.array([3, 3, 4, 0]), np.array([4, 3, 3, 0]), 1.0).tolist() == [1, 0, 0, 0]
    tie = stats.binom.pmf(0, 1, 0.3) ** 2 + 2 * 0.15 * 0.15  # two images: none, or one each
    assert mcnemar_power_exact(2, 0.0, 0.3, alpha=1) == pytest.approx((1 - tie) / 2)


@pytest.mark.parametrize(("gain", "disagreement"), [(0.01, 0.08), (0.02, 0.2), (0.05, 0.06)])
def test_as_many_images_as_needed_and_no_more(gain, disagreement):
    needed = images_needed(gain, disagreement)
    assert mcnemar_power(needed, gain, disagreement) >= 0.8
    assert mcnemar_power(needed - 1, gain, disagreement) < 0.8


def test_half_the_gain_costs_four_times_the_images():
    ratio = images_needed(0.005, 0.1) / images_needed(0.01, 0.1)
    assert ratio == pytest.approx(4, rel=0.01)


@pytest.mark.parametrize("seeds", [2, 5, 12])
def test_the_power_over_seeds_against_scipys_test(seeds):
    drawn = np.random.default_rng(seeds).normal(0.8, 1, (20_000, seeds))
    test = stats.ttest_1samp(drawn, 0, axis=1)
    found = ((test.pvalue < 0.05) & (test.statistic > 0)).mean()
    assert seeds_power(seeds, 0.8, 1.0) == pytest.approx(found, abs=0.015)


@pytest.mark.parametrize("gain", [0.2, 0.5, 1.0, 3.0])
def test_as_many_seeds_as_needed_and_no_more(gain):
    needed = seeds_needed(gain, 1.0)
    assert seeds_power(needed, gain, 1.0) >= 0.8
    assert needed == 2 or seeds_power(needed - 1, gain, 1.0) < 0.8


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda: images_needed(0.0, 0.1), "not there"),
        (lambda: images_needed(1.0, 0.1), "per cent"),
        (lambda: mcnemar_power(100, 0.01, 0.0), "between 0 and 1"),
        (lambda: seeds_power(1, 1, 1), "two seeds"),
        (lambda: seeds_needed(0.0, 1), "above 0"),
        (lambda: seeds_needed(1e-4, 1), "could pay"),
    ],
)
def test_what_has_no_power_is_refused(broken, says):
    with pytest.raises(ValueError, match=says):
        broken()
