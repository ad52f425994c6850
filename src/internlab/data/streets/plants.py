"""Trees and bushes."""

from __future__ import annotations

import numpy as np

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas
from internlab.data.streets.labels import VEGETATION
from internlab.data.streets.plan import Plan, Thing
from internlab.data.streets.shadows import shade_below

_LEAVES = ((60, 95, 45), (80, 115, 50), (95, 120, 60), (50, 80, 50), (130, 120, 55))


def draw_tree(
    canvas: Canvas, camera: Camera, plan: Plan, tree: Thing, rng: np.random.Generator
) -> None:
    """Draw a trunk and a crown of many patches, brighter towards the top and the sun."""
    scale = camera.scale(tree.z)
    height, radius = rng.uniform(3.5, 8), rng.uniform(1.0, 2.2)
    column, row = camera.project(tree.x, 0, tree.z)
    shade_below(canvas, camera, plan, tree, width=0.8 * radius, strength=0.35)
    bark = np.array((85, 65, 45)) * rng.uniform(0.6, 1.1)
    trunk, fork = 0.16 * scale, row - 0.6 * height * scale
    points = [(column - trunk, row), (column + trunk, row)]
    points += [(column + 0.6 * trunk, fork), (column - 0.6 * trunk, fork)]
    canvas.polygon(points, bark, VEGETATION, tree.z)
    leaf = np.array(_LEAVES[rng.integers(len(_LEAVES))])
    across, up = rng.normal(0, 0.5, 16), rng.normal(0, 0.35, 16)
    order = np.argsort(up)  # the bright patches on top come last
    sunward = 0.10 * plan.sun * across if plan.sunny else 0
    tone = np.clip(0.95 + 0.42 * up + sunward + rng.normal(0, 0.09, 16), 0.55, 1.35)
    sizes = rng.uniform(0.3, 0.66, (16, 2))
    for patch in order:
        centre = (
            column + across[patch] * radius * scale,
            row - (0.72 * height + up[patch] * radius) * scale,
        )
        radii = tuple(radius * scale * sizes[patch])
        canvas.ellipse(centre, radii, leaf * tone[patch], VEGETATION, tree.z)


def draw_bush(
    canvas: Canvas, camera: Camera, plan: Plan, bush: Thing, rng: np.random.Generator
) -> None:
    """Draw a bush of some patches."""
    scale = camera.scale(bush.z)
    column, row = camera.project(bush.x, 0, bush.z)
    shade_below(canvas, camera, plan, bush, width=0.8, strength=0.4)
    leaf = np.array((70, 105, 50)) * rng.uniform(0.7, 1.2)
    across, up = rng.normal(0, 0.6, 9), np.sort(rng.uniform(0.1, 0.8, 9))
    for x, y in zip(across, up, strict=True):
        radius = scale * rng.uniform(0.2, 0.5)
        tone = 0.7 + 0.6 * y + rng.normal(0, 0.06)
        canvas.ellipse(
            (column + x * scale, row - y * scale), (radius,) * 2, leaf * tone, VEGETATION, bush.z
        )
