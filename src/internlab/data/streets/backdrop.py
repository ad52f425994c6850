"""The sky, and what stands at the end of the street."""

from __future__ import annotations

import numpy as np

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas
from internlab.data.streets.labels import BUILDING, VEGETATION
from internlab.data.streets.textures import smooth_noise

_SKIES = (  # colour overhead, colour at the horizon
    ((70, 120, 190), (190, 210, 230)),
    ((150, 160, 170), (205, 208, 212)),
    ((95, 110, 150), (240, 200, 160)),
    ((110, 150, 200), (225, 230, 235)),
)
_CLOUD = np.float32((240, 240, 242))
_HORIZON_DISTANCE = 90.0


def paint_sky(canvas: Canvas, camera: Camera, rng: np.random.Generator) -> None:
    """Paint a gradient with clouds over the whole picture."""
    overhead, low = np.float32(_SKIES[rng.integers(len(_SKIES))])
    share = np.clip(np.arange(canvas.height) / camera.horizon, 0, 1).astype(np.float32)
    canvas.rgb[:] = (overhead + share[:, None] * (low - overhead))[:, None]
    height, width = canvas.height, canvas.width
    clouds = 0.6 * smooth_noise(rng, height, width, 5) + 0.3 * smooth_noise(rng, height, width, 12)
    cover = (0.65 * np.clip(clouds - 0.1, 0, 1))[..., None]
    canvas.rgb[:] += cover * (_CLOUD - canvas.rgb)


def paint_horizon(canvas: Canvas, camera: Camera, rng: np.random.Generator) -> None:
    """Paint far houses and trees along the horizon, before the ground covers their feet."""
    height, width = canvas.height, canvas.width
    foot = camera.first_ground_row
    left = 0.0
    while left < width:
        wide, high = rng.uniform(0.03, 0.12) * width, rng.uniform(0.02, 0.22) * height
        tone = rng.uniform(0.7, 1.3)
        if rng.random() < 0.6:
            _block_of_flats(canvas, (left, left + wide), (foot - high, foot + 1), tone, rng)
        else:
            green = np.array((75, 105, 60)) * tone
            for _ in range(5):
                centre = (left + rng.uniform(0, wide), foot - rng.uniform(0, 0.6 * high))
                radii = (0.5 * wide, 0.5 * high + 0.008 * height)
                shade = rng.uniform(0.8, 1.2)
                canvas.ellipse(centre, radii, green * shade, VEGETATION, _HORIZON_DISTANCE)
        left += wide


def _block_of_flats(
    canvas: Canvas,
    columns: tuple[float, float],
    rows: tuple[float, float],
    tone: float,
    rng: np.random.Generator,
) -> None:
    (left, right), (top, foot) = columns, rows
    wall = np.array((140, 136, 138)) * tone
    corners = [(left, foot), (right, foot), (right, top), (left, top)]
    canvas.polygon(corners, wall, BUILDING, _HORIZON_DISTANCE)
    floor = 0.022 * canvas.height
    shine = float(rng.random() < 0.5)
    while top + 1.6 * floor < foot:
        y = top + 0.6 * floor
        inset = 0.12 * (right - left)
        window = [(left + inset, y + 0.45 * floor), (right - inset, y + 0.45 * floor)]
        window += [(right - inset, y), (left + inset, y)]
        canvas.polygon(window, wall * 0.82, shine=0.35 * shine)
        top += floor
