"""Brier score, log score, calibration curve, the three parts, and what chance does to twelve."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve as sklearn_curve
from sklearn.metrics import brier_score_loss, log_loss

from internlab.practice.calibration import (
    Group,
    brier,
    calibration_curve,
    expected_brier,
    log_score,
    luck,
    murphy,
)

forecasts = st.lists(
    st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=1, max_size=40
)


def _arrays(pairs):
    return np.array([p for p, _ in pairs]), np.array([o for _, o in pairs])


def test_the_scores_of_three_forecasts_by_hand():
    p, o = [0.9, 0.2, 0.5], [1, 1, 0]
    assert brier(p, o) == pytest.approx((0.01 + 0.64 + 0.25) / 3)
    assert log_score(p, o) == pytest.approx(-(math.log(0.9) + math.log(0.2) + math.log(0.5)) / 3)


def test_the_ends_of_the_scale():
    assert brier([1, 0], [True, False]) == 0
    assert brier([1, 0], [False, True]) == 1
    assert brier([0.5] * 4, [0, 1, 1, 1]) == 0.25
    assert log_score([1, 0], [1, 0]) == 0
    assert log_score([1, 0.5], [0, 1]) == math.inf


@given(forecasts)
def test_brier_and_log_score_are_those_of_scikit_learn(pairs):
    p, o = _arrays(pairs)
    assert brier(p, o) == pytest.approx(brier_score_loss(o, p, labels=[0, 1]), abs=1e-12)
    inner = np.clip(p, 0.01, 0.99)
    assert log_score(inner, o) == pytest.approx(log_loss(o, inner, labels=[0, 1]), abs=1e-12)


@given(forecasts, st.one_of(st.none(), st.integers(1, 12)))
def test_the_parts_add_up_to_the_score(pairs, bins):
    p, o = _arrays(pairs)
    parts = murphy(p, o, bins)
    assert parts.brier == pytest.approx(brier(p, o), abs=1e-12)
    assert parts.reliability >= 0 and parts.resolution >= 0
    if bins is None:
        assert parts.within == pytest.approx(0, abs=1e-12)


def test_the_parts_of_five_forecasts_by_hand():
    # Two of 0.2 with one yes, three of 0.8 with two: shares 1/2 and 2/3, over all 3/5.
    parts = murphy([0.2, 0.2, 0.8, 0.8, 0.8], [1, 0, 1, 1, 0])
    assert parts.reliability == pytest.approx((2 * 0.3**2 + 3 * (0.8 - 2 / 3) ** 2) / 5)
    assert parts.resolution == pytest.approx((2 * 0.1**2 + 3 * (2 / 3 - 0.6) ** 2) / 5)
    assert parts.uncertainty == pytest.approx(0.24)


@given(forecasts)
def test_who_knows_only_the_base_rate_has_no_resolution_and_is_calibrated(pairs):
    _, o = _arrays(pairs)
    parts = murphy(np.full(o.size, o.mean()), o)
    assert [parts.reliability, parts.resolution] == pytest.approx([0, 0], abs=1e-15)
    assert parts.brier == pytest.approx(o.mean() * (1 - o.mean()))


def test_the_groups_of_a_calibration_curve_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    p = rng.random(500)
    o = rng.random(500) < p**2
    share, forecast = sklearn_curve(o, p, n_bins=7)
    groups = calibration_curve(p, o, bins=7)
    assert [each.share for each in groups] == pytest.approx(list(share))
    assert [each.forecast for each in groups] == pytest.approx(list(forecast))
    assert sum(each.count for each in groups) == 500


def test_a_forecast_on_an_edge_belongs_above_it_and_one_to_the_last_bin():
    groups = calibration_curve([0.29, 0.3, 0.9, 1.0], [0, 1, 1, 1], bins=10)
    assert groups == [
        Group(0.29, 0.0, 1),
        Group(0.3, 1.0, 1),
        Group(pytest.approx(0.95), 1.0, 2),
    ]


def test_honesty_is_best_and_the_best_is_its_closed_form():
    grid = np.linspace(0, 1, 1001)
    for belief in (0.0, 0.137, 0.5, 0.9, 1.0):
        cost = expected_brier(grid, belief)
        assert grid[cost.argmin()] == pytest.approx(belief)
        assert cost.min() == pytest.approx(belief * (1 - belief))


def test_luck_is_what_a_simulated_calibrated_forecaster_has():
    p = np.array([0.1, 0.5, 0.9, 0.75])
    happened = np.random.default_rng(1).random((40_000, 4)) < p
    scores = ((p - happened) ** 2).mean(axis=1)
    expected = luck(p)
    assert scores.mean() == pytest.approx(expected.mean, abs=4 * expected.spread / 200)
    assert scores.std() == pytest.approx(expected.spread, rel=0.03)
    assert luck([0.5] * 12).spread == 0


@pytest.mark.parametrize(
    ("p", "o", "says"),
    [
        ([0.5, 1.2], [0, 1], "1.2"),
        ([0.5, math.nan], [0, 1], "nan"),
        ([0.5, 0.5], [0, 2], "2.0"),
        ([0.5], [0, 1], "one outcome a forecast"),
        ([], [], "one outcome a forecast"),
        ([[0.5]], [[1]], "one outcome a forecast"),
    ],
)
def test_what_is_no_forecast_is_refused(p, o, says):
    with pytest.raises(ValueError, match=says):
        brier(p, o)


def test_no_bins_are_refused():
    with pytest.raises(ValueError, match="1 or more"):
        murphy([0.5], [1], bins=0)
