"""Upscale a GeoTIFF of any size: read in windows, computed in tiles, resumable, at its place.

The way of a pixel: decode (GeoTIFF to array), network, write. Each is timed, because a faster
network shortens only its own share of the whole.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.io import DatasetReader
from tqdm import tqdm

from internlab.files import sha256_of
from internlab.superres.runtime_base import Runtime
from internlab.superres.scene_bands import SceneBands, choose_bands
from internlab.superres.scene_checks import bounded_gdal, check_paths, open_scene
from internlab.superres.scene_parts import PartialScene
from internlab.superres.scene_rows import SceneWorker, Stopwatch
from internlab.superres.scene_write import write_scene
from internlab.superres.tiling import Tile, plan_tiles


@dataclass(frozen=True)
class SceneReport:
    """What a run did and where its time went.

    Parameters
    ----------
    target : Path
        The finished file.
    height, width : int
        Pixels of the result.
    tiles : int
        Tiles of the scene.
    resumed_tiles : int
        Tiles taken over from an earlier, interrupted run.
    empty_tiles : int
        Tiles of this run without any data; the network does not see them.
    clipped_pixels : int
        Low-resolution pixels of this run with a value outside the stated range.
    decode_seconds, network_seconds, write_seconds, total_seconds : float
        Of this run, by the clock that was given. The rest (checks, hashes, conversion of pixels)
        is in `other_seconds`.
    notes : tuple of str
        Choices a person should know about.
    """

    target: Path
    height: int
    width: int
    tiles: int
    resumed_tiles: int
    empty_tiles: int
    clipped_pixels: int
    decode_seconds: float
    network_seconds: float
    write_seconds: float
    total_seconds: float
    notes: tuple[str, ...]

    @property
    def other_seconds(self) -> float:
        """Time that is none of decode, network and write."""
        known = self.decode_seconds + self.network_seconds + self.write_seconds
        return self.total_seconds - known


def upscale_scene(
    source: Path | str,
    target: Path | str,
    runtime: Runtime,
    tile: int = 256,
    overlap: int = 8,
    resume: bool = True,
    progress: bool = True,
    *,
    bands: Sequence[int] | None = None,
    value_range: tuple[float, float] | None = None,
    overwrite: bool = False,
    clock: Callable[[], float] = time.perf_counter,
) -> SceneReport:
    """Upscale a scene from one GeoTIFF into another.

    At no time more than one row of tiles is in memory. A run that ends early, by Ctrl-C, a kill or
    a power cut, leaves its finished rows beside the target; the same call goes on from there and
    gives the same bytes as an uninterrupted run.

    Parameters
    ----------
    source : Path or str
        A GeoTIFF, or another image that GDAL reads.
    target : Path or str
        A name that ends in ``.tif``. It appears only when the result is complete.
    runtime : Runtime
        The network, as `open_runtime` gives it.
    tile, overlap : int
        Low-resolution pixels; see `plan_tiles`. With the overlap at the network's receptive radius
        or more the result is that of the whole image.
    resume : bool
        Go on from an interrupted run with the same settings; False starts afresh.
    progress : bool
        Show a progress bar.
    bands, value_range
        See `choose_bands`.
    overwrite : bool
        Allow `target` to exist.
    clock : callable
        Seconds, for the report.

    Returns
    -------
    SceneReport

    Raises
    ------
    ValueError
        If the scene or a setting cannot be used; see `choose_bands`, `check_paths` and
        `plan_tiles`.
    OSError
        If files cannot be read or written, a full disk among the causes.
    KeyboardInterrupt
        On Ctrl-C, with a note that says how much is finished.
    """
    watch = Stopwatch(clock)
    source, target = check_paths(source, target, overwrite)
    with bounded_gdal(), open_scene(source) as dataset:
        choice = choose_bands(dataset, bands, value_range)
        rows = _rows_of_tiles(plan_tiles(dataset.height, dataset.width, tile, overlap))
        settings = _settings(dataset, choice, runtime, tile, overlap)
        with PartialScene(
            target, rows, runtime.scale, choice.planes, choice.dtype, settings, resume
        ) as parts:
            resumed = sum(len(rows[row]) for row in parts.finished)
            worker = SceneWorker(dataset, choice, runtime, overlap, parts, watch)
            try:
                with tqdm(
                    total=sum(map(len, rows)),
                    initial=resumed,
                    unit="tile",
                    disable=not progress,
                ) as bar:
                    for row in range(len(rows)):
                        if row not in parts.finished:
                            worker.compute_row(row, bar.update)
                with watch.timing("write"):
                    write_scene(dataset, choice, parts, target, _made_by(settings))
            except KeyboardInterrupt as interrupt:
                interrupt.add_note(
                    f"Stopped with {len(parts.finished)} of {len(rows)} rows of tiles finished. "
                    "They are kept: the same command goes on from there."
                )
                raise
            parts.remove()
        notes = list(choice.notes)
        if not (dataset.crs or dataset.gcps[0] or dataset.rpcs):
            notes.append("The source names no coordinate reference system, so the result has none.")
        if parts.discarded:
            notes.append(f"An earlier, unfinished attempt was thrown away: {parts.discarded}.")
        if worker.clipped:
            notes.append(
                f"{worker.clipped} pixels had values outside {choice.low:g} to {choice.high:g}; "
                "they were clipped."
            )
    return SceneReport(
        target=target,
        height=dataset.height * runtime.scale,
        width=dataset.width * runtime.scale,
        tiles=sum(map(len, rows)),
        resumed_tiles=resumed,
        empty_tiles=worker.empty,
        clipped_pixels=worker.clipped,
        decode_seconds=watch.spent["decode"],
        network_seconds=watch.spent["network"],
        write_seconds=watch.spent["write"],
        total_seconds=watch.total(),
        notes=tuple(notes),
    )


def fingerprint(runtime: Runtime) -> str:
    """Return a hash of what a runtime computes: model, precision and program in one.

    A probe image is upscaled and the result is hashed to the last bit. A resumed run with another
    model or another runtime would give a patchwork; this tells them apart without asking where the
    weights came from.
    """
    probe = np.random.default_rng(0).random((1, 3, 48, 48), dtype=np.float32)
    return hashlib.sha256(np.ascontiguousarray(runtime(probe)).tobytes()).hexdigest()[:16]


def _settings(
    dataset: DatasetReader, choice: SceneBands, runtime: Runtime, tile: int, overlap: int
) -> dict[str, Any]:
    """Everything the result depends on, for the journal."""
    # A virtual format (VRT) reads other files, and they matter as much as itself.
    files = [Path(name) for name in dataset.files if Path(name).is_file()]
    return {
        "version": 1,
        "source": [sha256_of(path) for path in files],
        "model": fingerprint(runtime),
        "runtime": runtime.name,
        "scale": runtime.scale,
        "tile": tile,
        "overlap": overlap,
        "bands": [*choice.bands, choice.alpha, choice.has_mask],
        "range": [choice.low, choice.high],
        "nodata": repr(choice.nodata),
    }


def _made_by(settings: dict[str, Any]) -> dict[str, str]:
    shown = ("runtime", "model", "scale", "tile", "overlap")
    return {key.upper(): str(settings[key]) for key in shown}


def _rows_of_tiles(tiles: list[Tile]) -> list[list[Tile]]:
    rows: dict[int, list[Tile]] = {}
    for tile in tiles:
        rows.setdefault(tile.rows.start, []).append(tile)
    return list(rows.values())
