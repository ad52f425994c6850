"""How the low-resolution image is made: Pillow's bicubic with a = -0.5, widened when it shrinks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from internlab.superres.degrade import bicubic_upscale, crop_to_multiple, downscale

scales = st.integers(1, 4)
images = st.tuples(st.integers(4, 17), st.integers(4, 17), st.just(3)).flatmap(
    lambda shape: arrays(np.uint8, shape)
)


def keys(distance):
    """Keys' kernel with a = -0.5, written from the paper's equation 4 by its two polynomials."""
    d = np.abs(distance)
    near = 1.5 * d**3 - 2.5 * d**2 + 1
    far = -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
    return np.where(d < 1, near, np.where(d < 2, far, 0))


def shrink_line(line, scale):
    """Shrink (n, channels) by the kernel widened to `scale`, weights normalised, in float64."""
    centres = (np.arange(len(line) // scale) + 0.5) * scale - 0.5
    weights = keys((centres[:, None] - np.arange(len(line))) / scale)
    return (weights / weights.sum(axis=1, keepdims=True)) @ line


def test_cropping_cuts_at_the_bottom_and_the_right():
    image = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(7, 5, 3)
    np.testing.assert_array_equal(crop_to_multiple(image, 3), image[:6, :3])


@given(images, scales)
def test_shapes_fit_each_other(image, scale):
    high = crop_to_multiple(image, scale)
    assert all(0 <= a - b < scale for a, b in zip(image.shape[:2], high.shape[:2], strict=True))
    low = downscale(high, scale)
    assert low.shape == (high.shape[0] // scale, high.shape[1] // scale, 3)
    assert low.dtype == np.uint8
    assert bicubic_upscale(low, scale).shape == high.shape


@given(st.tuples(*[st.integers(0, 255)] * 3), scales)
def test_one_colour_stays_that_colour(colour, scale):
    image = np.broadcast_to(np.array(colour, np.uint8), (4 * scale, 4 * scale, 3))
    assert (downscale(image, scale) == colour).all()
    assert (bicubic_upscale(image, scale) == colour).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_turning_the_image_turns_the_result(seed, turns):
    # Pillow filters rows first and rounds and clips in between, so a turn may move a level or two;
    # middling values keep the clipping out.
    high = np.random.default_rng(seed).integers(80, 176, (12, 18, 3), dtype=np.uint8)
    turned = downscale(np.rot90(high, turns), 2).astype(int)
    assert np.abs(turned - np.rot90(downscale(high, 2), turns)).max() <= 2


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_shrinking_agrees_with_the_formula(scale):
    rng = np.random.default_rng(scale)
    # Middling values, so that no ringing is clipped between the two passes.
    image = rng.integers(80, 176, size=(12 * scale, 9 * scale, 3), dtype=np.uint8)
    rows = np.stack([shrink_line(row, scale) for row in image.astype(np.float64)])
    expected = np.stack([shrink_line(c, scale) for c in rows.transpose(1, 0, 2)], axis=1)
    assert np.abs(downscale(image, scale) - expected).max() <= 1.01


def test_shrinking_is_antialiased():
    """Stripes finer than the new grid become grey, not stripes of another width."""
    image = np.zeros((32, 32, 3), np.uint8)
    image[:, ::2] = 255
    low = downscale(image, 4)[:, 2:-2].astype(int)
    assert np.abs(low - 127.5).max() < 4


def test_a_rest_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="crop_to_multiple"):
        downscale(np.zeros((5, 4, 3), np.uint8), 2)


def test_an_image_smaller_than_the_scale_is_refused():
    with pytest.raises(ValueError, match="at least 4 x 4"):
        crop_to_multiple(np.zeros((3, 9, 3), np.uint8), 4)


@pytest.mark.parametrize("resize", [crop_to_multiple, downscale, bicubic_upscale])
@pytest.mark.parametrize("scale", [0, -2, 1.5])
def test_a_scale_that_is_none_is_refused(resize, scale):
    with pytest.raises(ValueError, match="scale"):
        resize(np.zeros((6, 6, 3), np.uint8), scale)


@pytest.mark.parametrize("resize", [crop_to_multiple, downscale, bicubic_upscale])
def test_what_is_not_an_rgb_image_is_refused(resize):
    with pytest.raises(ValueError, match="uint8"):
        resize(np.zeros((6, 6)), 2)
