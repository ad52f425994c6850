"""Put the finished tiles together into one GeoTIFF, always in the same order.

The file is written in one pass from finished pixels, whatever interrupted their computing, so the
same scene gives the same bytes. It gets its name only after it was read back and compared.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, DatasetWriter
from rasterio.windows import Window

from internlab.superres.georeference import georeference
from internlab.superres.scene_bands import SceneBands
from internlab.superres.scene_parts import PartialScene

BLOCK = 256
# Tags that state something about the old pixels or their size.
_UNTRUE_TAGS = ("TIFFTAG_XRESOLUTION", "TIFFTAG_YRESOLUTION", "TIFFTAG_RESOLUTIONUNIT")


def write_scene(
    source: DatasetReader,
    choice: SceneBands,
    parts: PartialScene,
    target: Path,
    made_by: dict[str, str],
) -> None:
    """Write the result as a tiled, compressed GeoTIFF and give it its name.

    Parameters
    ----------
    source : rasterio.DatasetReader
        The low-resolution scene; place, tags and band descriptions are carried over.
    choice : SceneBands
        How it was read.
    parts : PartialScene
        With all rows finished.
    target : Path
        The final name; replaced in one step.
    made_by : dict of str to str
        Tags that say how the result was made.

    Raises
    ------
    OSError
        If the file cannot be written, for example on a full disk. The finished tiles are kept.
    """
    temporary = parts.folder / "assembled.tif"
    height, width = source.height * parts.scale, source.width * parts.scale
    try:
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(
                temporary, "w", **_profile(source, choice, parts.scale, height, width)
            ) as out,
        ):
            _carry_over(source, choice, out, made_by)
            for window in _blocks(height, width):
                _write_block(out, choice, window, parts.read(*window.toslices()))
        _compare(temporary, choice, parts, height, width)
        with open(temporary, "rb+") as stream:
            os.fsync(stream.fileno())
    except (RasterioError, OSError) as error:
        temporary.unlink(missing_ok=True)
        reason = str(error.__cause__ or error)
        raise OSError(
            getattr(error, "errno", None) or errno.EIO,
            f"{target.name} could not be written: {reason}. Usual cause: a full disk. Free some "
            "space and run the same command again; every tile is computed already, only the "
            "writing is left",
        ) from error
    os.replace(temporary, target)


def _profile(
    source: DatasetReader, choice: SceneBands, scale: int, height: int, width: int
) -> dict[str, Any]:
    floating = np.issubdtype(np.dtype(choice.dtype), np.floating)
    profile = {
        "driver": "GTiff",
        "height": height,
        "width": width,
        "count": choice.written_bands,
        "dtype": choice.dtype,
        "nodata": choice.nodata,
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "interleave": "pixel",
        # On noisy aerial pixels level 1 packs as tightly as the default 6, in 60 % of the time.
        "compress": "deflate",
        "zlevel": 1,
        # Storing differences of neighbours suits images; floats need a predictor of their own.
        "predictor": 3 if floating else 2,
        # A TIFF of more than 4 GB needs 64-bit offsets; the size after compression is not known.
        "BIGTIFF": "IF_SAFER",
        **georeference(source, scale),
    }
    if len(choice.bands) == 3:
        profile["photometric"] = "RGB"
    return profile


def _carry_over(
    source: DatasetReader, choice: SceneBands, out: DatasetWriter, made_by: dict[str, str]
) -> None:
    tags = {key: value for key, value in source.tags().items() if key not in _UNTRUE_TAGS}
    out.update_tags(**tags)
    out.update_tags(ns="INTERNLAB", **made_by)
    meanings = []
    used = [*choice.bands, *([choice.alpha] if choice.alpha else [])]
    for index, band in enumerate(used, start=1):
        if source.descriptions[band - 1]:
            out.set_band_description(index, source.descriptions[band - 1])
        if source.units[band - 1]:
            out.set_band_unit(index, source.units[band - 1])
        meanings.append(source.colorinterp[band - 1])
    if len(choice.bands) == 3:
        # With --bands the three are red, green and blue of the result by decision.
        meanings[:3] = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
    out.colorinterp = meanings
    # From pixel values to physical units (value * scale + offset): the values keep their meaning.
    out.scales = [source.scales[band - 1] for band in used]
    out.offsets = [source.offsets[band - 1] for band in used]


def _blocks(height: int, width: int) -> Iterator[Window]:
    """Yield the blocks of the file from the top left. Whole blocks keep compression to one go."""
    for y in range(0, height, BLOCK):
        for x in range(0, width, BLOCK):
            yield Window(x, y, min(BLOCK, width - x), min(BLOCK, height - y))


def _write_block(
    out: DatasetWriter, choice: SceneBands, window: Window, pixels: np.ndarray
) -> None:
    bands = pixels[..., : choice.written_bands]
    out.write(np.ascontiguousarray(bands.transpose(2, 0, 1)), window=window)
    if choice.has_mask:
        out.write_mask(np.where(pixels[..., -1] > 0, 255, 0).astype(np.uint8), window=window)


def _compare(path: Path, choice: SceneBands, parts: PartialScene, height: int, width: int) -> None:
    """Read the file back. GDAL reports some failed writes only when a file is read again."""
    with rasterio.open(path) as written:
        for window in _blocks(height, width):
            expected = parts.read(*window.toslices())
            found = written.read(window=window).transpose(1, 2, 0)
            bands = expected[..., : choice.written_bands]
            equal = np.array_equal(found, bands, equal_nan=bands.dtype.kind == "f")
            if choice.has_mask:
                mask = written.dataset_mask(window=window)
                equal = equal and np.array_equal(mask > 0, expected[..., -1] > 0)
            if not equal:
                raise OSError(
                    errno.EIO,
                    f"the block at column {window.col_off}, row {window.row_off} does not read back"
                    " as it was written",
                )
