"""Brick, grass and gravel from the photographs that scikit-image installs, and smooth noise."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from skimage import data

_SIDE = 256
_METRES = {"brick": 3.0, "grass": 2.0, "gravel": 2.5}  # what one photograph shows, roughly


@cache
def photograph(name: str) -> np.ndarray:
    """Return a texture, (256, 256) float32 with a mean of 1."""
    texture = cv2.resize(getattr(data, name)(), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    texture = texture.astype(np.float32)
    texture /= texture.mean()
    texture.flags.writeable = False
    return texture


def sample(
    name: str, x: np.ndarray, y: np.ndarray, offset: tuple[float, float], contrast: np.ndarray
) -> np.ndarray:
    """Return a texture at places in metres, as a factor around 1.

    Parameters
    ----------
    name : {"brick", "grass", "gravel"}
    x, y : array
        Places in metres; they broadcast against each other.
    offset : pair of float
        In metres: where the texture begins.
    contrast : array or float
        1 shows the photograph as it is, 0 nothing of it. Let it fall with the distance, because
        a texture that is finer than the pixels turns into noise.
    """
    texture = photograph(name)
    per_metre = _SIDE / _METRES[name]
    columns = np.floor((x + offset[0]) * per_metre).astype(np.int32) % _SIDE
    rows = np.floor((y + offset[1]) * per_metre).astype(np.int32) % _SIDE
    return 1 + contrast * (texture[rows, columns] - 1)


def smooth_noise(rng: np.random.Generator, height: int, width: int, cells: int) -> np.ndarray:
    """Return noise (height, width) of about unit spread with `cells` patches from top to bottom.

    What is drawn from `rng` does not depend on the size, so a scene keeps its noise at any size.
    """
    coarse = rng.standard_normal((cells, 2 * cells)).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
