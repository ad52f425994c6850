"""IoU is what it is defined to be, and counts of batches add up to counts of all."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import jaccard_score
from torchmetrics import JaccardIndex

from internlab.hpo.training.metrics import AreaCounts, iou, iou_per_image

AREAS = np.array(["dry-1", "wet-1", "dry-1", "wet-1", "wet-2", "wet-2"])


@st.composite
def pairs(draw, tiles=6):
    """Masks and predictions, (tiles, 5, 7) bool, some of them empty."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    shares = rng.choice([0, 0.05, 0.5, 1], size=(2, tiles, 1, 1), p=[0.3, 0.3, 0.3, 0.1])
    masks, predicted = rng.random((2, tiles, 5, 7)) < shares
    return masks, predicted


def test_worked_by_hand():
    mask = np.array([[1, 1, 0], [1, 0, 0]])
    assert iou(mask, np.array([[1, 0, 0], [1, 0, 1]])) == 2 / 4
    assert iou(mask, np.zeros((2, 3), int)) == 0
    assert iou(mask, 1 - mask) == 0


def test_two_empty_masks_have_nothing_to_be_measured():
    empty = np.zeros((4, 4), bool)
    assert math.isnan(iou(empty, empty))
    assert np.isnan(iou_per_image(empty[None], empty[None])).all()
    counts = AreaCounts.empty()
    assert math.isnan(counts.mean()) and math.isnan(counts.pooled())
    counts.add(np.array(["dry-1"]), empty[None], empty[None])
    assert math.isnan(counts.per_area()["dry-1"])
    assert math.isnan(counts.mean()) and math.isnan(counts.pooled())


@given(pairs())
def test_iou_is_symmetric_between_0_and_1_and_1_only_for_equal_masks(pair):
    masks, predicted = pair
    assume((masks | predicted).any())
    value = iou(masks, predicted)
    assert value == iou(predicted, masks)
    assert 0 <= value <= 1
    assert (value == 1) == np.array_equal(masks, predicted)


@given(pairs(), st.integers(0, 10**6))
def test_where_a_pixel_lies_does_not_matter(pair, seed):
    masks, predicted = pair
    assume((masks | predicted).any())
    order = np.random.default_rng(seed).permutation(masks.size)
    moved = [each.ravel()[order].reshape(masks.shape) for each in pair]
    assert iou(*moved) == iou(masks, predicted)


@given(pairs())
def test_a_further_right_pixel_raises_it_and_a_further_wrong_one_lowers_it(pair):
    masks, predicted = pair
    missed, clear = np.argwhere(masks & ~predicted), np.argwhere(~masks & ~predicted)
    assume(len(missed) and len(clear) and predicted.any())
    better, worse = predicted.copy(), predicted.copy()
    better[tuple(missed[0])], worse[tuple(clear[0])] = True, True
    assert iou(masks, better) > iou(masks, predicted)
    assert iou(masks, worse) <= iou(masks, predicted)


@given(pairs())
def test_scikit_learn_and_torchmetrics_agree(pair):
    masks, predicted = pair
    assume((masks | predicted).any())
    value = iou(masks, predicted)
    assert value == pytest.approx(jaccard_score(masks.ravel(), predicted.ravel()))
    peer = JaccardIndex(task="binary")
    for mask, guess in zip(masks, predicted, strict=True):
        peer.update(torch.from_numpy(guess), torch.from_numpy(mask).int())
    assert value == pytest.approx(peer.compute().item())
    counts = AreaCounts.empty()
    counts.add(AREAS, masks, predicted)
    assert counts.pooled() == value


@given(pairs())
def test_per_image_is_iou_of_each_image(pair):
    expected = [iou(mask, guess) for mask, guess in zip(*pair, strict=True)]
    np.testing.assert_array_equal(iou_per_image(*pair), expected)


def test_no_images_have_no_iou():
    assert iou_per_image(np.zeros((0, 4, 4)), np.zeros((0, 4, 4))).shape == (0,)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_masks_may_be_of_any_type_that_holds_0_and_1(dtype):
    mask, predicted = np.array([1, 1, 0]), np.array([1, 0, 1])
    assert iou(mask.astype(dtype), predicted.astype(bool)) == 1 / 3


# Areas


def iou_per_area(areas, masks, predicted):
    counts = AreaCounts.empty()
    counts.add(areas, masks, predicted)
    return counts.per_area()


def test_an_area_is_judged_over_all_of_its_pixels():
    """A tile with one building pixel, missed, beside one with 99, all found."""
    masks, predicted = np.zeros((2, 10, 10), bool), np.zeros((2, 10, 10), bool)
    masks[0, 0, 0] = True
    masks[1].flat[1:] = predicted[1].flat[1:] = True
    assert iou_per_image(masks, predicted).mean() == 0.5
    assert iou_per_area(np.array(["dry-1", "dry-1"]), masks, predicted) == {"dry-1": 0.99}


def test_the_mean_counts_areas_alike_and_the_pooled_value_counts_pixels():
    counts = AreaCounts(inside={"a": 1, "b": 90, "c": 0}, around={"a": 2, "b": 100, "c": 0})
    assert counts.mean() == pytest.approx((0.5 + 0.9) / 2)
    assert counts.pooled() == 91 / 102


@given(pairs(), st.integers(1, 6), st.integers(0, 10**6))
def test_batches_of_any_size_and_order_add_up(pair, size, seed):
    masks, predicted = pair
    counts = AreaCounts.empty()
    order = np.random.default_rng(seed).permutation(len(masks))
    for start in range(0, len(masks), size):
        batch = order[start : start + size]
        counts.add(AREAS[batch], masks[batch], predicted[batch])
    whole = AreaCounts.empty()
    whole.add(AREAS, masks, predicted)
    assert counts == whole
    for area, value in counts.per_area().items():
        inside = area == AREAS
        assert value == pytest.approx(iou(masks[inside], predicted[inside]), nan_ok=True)


def test_areas_may_be_a_list():
    masks = np.ones((2, 3, 3), bool)
    assert iou_per_area(["a", "b"], masks, masks) == {"a": 1.0, "b": 1.0}


# Bad input


@pytest.mark.parametrize(
    ("mask", "named"),
    [
        (np.full((4, 4), 255, np.uint8), "up to 255.*PNG"),
        (np.full((4, 4), 0.5), "other than 0 and 1"),
        (np.full((4, 4), -1), "other than 0 and 1"),
        (np.full((4, 4), np.nan), "other than 0 and 1"),
        (np.ones((4, 5), bool), r"4, 5\).*4, 4\); expected the same"),
    ],
)
def test_what_is_no_pair_of_masks_is_refused(mask, named):
    right = np.ones((4, 4), bool)
    with pytest.raises(ValueError, match=named):
        iou(mask, right)
    with pytest.raises(ValueError, match=r"expected the same|prediction holds"):
        iou(right, mask)
    with pytest.raises(ValueError, match=named):
        iou_per_image(mask[None], right[None])
    with pytest.raises(ValueError, match=named):
        AreaCounts.empty().add(np.array(["a"]), mask[None], right[None])


def test_per_image_wants_several_images():
    with pytest.raises(ValueError, match=r"\(N, H, W\)"):
        iou_per_image(np.ones((4, 4), bool), np.ones((4, 4), bool))


def test_every_mask_has_one_area():
    with pytest.raises(ValueError, match="2 areas for 3 masks"):
        AreaCounts.empty().add(np.array(["a", "b"]), np.ones((3, 2, 2)), np.ones((3, 2, 2)))
