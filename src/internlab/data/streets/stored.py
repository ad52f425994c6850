"""The cache of drawn scenes: one file a set, holding its first scenes, as many as were needed.

A file says of what its scenes were made: seeds, weather, what was pasted, and the code that drew
them. So a change to any of these draws them afresh.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from functools import cache
from pathlib import Path

import numpy as np

from internlab.data.streets.labels import ANOMALY, CLASSES, VOID
from internlab.files import atomic_write, cache_dir

# Raise it when a scene changes and no file of this folder did: with a library, for example.
VERSION = 2

# The files of this folder that draw nothing. (Of the labels the ids count, not the text.)
_NO_DRAWING = {"__init__.py", "cards.py", "labels.py", "sets.py", "stored.py"}

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


def read_scenes(name: str, size: tuple[int, int], made_of: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the stored images (n, h, w, 3) and labels (n, h, w) of a set; n is 0 without a file.

    A file that is damaged, or of other scenes, counts as none.

    Parameters
    ----------
    name : str
        Of the set.
    size : tuple of int
        Height and width.
    made_of : str
        All that decides what the scenes look like, but for the code that draws them.
    """
    none = np.empty((0, *size, 3), np.uint8), np.empty((0, *size), np.uint8)
    path = _path(name, size)
    if not path.is_file():
        return none
    try:
        with np.load(path) as stored:
            if str(stored["made_of"]) != _with_code(made_of):
                return none
            images, labels = stored["images"], stored["labels"]
    except _DAMAGED:
        return none
    fits = images.shape == (len(labels), *size, 3) and labels.shape == (len(labels), *size)
    return (images, labels) if fits and images.dtype == labels.dtype == np.uint8 else none


def write_scenes(name: str, images: np.ndarray, labels: np.ndarray, made_of: str) -> None:
    """Store the first scenes of a set, in one step; for `made_of` see `read_scenes`."""
    with atomic_write(_path(name, labels.shape[1:])) as temporary:
        np.savez(temporary, images=images, labels=labels, made_of=_with_code(made_of))


@cache
def drawing_code() -> str:
    """Return a short hash of the code that draws scenes, and of the ids that it labels them with.

    A change to a comment changes it too: drawing again costs a minute, an old scene a wrong number.
    """
    digest = hashlib.sha256(f"{CLASSES} {ANOMALY} {VOID}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name not in _NO_DRAWING:
            digest.update(f"{path.name} {path.read_text(encoding='utf-8')}".encode())
    return digest.hexdigest()[:16]


def _with_code(made_of: str) -> str:
    return f"{made_of}, drawn by {drawing_code()}"


def _path(name: str, size: tuple[int, int]) -> Path:
    return cache_dir() / f"streets-{VERSION}-{name}-{size[0]}x{size[1]}.npz"
