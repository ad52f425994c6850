"""What lies flat on the road: leaves, puddles, coloured lanes, repairs and manhole covers.

A road that is never stained teaches a network that whatever is not grey is no road. On real roads
colour means little.
"""

from __future__ import annotations

import numpy as np

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas, circle

_LEAVES = ((150, 105, 50), (175, 140, 60), (120, 70, 45), (105, 110, 60), (185, 165, 110))
_LANES = ((140, 75, 65), (75, 115, 85), (80, 95, 135), (165, 145, 85))
_WATER = ((120, 140, 165), (150, 155, 162), (95, 105, 125))


def paint_litter(
    canvas: Canvas, camera: Camera, road: float, asphalt: np.ndarray, rng: np.random.Generator
) -> None:
    """Paint what a road of half width `road` happens to have; the label stays road."""
    if rng.random() < 0.25:
        _coloured_lane(canvas, camera, road, rng)
    _repairs(canvas, camera, road, asphalt, rng)
    if rng.random() < 0.45:
        for _ in range(rng.integers(1, 4)):
            _puddle(canvas, camera, road, asphalt, rng)
    if rng.random() < 0.6:
        for _ in range(rng.integers(2, 8)):
            _leaves(canvas, camera, road, rng)


def _coloured_lane(canvas: Canvas, camera: Camera, road: float, rng: np.random.Generator) -> None:
    """Paint a stretch for bicycles or buses along one side."""
    side = -1 if rng.random() < 0.5 else 1
    colour = np.array(_LANES[rng.integers(len(_LANES))]) * rng.uniform(0.8, 1.1)
    inner, near = side * (road - rng.uniform(1.4, 2.4)), rng.uniform(2, 15)
    lane = camera.ground(inner, side * road, near, near + rng.uniform(6, 40))
    canvas.polygon(lane, colour)


def _repairs(
    canvas: Canvas, camera: Camera, road: float, asphalt: np.ndarray, rng: np.random.Generator
) -> None:
    """Paint darker squares of new asphalt and manhole covers."""
    for _ in range(rng.integers(0, 4)):
        x, z = rng.uniform(0.3 - road, road - 1.3), rng.uniform(4, 25)
        wide, long, tone = rng.uniform(0.5, 1.3), rng.uniform(1, 4), rng.uniform(0.7, 0.92)
        if rng.random() < 0.5:
            canvas.polygon(camera.ground(x, x + wide, z, z + long), asphalt * tone)
        else:
            cover = _disc(camera, x, z, 0.35)
            canvas.polygon(cover, asphalt * 0.55)
            canvas.polygon(0.8 * cover + 0.2 * cover.mean(axis=0), asphalt * 0.7)


def _puddle(
    canvas: Canvas, camera: Camera, road: float, asphalt: np.ndarray, rng: np.random.Generator
) -> None:
    """Paint water, which is wet asphalt at its rim and sky within."""
    x, z = rng.uniform(0.6 - road, road - 0.6), rng.uniform(4, 22)
    sky = np.array(_WATER[rng.integers(len(_WATER))]) * rng.uniform(0.8, 1.25)
    for _ in range(3):
        centre, radius = x + rng.normal(0, 0.5), rng.uniform(0.3, 0.8)
        pool = _disc(camera, centre, z + rng.normal(0, 0.4), radius)
        canvas.polygon(pool, asphalt * 0.65)
        canvas.polygon(0.85 * pool + 0.15 * pool.mean(axis=0), sky)


def _leaves(canvas: Canvas, camera: Camera, road: float, rng: np.random.Generator) -> None:
    """Paint a heap of fallen leaves."""
    x, z = rng.uniform(-road, road), rng.uniform(4, 25)
    colour, spread = np.array(_LEAVES[rng.integers(len(_LEAVES))]), rng.uniform(0.1, 0.6)
    for _ in range(rng.integers(4, 16)):
        tone, radius = rng.uniform(0.6, 1.25), rng.uniform(0.06, 0.22)
        place = (x + rng.normal(0, spread), max(z + rng.normal(0, spread), 3.0))
        canvas.polygon(_disc(camera, *place, radius), colour * tone)


def _disc(camera: Camera, x: float, z: float, radius: float) -> np.ndarray:
    """Return the outline of a disc of `radius` metres that lies on the ground."""
    scale = camera.scale(z)
    return circle(camera.project(x, 0, z), (radius * scale, radius * scale * camera.eye / z))
