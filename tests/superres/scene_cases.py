"""Small scenes and a small network for the tests of whole scenes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

from internlab.superres.runtime_base import Runtime

UTM = {"crs": "EPSG:32652", "transform": Affine(10, 0, 300_000, 0, -10, 4_160_000)}


class BlurRuntime(Runtime):
    """A network of known reach: a nonlinear blur over `radius` pixels, then pixels repeated.

    At the border it repeats the edge, like the bicubic skip of the kit's network.
    """

    def __init__(self, radius: int = 2, scale: int = 2) -> None:
        self.name, self.precision, self.provider = f"blur {radius}", "fp32", "cpu"
        self.radius, self.scale = radius, scale
        self.calls: list[tuple[int, ...]] = []

    def _run(self, batch: np.ndarray) -> np.ndarray:
        self.calls.append(batch.shape)
        r, (height, width) = self.radius, batch.shape[2:]
        padded = np.pad(batch, ((0, 0), (0, 0), (r, r), (r, r)), mode="edge")
        total = np.zeros_like(batch)
        for y in range(2 * r + 1):
            for x in range(2 * r + 1):
                total += np.square(padded[:, :, y : y + height, x : x + width])
        root = np.sqrt(total / np.float32((2 * r + 1) ** 2))
        return root.repeat(self.scale, axis=2).repeat(self.scale, axis=3)


class MeanRuntime(BlurRuntime):
    """A network that looks at the whole image: it subtracts the mean."""

    def _run(self, batch: np.ndarray) -> np.ndarray:
        centred = batch - batch.mean(axis=(2, 3), keepdims=True) + np.float32(0.5)
        return super()._run(np.clip(centred, 0, 1))


def noise(height: int, width: int, bands: int = 3, seed: int = 0, dtype: str = "uint8"):
    """Return random pixels (H, W, bands) over the whole range of `dtype`, or 0 to 1 for floats."""
    rng = np.random.default_rng(seed)
    if dtype.startswith("float"):
        return rng.random((height, width, bands)).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max + 1, (height, width, bands)).astype(dtype)


def write_image(path: Path, pixels: np.ndarray, **profile) -> Path:
    """Write pixels (H, W, bands) as a GeoTIFF, in UTM zone 52N unless told otherwise."""
    settings = {
        "driver": "GTiff",
        "height": pixels.shape[0],
        "width": pixels.shape[1],
        "count": pixels.shape[2],
        "dtype": pixels.dtype,
        **UTM,
        **profile,
    }
    with rasterio.open(path, "w", **settings) as out:
        out.write(pixels.transpose(2, 0, 1))
    return path


def read_image(path: Path) -> np.ndarray:
    """Return the pixels of a GeoTIFF, (H, W, bands)."""
    with rasterio.open(path) as dataset:
        return dataset.read().transpose(1, 2, 0)
