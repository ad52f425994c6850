"""Cars, seen from the front or the back, and from the side."""

from __future__ import annotations

import numpy as np

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas
from internlab.data.streets.labels import CAR
from internlab.data.streets.plan import Plan, Thing
from internlab.data.streets.shadows import shade_below

_PAINTS = (
    (180, 30, 35),
    (35, 60, 150),
    (225, 225, 228),
    (25, 25, 28),
    (130, 133, 138),
    (190, 170, 60),
    (40, 100, 70),
    (90, 60, 50),
)
_TYRE, _RIM, _PLATE = (20, 20, 22), (140, 140, 145), (225, 225, 205)
_HEADLIGHT, _TAILLIGHT = (250, 245, 215), (215, 25, 25)


class _Pen:
    """Fills parts of a car that are given in metres from the middle between its wheels."""

    def __init__(self, canvas: Canvas, camera: Camera, car: Thing, direction: int = 1) -> None:
        self.canvas, self.z, self.direction = canvas, car.z, direction
        self.scale = camera.scale(car.z)
        self.foot = camera.project(car.x, 0, car.z)

    def place(self, x: float, y: float) -> tuple[float, float]:
        column, row = self.foot
        return column + self.direction * x * self.scale, row - y * self.scale

    def fill(self, colour, *points: tuple[float, float], shine: float = 0.0) -> None:
        pixels = [self.place(x, y) for x, y in points]
        self.canvas.polygon(pixels, np.clip(colour, 0, 255), CAR, self.z, shine)

    def box(self, colour, x0: float, x1: float, y0: float, y1: float, shine: float = 0.0) -> None:
        self.fill(colour, (x0, y0), (x1, y0), (x1, y1), (x0, y1), shine=shine)

    def disc(self, colour, x: float, y: float, radius: float) -> None:
        self.canvas.ellipse(self.place(x, y), (radius * self.scale,) * 2, colour, CAR, self.z)


def draw_car(
    canvas: Canvas, camera: Camera, plan: Plan, car: Thing, rng: np.random.Generator
) -> None:
    """Draw a car that comes or goes."""
    paint, glass = _colours(rng)
    half, height, front = rng.uniform(0.85, 0.98), rng.uniform(1.35, 1.7), rng.random() < 0.5
    shade_below(canvas, camera, plan, car, width=1.12 * half, strength=0.68)
    pen = _Pen(canvas, camera, car)
    for side in (-1, 1):
        pen.box((18, 18, 20), side * half * 0.98, side * half * 0.68, 0, 0.4)
    shoulder = ((half, 0.85), (0.93 * half, 0.95), (-0.93 * half, 0.95), (-half, 0.85))
    pen.fill(paint, (-half, 0.22), (half, 0.22), *shoulder)
    pen.box(paint * 0.72, -half, half, 0.22, 0.36)  # the bumper
    cabin = ((0.92 * half, 0.93), (0.72 * half, height), (-0.72 * half, height))
    pen.fill(paint * 0.92, (-0.92 * half, 0.93), *cabin)
    top = height - 0.1
    pen.fill(
        glass, (-0.8 * half, 0.97), (0.8 * half, 0.97), (0.64 * half, top), (-0.64 * half, top)
    )
    # The sky in the glass: a bright wedge in the upper half.
    middle = 0.97 + 0.55 * (top - 0.97)
    pen.fill(glass * 1.45, (-0.7 * half, middle), (0.5 * half, top), (-0.64 * half, top))
    pen.box(np.minimum(paint * 1.25, 255), -0.68 * half, 0.68 * half, height - 0.05, height)
    lamp = _HEADLIGHT if front else _TAILLIGHT
    for side in (-1, 1):
        pen.box(lamp, side * 0.95 * half, side * 0.62 * half, 0.62, 0.8, shine=1.0)
        mirror = (side * 0.9 * half, side * 1.08 * half)
        pen.box(paint * 0.8, *mirror, 0.95, 1.07)
    pen.box(_PLATE, -0.26, 0.26, 0.38, 0.5)
    if front:
        pen.box((25, 25, 27), -0.4, 0.4, 0.58, 0.74)


def draw_crossing_car(
    canvas: Canvas, camera: Camera, plan: Plan, car: Thing, rng: np.random.Generator
) -> None:
    """Draw a car that crosses the street, seen from the side."""
    paint, glass = _colours(rng)
    shade_below(canvas, camera, plan, car, width=2.2, strength=0.65)
    pen = _Pen(canvas, camera, car, direction=1 if rng.random() < 0.5 else -1)
    half = 2.1
    roof = ((1.3, 0.9), (0.7, 1.42), (-0.9, 1.45), (-1.5, 0.95), (-half, 0.9))
    pen.fill(paint, (-half, 0.3), (half, 0.3), (half, 0.75), *roof)
    pen.box(paint * 0.75, -half, half, 0.3, 0.45)
    pen.fill(glass, (1.1, 0.92), (0.62, 1.34), (-0.05, 1.36), (-0.05, 0.92))
    pen.fill(glass, (-0.15, 0.92), (-0.15, 1.36), (-0.82, 1.36), (-1.25, 0.95))
    pen.box(paint * 0.6, -0.12, -0.08, 0.4, 0.92)  # the gap between the doors
    pen.box(_HEADLIGHT, 1.9, half, 0.62, 0.75, shine=1.0)
    pen.box(_TAILLIGHT, -half, -1.92, 0.68, 0.84, shine=1.0)
    for x in (-1.3, 1.3):
        pen.disc(_TYRE, x, 0.32, 0.34)
        pen.disc(_RIM, x, 0.32, 0.17)


def _colours(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    paint = np.float32(_PAINTS[rng.integers(len(_PAINTS))]) * rng.uniform(0.75, 1.1)
    return paint, np.float32((45, 60, 75)) * rng.uniform(0.7, 1.6)
