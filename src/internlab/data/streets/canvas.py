"""What a scene is painted on: colour, label and distance of each pixel, changed together."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from internlab.data.streets.camera import Point
from internlab.data.streets.labels import SKY

SKY_DISTANCE = 400.0  # metres; far enough that fog hides it
_SUBPIXEL_BITS = 4
_CIRCLE = np.linspace(0, 2 * np.pi, 24, endpoint=False)


class Canvas:
    """A picture in the making, all sky at first.

    Parameters
    ----------
    height, width : int
        In pixels.

    Attributes
    ----------
    colour : array
        (height, width, 4), float32: RGB in [0, 255], and how much a pixel shines by itself, from 0
        (not at all) to 1. Only the night looks at the last.
    labels : array
        (height, width), uint8.
    distance : array
        (height, width), float32, metres.
    """

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width
        self.colour = np.zeros((height, width, 4), np.float32)
        self.labels = np.full((height, width), SKY, np.uint8)
        self.distance = np.full((height, width), SKY_DISTANCE, np.float32)

    @property
    def rgb(self) -> np.ndarray:
        """The colours without the shine; a view."""
        return self.colour[..., :3]

    def polygon(
        self,
        points: Sequence[Point],
        colour: Sequence[float],
        label: int | None = None,
        z: float | None = None,
        shine: float = 0.0,
    ) -> None:
        """Fill a polygon of one colour; without `label` or `z` those stay as they are."""
        fixed = _fixed_point(points)
        red, green, blue = (float(part) for part in colour)
        _fill(self.colour, fixed, (red, green, blue, float(shine)))
        if label is not None:
            _fill(self.labels, fixed, int(label))
        if z is not None:
            _fill(self.distance, fixed, float(z))

    def ellipse(
        self,
        centre: Point,
        radii: Point,
        colour: Sequence[float],
        label: int | None = None,
        z: float | None = None,
        shine: float = 0.0,
    ) -> None:
        """Fill an upright ellipse, given its two half axes in pixels."""
        columns = centre[0] + radii[0] * np.cos(_CIRCLE)
        rows = centre[1] + radii[1] * np.sin(_CIRCLE)
        self.polygon(np.stack([columns, rows], axis=1), colour, label, z, shine)

    def texture(self, picture: np.ndarray, corners: Sequence[Point], label: int) -> _Area | None:
        """Lay a flat picture (h, w, 4) onto four corners, clockwise from its upper left.

        Returns
        -------
        tuple of slices and mask, or None
            Which pixels were painted, for whoever knows their distance; None if none were.
        """
        quad = np.asarray(corners, np.float32)
        area = self._area_around(quad)
        if area is None:
            return None
        local = quad - np.float32([area[1].start, area[0].start])
        size = (area[1].stop - area[1].start, area[0].stop - area[0].start)
        height, width = picture.shape[:2]
        source = np.float32([(0, 0), (width, 0), (width, height), (0, height)])
        transform = cv2.getPerspectiveTransform(source, local)
        flags = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REPLICATE}
        warped = cv2.warpPerspective(picture, transform, size, **flags)
        inside = np.zeros(size[::-1], np.uint8)
        _fill(inside, _fixed_point(local), 1)
        inside = inside.astype(bool)
        self.colour[area][inside] = warped[inside]
        self.labels[area][inside] = label
        return area, inside

    def shade(
        self, polygons: Sequence[Sequence[Point]], factor: float, softness: float = 1.0
    ) -> None:
        """Multiply colours inside polygons by a factor, with an edge of `softness` pixels."""
        points = np.concatenate([np.asarray(each, np.float32) for each in polygons])
        margin = int(np.ceil(3 * softness))
        area = self._area_around(points, margin)
        if area is None:
            return
        origin = np.float32([area[1].start, area[0].start])
        size = (area[0].stop - area[0].start, area[1].stop - area[1].start)
        mask = np.zeros(size, np.float32)
        for each in polygons:
            _fill(mask, _fixed_point(np.asarray(each, np.float32) - origin), 1.0)
        mask = cv2.GaussianBlur(mask, (0, 0), softness)
        self.rgb[area] *= (1 - (1 - factor) * mask)[..., None]

    def _area_around(self, points: np.ndarray, margin: int = 1) -> tuple[slice, slice] | None:
        """Return the rows and columns around points that lie in the picture, None if too few."""
        low = np.maximum(np.floor(points.min(axis=0)).astype(int) - margin, 0)
        high = np.ceil(points.max(axis=0)).astype(int) + margin + 1
        high = np.minimum(high, (self.width, self.height))
        if (high - low).min() < 2:
            return None
        return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


_Area = tuple[tuple[slice, slice], np.ndarray]


def circle(centre: Point, radii: Point) -> np.ndarray:
    """Return points (24, 2) on an upright ellipse, given its half axes."""
    points = np.stack([np.cos(_CIRCLE), np.sin(_CIRCLE)], axis=1)
    return np.asarray(centre) + points * np.asarray(radii)


def _fixed_point(points: Sequence[Point]) -> np.ndarray:
    scaled = np.asarray(points, np.float64) * 2**_SUBPIXEL_BITS
    return np.round(scaled).astype(np.int32)[None]


def _fill(target: np.ndarray, fixed: np.ndarray, value) -> None:
    cv2.fillPoly(target, fixed, value, cv2.LINE_8, _SUBPIXEL_BITS)
