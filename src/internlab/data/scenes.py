"""Draw a scene of fields, roads, houses and trees: for size and timing, not for quality.

Drawn edges are cleaner than real ones, so a network's gain on a drawn scene flatters it. Use the
aerial images to judge quality, and a drawn scene where only its size matters.
"""

from __future__ import annotations

import numpy as np
from skimage.filters import gaussian

_CROPS = np.array(
    [[112, 128, 70], [146, 140, 92], [92, 112, 60], [164, 150, 110], [124, 104, 78], [84, 104, 72]]
)
_ROOFS = np.array([[150, 82, 66], [118, 112, 112], [172, 160, 148], [96, 84, 84]])
_ASPHALT, _LINE, _TREE = (
    np.array([104, 102, 104]),
    np.array([222, 218, 206]),
    np.array([46, 70, 42]),
)


def draw_scene(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a scene.

    Parameters
    ----------
    height, width : int
        In pixels, at least 1.
    rng : numpy.random.Generator
        Decides what is where; the same generator state draws the same scene.

    Returns
    -------
    array
        (height, width, 3), uint8.

    Raises
    ------
    ValueError
        If a side is not positive.
    """
    if height < 1 or width < 1:
        raise ValueError(f"A scene of {height} x {width} pixels; expected at least 1 x 1.")
    y, x = np.mgrid[:height, :width].astype(np.float32)
    scene = _fields(y, x, rng)
    houses = max(1, height * width // 12_000)
    for _ in range(houses):
        _house(scene, rng)
    _roads(scene, y, x, rng)
    _trees(scene, max(1, height * width // 3_000), rng)
    # A lens blurs a little, and a sensor adds a little noise.
    scene = gaussian(scene, 0.6, channel_axis=-1, preserve_range=True)
    scene += rng.normal(0, 2.0, size=scene.shape).astype(np.float32)
    return np.clip(np.rint(scene), 0, 255).astype(np.uint8)


def _fields(y: np.ndarray, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a slanted grid of fields, each with a crop and furrows of its own."""
    slant, size = rng.uniform(-0.3, 0.3), rng.uniform(90, 150)
    across, along = x * np.cos(slant) - y * np.sin(slant), x * np.sin(slant) + y * np.cos(slant)
    row = np.floor(along / size).astype(np.int64)
    column = np.floor(across / (1.4 * size) + 0.5 * (row % 2)).astype(np.int64)
    # A small hash turns grid positions into the field's own random choices.
    key = (row * 73_856_093) ^ (column * 19_349_663) ^ int(rng.integers(1 << 30))
    crop = _CROPS[np.abs(key) % len(_CROPS)].astype(np.float32)
    shade = ((np.abs(key) // 7) % 25 - 12).astype(np.float32)
    period = 5 + (np.abs(key) // 11) % 5
    direction = np.where((np.abs(key) // 13) % 2, across, along)
    furrows = 7 * np.sin(2 * np.pi * direction / period)
    return crop + (shade + furrows)[..., None].astype(np.float32)


def _roads(scene: np.ndarray, y: np.ndarray, x: np.ndarray, rng: np.random.Generator) -> None:
    """Draw straight roads with a dashed centre line across the scene, in place."""
    height, width = scene.shape[:2]
    for _ in range(max(1, round((height + width) / 700))):
        angle = rng.uniform(0, np.pi)
        through = rng.uniform(0, height), rng.uniform(0, width)
        normal_y, normal_x = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        offset = (y - through[0]) * normal_y + (x - through[1]) * normal_x
        along = (y - through[0]) * -normal_x + (x - through[1]) * normal_y
        half_width = rng.uniform(4, 8)
        scene[np.abs(offset) < half_width] = _ASPHALT
        scene[(np.abs(offset) < 0.9) & (along % 24 < 12)] = _LINE


def _house(scene: np.ndarray, rng: np.random.Generator) -> None:
    """Draw a gabled roof, one side in light and one in shade, with its shadow, in place."""
    height, width = scene.shape[:2]
    half = rng.uniform(6, 15, size=2)
    centre_y, centre_x = rng.uniform(0, height), rng.uniform(0, width)
    angle = rng.uniform(0, np.pi)
    reach = int(np.ceil(np.hypot(*half))) + 8
    top, left = max(0, int(centre_y) - reach), max(0, int(centre_x) - reach)
    part = scene[top : int(centre_y) + reach, left : int(centre_x) + reach]
    y, x = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float32)
    y, x = y + top - np.float32(centre_y), x + left - np.float32(centre_x)

    def inside(shift: float) -> tuple[np.ndarray, np.ndarray]:
        u = (x - shift) * np.cos(angle) + (y - shift) * np.sin(angle)
        v = (y - shift) * np.cos(angle) - (x - shift) * np.sin(angle)
        return (np.abs(u) < half[0]) & (np.abs(v) < half[1]), v

    shadow, _ = inside(4.0)
    part[shadow] *= np.float32(0.55)
    roof, v = inside(0.0)
    colour = _ROOFS[rng.integers(len(_ROOFS))].astype(np.float32)
    part[roof & (v < 0)] = colour * np.float32(1.15)
    part[roof & (v >= 0)] = colour * np.float32(0.8)


def _trees(scene: np.ndarray, count: int, rng: np.random.Generator) -> None:
    """Draw round crowns, brighter towards the light, in place."""
    height, width = scene.shape[:2]
    for _ in range(count):
        radius = rng.uniform(2.5, 6)
        centre_y, centre_x = rng.uniform(0, height), rng.uniform(0, width)
        reach = int(radius) + 2
        top, left = max(0, int(centre_y) - reach), max(0, int(centre_x) - reach)
        part = scene[top : int(centre_y) + reach, left : int(centre_x) + reach]
        y, x = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float32)
        y, x = y + top - np.float32(centre_y), x + left - np.float32(centre_x)
        crown = y**2 + x**2 < radius**2
        light = 1.0 - 0.35 * (y + x) / radius
        part[crown] = (_TREE * light[..., None])[crown]
