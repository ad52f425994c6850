"""Which image gets which bias: shares, evenness, ratios that share their images."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.data.shortcuts import assign_biases, generator, spread_biases


def labels_of(classes: int, of_each: int) -> np.ndarray:
    return np.tile(np.arange(classes), of_each)


@given(
    st.integers(2, 12),
    st.integers(10, 300),
    st.floats(0.5, 0.95),
    st.integers(0, 99),
)
def test_each_class_has_its_share_of_conflicting_images(classes, of_each, ratio, seed):
    labels = labels_of(classes, of_each)
    biases = assign_biases(labels, ratio, np.random.default_rng(seed), classes)
    table = np.histogram2d(labels, biases, bins=(range(classes + 1),) * 2)[0].astype(int)
    assert set(of_each - np.diag(table)) == {round(of_each * (1 - ratio))}
    # Spread over the other biases: none has two more than another.
    others = table[~np.eye(classes, dtype=bool)].reshape(classes, classes - 1)
    assert (np.ptp(others, axis=1) <= 1).all()
    assert biases.dtype == np.int64


@given(st.floats(0.5, 0.9), st.floats(0.0, 0.09), st.integers(0, 99))
def test_a_higher_ratio_only_aligns_images(ratio, more, seed):
    labels = labels_of(5, 100)
    lower = assign_biases(labels, ratio, np.random.default_rng(seed), 5)
    higher = assign_biases(labels, ratio + more, np.random.default_rng(seed), 5)
    assert np.array_equal(higher, np.where(higher == labels, labels, lower))


def test_the_labels_given_stay_as_they_are():
    labels = labels_of(3, 10)
    labels.flags.writeable = False
    assert assign_biases(labels, 0.8, np.random.default_rng(0), 3) is not labels


@given(st.integers(2, 10), st.integers(10, 60), st.integers(0, 99))
def test_an_unbiased_set_has_as_many_images_in_every_group(classes, of_each, seed):
    labels = labels_of(classes, of_each)
    biases = spread_biases(labels, np.random.default_rng(seed), classes)
    counts = np.bincount(labels * classes + biases, minlength=classes**2)
    assert np.ptp(counts) <= 1


@pytest.mark.parametrize("ratio", [0, 1, 0.0, 1.0, -0.1, 1.2, float("nan"), "0.98", None, True])
def test_a_ratio_must_lie_between_0_and_1(ratio):
    with pytest.raises(ValueError, match="above 0 and below 1"):
        assign_biases(labels_of(2, 50), ratio, np.random.default_rng(0), 2)


def test_a_ratio_of_0_or_1_is_explained():
    with pytest.raises(ValueError, match="At 1 nothing tells class and bias apart"):
        assign_biases(labels_of(2, 50), 1, np.random.default_rng(0), 2)


def test_a_class_without_a_conflicting_image_is_refused_with_how_many_it_takes():
    with pytest.raises(ValueError, match=r"class 0 has 20 images, none of them bias-conflict"):
        assign_biases(labels_of(10, 20), 0.99, np.random.default_rng(0), 10)
    with pytest.raises(ValueError, match="Take 51 images a class"):
        assign_biases(labels_of(10, 20), 0.99, np.random.default_rng(0), 10)
    assert assign_biases(labels_of(10, 51), 0.99, np.random.default_rng(0), 10).any()
    with pytest.raises(ValueError, match="none of them bias-aligned"):
        assign_biases(labels_of(10, 20), 0.01, np.random.default_rng(0), 10)


def test_labels_out_of_range_are_refused():
    for assign in (
        lambda labels: assign_biases(labels, 0.9, np.random.default_rng(0), 4),
        lambda labels: spread_biases(labels, np.random.default_rng(0), 4),
    ):
        with pytest.raises(ValueError, match="labels hold 4; expected 0 to 3"):
            assign(labels_of(5, 20))
        with pytest.raises(ValueError, match="labels hold -1"):
            assign(labels_of(4, 20) - 1)
        with pytest.raises(ValueError, match="whole numbers"):
            assign(labels_of(4, 20) / 1.0)


def test_an_empty_group_is_refused():
    with pytest.raises(ValueError, match="a group would have none"):
        spread_biases(labels_of(10, 9), np.random.default_rng(0), 10)


def test_one_bias_is_none():
    with pytest.raises(ValueError, match="biases is 1; expected 2 or more"):
        spread_biases(np.zeros(5, int), np.random.default_rng(0), 1)


def test_every_purpose_has_a_generator_of_its_own():
    first, again = generator(1, "train"), generator(1, "train")
    others = generator(1, "test"), generator(2, "train")
    drawn = first.random(3)
    assert np.array_equal(drawn, again.random(3))
    assert all(not np.array_equal(drawn, each.random(3)) for each in others)
    with pytest.raises(ValueError, match="seed is -1; expected 0 or more"):
        generator(-1, "train")
    with pytest.raises(TypeError, match=r"seed is 0\.5"):
        generator(0.5, "train")
