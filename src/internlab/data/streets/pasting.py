"""Put an object into a scene that it does not belong to, as Fishyscapes Static does.

Blum and others, "The Fishyscapes Benchmark", 2019 (arXiv 1904.03215), section 3.2: objects are
scaled to the depth at which they stand, their colours are drawn towards those around them, and
the picture is degraded afterwards, because a detector otherwise learns to find the paste.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas
from internlab.data.streets.labels import ANOMALY, VOID
from internlab.data.streets.plan import Plan, Thing
from internlab.data.streets.shadows import shade_below
from internlab.data.streets.sprites import Sprite

_TONE_MATCH = 0.35  # how far the mean colour moves towards the ground's
_SMALLEST = 6  # pixels of the canvas that the object is tall at least
_FREE_SIGHT = 2.2  # metres beside the line of sight in which nothing nearer may stand


@dataclass(frozen=True)
class Place:
    """Where a pasted object stands, how tall it is (metres), and whether it is mirrored."""

    x: float
    z: float
    height: float
    mirrored: bool


def choose_place(rng: np.random.Generator, plan: Plan, camera: Camera, sprite: Sprite) -> Place:
    """Draw a place on the road, mostly 5 to 11 metres ahead, where the object is in the picture."""
    height = sprite.height_m * rng.uniform(0.9, 1.2)
    z = float(np.clip(rng.lognormal(np.log(7.5), 0.4), 4.5, 16))
    z = max(min(z, camera.focal * height / _SMALLEST), camera.nearest)
    half_picture = 0.42 * camera.width * z / camera.focal
    x = rng.uniform(-0.7, 0.7) * min(plan.road, half_picture)
    return Place(float(x), z, float(height), bool(rng.random() < 0.5))


def clear_the_sight(plan: Plan, place: Place) -> Plan:
    """Return the plan without what stands between the camera and a place."""
    kept = [
        thing
        for thing in plan.things
        if thing.z >= place.z or abs(thing.x - place.x * thing.z / place.z) >= _FREE_SIGHT
    ]
    return replace(plan, things=tuple(kept))


def paste(canvas: Canvas, camera: Camera, plan: Plan, sprite: Sprite, place: Place) -> None:
    """Paste an object with its shadow; where it is half transparent, the label is void.

    Parameters
    ----------
    canvas : Canvas
        Painted as far as everything that is further away than the object. Changed in place.
    """
    picture = sprite.rgba[:, ::-1] if place.mirrored else sprite.rgba
    scale = camera.scale(place.z)
    tall = max(round(place.height * scale), 2)
    wide = max(round(tall * picture.shape[1] / picture.shape[0]), 2)
    picture = _resized(picture, tall, wide)
    column, row = camera.project(place.x, 0, place.z)
    left, top = round(column - wide / 2), round(row) - tall
    rows = slice(max(top, 0), min(top + tall, canvas.height))
    columns = slice(max(left, 0), min(left + wide, canvas.width))
    picture = picture[
        rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
    ]
    # The shadow falls on the ground around it, so it comes first.
    foot = Thing("pasted", place.x, place.z, 0)
    shade_below(canvas, camera, plan, foot, width=0.45 * wide / scale, strength=0.45)
    alpha = picture[..., 3:] / 255
    around = max(round(6 * canvas.height / 256), 1)
    ground = canvas.rgb[max(rows.stop - around, 0) : rows.stop + around, columns]
    mean = (picture[..., :3] * alpha).sum((0, 1)) / max(float(alpha.sum()), 1e-6)
    matched = picture[..., :3] + _TONE_MATCH * (ground.mean((0, 1)) - mean)
    area = (rows, columns)
    canvas.rgb[area] += alpha * (np.clip(matched, 0, 255) - canvas.rgb[area])
    canvas.colour[area][..., 3:] *= 1 - alpha
    solid = alpha[..., 0] > 0.5
    edge = (alpha[..., 0] > 0.05) & ~solid
    canvas.labels[area][solid] = ANOMALY
    canvas.labels[area][edge] = VOID
    canvas.distance[area][solid | edge] = place.z


def _resized(rgba: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize with the colours weighted by alpha, so that no hidden colour shows at the edge."""
    picture = rgba.astype(np.float32)
    picture[..., :3] *= picture[..., 3:] / 255
    shrinks = height < len(rgba)
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    picture = np.clip(cv2.resize(picture, (width, height), interpolation=method), 0, 255)
    picture[..., :3] /= np.maximum(picture[..., 3:] / 255, 1e-3)
    return np.clip(picture, 0, 255)
