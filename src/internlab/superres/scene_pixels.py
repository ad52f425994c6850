"""Between the pixels of a scene and the planes of a network: range, missing pixels, greyscale."""

from __future__ import annotations

import numpy as np


def to_unit(pixels: np.ndarray, low: float, high: float) -> np.ndarray:
    """Scale pixels so that `low` becomes 0 and `high` becomes 1; clip what lies outside.

    Parameters
    ----------
    pixels : array
        Any shape and real type. NaN stays NaN.

    Returns
    -------
    array
        Same shape, float32, in [0, 1].
    """
    # 8- and 16-bit numbers are exact in float32; a float64 scene is scaled before it is narrowed.
    wide = np.float64 if pixels.dtype == np.float64 else np.float32
    scaled = (pixels.astype(wide) - wide(low)) / wide(high - low)
    return np.clip(scaled, 0, 1).astype(np.float32, copy=False)


def from_unit(values: np.ndarray, low: float, high: float, dtype: str) -> np.ndarray:
    """Undo `to_unit`: clip to [0, 1], scale, and for an integer type round, ties to even.

    Raises
    ------
    ValueError
        If a value is NaN: the network overflowed.
    """
    if np.isnan(values).any():
        raise ValueError(
            "The network returned NaN for pixels that are not missing. Usual cause: a 16-bit float "
            "model whose values exceed 65504. Use its 32-bit form."
        )
    wide = np.float64 if dtype == "float64" else np.float32
    scaled = np.clip(values, 0, 1).astype(wide, copy=False) * wide(high - low) + wide(low)
    if np.issubdtype(np.dtype(dtype), np.integer):
        scaled = np.rint(scaled)
    return scaled.astype(dtype)


def valid_pixels(pixels: np.ndarray, nodata: float | None) -> np.ndarray:
    """Say which pixels hold data.

    A pixel is missing if all its bands hold the no-data value (one band may be 0 by right), or if
    any band is NaN or infinite (one such number would spoil all that the network computes near it).

    Parameters
    ----------
    pixels : array
        (H, W, bands).
    nodata : float or None

    Returns
    -------
    array
        (H, W), bool, True where there is data.
    """
    valid = np.ones(pixels.shape[:2], bool)
    if nodata is not None and not np.isnan(nodata):
        valid &= (pixels != pixels.dtype.type(nodata)).any(axis=2)
    if np.issubdtype(pixels.dtype, np.floating):
        valid &= np.isfinite(pixels).all(axis=2)
    return valid


def fill_missing(values: np.ndarray, valid: np.ndarray, steps: int) -> np.ndarray:
    """Continue the image into its missing pixels, so that the network sees no edge there.

    In each step every missing pixel that touches a known one takes the mean of the known pixels
    among its eight neighbours. What is further than `steps` pixels from any known one becomes 0;
    with `steps` at the network's receptive radius, no valid output depends on it.

    The rule looks no further than `steps` pixels, so two tiles that see the same surroundings
    fill alike. Copying the nearest valid pixel would depend on what else the tile happens to see.

    Parameters
    ----------
    values : array
        (H, W, bands), float32.
    valid : array
        (H, W), bool.
    steps : int

    Returns
    -------
    array
        (H, W, bands), float32, without NaN.
    """
    filled = np.where(valid[..., None], values, np.float32(0))
    known = valid.copy()
    for _ in range(steps):
        if known.all() or not known.any():
            break
        count = _sum_around(known[..., None].astype(np.float32))
        total = _sum_around(filled)
        new = ~known & (count[..., 0] > 0)
        filled[new] = total[new] / count[new]
        known |= new
    return filled


def _sum_around(values: np.ndarray) -> np.ndarray:
    """Sum each pixel and its eight neighbours; beyond the border is zero."""
    padded = np.pad(values, ((1, 1), (1, 1), (0, 0)))
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]


def restore_missing(pixels: np.ndarray, valid: np.ndarray, nodata: float | None) -> np.ndarray:
    """Write the no-data value into missing pixels, and into no others.

    A computed value that happens to equal the no-data value would read as missing, so it is moved
    by the smallest step: one grey level, or one unit in the last place.

    Parameters
    ----------
    pixels : array
        (H, W, bands) of the result.
    valid : array
        (H, W), bool, at the result's resolution.
    nodata : float or None
        None leaves missing pixels at 0.

    Returns
    -------
    array
        A changed copy of `pixels`.
    """
    result = pixels.copy()
    if nodata is not None and not np.isnan(nodata):
        value = pixels.dtype.type(nodata)
        result[pixels == value] = _beside(value)
    result[~valid] = 0 if nodata is None else nodata
    return result


def _beside(value: np.generic) -> np.generic:
    if np.issubdtype(value.dtype, np.floating):
        return np.nextafter(value, value.dtype.type(0 if value else 1))
    step = -1 if value == np.iinfo(value.dtype).max else 1
    return value.dtype.type(int(value) + step)


def as_planes(values: np.ndarray) -> np.ndarray:
    """Turn (H, W, 3), or (H, W, 1) repeated, into the contiguous (1, 3, H, W) of a network."""
    three = values if values.shape[2] == 3 else np.repeat(values, 3, axis=2)
    return np.ascontiguousarray(three.transpose(2, 0, 1)[None])


def from_planes(planes: np.ndarray, bands: int) -> np.ndarray:
    """Turn (1, 3, H, W) into (H, W, bands); for one band, the mean of the three."""
    values = planes[0].transpose(1, 2, 0)
    return values if bands == 3 else values.mean(axis=2, keepdims=True)


def repeat(plane: np.ndarray, scale: int) -> np.ndarray:
    """Enlarge a mask or an alpha plane (H, W) by repeating each pixel `scale` x `scale` times."""
    return plane.repeat(scale, axis=0).repeat(scale, axis=1)
