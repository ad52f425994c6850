"""The shadow at the foot of an object; pasted objects get the same one as drawn objects."""

from __future__ import annotations

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas, circle
from internlab.data.streets.plan import Plan, Thing


def shade_below(
    canvas: Canvas, camera: Camera, plan: Plan, thing: Thing, *, width: float, strength: float
) -> None:
    """Darken the ground where an object stands, away from the sun if it shines.

    Parameters
    ----------
    width : float
        Half the width of the object's foot, in metres.
    strength : float
        0 leaves the ground as it is, 1 makes it black.
    """
    scale = camera.scale(thing.z)
    column, row = camera.project(thing.x, 0, thing.z)
    # Ground is seen at a flat angle: a metre of depth is lower than a metre of width.
    flat = max(0.35 * width * camera.eye / thing.z, 0.06) * scale
    radii = (width * scale, max(flat, 1.0))
    if plan.sunny:
        column -= 0.35 * plan.sun * width * scale
        radii = (1.3 * radii[0], radii[1])
    softness = min(max(0.05 * scale, 0.5), 0.012 * canvas.height)
    canvas.shade([circle((column, row), radii)], 1 - strength, softness)
