"""What a scene's bands mean to a network for RGB in [0, 1], decided before any pixel is computed.

A network knows three bands between 0 and 1. Everything else that a GeoTIFF may hold (one band,
four, 16 bits, transparency, missing pixels) is either translated exactly or refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.io import DatasetReader

TYPES = ("uint8", "uint16", "int16", "float32", "float64")


@dataclass(frozen=True)
class SceneBands:
    """How a scene is read for the network, and how the result is written.

    Parameters
    ----------
    bands : tuple of int
        The three source bands (from 1) that are taken as red, green and blue, or the one of a
        greyscale image.
    alpha : int or None
        The band of transparency. It is enlarged by repetition, and pixels that are fully
        transparent count as missing.
    has_mask : bool
        Whether the file has a separate mask of valid pixels; it is enlarged by repetition.
    dtype : str
        NumPy type of source and result, one of `TYPES`.
    low, high : float
        The pixel values that become 0 and 1 for the network.
    nodata : float or None
        The value that marks missing pixels in source and result; NaN for a float scene that names
        none.
    notes : tuple of str
        What a person should know about the choices, one sentence each.
    """

    bands: tuple[int, ...]
    alpha: int | None
    has_mask: bool
    dtype: str
    low: float
    high: float
    nodata: float | None
    notes: tuple[str, ...]

    @property
    def planes(self) -> int:
        """Planes of the result: the bands, and one for transparency or a mask."""
        return len(self.bands) + (self.alpha is not None or self.has_mask)

    @property
    def written_bands(self) -> int:
        """Bands of the result; a separate mask is not a band."""
        return len(self.bands) + (self.alpha is not None)


def choose_bands(
    dataset: DatasetReader,
    bands: Sequence[int] | None = None,
    value_range: tuple[float, float] | None = None,
) -> SceneBands:
    """Decide how a scene is given to the network, or refuse it.

    Parameters
    ----------
    dataset : rasterio.DatasetReader
        The open scene.
    bands : sequence of int, optional
        One band for greyscale, or three in the order red, green, blue; counted from 1. Needed only
        where the file leaves it open.
    value_range : (float, float), optional
        The pixel values that mean black and white. Needed for everything but 8-bit images, where
        it is 0 and 255.

    Returns
    -------
    SceneBands

    Raises
    ------
    ValueError
        If the scene cannot be treated rightly without a decision, with the options that make it.
    """
    notes: list[str] = []
    if ColorInterp.palette in dataset.colorinterp:
        raise ValueError(
            f"{_name(dataset)} has a colour table: its pixels are numbers of colours, which cannot "
            "be interpolated. Expected red, green and blue bands. Convert it first, for example "
            "with: gdal_translate -expand rgb IN OUT"
        )
    alpha = _alpha_band(dataset)
    chosen = _colour_bands(dataset, alpha, bands, notes)
    dtype = _common_type(dataset, [*chosen, *([alpha] if alpha else [])])
    low, high = _value_range(dataset, dtype, value_range)
    flags = dataset.mask_flag_enums[chosen[0] - 1]
    has_mask = MaskFlags.per_dataset in flags and alpha is None
    if len(chosen) == 1:
        notes.append(
            "One band: the network sees it as grey (red = green = blue), the mean of its three "
            "outputs is written."
        )
    if alpha:
        notes.append("Band of transparency: enlarged by repeating pixels, not by the network.")
    return SceneBands(
        bands=chosen,
        alpha=alpha,
        has_mask=has_mask,
        dtype=dtype,
        low=low,
        high=high,
        nodata=_nodata(dataset, chosen, dtype, notes),
        notes=tuple(notes),
    )


def _name(dataset: DatasetReader) -> str:
    return dataset.name.replace("\\", "/").rsplit("/", 1)[-1]


def _alpha_band(dataset: DatasetReader) -> int | None:
    if ColorInterp.alpha not in dataset.colorinterp:
        return None
    return dataset.colorinterp.index(ColorInterp.alpha) + 1


def _colour_bands(
    dataset: DatasetReader, alpha: int | None, asked: Sequence[int] | None, notes: list[str]
) -> tuple[int, ...]:
    listed = ", ".join(
        f"{index} ({meaning.name})" for index, meaning in enumerate(dataset.colorinterp, start=1)
    )
    if asked is not None:
        chosen = tuple(asked)
        known = range(1, dataset.count + 1)
        if len(chosen) not in (1, 3) or any(b not in known or b == alpha for b in chosen):
            raise ValueError(
                f"Bands {list(chosen)} were asked for. Expected one band (greyscale) or three (red,"
                f" green, blue) out of those of {_name(dataset)}: {listed}. Transparency is "
                "carried along by itself."
            )
        left_out = [b for b in known if b not in chosen and b != alpha]
        if left_out:
            notes.append(f"Bands {left_out} are left out of the result.")
        return chosen
    colours = [b for b in range(1, dataset.count + 1) if b != alpha]
    if len(colours) == 1:
        return (colours[0],)
    if len(colours) != 3:
        raise ValueError(
            f"{_name(dataset)} has {len(colours)} bands besides transparency: {listed}. The "
            "network takes three (red, green, blue) or one (greyscale). Say which with "
            "--bands 1 2 3 (bands=(1, 2, 3)); the others are left out of the result."
        )
    by_meaning = {dataset.colorinterp[b - 1]: b for b in colours}
    rgb = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    if all(meaning in by_meaning for meaning in rgb):
        return tuple(by_meaning[meaning] for meaning in rgb)
    notes.append(f"The file does not say which band is which colour; taken as RGB: {colours}.")
    return tuple(colours)


def _common_type(dataset: DatasetReader, used: Sequence[int]) -> str:
    types = {dataset.dtypes[band - 1] for band in used}
    if len(types) != 1 or not types <= set(TYPES):
        raise ValueError(
            f"{_name(dataset)} has bands of type {', '.join(sorted(types))}. Expected one of "
            f"{', '.join(TYPES)} for all of them; convert it first, for example with: "
            "gdal_translate -ot UInt16 IN OUT"
        )
    return types.pop()


def _value_range(
    dataset: DatasetReader, dtype: str, asked: tuple[float, float] | None
) -> tuple[float, float]:
    if asked is None:
        if dtype == "uint8":
            return 0.0, 255.0
        raise ValueError(
            f"{_name(dataset)} has pixels of type {dtype}, and nothing in the file says which "
            "values mean black and white. Give them with --range LOW HIGH (value_range=(low, "
            "high)), for example 0 10000 for reflectance stored times 10000; values outside are "
            "clipped. The result keeps the type and the units."
        )
    low, high = (float(value) for value in asked)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(
            f"The range is {asked[0]} to {asked[1]}. Expected two finite numbers, low below high."
        )
    if np.issubdtype(np.dtype(dtype), np.integer):
        limits = np.iinfo(dtype)
        if low < limits.min or high > limits.max:
            raise ValueError(
                f"The range {low:g} to {high:g} does not fit pixels of type {dtype}, which hold "
                f"{limits.min} to {limits.max}."
            )
    return low, high


def _nodata(
    dataset: DatasetReader, chosen: Sequence[int], dtype: str, notes: list[str]
) -> float | None:
    values = [dataset.nodatavals[band - 1] for band in chosen]
    # NaN is not equal to itself, so compare how the values print.
    if len({repr(value) for value in values}) != 1:
        raise ValueError(
            f"The bands of {_name(dataset)} mark missing pixels with different values, {values}. A "
            "GeoTIFF holds one value for all bands; expected the same in each. Set one with: "
            "gdal_edit.py -a_nodata VALUE FILE"
        )
    value = values[0]
    if np.issubdtype(np.dtype(dtype), np.floating):
        return float("nan") if value is None else float(value)
    if value is None:
        return None
    limits = np.iinfo(dtype)
    if not float(value).is_integer() or not limits.min <= value <= limits.max:
        notes.append(
            f"The no-data value {value:g} cannot occur in pixels of type {dtype}: it is dropped."
        )
        return None
    return float(value)
