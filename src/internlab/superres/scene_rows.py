"""One row of tiles from the source file through the network to its place in the partial result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from internlab.superres.runtime_base import Runtime
from internlab.superres.scene_bands import SceneBands
from internlab.superres.scene_checks import explain_read_error
from internlab.superres.scene_parts import PartialScene
from internlab.superres.scene_pixels import (
    as_planes,
    fill_missing,
    from_planes,
    from_unit,
    repeat,
    restore_missing,
    to_unit,
    valid_pixels,
)
from internlab.superres.tiling import Tile


class Stopwatch:
    """Adds up the time spent on decode, network and write, by a clock in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.start = clock()
        self.spent = {"decode": 0.0, "network": 0.0, "write": 0.0}

    @contextmanager
    def timing(self, name: str) -> Iterator[None]:
        """Count the time of a ``with`` block under `name`."""
        start = self.clock()
        try:
            yield
        finally:
            self.spent[name] += self.clock() - start

    def total(self) -> float:
        """Return the time since this object was made."""
        return self.clock() - self.start


class SceneWorker:
    """Computes rows of tiles of one scene.

    Attributes
    ----------
    empty : int
        Tiles that held no data; the network did not see them.
    clipped : int
        Low-resolution pixels with a value outside the range.
    """

    def __init__(
        self,
        dataset: DatasetReader,
        choice: SceneBands,
        runtime: Runtime,
        overlap: int,
        parts: PartialScene,
        watch: Stopwatch,
    ) -> None:
        self.dataset, self.choice, self.runtime = dataset, choice, runtime
        self.overlap, self.parts, self.watch = overlap, parts, watch
        self.empty = self.clipped = 0

    def compute_row(self, row: int, done: Callable[[], Any]) -> None:
        """Read one row of tiles, compute each, write each, and record the row."""
        tiles = self.parts.rows[row]
        # Filling missing pixels looks one overlap further than the network does.
        rows = _widened(tiles[0].rows.window, self.overlap, self.dataset.height)
        with self.watch.timing("decode"):
            pixels, extra = read_rows(self.dataset, self.choice, rows)
        for column, tile in enumerate(tiles):
            # Only the source's own small numbers are held for the whole row. What is derived from
            # them, four bytes a number and several copies, is made for one tile at a time.
            cols = _widened(tile.cols.window, self.overlap, self.dataset.width)
            near = extra[:, cols] if extra is not None else None
            result = self._compute(tile, pixels[:, cols], near, rows.start, cols.start)
            with self.watch.timing("write"):
                self.parts.write(row, column, result)
            done()
        with self.watch.timing("write"):
            self.parts.finish(row)

    def _compute(
        self, tile: Tile, pixels: np.ndarray, extra: np.ndarray | None, top: int, left: int
    ) -> np.ndarray:
        """Return a tile's result from its surroundings, which start at (top, left)."""
        scale, choice = self.runtime.scale, self.choice
        own = (
            slice(tile.rows.start - top, tile.rows.stop - top),
            slice(tile.cols.start - left, tile.cols.stop - left),
        )
        valid = valid_pixels(pixels, choice.nodata)
        if extra is not None:
            valid &= extra > 0
        valid_own = repeat(valid[own], scale)
        if valid[own].any():
            self.clipped += self._count_clipped(pixels[own], valid[own])
            unit = fill_missing(to_unit(pixels, choice.low, choice.high), valid, self.overlap)
            window = (
                slice(tile.rows.read_start - top, tile.rows.read_stop - top),
                slice(tile.cols.read_start - left, tile.cols.read_stop - left),
            )
            planes = as_planes(unit[window])
            with self.watch.timing("network"):
                upscaled = self.runtime(planes)
            crop = upscaled[:, :, tile.rows.crop(scale), tile.cols.crop(scale)]
            values = from_planes(crop, len(choice.bands))
            values = np.where(valid_own[..., None], values, 0)
            result = from_unit(values, choice.low, choice.high, choice.dtype)
        else:
            self.empty += 1
            result = np.zeros((*valid_own.shape, len(choice.bands)), choice.dtype)
        result = restore_missing(result, valid_own, choice.nodata)
        if extra is not None:
            result = np.concatenate([result, repeat(extra[own], scale)[..., None]], axis=2)
        return result

    def _count_clipped(self, pixels: np.ndarray, valid: np.ndarray) -> int:
        outside = ((pixels < self.choice.low) | (pixels > self.choice.high)).any(axis=2)
        return int(np.count_nonzero(outside & valid))


def read_rows(
    dataset: DatasetReader, choice: SceneBands, rows: slice
) -> tuple[np.ndarray, np.ndarray | None]:
    """Read some rows of a scene in full width.

    In full width, because a GeoTIFF is stored in strips or in rows of blocks, and each of them is
    then decoded once instead of once for each tile.

    Returns
    -------
    pixels : array
        (h, W, bands), the scene's type.
    extra : array or None
        (h, W), the plane of transparency or the mask, the scene's type.

    Raises
    ------
    ValueError
        If the pixels cannot be decoded: the file is damaged.
    """
    window = Window(0, rows.start, dataset.width, rows.stop - rows.start)
    try:
        pixels = dataset.read(choice.bands, window=window).transpose(1, 2, 0)
        extra = None
        if choice.alpha is not None:
            extra = dataset.read(choice.alpha, window=window)
        elif choice.has_mask:
            extra = dataset.dataset_mask(window=window).astype(choice.dtype)
    except RasterioError as error:
        raise explain_read_error(Path(dataset.name), rows, error) from error
    return pixels, extra


def _widened(span: slice, by: int, length: int) -> slice:
    return slice(max(span.start - by, 0), min(span.stop + by, length))
