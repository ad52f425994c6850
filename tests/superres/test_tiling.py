"""Tiles cover the image, see enough context, and give the whole image's pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene_cases import BlurRuntime, MeanRuntime, noise

from internlab.superres.model import load_pretrained, receptive_radius
from internlab.superres.runtimes import TorchRuntime
from internlab.superres.tiling import (
    Span,
    error_map,
    needed_overlap,
    plan_spans,
    plan_tiles,
    seam_error,
    upscale_tiled,
    upscale_whole,
)


def test_two_tiles_meet_in_the_middle_of_what_their_windows_share():
    # 20 pixels, 2 of context: windows of (20 + 4) / 2 = 12 at 0 and 8, sharing 8 to 12.
    assert plan_spans(20, 8, 2) == [Span(0, 10, 0, 12), Span(10, 20, 8, 20)]


def test_a_short_axis_is_one_tile():
    assert plan_spans(7, 64, 8) == [Span(0, 7, 0, 7)]


def test_crop_and_place_count_in_enlarged_pixels():
    span = Span(start=10, stop=20, read_start=8, read_stop=20)
    assert span.crop(2) == slice(4, 24)
    assert span.place(2) == slice(20, 40)
    assert span.window == slice(8, 20)


@given(
    length=st.integers(1, 500),
    overlap=st.integers(0, 20),
    extra=st.integers(0, 100),
)
def test_tiles_cover_the_axis_once_with_enough_context(length, overlap, extra):
    tile = max(overlap, 1) + extra
    spans = plan_spans(length, tile, overlap)
    covered = [pixel for span in spans for pixel in range(span.start, span.stop)]
    assert covered == list(range(length))
    sizes = {span.read_stop - span.read_start for span in spans}
    assert len(sizes) == 1 and sizes.pop() <= tile + 2 * overlap
    for span in spans:
        assert span.start < span.stop
        assert 0 <= span.read_start <= max(span.start - overlap, 0)
        assert min(span.stop + overlap, length) <= span.read_stop <= length


def test_tiles_of_an_image_run_row_by_row():
    tiles = plan_tiles(20, 30, 10, 0)
    assert [(tile.rows.start, tile.cols.start) for tile in tiles] == [
        (0, 0),
        (0, 10),
        (0, 20),
        (10, 0),
        (10, 10),
        (10, 20),
    ]


@pytest.mark.parametrize(
    ("length", "tile", "overlap", "says"),
    [(0, 8, 2, "0 pixels"), (9, 0, 0, "tile 0"), (9, 8, -1, "overlap -1"), (9, 4, 8, "smaller")],
)
def test_impossible_plans_are_refused(length, tile, overlap, says):
    with pytest.raises(ValueError, match=says):
        plan_spans(length, tile, overlap)


@settings(deadline=None, max_examples=60)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    radius=st.integers(0, 4),
    scale=st.integers(1, 3),
    tile=st.integers(5, 40),
    seed=st.integers(0, 1000),
)
def test_tiled_equals_whole_when_the_overlap_is_the_radius(
    height, width, radius, scale, tile, seed
):
    network, image = BlurRuntime(radius, scale), noise(height, width, seed=seed)
    whole = upscale_whole(network, image)
    assert whole.shape == (scale * height, scale * width, 3)
    np.testing.assert_array_equal(upscale_tiled(network, image, tile, radius), whole)


def test_one_pixel_less_than_the_radius_shows():
    network, image = BlurRuntime(radius=4), noise(60, 60)
    whole = upscale_whole(network, image)
    assert seam_error(whole, upscale_tiled(network, image, 20, 3)).pixels > 0


def test_all_windows_have_one_shape():
    network = BlurRuntime()
    upscale_tiled(network, noise(101, 67), 20, 2)
    assert len(set(network.calls)) == 1 and len(network.calls) > 10


def test_the_kits_network_is_exact_at_its_receptive_radius():
    model = load_pretrained()
    with TorchRuntime(model) as runtime:
        image = noise(230, 241)
        whole = upscale_whole(runtime, image)
        radius = receptive_radius(model)
        assert seam_error(whole, upscale_tiled(runtime, image, 128, radius)).pixels == 0
        assert seam_error(whole, upscale_tiled(runtime, image, 128, 2)).largest > 1


@pytest.mark.parametrize("radius", [0, 1, 5])
def test_needed_overlap_finds_the_radius(radius):
    assert needed_overlap(BlurRuntime(radius), 2, np.random.default_rng(0), limit=8) == radius


def test_needed_overlap_agrees_with_the_gradient():
    model = load_pretrained()
    with TorchRuntime(model) as runtime:
        measured = needed_overlap(runtime, 2, np.random.default_rng(0), limit=12)
    assert measured == receptive_radius(model)


def test_needed_overlap_of_a_network_that_sees_everything_is_none():
    assert needed_overlap(MeanRuntime(1), 2, np.random.default_rng(0), limit=8) is None


def test_seam_error_counts_what_it_says():
    whole = np.full((4, 5, 3), 100, np.uint8)
    tiled = whole.copy()
    tiled[1, 2] = (100, 103, 98)
    found = seam_error(whole, tiled)
    assert (found.largest, found.pixels) == (3, 1)
    assert found.psnr == pytest.approx(10 * np.log10(255**2 / (13 / 60)))
    assert error_map(whole, tiled)[1, 2] == 3
    assert seam_error(whole, whole).psnr == float("inf")
    with pytest.raises(ValueError, match="one shape"):
        error_map(whole, tiled[:3])


def test_images_of_another_kind_are_refused():
    with pytest.raises(ValueError, match="uint8"):
        upscale_tiled(BlurRuntime(), noise(20, 20, dtype="uint16"), 8, 2)
