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
        span = tiles[0].rows
        # Filling missing pixels looks one overlap further than the network does.
        first = max(span.read_start - self.overlap, 0)
        last = min(span.read_stop + self.overlap, self.dataset.height)
        with self.watch.timing("decode"):
            pixels, extra, valid = read_rows(self.dataset, self.choice, slice(first, last))
        own = slice(span.start - first, span.stop - first)
        self.clipped += self._count_clipped(pixels[own], valid[own])
        unit = to_unit(pixels, self.choice.low, self.choice.high)
        unit = fill_missing(unit, valid, self.overlap)
        for column, tile in enumerate(tiles):
            result = self._compute(tile, unit, extra, valid, first)
            with self.watch.timing("write"):
                self.parts.write(row, column, result)
            done()
        with self.watch.timing("write"):
            self.parts.finish(row)

    def _compute(
        self,
        tile: Tile,
        unit: np.ndarray,
        extra: np.ndarray | None,
        valid: np.ndarray,
        first: int,
    ) -> np.ndarray:
        scale, choice = self.runtime.scale, self.choice
        own = (
            slice(tile.rows.start - first, tile.rows.stop - first),
            slice(tile.cols.start, tile.cols.stop),
        )
        valid_own = repeat(valid[own], scale)
        if valid[own].any():
            window = slice(tile.rows.read_start - first, tile.rows.read_stop - first)
            planes = as_planes(unit[window, tile.cols.window])
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
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Read some rows of a scene in full width.

    Returns
    -------
    pixels : array
        (h, W, bands), the scene's type.
    extra : array or None
        (h, W), the plane of transparency or the mask, the scene's type.
    valid : array
        (h, W), bool.

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
    valid = valid_pixels(pixels, choice.nodata)
    if extra is not None:
        valid &= extra > 0
    return pixels, extra, valid
