"""Augmentation: image and mask move together, and colour never reaches the mask."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.hpo.training.augment import GEOMETRIES, check_pair, pipeline

SIDE = 16
some = settings(max_examples=30)


def pair(seed=0):
    """A mask without any symmetry, painted into an image: building is bright, the rest dark."""
    mask = (np.random.default_rng(seed).random((SIDE, SIDE)) < 0.3).astype(np.uint8)
    image = np.repeat((70 + 110 * mask)[..., None], 3, axis=2).astype(np.uint8)
    return image, mask


def textured(seed=0):
    return np.random.default_rng(seed).integers(20, 200, (SIDE, SIDE, 3), dtype=np.uint8)


def read_off(image):
    """Recover the mask from the image: the brighter half of its grey levels."""
    grey = image.mean(axis=2)
    return (grey > (grey.min() + grey.max()) / 2).astype(np.uint8)


def sides(mask):
    turned = [np.rot90(mask, quarter) for quarter in range(4)]
    return turned + [each[:, ::-1] for each in turned]


def side_of(moved, mask):
    """Return which of the eight symmetries of `mask` the moved one is."""
    return next(k for k, side in enumerate(sides(mask)) if np.array_equal(side, moved))


def draws(augment, image, mask, count):
    augment.set_random_seed(0)
    for _ in range(count):
        yield augment(image=image, mask=mask)


@pytest.mark.parametrize("geometry", GEOMETRIES)
@given(seed=st.integers(0, 10**6), colour=st.sampled_from([0.0, 0.3, 1.0]))
@some
def test_image_and_mask_move_together(geometry, seed, colour):
    image, mask = pair(seed)
    augment = pipeline(colour, geometry)
    augment.set_random_seed(seed)
    moved = augment(image=image, mask=mask)
    np.testing.assert_array_equal(read_off(moved["image"]), moved["mask"])
    assert moved["image"].shape == image.shape and moved["image"].dtype == np.uint8
    assert moved["mask"].shape == mask.shape and moved["mask"].dtype == np.uint8


@pytest.mark.parametrize(
    ("geometry", "reached"), [("none", {0}), ("flip", {0, 4}), ("d4", set(range(8)))]
)
def test_a_geometry_reaches_its_sides_and_no_others(geometry, reached):
    image, mask = pair()
    augment = pipeline(0.0, geometry)
    found = [side_of(moved["mask"], mask) for moved in draws(augment, image, mask, 120)]
    assert set(found) == reached
    # Each about equally often: 120 draws among at most eight.
    assert min(found.count(side) for side in reached) >= 120 / len(reached) / 3


@pytest.mark.parametrize("colour", [0.1, 0.5, 1.0])
def test_colour_changes_the_image_and_never_the_mask(colour):
    image, mask = textured(), pair()[1]
    changed = 0
    for moved in draws(pipeline(colour, "none"), image, mask, 100):
        np.testing.assert_array_equal(moved["mask"], mask)
        changed += not np.array_equal(moved["image"], image)
    assert changed > 90


def mean_change(colour):
    """How far 100 draws move an image, in grey levels."""
    image, mask = textured(), pair()[1]
    moved = draws(pipeline(colour, "none"), image, mask, 100)
    return np.mean([np.abs(each["image"].astype(int) - image).mean() for each in moved])


def test_a_higher_strength_changes_more():
    assert np.all(np.diff([mean_change(colour) for colour in (0.1, 0.3, 0.6, 1.0)]) > 3)


def test_a_tiny_strength_changes_next_to_nothing():
    """Every step is scaled by the strength; a step with a default of its own would show."""
    assert mean_change(0.01) < 2


def test_strength_0_without_geometry_is_the_identity():
    image, mask = textured(), pair()[1]
    for moved in draws(pipeline(0.0, "none"), image, mask, 10):
        np.testing.assert_array_equal(moved["image"], image)
        np.testing.assert_array_equal(moved["mask"], mask)


@given(seed=st.integers(0, 2**31 - 1))
@some
def test_one_seed_is_one_augmentation(seed):
    image, mask = textured(), pair()[1]
    moved = []
    for _ in range(2):
        augment = pipeline(0.7, "d4")
        augment.set_random_seed(seed)
        # The second call shows that the stream repeats, and not its first draw alone.
        moved.append([augment(image=image, mask=mask) for _ in range(2)])
    for one, other in zip(*moved, strict=True):
        np.testing.assert_array_equal(one["image"], other["image"])
        np.testing.assert_array_equal(one["mask"], other["mask"])


def test_global_random_states_and_inputs_are_left_alone():
    image, mask = textured(), pair()[1]
    before = image.copy(), mask.copy(), random.getstate(), np.random.get_state()[1].copy()
    augment = pipeline(1.0, "d4")
    augment.set_random_seed(3)
    for _ in range(20):
        augment(image=image, mask=mask)
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(mask, before[1])
    assert random.getstate() == before[2]
    assert (np.random.get_state()[1] == before[3]).all()


@pytest.mark.parametrize("colour", [-0.1, 1.01, float("nan"), float("inf")])
def test_a_strength_outside_0_to_1_is_refused(colour):
    with pytest.raises(ValueError, match=r"colour strength.*expected 0 to 1"):
        pipeline(colour, "none")


@pytest.mark.parametrize("geometry", ["D4", "rotate", "", None])
def test_an_unknown_geometry_is_refused(geometry):
    with pytest.raises(ValueError, match=r"No geometry .* expected one of none, flip, d4"):
        pipeline(0.0, geometry)


# Pairs


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.int64, np.float32])
def test_a_pair_that_fits_is_accepted(dtype):
    image, mask = pair()
    check_pair(image, mask.astype(dtype))


def spoiled(mask, value):
    return np.where(np.arange(mask.size).reshape(mask.shape) == 7, value, mask)


@pytest.mark.parametrize(
    ("image", "mask", "named"),
    [
        (pair()[0], pair()[1][:-1], r"mask of tile 3 has shape \(15, 16\).*\(16, 16\)"),
        (pair()[0], pair()[1][..., None], r"shape \(16, 16, 1\)"),
        (pair()[0], 255 * pair()[1], r"labels \[255\].*threshold"),
        (pair()[0], spoiled(pair()[1], 0.5), r"labels \[0.5\].*nearest neighbour"),
        (pair()[0], spoiled(pair()[1].astype(int), -1), r"labels \[-1\]"),
        (pair()[0], spoiled(pair()[1], np.nan), r"labels \[nan\]"),
        (pair()[0].astype(np.float32), pair()[1], "image of tile 3 is float32"),
        (pair()[0][..., 0], pair()[1], r"shape \(16, 16\); expected uint8 of shape \(H, W, 3\)"),
        (np.dstack([pair()[0], pair()[1]]), pair()[1], r"\(16, 16, 4\)"),
    ],
)
def test_a_pair_that_does_not_fit_is_refused_by_name(image, mask, named):
    with pytest.raises(ValueError, match=named):
        check_pair(image, mask, "tile 3")
