"""Measure what a scene costs in memory, and write scenes to measure with."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import rasterio
from affine import Affine

from internlab.data.scenes import draw_scene

_MEASURE_MEMORY = """
import sys
from internlab.superres.scene_measure import peak_memory, reset_peak_memory
from internlab.superres.opening import open_from_files
from internlab.superres.scene import upscale_scene

source, target, tile, overlap = sys.argv[1:]
with open_from_files("onnxruntime") as runtime:
    before = reset_peak_memory()
    size = {"tile": int(tile), "overlap": int(overlap)}
    upscale_scene(source, target, runtime, **size, progress=False, overwrite=True)
    print(peak_memory() - before)
"""


def reset_peak_memory() -> float:
    """Forget the peak memory of this process so far, and return the memory it has now, in MiB.

    Importing libraries has a peak of its own, which would hide that of the work. Linux forgets the
    peak on request; elsewhere the peak since the start is what `peak_memory` gives.
    """
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")
    return psutil.Process().memory_info().rss / 2**20


def peak_memory() -> float:
    """Return the peak memory (resident set) of this process since the last reset, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def scene_extra_memory(side: int, folder: Path, tile: int = 256) -> float:
    """Return how much the peak memory of a process grows while it upscales a scene, in MiB.

    Parameters
    ----------
    side : int
        Height and width of the scene, in pixels.
    folder : Path
        For the files.
    tile : int
        Pixels of a tile's side.
    """
    source, target = folder / f"scene_{side}.tif", folder / f"scene_{side}_x2.tif"
    # One drawn square, repeated: only the size matters here.
    square = draw_scene(512, 512, np.random.default_rng(0))
    times = -(-side // 512)
    write_geotiff(source, np.tile(square, (times, times, 1))[:side, :side])
    arguments = [str(source), str(target), str(tile), "8"]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE_MEMORY, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    if done.returncode:
        raise RuntimeError(f"Measuring {side} px failed: {done.stderr.strip()[-500:]}")
    return float(done.stdout.split()[-1])


def write_geotiff(path: Path, image: np.ndarray, **profile: object) -> Path:
    """Write an image (H, W, 3) uint8 as a compressed, tiled GeoTIFF in UTM zone 52N near Seoul.

    A pixel is 1 m. `profile` adds to or replaces what rasterio is told.
    """
    height, width = image.shape[:2]
    settings = {
        "driver": "GTiff",
        "height": height,
        "width": width,
        "count": 3,
        "dtype": "uint8",
        "crs": "EPSG:32652",
        "transform": Affine(1, 0, 320_000, 0, -1, 4_160_000),
        "tiled": True,
        "compress": "deflate",
        **profile,
    }
    with rasterio.open(path, "w", **settings) as out:
        out.write(image.transpose(2, 0, 1))
    return path
