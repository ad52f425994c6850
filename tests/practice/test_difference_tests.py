"""McNemar, the bootstrap and the interval over seeds: small cases by hand, then other code."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from internlab.practice.significance import (
    bootstrap_gains,
    bootstrap_interval,
    discordant,
    mcnemar,
    over_seeds,
    redrawn_gains,
)


def test_images_that_only_one_gets_right_are_counted():
    a = np.array([True, True, True, False, False])
    b = np.array([True, False, False, True, False])
    assert discordant(a, b) == (2, 1)
    assert discordant(b, a) == (1, 2)


def test_five_coins_that_all_fall_one_way():
    test = mcnemar(0, 5)
    assert test.exact == 2 / 32
    assert test.mid_p == 1 / 32
    assert test.asymptotic == pytest.approx(math.erfc(math.sqrt(5 / 2)))


def test_without_a_disagreement_nothing_is_significant():
    assert mcnemar(0, 0).exact == mcnemar(0, 0).mid_p == mcnemar(0, 0).asymptotic == 1
    assert mcnemar(7, 7).exact == 1


@given(st.integers(0, 200), st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_the_exact_p_is_scipys(only_a, only_b):
    if only_a + only_b == 0:
        return
    test = mcnemar(only_a, only_b)
    assert test.exact == pytest.approx(stats.binomtest(only_a, only_a + only_b).pvalue, abs=1e-12)
    assert test.asymptotic == pytest.approx(stats.chisquare([only_a, only_b]).pvalue, abs=1e-12)
    assert test.mid_p <= test.exact
    assert mcnemar(only_b, only_a).exact == test.exact


def test_the_mid_p_is_closer_to_its_level_than_the_exact_test():
    size = {"exact": [], "mid_p": []}
    for tosses in range(10, 60):
        likely = stats.binom.pmf(range(tosses + 1), tosses, 0.5)
        tests = [mcnemar(heads, tosses - heads) for heads in range(tosses + 1)]
        for name, sizes in size.items():
            significant = [getattr(each, name) < 0.05 for each in tests]
            sizes.append(likely[significant].sum())
    assert max(size["exact"]) <= 0.05
    assert np.mean(size["exact"]) < np.mean(size["mid_p"]) < 0.055
    off = {name: np.abs(np.array(each) - 0.05).mean() for name, each in size.items()}
    assert off["mid_p"] < off["exact"]


def test_the_bootstrap_draws_images_and_agrees_with_scipy():
    rng = np.random.default_rng(0)
    a = rng.random(300) < 0.8
    b = np.where(rng.random(300) < 0.1, ~a, a)
    low, high = bootstrap_interval(a, b, rng, repeats=20_000)
    theirs = stats.bootstrap(
        (a, b),
        lambda x, y, axis: y.mean(axis=axis) - x.mean(axis=axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=20_000,
        rng=rng,
    ).confidence_interval
    assert (low, high) == pytest.approx(tuple(theirs), abs=0.0035)


def test_drawing_images_and_drawing_counts_are_the_same():
    rng = np.random.default_rng(1)
    a, b = np.arange(200) < 150, np.arange(200) >= 40
    slow = bootstrap_gains(a, b, rng, 20_000)
    fast = redrawn_gains(*discordant(a, b), 200, rng, 20_000)
    assert slow.mean() == pytest.approx(fast.mean(), abs=0.002)
    assert slow.std() == pytest.approx(fast.std(), rel=0.03)
    assert stats.ks_2samp(slow, fast).statistic < 0.02


def test_a_gain_without_noise_has_an_interval_without_width():
    a, b = np.zeros(50, bool), np.ones(50, bool)
    assert bootstrap_interval(a, b, np.random.default_rng(0), 100) == (1.0, 1.0)


def test_the_interval_over_seeds_is_scipys():
    differences = np.random.default_rng(2).normal(0.4, 1, 9)
    ours, theirs = over_seeds(differences), stats.ttest_1samp(differences, 0)
    assert ours.p == pytest.approx(theirs.pvalue)
    interval = theirs.confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))


def test_differences_that_are_all_the_same():
    assert over_seeds(np.array([0.5, 0.5, 0.5])).p == 0
    assert over_seeds(np.zeros(3)).p == 1


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda: discordant(np.ones(3, bool), np.ones(4, bool)), "same images"),
        (lambda: discordant(np.array([0.2, 1.0]), np.ones(2)), "right_a"),
        (lambda: mcnemar(-1, 2), "whole numbers"),
        (lambda: mcnemar(1.5, 2), "whole numbers"),
        (lambda: over_seeds(np.array([0.1])), "one run has no spread"),
        (lambda: over_seeds(np.array([0.1, np.nan])), "finite"),
        (
            lambda: bootstrap_gains(np.array([]), np.array([]), np.random.default_rng(0)),
            "no images",
        ),
    ],
)
def test_what_is_no_comparison_is_refused(broken, says):
    with pytest.raises(ValueError, match=says):
        broken()
