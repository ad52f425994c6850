"""Drawn tiles: areas keep to their climate, masks are the houses, and a series only grows."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from internlab.data import satellite
from internlab.data.climates import CLIMATES, DRY, TEMPERATE, draw_area
from internlab.data.satellite import METRES_PER_PIXEL, draw_series, draw_tile
from internlab.data.town import draw_town, fill

some = settings(max_examples=20)
seeds = st.integers(0, 10**6)


def rng(seed=0):
    return np.random.default_rng(seed)


def some_area(seed=0, climate=TEMPERATE):
    return draw_area("somewhere", climate, rng(seed))


def polygon_area(corners):
    """The shoelace formula, in square metres."""
    x, y = corners.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def drawn_by_pillow(corners, side):
    canvas = Image.new("L", (side, side))
    ImageDraw.Draw(canvas).polygon([tuple(corner) for corner in corners], fill=1)
    return np.array(canvas, bool)


# Climates


@pytest.mark.parametrize("climate", CLIMATES.values(), ids=list(CLIMATES))
@given(seed=seeds)
@some
def test_an_area_lies_within_its_climate(climate, seed):
    area = draw_area("somewhere", climate, rng(seed))
    pairs = [(area.road, climate.road), (area.tree, climate.tree)]
    pairs += list(zip(area.ground, climate.ground, strict=True))
    pairs += list(zip(area.roofs, climate.roofs, strict=True))
    for colour, (low, high) in pairs:
        assert (colour >= np.float32(low) - 1e-6).all()
        assert (colour <= np.float32(high) + 1e-6).all()
    for value, (low, high) in ((area.gain, climate.gain), (area.haze, climate.haze)):
        assert low <= value <= high
    red, green, blue = area.white_balance
    assert climate.warmth[0] - 1e-6 <= red - 1 <= climate.warmth[1] + 1e-6
    assert green == 1 and blue == pytest.approx(2 - red, abs=1e-6)
    assert 0 < area.density < 1 and 0 < area.aligned < 1
    assert 8 <= area.house_m[0] < area.house_m[1]


def test_the_same_state_draws_the_same_area_and_another_state_another():
    one, again, other = some_area(3), some_area(3), some_area(4)
    assert np.array_equal(one.ground, again.ground) and one.density == again.density
    assert not np.array_equal(one.ground, other.ground)


def test_climates_differ_in_their_light_and_colours():
    """The test's climates must not be training's under another name."""
    looks = [
        np.mean([draw_tile(some_area(k, climate), rng(k))[0].mean((0, 1)) for k in range(12)], 0)
        for climate in CLIMATES.values()
    ]
    for k, look in enumerate(looks):
        for other in looks[k + 1 :]:
            assert np.abs(look - other).max() > 15


# Houses


def test_a_filled_polygon_has_its_area():
    places, filled, exact = rng(0), [], []
    for _ in range(200):
        angles = np.sort(places.uniform(0, 2 * np.pi, 6))
        circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        corners = circle * places.uniform(5, 25) + places.uniform(28, 36, 2)
        canvas = np.zeros((64, 64))
        fill(canvas, corners, 1.0)
        filled.append(canvas.sum())
        exact.append(polygon_area(corners))
        perimeter = np.linalg.norm(corners - np.roll(corners, 1, 0), axis=1).sum()
        assert abs(filled[-1] - exact[-1]) < perimeter / 4 + 2
    assert np.sum(filled) == pytest.approx(np.sum(exact), rel=0.01)


def test_x_runs_along_columns_and_y_along_rows():
    canvas = np.zeros((20, 30))
    fill(canvas, np.array([(20.0, 2.0), (28.0, 2.0), (28.0, 5.0), (20.0, 5.0)]), 1.0)
    rows, columns = np.nonzero(canvas)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 5, 20, 28)


@given(seed=seeds)
@some
def test_houses_stand_in_the_tile_and_not_on_each_other(seed):
    crowded = replace(some_area(seed), density=1.0, house_m=(12.0, 24.0))
    town = draw_town(crowded, 256, 1, rng(seed))
    taken = np.zeros((256, 256), bool)
    for house in town.houses:
        assert 30 < polygon_area(house.corners) < 2000
        assert house.built == 0
        canvas = np.zeros((256, 256), bool)
        fill(canvas, house.corners, True)
        assert (canvas & taken).sum() <= 0.05 * canvas.sum()
        taken |= canvas


def test_a_mask_is_the_houses_of_its_town():
    """Drawn again by another library, at a metre a pixel, and halved at half a pixel."""
    agreement = []
    for seed in range(12):
        area = some_area(seed)
        _, mask = draw_tile(area, rng(seed))
        town = np.zeros((256, 256), bool)
        for house in draw_town(area, 64 * METRES_PER_PIXEL, 1, rng(seed)).houses:
            town |= drawn_by_pillow(house.corners, 256)
        peer = town.reshape(64, 4, 64, 4).mean((1, 3)) >= 0.5
        if peer.any():
            agreement.append((mask & peer).sum() / (mask | peer).sum())
    assert len(agreement) >= 8 and min(agreement) > 0.85


def test_a_mask_has_the_area_of_its_houses(monkeypatch):
    covered, built = 0, 0
    for seed in range(20):
        area = some_area(seed)
        town = draw_town(area, 256, 1, rng(seed))
        town.houses = [h for h in town.houses if h.corners.min() > 0 and h.corners.max() < 255]
        monkeypatch.setattr(satellite, "draw_town", lambda *given, town=town: town)
        covered += draw_tile(area, rng(seed))[1].sum() * METRES_PER_PIXEL**2
        built += sum(polygon_area(house.corners) for house in town.houses)
    # Small corners of a house cover less than half of a pixel, and are lost.
    assert built > 20_000 and covered == pytest.approx(built, rel=0.1)


def test_the_picture_shows_houses_where_the_mask_says():
    """Red roofs on green ground: whoever looks for red must find the mask."""
    green, red = np.float32([0.1, 0.6, 0.1]), np.float32([0.9, 0.1, 0.1])
    area = some_area(2)
    area = replace(
        area,
        ground=np.tile(green, (3, 1)),
        roofs=np.tile(red, (3, 1)),
        road=green,
        tree=green,
        white_balance=np.ones(3, np.float32),
        gain=1.0,
        haze=0.0,
    )
    for seed in range(6):
        image, mask = draw_tile(area, rng(seed))
        looks_red = image[..., 0] > image[..., 1].astype(int)
        if mask.any():
            assert (looks_red & (mask == 1)).sum() / (looks_red | (mask == 1)).sum() > 0.8


def test_some_tiles_hold_no_house_and_most_do():
    empty = [not draw_tile(some_area(0), rng(seed), 32)[1].any() for seed in range(100)]
    assert 0.04 < np.mean(empty) < 0.4


# Tiles


@pytest.mark.parametrize("pixels", [8, 33, 64])
def test_a_tile_is_an_image_and_a_mask_of_zeros_and_ones(pixels):
    image, mask = draw_tile(some_area(), rng(), pixels)
    assert image.shape == (pixels, pixels, 3) and image.dtype == np.uint8
    assert mask.shape == (pixels, pixels) and mask.dtype == np.uint8
    assert set(np.unique(mask)) <= {0, 1}


@given(seed=seeds)
@some
def test_the_same_state_draws_the_same_tile(seed):
    area = some_area(1, DRY)
    first, again = (draw_tile(area, rng(seed), 24) for _ in range(2))
    assert np.array_equal(first[0], again[0]) and np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], draw_tile(area, rng(seed + 1), 24)[0])


def test_the_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()
    draw_series(some_area(), rng(), months=2, pixels=16)
    assert (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize("pixels", [7, 0, -8])
def test_a_tile_that_is_too_small_is_refused(pixels):
    for draw in (lambda: draw_tile(some_area(), rng(), pixels), lambda: series(pixels=pixels)):
        with pytest.raises(ValueError, match=f"tile of {pixels} pixels a side; expected at least"):
            draw()


# Series


def series(seed=0, months=6, pixels=32):
    return draw_series(some_area(seed), rng(seed), months, pixels)


@given(seed=seeds, months=st.integers(2, 8))
@some
def test_no_building_disappears(seed, months):
    images, masks = series(seed, months, pixels=24)
    assert images.shape == (months, 24, 24, 3) and images.dtype == np.uint8
    assert masks.shape == (months, 24, 24) and masks.dtype == np.uint8
    assert set(np.unique(masks)) <= {0, 1}
    for before, after in itertools.pairwise(masks):
        assert (after >= before).all()


def test_buildings_appear_month_by_month_and_half_stand_from_the_start():
    months = 8
    masks = np.stack([series(seed, months)[1] for seed in range(30)])
    built = masks.sum((0, 2, 3)) / masks[:, -1].sum()
    assert 0.4 < built[0] < 0.6
    assert (np.diff(built) > 0.01).all()


def test_months_show_the_same_place_in_another_light():
    images, masks = series(5, months=4)
    assert masks[0].any()
    levels = [image.mean() for image in images]
    assert len(set(levels)) == 4
    same = masks[0] == masks[-1]
    grey = images.mean(axis=3)
    for later in grey[1:]:
        assert np.corrcoef(grey[0][same], later[same])[0, 1] > 0.8


def test_a_series_of_one_month_is_a_tile():
    image, mask = draw_tile(some_area(), rng(9), 32)
    images, masks = draw_series(some_area(), rng(9), 1, 32)
    assert np.array_equal(images[0], image) and np.array_equal(masks[0], mask)


@pytest.mark.parametrize("months", [0, -1])
def test_a_series_without_a_month_is_refused(months):
    with pytest.raises(ValueError, match=f"series of {months} months; expected at least 1"):
        series(months=months)
