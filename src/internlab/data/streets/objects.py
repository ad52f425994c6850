"""People, cars, poles and plants: what stands in a street, each drawn where it stands."""

from __future__ import annotations

import numpy as np

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas
from internlab.data.streets.cars import draw_car, draw_crossing_car
from internlab.data.streets.labels import PERSON, POLE
from internlab.data.streets.plan import Plan, Thing
from internlab.data.streets.plants import draw_bush, draw_tree
from internlab.data.streets.shadows import shade_below


def draw_thing(canvas: Canvas, camera: Camera, plan: Plan, thing: Thing) -> None:
    """Draw one object; call it from far to near."""
    _DRAW[thing.kind](canvas, camera, plan, thing, np.random.default_rng(thing.seed))


def draw_person(
    canvas: Canvas, camera: Camera, plan: Plan, person: Thing, rng: np.random.Generator
) -> None:
    """Draw somebody who walks, about 1.75 m tall."""
    z, scale = person.z, camera.scale(person.z) * rng.uniform(0.88, 1.08)
    column, row = camera.project(person.x, 0, z)
    top, legs = rng.integers(20, 235, 3), rng.integers(15, 120, 3)
    skin, hair = np.array((225, 180, 150)) * rng.uniform(0.4, 1.05), rng.integers(10, 110, 3)
    stride = rng.uniform(-0.25, 0.25)
    shade_below(canvas, camera, plan, person, width=0.35, strength=0.45)

    def part(colour, *points: tuple[float, float]) -> None:
        """Fill a part of the body, given in metres from between the feet."""
        pixels = [(column + x * scale, row - y * scale) for x, y in points]
        canvas.polygon(pixels, colour, PERSON, z)

    for side in (-1, 1):
        foot = side * stride
        tone = 1.0 if side > 0 else 0.85
        hip = ((-0.15, 0.85), (0.04, 0.85)) if side < 0 else ((-0.04, 0.85), (0.15, 0.85))
        part(legs * tone, *hip, (foot + 0.09, 0.05), (foot - 0.07, 0.05))
        part(
            (35, 30, 30),
            (foot - 0.08, 0.07),
            (foot + 0.1, 0.07),
            (foot + 0.13, 0),
            (foot - 0.08, 0),
        )
    part(top, (-0.24, 1.42), (-0.1, 1.47), (0.1, 1.47), (0.24, 1.42), (0.18, 0.8), (-0.18, 0.8))
    for side in (-1, 1):
        hand = side * 0.3 + 0.5 * stride
        arm = ((side * 0.19, 1.43), (side * 0.29, 1.36), (hand, 0.78), (hand - side * 0.1, 0.78))
        part(top * 0.82, *arm)
        canvas.ellipse(
            (column + (hand - side * 0.05) * scale, row - 0.75 * scale),
            (0.05 * scale, 0.06 * scale),
            skin,
            PERSON,
            z,
        )
    canvas.ellipse((column, row - 1.65 * scale), (0.118 * scale, 0.11 * scale), hair, PERSON, z)
    canvas.ellipse((column, row - 1.58 * scale), (0.1 * scale, 0.13 * scale), skin, PERSON, z)


def draw_pole(
    canvas: Canvas, camera: Camera, plan: Plan, pole: Thing, rng: np.random.Generator
) -> None:
    """Draw a pole with a round sign, a blue sign, a traffic light or a street lamp."""
    z, scale = pole.z, camera.scale(pole.z)
    column, row = camera.project(pole.x, 0, z)
    height, grey = rng.uniform(2.6, 6.5), np.array((95, 95, 98)) * rng.uniform(0.6, 1.5)
    what, signal = rng.integers(4), rng.integers(3)
    half = max(0.07 * scale, 0.003 * canvas.height)
    top = row - height * scale
    shade_below(canvas, camera, plan, pole, width=0.2, strength=0.4)

    def box(x: float, up: float, wide: float, high: float, colour, shine: float = 0.0) -> None:
        """Fill a box `wide` by `high` metres around (x, up), `up` from the top of the pole."""
        left, right = column + (x - wide / 2) * scale, column + (x + wide / 2) * scale
        low, upper = top - (up - high / 2) * scale, top - (up + high / 2) * scale
        corners = [(left, low), (right, low), (right, upper), (left, upper)]
        canvas.polygon(corners, colour, POLE, z, shine)

    def disc(up: float, radius: float, colour, shine: float = 0.0) -> None:
        canvas.ellipse((column, top - up * scale), (radius * scale,) * 2, colour, POLE, z, shine)

    shaft = [(column - half, row), (column + half, row), (column + half, top), (column - half, top)]
    canvas.polygon(shaft, grey, POLE, z)
    canvas.polygon(
        [(column, row), (column + half, row), (column + half, top), (column, top)], grey * 0.75
    )
    if what == 0:
        disc(0, 0.35, (200, 30, 35))
        disc(0, 0.24, (235, 235, 235))
    elif what == 1:
        box(0, -0.4, 0.8, 0.8, (225, 228, 232))
        box(0, -0.4, 0.7, 0.7, (40, 85, 170))
    elif what == 2:
        box(0, -0.5, 0.36, 1.0, (30, 30, 30))
        for lamp, colour in enumerate(((235, 50, 40), (240, 180, 40), (60, 220, 90))):
            on = lamp == signal
            disc(-0.18 - 0.32 * lamp, 0.12, colour if on else np.array(colour) * 0.25, float(on))
    else:
        inward = -np.sign(pole.x)
        box(0.45 * inward, 0.0, 0.9, 0.12, grey)
        box(0.85 * inward, -0.05, 0.5, 0.16, (250, 235, 190), 1.0)


_DRAW = {
    "person": draw_person,
    "pole": draw_pole,
    "tree": draw_tree,
    "bush": draw_bush,
    "car": draw_car,
    "crossing car": draw_crossing_car,
}
