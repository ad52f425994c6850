"""A learning curve that is known is found again, and a forecast says how far it may be off."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from internlab.practice.reading import Curve, fit_curve, forecast
from internlab.practice.reading.digit_curves import VERSIONS, available, errors
from internlab.practice.reading.learning_curve import SHAPES

SIZES = np.array([50, 100, 200, 400, 800])


@given(st.floats(0.5, 3), st.floats(0.1, 0.9), st.floats(0, 0.05))
def test_a_known_curve_is_found_again(scale, power, floor):
    known = Curve(scale, power, floor)
    found = fit_curve(SIZES, known.error(SIZES), "levelling" if floor else "straight")
    larger = np.array([1_600, 12_800])
    assert found.error(larger) == pytest.approx(known.error(larger), rel=2e-3)


@given(st.floats(0.5, 2), st.floats(-0.2, 0.3), st.floats(0.01, 0.05))
def test_a_bending_curve_is_found_again(scale, power, bend):
    known = Curve(scale, power, bend=bend)
    found = fit_curve(SIZES, known.error(SIZES), "bending")
    assert found.bend == pytest.approx(bend, abs=1e-8)
    assert found.power == pytest.approx(power, abs=1e-7)


def test_the_straight_fit_is_a_regression_of_logarithms():
    noisy = np.random.default_rng(0).uniform(0.1, 0.5, 5)
    line = stats.linregress(np.log(SIZES), np.log(noisy))
    found = fit_curve(SIZES, noisy)
    assert -found.power == pytest.approx(line.slope)
    assert math.log(found.scale) == pytest.approx(line.intercept)


@given(
    st.sampled_from(
        [Curve(2, 0.4), Curve(2, 0.5, 0.02), Curve(1, 0.05, bend=0.03), Curve(1, 0.6, bend=-0.02)]
    ),
    st.floats(0.03, 0.3),
)
def test_the_size_for_a_target_has_that_error(curve, target):
    size = curve.size_for(target)
    if math.isfinite(size):
        assert curve.error(size) == pytest.approx(target)


def test_a_target_that_is_never_reached_takes_infinitely_many():
    assert Curve(2, 0.5, 0.1).size_for(0.1) == math.inf
    assert Curve(2, -0.1).size_for(0.5) == math.inf
    # 0.6 l - 0.02 l^2 is largest at l = 15: the curve turns up again before it gets there.
    assert Curve(1, 0.6, bend=-0.02).size_for(math.exp(-4.6)) == math.inf
    assert Curve(2, 0.001).size_for(0.01) == math.inf


@pytest.mark.parametrize(
    ("sizes", "found", "shape"),
    [
        ([10, 10], [0.1, 0.2], "straight"),
        ([10, 20], [0.1, 0.2], "levelling"),
        ([10, 20], [0.1, 0.2], "bending"),
        ([10, 20, 30], [0.1, 0.2], "straight"),
        ([10, 20], [0.1, 0.0], "straight"),
        ([0, 20], [0.1, 0.2], "straight"),
        ([10, 20], [0.2, 0.1], "curly"),
    ],
)
def test_what_cannot_be_fitted_is_refused(sizes, found, shape):
    with pytest.raises(ValueError):
        fit_curve(sizes, found, shape)


def test_the_range_covers_a_true_power_law_and_grows():
    rng = np.random.default_rng(0)
    known = Curve(2, 0.4)
    covered = []
    for _ in range(40):
        seeds = known.error(SIZES) * np.exp(rng.normal(0, 0.05, (8, 5)))
        found = forecast(SIZES, seeds, [1_600, 12_800], rng, shapes=("straight",), refits=100)
        covered += [each.low <= known.error(each.size) <= each.high for each in found]
        assert found[1].high / found[1].low > found[0].high / found[0].low
    # A bootstrap of eight seeds is a little narrow: 82 to 90 in a hundred here, not 90.
    assert 0.7 < np.mean(covered) <= 1


def test_a_range_over_more_shapes_is_wider():
    rng = np.random.default_rng(3)
    seeds = Curve(2, 0.4).error(SIZES) * np.exp(rng.normal(0, 0.05, (5, 5)))
    widths = []
    for count in (1, 2, 3):
        (found,) = forecast(
            SIZES, seeds, [12_800], np.random.default_rng(0), shapes=SHAPES[:count], refits=60
        )
        widths.append(found.high - found.low)
    assert widths[0] < widths[1] < widths[2]


def test_a_forecast_needs_seeds():
    with pytest.raises(ValueError, match="two seeds"):
        forecast(SIZES, np.full((1, 5), 0.1), [1_600], np.random.default_rng(0))
    with pytest.raises(ValueError, match="two seeds"):
        forecast(SIZES, np.full((3, 4), 0.1), [1_600], np.random.default_rng(0))


def test_the_error_of_the_nearest_neighbour_is_that_of_scikit_learn():
    from sklearn.neighbors import KNeighborsClassifier

    from internlab.data.shortcuts.mnist import handwritten_digits
    from internlab.practice.reading.digit_curves import TEST, _prepared

    digits = handwritten_digits()
    size = min(200, available())
    for_train, for_test = (np.random.default_rng([4, part]) for part in (0, 1))
    train = for_train.permutation(len(digits.train_labels))[:size]
    test = for_test.permutation(len(digits.test_labels))[:TEST]
    x = _prepared(digits.train_images[train], "moved", for_train)
    asked = _prepared(digits.test_images[test], "moved", for_test)
    model = KNeighborsClassifier(1).fit(x, digits.train_labels[train])
    expected = 1 - model.score(asked, digits.test_labels[test])
    (found,) = errors((size,), range(4, 5), "moved")[0]
    # Two equally near images may be told apart by rounding.
    assert found == pytest.approx(expected, abs=2 / TEST)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_smaller_set_lies_within_a_larger_one(version):
    small, large = (errors((20, 40, last), range(1), version)[0] for last in (50, 100))
    assert small[:2] == pytest.approx(large[:2])
    assert small[2] != large[2]


def test_curves_are_refused_where_there_is_no_such_task_or_size():
    with pytest.raises(ValueError, match="version"):
        errors((50,), range(1), "mirrored")
    with pytest.raises(ValueError, match="there are"):
        errors((50, available() + 1), range(1), "centred")
