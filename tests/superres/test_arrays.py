"""From an image to a batch and back: nothing lost, nothing guessed."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from internlab.superres.arrays import to_array, to_image, to_tensor

images = st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(3)).flatmap(
    lambda shape: arrays(np.uint8, shape)
)


def test_a_pixel_keeps_its_place_and_its_channel():
    image = np.zeros((2, 3, 3), np.uint8)
    image[1, 2] = (51, 102, 255)
    batch = to_array(image)
    assert batch.shape == (1, 3, 2, 3)
    assert batch.dtype == np.float32
    np.testing.assert_allclose(batch[0, :, 1, 2], [0.2, 0.4, 1.0], rtol=1e-6)
    assert batch.sum() == pytest.approx(1.6)


@given(images)
def test_there_and_back_changes_nothing(image):
    batch = to_array(image)
    assert batch.flags["C_CONTIGUOUS"]
    assert 0 <= batch.min() and batch.max() <= 1
    np.testing.assert_array_equal(to_image(batch), image)
    np.testing.assert_array_equal(to_image(to_tensor(image)), image)


@given(images)
def test_a_view_with_other_strides_is_taken_as_it_looks(image):
    flipped = image[::-1, ::-1]
    np.testing.assert_array_equal(to_image(to_array(flipped)), flipped)


def test_the_batch_is_a_copy():
    image = np.full((2, 2, 3), 9, np.uint8)
    to_tensor(image).zero_()
    assert image.min() == 9


@given(arrays(np.float32, (1, 3, 4, 5), elements=st.floats(-3, 3, width=32)))
def test_values_are_clamped_and_rounded_to_the_nearest_level(batch):
    levels = to_image(batch)
    assert levels.dtype == np.uint8
    exact = np.clip(batch[0].transpose(1, 2, 0).astype(np.float64), 0, 1) * 255
    assert np.abs(levels - exact).max() <= 0.5 + 1e-4


def test_ties_go_to_the_even_level():
    halves = np.arange(255, dtype=np.float32) + np.float32(0.5)
    batch = halves / np.float32(255)
    # Keep the halves that survive the division and multiplication in float32 exactly.
    exact = batch * np.float32(255) == halves
    assert exact.sum() > 100
    levels = to_image(np.broadcast_to(batch[exact], (1, 3, 1, exact.sum())))
    assert (levels % 2 == 0).all()
    assert np.abs(levels[0, :, 0] - halves[exact]).max() == 0.5


def test_infinity_is_clamped():
    batch = np.array([np.inf, -np.inf], np.float32)[None, None, None].repeat(3, axis=1)
    assert to_image(batch)[0, :, 0].tolist() == [255, 0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_every_floating_precision_is_taken(dtype):
    batch = torch.tensor([0.0, 1.0], dtype=dtype).reshape(1, 1, 1, 2).repeat(1, 3, 1, 1)
    assert to_image(batch.requires_grad_())[0, :, 0].tolist() == [0, 255]


@pytest.mark.parametrize("convert", [np.asarray, torch.from_numpy])
def test_nan_is_refused(convert):
    batch = np.zeros((1, 3, 2, 2), np.float32)
    batch[0, 1, 0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        to_image(convert(batch))


@pytest.mark.parametrize("convert", [np.asarray, torch.from_numpy])
def test_an_image_in_0_to_255_is_not_taken_for_an_output(convert):
    with pytest.raises(ValueError, match="floating-point"):
        to_image(convert(np.full((1, 3, 2, 2), 200, np.uint8)))


@pytest.mark.parametrize("shape", [(3, 4, 4), (2, 3, 4, 4), (1, 1, 4, 4), (1, 4, 4, 3)])
def test_an_output_of_another_shape_is_named(shape):
    with pytest.raises(ValueError, match=r"\(1, 3, H, W\)"):
        to_image(np.zeros(shape, np.float32))


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4, 3), np.uint16),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_not_an_rgb_image_is_refused(image):
    with pytest.raises(ValueError, match="uint8"):
        to_array(image)
