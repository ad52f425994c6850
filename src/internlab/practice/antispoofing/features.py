"""What a person would look for in a frame, as numbers: colour, contrast, light, fine structure."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_PARTS = ("middle", "border")
_CHANNELS = ("red", "green", "blue")
_BANDS = 8
NAMES = (
    *(f"{channel} mean, {part}" for part in _PARTS for channel in _CHANNELS),
    *(f"{channel} spread, {part}" for part in _PARTS for channel in _CHANNELS),
    *(f"{pair}, {part}" for part in _PARTS for pair in ("red/green", "blue/green")),
    "left minus right",
    "top minus bottom",
    "darkest twentieth",
    "brightest twentieth",
    *(f"fine structure, band {band}" for band in range(_BANDS)),
    "strongest wave",
    "edges along rows and columns",
)


def features(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the numbers named in `NAMES` for each frame.

    Parameters
    ----------
    images : array
        (N, H, W, 3), uint8 RGB, H and W even.

    Returns
    -------
    array
        (N, len(NAMES)), float64.

    Raises
    ------
    ValueError
        If the images are of another shape or type.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] != 3 or images.dtype != np.uint8:
        raise ValueError(
            f"images are {images.dtype} of shape {images.shape}; expected uint8 of (N, H, W, 3)."
        )
    x = images.astype(np.float64) / 255
    middle = _middle(*images.shape[1:3])
    columns = []
    for part in (middle, ~middle):
        inside = x[:, part]
        columns.append((inside.mean(axis=1), inside.std(axis=1)))
    means = [mean for mean, _ in columns]
    ratios = [np.log((mean[:, [0, 2]] + 0.01) / (mean[:, [1]] + 0.01)) for mean in means]
    grey = x.mean(axis=3)
    height, width = grey.shape[1:]
    light = [
        grey[:, :, : width // 2].mean(axis=(1, 2)) - grey[:, :, width // 2 :].mean(axis=(1, 2)),
        grey[:, : height // 2].mean(axis=(1, 2)) - grey[:, height // 2 :].mean(axis=(1, 2)),
        np.quantile(grey, 0.05, axis=(1, 2)),
        np.quantile(grey, 0.95, axis=(1, 2)),
    ]
    return np.column_stack(
        [*means, *(spread for _, spread in columns), *ratios, *light, _spectrum(grey)]
    )


def _middle(height: int, width: int) -> NDArray[np.bool_]:
    """Return where a head usually is."""
    rows, columns = np.mgrid[:height, :width]
    y, x = (rows + 0.5) / height - 0.5, (columns + 0.5) / width - 0.5
    return (x / 0.24) ** 2 + (y / 0.32) ** 2 < 1


def _spectrum(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log power in rings of frequency, of the strongest wave, and of straight edges."""
    height, width = grey.shape[1:]
    window = np.hanning(height)[:, None] * np.hanning(width)
    centred = (grey - grey.mean(axis=(1, 2), keepdims=True)) * window
    power = np.abs(np.fft.rfft2(centred)) ** 2 / (height * width)
    down, across = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)
    radius = np.hypot(down, across)
    edges = np.linspace(0.03, 0.71, _BANDS + 1)
    rings = [(radius >= low) & (radius < high) for low, high in pairwise(edges)]
    bands = [np.log(power[:, ring].mean(axis=1) + 1e-8) for ring in rings]
    fine = radius >= 0.25
    peak = np.log(power[:, fine].max(axis=1) / power[:, fine].mean(axis=1))
    straight = (np.abs(down) < 0.03) ^ (np.abs(across) < 0.03)
    lines = np.log(power[:, straight & fine].mean(axis=1) / power[:, fine].mean(axis=1))
    return np.column_stack([*bands, peak, lines])
