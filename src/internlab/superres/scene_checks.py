"""Refuse a scene early and clearly: before an hour of computing, not after it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioIOError
from rasterio.io import DatasetReader

# GDAL keeps decoded blocks in a cache of 5 % of the machine's memory unless told otherwise. With
# that the memory of a run would grow with the scene until the cache is full.
GDAL_CACHE_BYTES = 8 * 2**20


@contextmanager
def bounded_gdal() -> Iterator[None]:
    """Bound GDAL's block cache to `GDAL_CACHE_BYTES` for the length of a block.

    Warnings that a file has no place on the ground are silenced: the report says so once.
    """
    with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE_BYTES), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


def check_paths(source: Path | str, target: Path | str, overwrite: bool) -> tuple[Path, Path]:
    """Return both paths, or refuse them.

    Raises
    ------
    FileNotFoundError
        If the source, or the folder of the target, does not exist.
    FileExistsError
        If the target exists and `overwrite` is false.
    PermissionError
        If the target's folder is not writable.
    ValueError
        If the source is a folder, the two are one file, or the target is not named as a GeoTIFF.
    """
    source, target = Path(source), Path(target)
    if source.is_dir():
        raise ValueError(f"{source} is a folder. Give one image file, such as a GeoTIFF.")
    if not source.is_file():
        raise FileNotFoundError(
            f"There is no file {source}. Give the path of a GeoTIFF on this machine."
        )
    if target.suffix.lower() not in (".tif", ".tiff"):
        raise ValueError(
            f"The target is named {target.name!r}. The result is a GeoTIFF, so expected a name "
            f"that ends in .tif, such as {target.stem or 'scene'}_x2.tif."
        )
    if target.exists() and source.samefile(target):
        raise ValueError(
            f"Source and target are the same file, {source}. Give the result a name of its own: "
            "the source is read while the result is written."
        )
    if target.exists() and not overwrite:
        raise FileExistsError(
            f"{target} exists already. Give another name, or say that it may be replaced "
            "(--overwrite, or overwrite=True); it is replaced only by a complete result."
        )
    folder = target.parent
    if not folder.is_dir():
        raise FileNotFoundError(
            f"There is no folder {folder} for the result. Make it first, or give another target."
        )
    if not os.access(folder, os.W_OK):
        raise PermissionError(
            f"The folder {folder} is not writable for you. Give a target in a folder where you may "
            "write."
        )
    return source, target


@contextmanager
def open_scene(path: Path) -> Iterator[DatasetReader]:
    """Open an image for reading, or say why it cannot be.

    Raises
    ------
    ValueError
        If the file is not an image, is truncated, or holds no pixels of its own (a container).
    """
    try:
        dataset = rasterio.open(path)
    except RasterioIOError as error:
        raise ValueError(
            f"{path} ({path.stat().st_size} bytes) could not be opened as an image: "
            f"{str(error).rstrip('.')}. Expected a complete GeoTIFF or another format that GDAL "
            "reads. Was the download or the copy cut short?"
        ) from error
    with dataset:
        if dataset.count == 0:
            raise ValueError(
                f"{path} is a container without bands of its own. Give one of the images in it: "
                f"{', '.join(dataset.subdatasets[:3]) or 'none found'}."
            )
        _check_blocks(path, dataset)
        yield dataset


def _check_blocks(path: Path, dataset: DatasetReader) -> None:
    """Raise ValueError if a GeoTIFF's table of blocks points beyond the end of the file.

    A cut-off TIFF opens without complaint when its table stands at the front; the error would come
    only when the missing pixels are reached.
    """
    if dataset.driver != "GTiff":
        return
    size = path.stat().st_size
    rows, cols = dataset.block_shapes[0]
    for y in range(-(-dataset.height // rows)):
        for x in range(-(-dataset.width // cols)):
            end = _end_of_block(dataset, x, y)
            if end > size:
                raise ValueError(
                    f"{path} is truncated: it has {size} bytes, and its block at column {x * cols},"
                    f" row {y * rows} ends at byte {end}. Copy or download it again."
                )


def _end_of_block(dataset: DatasetReader, x: int, y: int) -> int:
    offset = dataset.get_tag_item(f"BLOCK_OFFSET_{x}_{y}", "TIFF", bidx=1)
    length = dataset.get_tag_item(f"BLOCK_SIZE_{x}_{y}", "TIFF", bidx=1)
    # A sparse file has no entry for a block that was never written; it reads as no-data.
    return int(offset) + int(length) if offset and length else 0


def explain_read_error(path: Path, rows: slice, error: Exception) -> ValueError:
    """Return the error for pixels that cannot be decoded, with where and what to do."""
    cause: Any = error.__cause__ or error
    return ValueError(
        f"{path} could not be read at rows {rows.start} to {rows.stop}: {cause}. The file is "
        "truncated or damaged there; copy it again. Rows finished so far are kept, and the same "
        "command goes on from them only if the file is the same."
    )
