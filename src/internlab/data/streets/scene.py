"""Draw a street scene with a label for every pixel."""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np

from internlab.data.streets.backdrop import paint_horizon, paint_sky
from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas
from internlab.data.streets.ground import cast_shadows, paint_ground
from internlab.data.streets.objects import draw_thing
from internlab.data.streets.pasting import choose_place, clear_the_sight, paste
from internlab.data.streets.plan import Plan, draw_plan
from internlab.data.streets.sides import paint_block
from internlab.data.streets.sprites import Sprite
from internlab.data.streets.weather import DOMAINS, photograph
from internlab.spelling import did_you_mean

HEIGHT, WIDTH = 128, 256
_SMALLEST = 32  # pixels a side; a scene of less shows no objects
_FINER = 2  # a scene is painted at twice the size, so that edges are mixed as in a photograph

# Numbers of the independent streams of randomness of one seed. Because they are apart, weather
# and anomaly change nothing else in a scene.
_PLAN, _ANOMALY, _PHOTOGRAPH = range(3)


@dataclass(frozen=True)
class Street:
    """A scene.

    Parameters
    ----------
    image : array
        (height, width, 3), uint8 RGB.
    labels : array
        (height, width), uint8: 0 to 7 for the classes, ANOMALY or VOID.
    depth : array
        (height, width), float32: metres to what is seen; 400 in the sky.
    """

    image: np.ndarray
    labels: np.ndarray
    depth: np.ndarray


def draw_street(
    seed: int,
    *,
    height: int = HEIGHT,
    width: int = WIDTH,
    domain: str = "clear",
    anomaly: Sprite | None = None,
) -> Street:
    """Draw a scene.

    Parameters
    ----------
    seed : int
        Not negative. One seed is one street, in any weather, at any size, with or without an
        anomaly.
    height, width : int
        In pixels, at least 32. A street looks best at twice as wide as high.
    domain : {"clear", "fog", "night"}
        The same seed has the same labels in each.
    anomaly : Sprite, optional
        Pasted onto the road, with the size that belongs to its distance. What would stand
        between it and the camera is left out.

    Returns
    -------
    Street

    Raises
    ------
    ValueError
        If an argument is out of its range.
    TypeError
        If a number is no whole number, or the anomaly is no sprite.
    """
    seed, height, width = checked(seed, height, width)
    if domain not in DOMAINS:
        raise ValueError(
            f"No domain {domain!r}.{did_you_mean(domain, DOMAINS)} "
            f"Expected one of {', '.join(DOMAINS)}."
        )
    if anomaly is not None and not isinstance(anomaly, Sprite):
        raise TypeError(
            f"anomaly is of type {type(anomaly).__name__}; expected a Sprite, such as "
            "load_sprites('animals')['dog']."
        )
    plan = draw_plan(np.random.default_rng([seed, _PLAN]))
    camera = plan.camera(height * _FINER, width * _FINER)
    canvas = _paint(plan, camera, anomaly, np.random.default_rng([seed, _ANOMALY]))
    light = np.random.default_rng([seed, _PHOTOGRAPH])
    image = photograph(canvas, camera, domain, light, _FINER)
    middle = np.s_[_FINER // 2 :: _FINER, _FINER // 2 :: _FINER]
    return Street(image, canvas.labels[middle].copy(), canvas.distance[middle].copy())


def _paint(
    plan: Plan, camera: Camera, anomaly: Sprite | None, chance: np.random.Generator
) -> Canvas:
    """Paint a street from far to near, the anomaly among its objects."""
    canvas = Canvas(camera.height, camera.width)
    look = np.random.default_rng(plan.seed)
    paint_sky(canvas, camera, look)
    paint_horizon(canvas, camera, look)
    paint_ground(canvas, camera, plan, look)
    cast_shadows(canvas, camera, plan, look)
    for block in plan.blocks:
        paint_block(canvas, camera, plan, block)
    place = None
    if anomaly is not None:
        place = choose_place(chance, plan, camera, anomaly)
        plan = clear_the_sight(plan, place)
    for thing in plan.things:
        if place is not None and thing.z < place.z:
            paste(canvas, camera, plan, anomaly, place)
            place = None
        draw_thing(canvas, camera, plan, thing)
    if place is not None:
        paste(canvas, camera, plan, anomaly, place)
    return canvas


def checked(seed: int, height: int, width: int) -> tuple[int, int, int]:
    """Return seed, height and width as whole numbers.

    Raises
    ------
    ValueError
        If one is out of its range.
    TypeError
        If one is no whole number.
    """
    numbers = {"seed": seed, "height": height, "width": width}
    for name, number in numbers.items():
        try:
            numbers[name] = operator.index(number)
        except TypeError:
            raise TypeError(f"{name} is {number!r}; expected a whole number.") from None
    if numbers["seed"] < 0:
        raise ValueError(f"seed is {seed}; expected 0 or more.")
    for name in ("height", "width"):
        if numbers[name] < _SMALLEST:
            raise ValueError(f"{name} is {numbers[name]} pixels; expected at least {_SMALLEST}.")
    return numbers["seed"], numbers["height"], numbers["width"]
