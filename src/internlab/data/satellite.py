"""Draw satellite tiles with building masks, at four metres a pixel, one month or a whole series.

The scene is painted at one metre a pixel and then averaged down, as a sensor does: a house of ten
metres becomes two or three pixels with mixed borders, which is what makes the task hard. The look
follows the SpaceNet 7 challenge (Van Etten et al., "The Multi-Temporal Urban Development SpaceNet
Dataset", CVPR 2021); no picture of it is used.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from internlab.data.climates import Area
from internlab.data.town import House, Town, draw_town, fill, tree_pixels

METRES_PER_PIXEL = 4


def draw_tile(
    area: Area, rng: np.random.Generator, pixels: int = 64
) -> tuple[np.ndarray, np.ndarray]:
    """Draw one tile.

    Parameters
    ----------
    area : Area
        Where the tile lies.
    rng : numpy.random.Generator
        The same state draws the same tile.
    pixels : int
        Side of the tile, at least 8.

    Returns
    -------
    image : array
        (pixels, pixels, 3), uint8.
    mask : array
        (pixels, pixels), uint8: 1 where at least half of a pixel is building, else 0.

    Raises
    ------
    ValueError
        If the tile is too small.
    """
    images, masks = draw_series(area, rng, months=1, pixels=pixels)
    return images[0], masks[0]


def draw_series(
    area: Area, rng: np.random.Generator, months: int, pixels: int = 64
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the same place month by month, with buildings that appear and stay.

    Parameters
    ----------
    area : Area
        Where the tile lies.
    rng : numpy.random.Generator
        The same state draws the same series.
    months : int
        Length of the series, at least 1.
    pixels : int
        Side of a tile, at least 8.

    Returns
    -------
    images : array
        (months, pixels, pixels, 3), uint8.
    masks : array
        (months, pixels, pixels), uint8 in {0, 1}. No building disappears: a mask holds all
        pixels of the month before.

    Raises
    ------
    ValueError
        If there is no month or the tile is too small.
    """
    if months < 1:
        raise ValueError(f"A series of {months} months; expected at least 1.")
    if pixels < 8:
        raise ValueError(f"A tile of {pixels} pixels a side; expected at least 8.")
    town = draw_town(area, pixels * METRES_PER_PIXEL, months, rng)
    drawn = [_photograph(town, month, rng) for month in range(months)]
    images, masks = zip(*drawn, strict=True)
    return np.stack(images), np.stack(masks)


def _photograph(town: Town, month: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Paint what stands in a month, blur and average it, and add the light and noise of the day."""
    canvas, building = _paint(town, month)
    canvas = gaussian_filter(canvas, (1.8, 1.8, 0))
    image, share = _average(canvas), _average(building)
    area = town.area
    season = 1 + 0.06 * np.sin(2 * np.pi * month / 12)
    light = area.white_balance * np.float32(area.gain * rng.normal(1, 0.04) * season)
    image = image * light * (1 - area.haze) + 0.8 * area.haze
    image = image + rng.normal(0, 0.018, image.shape)
    return (np.clip(image, 0, 1) * 255).astype(np.uint8), (share >= 0.5).astype(np.uint8)


def _paint(town: Town, month: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the scene at one metre a pixel, and where it is building (float 0 or 1)."""
    side = len(town.ground)
    standing = [house for house in town.houses if house.built <= month]
    light = np.ones((side, side), np.float32)
    for house in standing:
        fill(light, house.corners + town.sun * house.height_m, 0.55)
    for tree in town.trees:
        light[tree_pixels(tree, town.sun * tree[2], side)] = 0.6
    canvas = town.ground * light[..., None]
    for tree in town.trees:
        canvas[tree_pixels(tree, np.zeros(2), side)] = town.area.tree * np.float32(tree[3])
    building = np.zeros((side, side), np.float32)
    for house in standing:
        fill(canvas, house.corners, house.colour)
        _shade_one_side(canvas, house)
        fill(building, house.corners, 1.0)
    return canvas, building


def _shade_one_side(canvas: np.ndarray, house: House) -> None:
    """Darken the half of a gabled roof that lies away from the sun, in place."""
    centre = house.corners.mean(axis=0)
    across = np.array([-house.ridge[1], house.ridge[0]])
    distance = (house.corners - centre) @ across
    # Move the far corners onto the ridge: what remains of the outline is the shaded half.
    folded = house.corners - np.maximum(distance, 0)[:, None] * across
    fill(canvas, folded, house.colour * np.float32(0.86))


def _average(canvas: np.ndarray) -> np.ndarray:
    """Return the mean of each block of METRES_PER_PIXEL x METRES_PER_PIXEL."""
    side = len(canvas) // METRES_PER_PIXEL
    blocks = (side, METRES_PER_PIXEL, side, METRES_PER_PIXEL, *canvas.shape[2:])
    return canvas.reshape(blocks).mean(axis=(1, 3))
