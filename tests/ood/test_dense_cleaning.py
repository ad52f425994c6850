"""Boundary suppression and dilated smoothing, against slow implementations and by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from internlab.ood.dense.boundary import find_boundaries, grow, reaches, suppress_boundaries
from internlab.ood.dense.smoothing import gaussian, smooth
from internlab.ood.dense.standardised import PUBLISHED, CleanUp

CROSS = ndimage.generate_binary_structure(2, 1)


def _maps(seed, height=14, width=17, classes=3):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, classes, (height // 4 + 1, width // 4 + 1))
    prediction = np.kron(coarse, np.ones((4, 4), int))[:height, :width]
    return torch.from_numpy(rng.normal(size=(1, height, width))), torch.from_numpy(prediction)[None]


def _slow_suppression(score, prediction, width, iterations):
    """Pixel by pixel, with SciPy's morphology for the bands."""
    height, columns = score.shape
    boundary = np.zeros((height, columns), bool)
    for y, x in np.ndindex(height, columns):
        for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            if 0 <= y + dy < height and 0 <= x + dx < columns:
                boundary[y, x] |= prediction[y, x] != prediction[y + dy, x + dx]
    score = score.copy()
    for number in range(iterations):
        reach = width - width // iterations * number - 1 if number < iterations - 1 else 0
        band = ndimage.binary_dilation(boundary, CROSS, reach) if reach else boundary
        before = score.copy()
        for y, x in zip(*np.nonzero(band), strict=True):
            near = [
                before[yy, xx]
                for yy in np.clip([y - 1, y, y + 1], 0, height - 1)
                for xx in np.clip([x - 1, x, x + 1], 0, columns - 1)
                if not band[yy, xx]
            ]
            if near:
                score[y, x] = np.mean(near)
    return score


@pytest.mark.parametrize(("width", "iterations"), [(1, 1), (2, 2), (4, 4), (4, 2), (3, 1)])
def test_suppression_agrees_with_a_slow_one(width, iterations):
    for seed in range(3):
        score, prediction = _maps(seed)
        fast = suppress_boundaries(score, prediction, width, iterations)[0].numpy()
        slow = _slow_suppression(score[0].numpy(), prediction[0].numpy(), width, iterations)
        assert np.abs(fast - slow).max() < 1e-12


def test_the_published_bands_are_8_6_4_and_2_pixels_wide():
    prediction = torch.zeros(1, 20, 40, dtype=torch.int64)
    prediction[:, :, 20:] = 1
    boundary = find_boundaries(prediction)
    widths = [int(grow(boundary, reach)[0, 10].sum()) for reach in reaches(4, 4)]
    assert widths == [8, 6, 4, 2]
    assert reaches(2, 1) == [0]


def test_a_bright_boundary_takes_the_values_beside_it():
    prediction = torch.zeros(1, 9, 12, dtype=torch.int64)
    prediction[:, :, 6:] = 3
    score = torch.where(prediction > 0, 5.0, 1.0)
    bright = score.clone()
    bright[:, :, 4:8] = 99.0
    assert torch.allclose(suppress_boundaries(bright, prediction, 2, 2), score)


def test_an_area_of_one_class_is_left_alone_and_far_pixels_are_too():
    score, prediction = _maps(1, height=24, width=40)
    assert torch.equal(suppress_boundaries(score, torch.zeros_like(prediction)), score)
    prediction = (torch.arange(40) > 8).long().expand(1, 24, 40)
    changed = suppress_boundaries(score, prediction, 4, 4) != score
    assert changed[:, :, :13].any() and not changed[:, :, 13:].any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(3)), st.floats(-9, 9), st.floats(0.1, 9))
def test_numbering_of_classes_offset_and_scale_do_not_matter(seed, order, offset, scale):
    score, prediction = _maps(seed)
    plain = suppress_boundaries(score, prediction)
    renamed = torch.tensor(order)[prediction]
    assert torch.equal(suppress_boundaries(score, renamed), plain)
    moved = suppress_boundaries(scale * score + offset, prediction)
    assert torch.allclose(moved, scale * plain + offset, atol=1e-9)


def test_a_checkerboard_has_nothing_beside_its_boundary_and_keeps_its_scores():
    prediction = (torch.arange(8)[:, None] + torch.arange(8)).remainder(2)[None]
    score = torch.randn(1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(suppress_boundaries(score, prediction), score)


def _slow_smoothing(score, size, dilation, sigma):
    offsets = (np.arange(size) - size // 2) * dilation
    weights = np.exp(-((np.arange(size) - size // 2) ** 2) / (2 * sigma**2))
    kernel = np.zeros((offsets[-1] * 2 + 1,) * 2)
    kernel[::dilation, ::dilation] = np.outer(weights, weights) / weights.sum() ** 2
    return ndimage.correlate(score, kernel, mode="nearest")


@pytest.mark.parametrize(("size", "dilation", "sigma"), [(7, 6, 1.0), (7, 1, 1.0), (3, 2, 0.5)])
def test_smoothing_agrees_with_one_big_kernel(size, dilation, sigma):
    score = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 45, 38)))
    fast = smooth(score, size, dilation, sigma).numpy()
    slow = np.stack([_slow_smoothing(each, size, dilation, sigma) for each in score.numpy()])
    assert np.abs(fast - slow).max() < 1e-12


def test_the_kernel_sums_to_one_and_is_a_gaussian():
    weights = gaussian(7, 1.0)
    assert sum(weights) == pytest.approx(1)
    assert weights[3] / weights[4] == pytest.approx(np.exp(0.5))
    assert torch.allclose(smooth(torch.full((1, 9, 9), 3.5)), torch.tensor(3.5))


def test_both_steps_are_one_after_the_other():
    score, prediction = _maps(4)
    both = CleanUp(2, 2, 7, 3)
    apart = smooth(suppress_boundaries(score, prediction, 2, 2), 7, 3)
    assert torch.equal(both(score, prediction), apart)
    assert (PUBLISHED.width, PUBLISHED.iterations, PUBLISHED.dilation) == (4, 4, 6)


def test_sizes_and_widths_that_make_no_sense_are_refused():
    score, prediction = _maps(0)
    with pytest.raises(ValueError, match="same shape"):
        suppress_boundaries(score, prediction[:, :-1])
    with pytest.raises(ValueError, match="multiple"):
        suppress_boundaries(score, prediction, 4, 3)
    with pytest.raises(ValueError, match="odd"):
        smooth(score, size=6)
    for sigma in (0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="positive, finite sigma"):
            smooth(score, sigma=sigma)
    for widths in ({"width": -3}, {"width": 3}, {"dilation": -1}, {"size": 2}, {"sigma": 0}):
        with pytest.raises(ValueError, match="Expected"):
            CleanUp(**widths)
    with pytest.raises(ValueError, match=r"\(N, H, W\)"):
        smooth(score[0])
