"""The cache of drawn scenes: one file a set, holding its first scenes, as many as were needed."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from internlab.files import atomic_write, cache_dir

# Raise it when a change to the drawing changes a scene, so that no old cache is read.
VERSION = 2

# What NumPy raises for a file that is cut off, empty, or was something else.
_DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_scenes(name: str, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the stored images (n, h, w, 3) and labels (n, h, w) of a set; n is 0 without a file.

    A file that is damaged or of other scenes counts as none.
    """
    none = np.empty((0, *size, 3), np.uint8), np.empty((0, *size), np.uint8)
    path = _path(name, size)
    if not path.is_file():
        return none
    try:
        with np.load(path) as stored:
            images, labels = stored["images"], stored["labels"]
    except _DAMAGED:
        return none
    fits = images.shape == (len(labels), *size, 3) and labels.shape == (len(labels), *size)
    return (images, labels) if fits and images.dtype == labels.dtype == np.uint8 else none


def write_scenes(name: str, images: np.ndarray, labels: np.ndarray) -> None:
    """Store the first scenes of a set, in one step."""
    with atomic_write(_path(name, labels.shape[1:])) as temporary:
        np.savez(temporary, images=images, labels=labels)


def _path(name: str, size: tuple[int, int]) -> Path:
    return cache_dir() / f"streets-{VERSION}-{name}-{size[0]}x{size[1]}.npz"
