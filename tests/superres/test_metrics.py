"""PSNR and SSIM on the luminance, against closed forms and against what others wrote."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio

from internlab.superres.metrics import luminance, psnr, ssim

seeds = st.integers(0, 2**32 - 1)


def noise(seed, height=24, width=29):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def disturbed(image, strength, seed=0):
    rng = np.random.default_rng(seed)
    return np.clip(image + rng.normal(0, strength, image.shape), 0, 255).astype(np.uint8)


def ssim_by_windows(first, second):
    """SSIM as in the paper: each 11 x 11 window on its own, Gaussian weights with sigma 1.5."""
    offsets = np.arange(-5, 6)
    line = np.exp(-(offsets**2) / (2 * 1.5**2))
    weights = np.outer(line, line) / line.sum() ** 2
    x, y = (sliding_window_view(each, (11, 11)) for each in (first, second))

    def mean(values):
        return (values * weights).sum(axis=(2, 3))

    mean_x, mean_y = mean(x), mean(y)
    apart_x, apart_y = x - mean_x[..., None, None], y - mean_y[..., None, None]
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similarity = (2 * mean_x * mean_y + c1) * (2 * mean(apart_x * apart_y) + c2)
    scale = (mean_x**2 + mean_y**2 + c1) * (mean(apart_x**2) + mean(apart_y**2) + c2)
    return (similarity / scale).mean()


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((0, 0, 0), 16),
        ((255, 255, 255), 235),
        ((255, 0, 0), 81.481),
        ((0, 255, 0), 144.553),
        ((0, 0, 255), 40.966),
    ],
)
def test_luminance_of_the_pure_colours(colour, expected):
    assert luminance(np.array([[colour]], np.uint8)) == pytest.approx(np.array([[expected]]))


@given(seeds)
def test_luminance_agrees_with_scikit_image(seed):
    image = noise(seed)
    np.testing.assert_allclose(luminance(image), rgb2ycbcr(image)[..., 0], atol=1e-9)


def test_a_step_of_one_grey_level_has_a_known_psnr():
    grey = np.full((16, 16, 3), 100, np.uint8)
    # A grey level is 219 / 255 of a luminance level.
    expected = 20 * math.log10(255 / (219 / 255))
    assert psnr(grey, grey + 1, 0) == pytest.approx(expected)
    assert psnr(grey, grey + 10, 0) == pytest.approx(expected - 20)


def test_equal_images_are_perfect():
    image = noise(0)
    assert psnr(image, image.copy(), 2) == math.inf
    assert ssim(image, image.copy(), 2) == pytest.approx(1.0, abs=1e-12)


@given(seeds, seeds, st.integers(0, 5))
def test_psnr_agrees_with_scikit_image(first, second, border):
    reference, estimate = noise(first), disturbed(noise(first), 20, second)
    inner = np.s_[border : 24 - border, border : 29 - border]
    expected = peak_signal_noise_ratio(
        luminance(reference)[inner], luminance(estimate)[inner], data_range=255
    )
    assert psnr(reference, estimate, border) == pytest.approx(expected)


@given(seeds, st.sampled_from([3, 30, 100]), st.integers(0, 4))
@settings(max_examples=20)
def test_ssim_agrees_with_windows_taken_one_by_one(seed, strength, border):
    reference = noise(seed)
    estimate = disturbed(reference, strength, seed)
    inner = np.s_[border : 24 - border, border : 29 - border]
    expected = ssim_by_windows(luminance(reference)[inner], luminance(estimate)[inner])
    assert ssim(reference, estimate, border) == pytest.approx(expected, abs=1e-9)


@given(seeds, seeds)
@settings(max_examples=20)
def test_both_are_symmetric_and_ssim_is_at_most_one(first, second):
    a, b = noise(first), noise(second)
    assert psnr(a, b, 1) == pytest.approx(psnr(b, a, 1))
    assert ssim(a, b, 1) == pytest.approx(ssim(b, a, 1))
    assert -1 <= ssim(a, b, 1) <= 1 + 1e-12


def test_more_noise_scores_lower():
    image = disturbed(np.full((40, 40, 3), 128), 30)
    worse = [disturbed(image, strength, seed=1) for strength in (4, 8, 16, 32)]
    for metric in (psnr, ssim):
        scores = [metric(image, each, 2) for each in worse]
        assert scores == sorted(scores, reverse=True)


@given(st.integers(1, 6))
def test_what_lies_in_the_border_does_not_count(border):
    image = noise(1)
    other = 255 - image
    other[border:-border, border:-border] = image[border:-border, border:-border]
    assert psnr(image, other, border) == math.inf
    assert psnr(image, other, border - 1) < math.inf


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_bad_pairs_are_refused(metric):
    image = noise(0)
    with pytest.raises(ValueError, match="multiple of the scale"):
        metric(image, image[:-1], 0)
    for border in (12, -1):
        with pytest.raises(ValueError, match=f"border of {border}"):
            metric(image, image, border)
    with pytest.raises(ValueError, match="uint8"):
        metric(image / 255, image / 255, 0)


def test_ssim_needs_room_for_its_window():
    image = noise(0, 14, 14)
    assert ssim(image, image, 1) == pytest.approx(1)
    with pytest.raises(ValueError, match="at least 11 x 11"):
        ssim(image, image, 2)
