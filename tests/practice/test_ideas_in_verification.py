"""The share of real gains: by hand, by simulation, and how much larger they look."""

import math

import numpy as np
import pytest
from scipy import stats

from internlab.practice.power import mcnemar_power_exact
from internlab.practice.verification import exaggeration, found, share_true, simulate_ideas


def test_a_thousand_ideas_by_hand():
    # 100 good, 50 of them found; 900 useless, 45 of them found.
    assert found(0.1, 0.5, 0.05) == pytest.approx(0.095)
    assert share_true(0.1, 0.5, 0.05) == pytest.approx(50 / 95)


def test_a_test_that_knows_nothing_leaves_the_base_rate():
    assert share_true(0.2, 0.3, 0.3) == pytest.approx(0.2)


@pytest.mark.parametrize("alpha", [0.05, 1.0])
def test_simulated_ideas_agree_with_the_formula(alpha):
    rng = np.random.default_rng(0)
    ideas = simulate_ideas(60_000, 0.2, 0.03, 0.1, rng, 300, alpha, 1000)
    power, alarm = (mcnemar_power_exact(300, gain, 0.1, alpha) for gain in (0.03, 0.0))
    assert ideas.promising.mean() == pytest.approx(found(0.2, power, alarm), abs=0.008)
    assert ideas.good[ideas.promising].mean() == pytest.approx(
        share_true(0.2, power, alarm), abs=0.025 if alpha < 1 else 0.015
    )
    verified = ideas.verified[ideas.good].mean()
    assert verified == pytest.approx(mcnemar_power_exact(1000, 0.03, 0.1), abs=0.015)


def test_the_quick_look_and_the_verification_are_on_other_images():
    ideas = simulate_ideas(40_000, 1.0, 0.02, 0.1, np.random.default_rng(1), 300, 0.3, 300, 0.3)
    both = (ideas.promising & ideas.verified).mean()
    assert both == pytest.approx(ideas.promising.mean() * ideas.verified.mean(), abs=0.01)


def test_a_found_gain_is_the_mean_of_the_upper_tail():
    gain, error = 0.02, 0.015
    wall = stats.norm.ppf(0.975) * error
    tail = stats.norm(gain, error).expect(lambda x: x, lb=wall, conditional=True)
    assert exaggeration(gain, error) == pytest.approx(tail / gain, rel=1e-6)
    assert exaggeration(gain, 0.001) == pytest.approx(1, abs=1e-6)


def test_simulated_gains_are_exaggerated_as_the_formula_says():
    ideas = simulate_ideas(60_000, 1.0, 0.02, 0.1, np.random.default_rng(2), 1000, 0.05, 10)
    looked = ideas.measured[ideas.promising].mean() / 0.02
    assert looked == pytest.approx(exaggeration(0.02, math.sqrt(0.0996 / 1000)), rel=0.04)


def test_what_is_no_share_is_refused():
    with pytest.raises(ValueError, match="power is 80"):
        share_true(0.1, 80, 0.05)
    with pytest.raises(ValueError, match="Nothing is found"):
        share_true(0.0, 0.5, 0.0)
    with pytest.raises(ValueError, match="above 0"):
        exaggeration(0.0, 0.1)
