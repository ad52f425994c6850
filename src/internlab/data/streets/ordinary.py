"""Cars and people as sprites: the control that asks whether a detector only finds the paste."""

from __future__ import annotations

import cv2
import numpy as np

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas
from internlab.data.streets.labels import CAR, PERSON
from internlab.data.streets.objects import draw_thing
from internlab.data.streets.plan import Plan, Thing
from internlab.data.streets.sprites import Sprite

_PIXELS_PER_METRE = 64
_SIDE = 192
_GREY = 120.0


def ordinary(seed: int) -> Sprite:
    """Return a car or a person, drawn by the code that draws those in every scene.

    Pasted like an anomaly, it is nothing new: the network was trained on its like. A score that
    rises on it has found the pasting, or rarity, but not novelty.

    Parameters
    ----------
    seed : int
        Not negative. Odd ones give a car, even ones a person.

    Returns
    -------
    Sprite
        Named ``"car"`` or ``"person"``.

    Raises
    ------
    ValueError
        If the seed is negative.
    """
    if seed < 0:
        raise ValueError(f"seed is {seed}; expected 0 or more.")
    name, label = ("car", CAR) if seed % 2 else ("person", PERSON)
    # A camera at the height of the object's foot, so that nothing is seen from above.
    z = 7.0
    camera = Camera(_SIDE, _SIDE, _PIXELS_PER_METRE * z, 0.0, _SIDE - 8.0, _SIDE / 2)
    canvas = Canvas(_SIDE, _SIDE)
    canvas.rgb[:] = _GREY
    look = int(np.random.default_rng([seed, 4]).integers(2**32))
    plan = Plan(0.65, 0.4, 0.5, 1.5, 5.0, 3.0, False, 1, (), (), 0)
    draw_thing(canvas, camera, plan, Thing(name, 0.0, z, look))
    mask = (canvas.labels == label).astype(np.uint8) * 255
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    alpha = cv2.GaussianBlur(mask, (0, 0), 0.7)
    colour = np.clip(canvas.rgb, 0, 255).astype(np.uint8)
    rgba = np.ascontiguousarray(np.dstack([colour, alpha])[box])
    return Sprite(name, rgba, len(rgba) / _PIXELS_PER_METRE)
