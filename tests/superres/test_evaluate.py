"""Scores are taken on the right pixels, beside a baseline that was measured the same way."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.data.scenes import draw_scene
from internlab.superres.degrade import bicubic_upscale, crop_to_multiple, downscale
from internlab.superres.evaluate import ImageScore, as_upscaler, evaluate, mean_gain
from internlab.superres.metrics import psnr, ssim
from internlab.superres.model import RepSR


def scene(height=64, width=72, seed=0):
    return draw_scene(height, width, np.random.default_rng(seed))


def bicubic(image):
    return bicubic_upscale(image, 2)


def test_bicubic_gains_nothing_over_itself():
    (score,) = evaluate(bicubic, {"scene": scene()})
    assert score.gain == 0
    assert score.ssim == score.bicubic_ssim


def test_knowing_the_original_is_perfect():
    image = scene()
    (score,) = evaluate(lambda low: image, {"scene": image})
    assert score.psnr == math.inf
    assert score.ssim == pytest.approx(1)
    assert score.gain == math.inf


def test_a_flat_image_gives_no_gain_rather_than_nan():
    scores = evaluate(bicubic, {"flat": np.full((32, 32, 3), 77, np.uint8)})
    assert scores[0].psnr == math.inf
    assert mean_gain(scores) == 0


@given(st.integers(40, 70), st.integers(40, 70), st.sampled_from([2, 3, 4]))
@settings(max_examples=10)
def test_scores_are_those_of_the_metrics_on_the_cropped_image(height, width, scale):
    image = scene(height, width)
    seen = []

    def nearest(low):
        seen.append(low)
        return low.repeat(scale, axis=0).repeat(scale, axis=1)

    (score,) = evaluate(nearest, {"a": image}, scale)
    high = crop_to_multiple(image, scale)
    np.testing.assert_array_equal(seen[0], downscale(high, scale))
    assert score.psnr == psnr(high, nearest(seen[0]), scale)
    assert score.ssim == ssim(high, nearest(seen[0]), scale)
    assert score.bicubic_psnr == psnr(high, bicubic_upscale(seen[0], scale), scale)
    assert score.bicubic_ssim == ssim(high, bicubic_upscale(seen[0], scale), scale)


def test_scores_keep_the_order_of_the_images():
    scores = evaluate(bicubic, {"b": scene(seed=1), "a": scene(seed=2)})
    assert [score.name for score in scores] == ["b", "a"]


def test_the_mean_gain_is_a_mean_of_decibels():
    scores = [ImageScore("a", 31, 0.9, 30, 0.8), ImageScore("b", 25, 0.9, 27, 0.8)]
    assert mean_gain(scores) == pytest.approx(-0.5)
    with pytest.raises(ValueError, match="at least one image"):
        mean_gain([])


def test_an_upscaler_of_another_scale_is_noticed():
    with pytest.raises(ValueError, match="must be equal"):
        evaluate(lambda low: bicubic_upscale(low, 3), {"a": scene()})


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_network_becomes_a_function_of_images(dtype):
    torch.manual_seed(0)
    upscale = as_upscaler(RepSR(channels=4, blocks=1).to(dtype))
    image = scene(20, 30)
    enlarged = upscale(image)
    assert enlarged.shape == (40, 60, 3)
    assert enlarged.dtype == np.uint8
    np.testing.assert_array_equal(upscale(image), enlarged)
