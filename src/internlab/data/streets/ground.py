"""The ground: sidewalk, road, what is painted on it, and the shadows that houses cast."""

from __future__ import annotations

import numpy as np

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas
from internlab.data.streets.labels import ROAD, SIDEWALK
from internlab.data.streets.litter import paint_litter
from internlab.data.streets.plan import Plan
from internlab.data.streets.textures import sample, smooth_noise

_SLABS = ((160, 155, 150), (175, 165, 150), (140, 140, 142))
_ASPHALTS = ((88, 88, 92), (105, 103, 102), (72, 73, 78), (120, 117, 112))
_KERB = (185, 182, 176)
_KERB_WIDTH = 0.14
_NEAR = 2.0  # metres; nearer ground lies below the picture


def paint_ground(canvas: Canvas, camera: Camera, plan: Plan, rng: np.random.Generator) -> None:
    """Paint everything below the horizon as sidewalk, and the road into its middle."""
    x, z = camera.ground_places()
    rows = slice(camera.first_ground_row, canvas.height)
    canvas.distance[rows] = z
    canvas.labels[rows] = SIDEWALK
    slab = np.float32(_SLABS[rng.integers(len(_SLABS))])
    asphalt = np.float32(_ASPHALTS[rng.integers(len(_ASPHALTS))])
    offset = (rng.uniform(0, 9), rng.uniform(0, 9))
    # Fine grain is seen near the camera only; broad patches stay visible further away.
    grain = sample("gravel", x, z, offset, 0.35 * np.exp(-z / 9))
    patches = sample("gravel", x / 9, z / 9, offset, 0.22 * np.exp(-z / 40))
    wear = 1 + 0.04 * smooth_noise(rng, *x.shape, 6)
    light = grain * patches * wear
    road = np.abs(x) < plan.road
    # Tyres polish two tracks in each lane.
    tracks = 1 - 0.05 * np.cos(4 * np.pi * x / plan.road) * np.exp(-z / 30)
    light = np.where(road, light * tracks, light)[..., None]
    canvas.colour[rows, :, :3] = np.where(road[..., None], asphalt, slab) * light
    canvas.colour[rows, :, 3] = 0
    canvas.labels[rows][road] = ROAD
    _paint_slab_joints(canvas, camera, plan, slab * 0.74)
    for side in (-1, 1):
        kerb = camera.ground(side * plan.road, side * (plan.road + _KERB_WIDTH), _NEAR, 120)
        canvas.polygon(kerb, _KERB, SIDEWALK)
    paint_litter(canvas, camera, plan.road, asphalt, rng)
    _paint_markings(canvas, camera, plan.road, rng)


def cast_shadows(canvas: Canvas, camera: Camera, plan: Plan, rng: np.random.Generator) -> None:
    """Darken the ground beside houses, or by a single band where the houses cast none."""
    reach, slant = rng.uniform(0.25, 0.8), rng.uniform(-0.4, 0.4)
    softness = 0.004 * canvas.height
    if not plan.sunny:
        if rng.random() < 0.4:
            near = rng.uniform(4, 20)
            far = near + rng.uniform(2, 9)
            width = plan.road + plan.pavement
            band = camera.ground(-width, plan.road * rng.uniform(-0.3, 1.2), near, far)
            canvas.shade([band], 0.72, softness)
        return
    shadows = []
    for block in plan.blocks:
        if block.kind == "house" and block.side == plan.sun:
            x, tip = block.side * block.x, block.side * (block.x - reach * block.height)
            shift = slant * reach * block.height
            ends = (max(block.near, _NEAR), block.far)
            foot = [camera.project(x, 0, z) for z in ends]
            top = [camera.project(tip, 0, max(z + shift, _NEAR)) for z in ends[::-1]]
            shadows.append(foot + top)
    if shadows:
        canvas.shade(shadows, 0.66, softness)


def _paint_slab_joints(canvas: Canvas, camera: Camera, plan: Plan, colour: np.ndarray) -> None:
    for side in (-1, 1):
        inner, outer = side * plan.road, side * (plan.road + plan.pavement)
        for z in np.arange(2.5, 40, 1.5):
            canvas.polygon(camera.ground(inner, outer, z, z + 0.06), colour)
        middle = (inner + outer) / 2
        canvas.polygon(camera.ground(middle - 0.02, middle + 0.02, _NEAR, 25), colour)


def _paint_markings(canvas: Canvas, camera: Camera, road: float, rng: np.random.Generator) -> None:
    """Paint the lines between lanes, and sometimes a zebra crossing."""
    paint = np.array((225, 222, 210)) * rng.uniform(0.75, 1.05)
    two_lines = road > 4.5 and rng.random() < 0.5
    for line in (-road / 3, road / 3) if two_lines else (0.0,):
        solid = rng.random() < 0.25
        dash, period = (4.0, 4.0) if solid else (2.4, 5.5)
        z = 2.2 + rng.uniform(0, 3)
        while z < 70:
            canvas.polygon(camera.ground(line - 0.07, line + 0.07, z, z + dash), paint)
            z += period
    if rng.random() < 0.3:
        z = rng.uniform(5, 14)
        for x in np.arange(0.3 - road, road - 0.4, 1.0):
            canvas.polygon(camera.ground(x, x + 0.5, z, z + 2.8), paint)
