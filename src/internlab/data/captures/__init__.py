"""Drawn faces before a simulated camera: live, and as five kinds of presentation attack.

``sessions`` decides what a day in a place shares, ``scene`` puts a head or a picture of one before
the camera, ``camera`` takes the frame, ``frames`` collects them.
"""

from internlab.data.captures.frames import (
    CARD,
    DISTANCES,
    Frames,
    capture,
    collect,
    joined,
)
from internlab.data.captures.scene import EDGES, SENSOR
from internlab.data.captures.sessions import (
    EVASION,
    FLAT,
    IMPERSONATION,
    KINDS,
    LIGHTS,
    LIVE,
    SPECIES,
    Session,
    draw_session,
)

__all__ = [
    "CARD",
    "DISTANCES",
    "EDGES",
    "EVASION",
    "FLAT",
    "IMPERSONATION",
    "KINDS",
    "LIGHTS",
    "LIVE",
    "SENSOR",
    "SPECIES",
    "Frames",
    "Session",
    "capture",
    "collect",
    "draw_session",
    "joined",
]
