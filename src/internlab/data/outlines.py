"""Outlines of buildings from GeoJSON files, placed on the image that they belong to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasterio import Affine
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.features import bounds
from rasterio.warp import transform_geom

# What GeoJSON means when it does not say: longitude, latitude (RFC 7946, section 4).
_LONGITUDE_LATITUDE = "OGC:CRS84"


@dataclass(frozen=True)
class Grid:
    """Where the pixels of an image lie: `transform` takes column and row to x and y in `crs`."""

    transform: Affine
    crs: CRS | None
    height: int
    width: int


def read_outlines(path: Path, grid: Grid, *, in_pixels: bool) -> list[Any]:
    """Return the outlines of a GeoJSON file in the coordinates of an image.

    Parameters
    ----------
    path : Path
        A feature collection of polygons. Features without a geometry are left out.
    grid : Grid
        Of the image.
    in_pixels : bool
        Whether the file counts in columns and rows of the image; else its key ``crs`` says in what
        it counts, and without one it is longitude and latitude.

    Returns
    -------
    list of dict
        GeoJSON geometries.

    Raises
    ------
    ValueError
        If the file is no such collection, its coordinate system is not known, or none of its
        outlines lies on the image, as when it states another system than it uses.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        features = [each for each in content["features"] if each["geometry"] is not None]
        kinds = {each["geometry"]["type"] for each in features}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} is not a GeoJSON file with features ({type(error).__name__}: {error}). Unpack "
            "it from the archive again."
        ) from error
    if not kinds <= {"Polygon", "MultiPolygon"}:
        raise ValueError(
            f"{path.name} holds {', '.join(sorted(kinds))}; expected outlines of buildings, "
            "Polygon or MultiPolygon."
        )
    shapes = [each["geometry"] for each in features]
    if in_pixels:
        stated, placed = "pixels", [_moved(each, grid.transform) for each in shapes]
    else:
        stated = _stated_crs(content, path)
        placed = _reprojected(shapes, stated, grid, path)
    if shapes and not any(_on_image(each, grid) for each in placed):
        x, y = _first_corner(shapes[0])
        left, bottom = _apply(grid.transform, 0, grid.height)
        right, top = _apply(grid.transform, grid.width, 0)
        raise ValueError(
            f"No outline of {path.name} lies on its image. The coordinates of the file should be "
            f"{stated}, and its first outline is at {x:.6g}, {y:.6g}. The image goes from "
            f"{left:.6g}, {bottom:.6g} to {right:.6g}, {top:.6g} in {grid.crs}. Does the file "
            "state another coordinate system (its key crs) than it uses?"
        )
    return placed


def _stated_crs(content: dict[str, Any], path: Path) -> str:
    crs = content.get("crs")
    if crs is None:
        return _LONGITUDE_LATITUDE
    try:
        return crs["properties"]["name"]
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"{path.name} has the key crs without a name: {crs!r}. Expected one such as "
            "urn:ogc:def:crs:EPSG::3857."
        ) from error


def _reprojected(shapes: list[Any], stated: str, grid: Grid, path: Path) -> list[Any]:
    if grid.crs is None:
        raise ValueError(
            f"The image of {path.name} has no coordinate system, so its outlines ({stated}) cannot "
            "be placed. Use labels='labels_match_pix', or restore the image from the archive."
        )
    try:
        crs = CRS.from_user_input(stated)
    except CRSError as error:
        raise ValueError(
            f"{path.name} states the coordinate system {stated!r}, which is not known. Expected "
            "one such as urn:ogc:def:crs:EPSG::3857."
        ) from error
    if crs == grid.crs or not shapes:
        return shapes
    try:
        return transform_geom(crs, grid.crs, shapes)
    except (
        Exception
    ):  # GDAL's own kind: a coordinate that does not exist, such as latitude 5000000.
        return []


def _moved(shape: dict[str, Any], transform: Affine) -> dict[str, Any]:
    def move(part: Any) -> Any:
        if isinstance(part[0], (int, float)):
            return _apply(transform, part[0], part[1])
        return [move(each) for each in part]

    return {"type": shape["type"], "coordinates": move(shape["coordinates"])}


def _on_image(shape: dict[str, Any], grid: Grid) -> bool:
    left, bottom, right, top = bounds(shape)
    corners = [_apply(~grid.transform, *each) for each in ((left, top), (right, bottom))]
    columns, rows = zip(*corners, strict=True)
    across = max(columns) > 0 and min(columns) < grid.width
    return across and max(rows) > 0 and min(rows) < grid.height


def _apply(transform: Affine, column: float, row: float) -> tuple[float, float]:
    # Written out: versions of affine differ in which operator applies it.
    a, b, c, d, e, f = transform[:6]
    return a * column + b * row + c, d * column + e * row + f


def _first_corner(shape: dict[str, Any]) -> tuple[float, float]:
    part = shape["coordinates"]
    while not isinstance(part[0], (int, float)):
        part = part[0]
    return part[0], part[1]
