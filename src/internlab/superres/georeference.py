"""Where an enlarged image lies on the ground: the same place, in smaller pixels.

A geotransform maps (column, row), counted from the top left *corner* of the top left pixel, to map
coordinates. After an enlargement by s the corner is where it was and a step is 1/s as long, so the
transform is scaled about the corner and nothing is shifted. Working from pixel centres instead is
the usual mistake: it moves the image by a fraction of a pixel.
"""

from __future__ import annotations

from typing import Any

from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.rpc import RPC


def scaled_transform(transform: Affine, scale: int) -> Affine:
    """Return the geotransform of an image that was enlarged `scale` times.

    Parameters
    ----------
    transform : affine.Affine
        Of the low-resolution image: maps its (column, row) to map coordinates.
    scale : int
        Enlargement.

    Returns
    -------
    affine.Affine
        Maps (scale * column, scale * row) to the same coordinates.
    """
    a, b, left, d, e, top = transform[:6]
    return Affine(a / scale, b / scale, left, d / scale, e / scale, top)


def scaled_gcps(points: list[GroundControlPoint], scale: int) -> list[GroundControlPoint]:
    """Return ground control points for the enlarged image.

    Their rows and columns count from the corner like those of a geotransform, so they are
    multiplied; the ground coordinates stay.
    """
    return [
        GroundControlPoint(
            row=point.row * scale,
            col=point.col * scale,
            x=point.x,
            y=point.y,
            z=point.z,
            id=point.id,
            info=point.info,
        )
        for point in points
    ]


def scaled_rpcs(rpcs: RPC, scale: int) -> RPC:
    """Return rational polynomial coefficients (RPC) for the enlarged image.

    An RPC maps ground to image as ``line = line_off + line_scale * ratio(ground)``. Its lines and
    samples count from the *centre* of the first pixel, half a pixel inside the corner, so the
    offset is moved to the corner, multiplied, and moved back.

    References
    ----------
    GDAL RFC 22, "RPC Georeferencing", https://gdal.org/development/rfc/rfc22_rpc.html
    """
    changed: dict[str, Any] = rpcs.to_dict()
    changed["line_off"] = (rpcs.line_off + 0.5) * scale - 0.5
    changed["samp_off"] = (rpcs.samp_off + 0.5) * scale - 0.5
    changed["line_scale"] = rpcs.line_scale * scale
    changed["samp_scale"] = rpcs.samp_scale * scale
    return RPC(**changed)


def georeference(source: Any, scale: int) -> dict[str, Any]:
    """Return the keywords with which rasterio writes the enlarged image to the same place.

    Parameters
    ----------
    source : rasterio.DatasetReader
        The low-resolution scene.
    scale : int
        Enlargement.

    Returns
    -------
    dict
        Some of ``crs``, ``transform``, ``gcps`` and ``rpcs``; empty for a plain image.
    """
    keywords: dict[str, Any] = {}
    points, points_crs = source.gcps
    if points:
        # A GeoTIFF holds either control points or a geotransform, and their CRS is the file's.
        keywords["gcps"] = scaled_gcps(points, scale)
        keywords["crs"] = points_crs
    elif not source.transform.is_identity:
        # The identity is what rasterio reports where there is no geotransform.
        keywords["transform"] = scaled_transform(source.transform, scale)
    if source.crs and "crs" not in keywords:
        keywords["crs"] = source.crs
    if source.rpcs:
        keywords["rpcs"] = scaled_rpcs(source.rpcs, scale)
    return keywords
