"""A pinhole camera that looks along the street, a little above the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]


@dataclass(frozen=True)
class Camera:
    """Where a place in the street falls in the picture.

    Places are x (metres to the right of the camera), y (metres above the ground) and z (metres
    ahead). Pixels are columns from the left and rows from the top.

    Parameters
    ----------
    height, width : int
        Of the picture, in pixels.
    focal : float
        Focal length in pixels: what is one metre wide is focal / z pixels wide.
    eye : float
        Height of the camera above the ground, in metres.
    horizon : float
        Row of the horizon.
    centre : float
        Column towards which the street runs.
    """

    height: int
    width: int
    focal: float
    eye: float
    horizon: float
    centre: float

    def scale(self, z: float) -> float:
        """Return how many pixels a metre has at a distance."""
        return self.focal / z

    def project(self, x: float, y: float, z: float) -> Point:
        """Return the column and the row of a place."""
        scale = self.focal / z
        return self.centre + scale * x, self.horizon + scale * (self.eye - y)

    def ground(self, x0: float, x1: float, z0: float, z1: float) -> list[Point]:
        """Return the corners of a rectangle that lies on the ground."""
        corners = ((x0, z0), (x1, z0), (x1, z1), (x0, z1))
        return [self.project(x, 0.0, z) for x, z in corners]

    @property
    def first_ground_row(self) -> int:
        """The first row below the horizon."""
        return int(np.ceil(self.horizon))

    @property
    def nearest(self) -> float:
        """Distance in metres of the ground at the lower edge of the picture."""
        return self.focal * self.eye / (self.height - self.horizon)

    def ground_places(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x (rows, width) and z (rows, 1) in metres of the ground below the horizon."""
        rows = np.arange(self.first_ground_row, self.height, dtype=np.float32)
        z = (self.focal * self.eye / np.maximum(rows - self.horizon, 0.5))[:, None]
        columns = np.arange(self.width, dtype=np.float32) - np.float32(self.centre)
        return columns * (z / np.float32(self.focal)), z
