"""Checks of the lab on whole scenes that look at pixels: tiles, place, seams, missing pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from internlab.exercises import NotYet, call


def check_count(answer: Callable[..., int]) -> None:
    """Expect a function of (height, width, tile) to the number of tiles that cover an image."""
    rng = np.random.default_rng()
    sizes = [(512, 256, 128), (100, 1000, 256)]
    sizes += [tuple(int(n) for n in rng.integers((200, 200, 30), (900, 900, 120))) for _ in "abc"]
    for height, width, tile in sizes:
        got = as_number(call(answer, height, width, tile), "the number of tiles")
        right = -(-height // tile) * -(-width // tile)
        if got == right:
            continue
        told = f"{height} x {width} pixels in tiles of {tile}: you gave {got:g}, expected {right}"
        if got == (height // tile) * (width // tile):
            raise NotYet(f"{told}: which tiles hold the pixels that are left over at the end?")
        if got == math.ceil(height * width / tile**2):
            raise NotYet(
                f"{told}: the area would fit, but a tile cannot be cut up; count along which sides?"
            )
        if got == (height // tile + 1) * (width // tile + 1):
            raise NotYet(f"{told}: what if a side is an exact multiple of the tile?")
        raise NotYet(f"{told}: how many tiles stand along one side, and how many such rows?")


def check_crop(answer: Callable[..., tuple[int, int]]) -> None:
    """Expect a function of (start, stop, read_start, scale) to (first, last) in the window."""
    rng = np.random.default_rng()
    for scale in (2, 3, 4):
        read_start = int(rng.integers(20, 90))
        start = read_start + int(rng.integers(3, 12))
        stop = start + int(rng.integers(40, 90))
        got = call(answer, start, stop, read_start, scale)
        if not isinstance(got, Sequence | np.ndarray) or len(got) != 2:
            raise NotYet(f"you gave {got!r}, expected two numbers: where does the crop start, end?")
        pair = (as_number(got[0], "the first row"), as_number(got[1], "the last row"))
        right = (scale * (start - read_start), scale * (stop - read_start))
        if pair == right:
            continue
        told = (
            f"tile {start} to {stop}, window from {read_start}, scale {scale}: you gave "
            f"{pair[0]:g} to {pair[1]:g}, expected {right[0]} to {right[1]}"
        )
        if pair == (scale * start, scale * stop):
            raise NotYet(f"{told}; yours are rows of the image: where is row 0 of the window?")
        if pair == (start - read_start, stop - read_start):
            raise NotYet(f"{told}; yours are low-resolution rows: how large is the window by now?")
        if pair[0] == right[0]:
            raise NotYet(f"{told}: the start is right, from where does the end count?")
        if pair == (scale * start - read_start, scale * stop - read_start):
            raise NotYet(f"{told}: in which pixels is read_start counted, and in which the result?")
        raise NotYet(f"{told}: what is the distance from the window's start, in enlarged pixels?")


def check_geotransform(answer: Callable[..., Sequence[float]]) -> None:
    """Expect a function of ((a, b, c, d, e, f), scale) to six numbers of the enlarged image."""
    rng = np.random.default_rng()
    for scale, turn in ((2, 0.0), (4, 0.3)):
        step = float(rng.integers(1, 30))
        a, b = step * math.cos(turn), step * math.sin(turn)
        given = (a, b, float(rng.integers(1e5, 9e5)), b, -a, float(rng.integers(1e6, 4e6)))
        got = call(answer, given, scale)
        # Six numbers, or an Affine, which counts nine: its last row is always 0, 0, 1.
        values = list(got) if hasattr(got, "__iter__") else []
        if len(values) not in (6, 9):
            raise NotYet(f"you gave {got!r}, expected six numbers: where are a, b, c, d, e and f?")
        found = np.array([as_number(value, "a coefficient") for value in values[:6]])
        old = np.array(given)
        step_only = np.array([1, 1, 0, 1, 1, 0], bool)
        right = np.where(step_only, old / scale, old)
        if np.allclose(found, right, rtol=1e-12):
            continue
        told = f"for scale {scale} and a pixel of {step:g} m"
        if np.allclose(found, np.where(step_only, old * scale, old)):
            raise NotYet(f"{told} your pixels became larger: more pixels on the same ground are?")
        if np.allclose(found, old / scale):
            raise NotYet(
                f"{told} you moved the corner from {old[2]:.0f} to {found[2]:.0f} m: did the image "
                "leave its place?"
            )
        shifted = math.hypot(found[2] - right[2], found[5] - right[5])
        if np.allclose(found[step_only], right[step_only]) and shifted > 1e-6:
            raise NotYet(
                f"{told} your image is shifted by {shifted:g} m: c and f are the corner of the "
                "first pixel, not its centre; where is that corner now?"
            )
        if turn and np.allclose(found[[0, 2, 4, 5]], right[[0, 2, 4, 5]]):
            raise NotYet(f"{told} in a rotated image: which of b and d are steps of a pixel too?")
        raise NotYet(
            f"{told} the pixel (10, 20) should lie at ({_place(right, 10 * scale, 20 * scale)}), "
            f"with your numbers it lies at ({_place(found, 10 * scale, 20 * scale)}): which of the "
            "six are steps, which the corner?"
        )


def check_seam(answer: Callable[..., float]) -> None:
    """Expect a function of two (H, W, 3) uint8 images to a number that is larger with a seam."""
    rng = np.random.default_rng()
    whole = rng.integers(60, 190, (256, 256, 3), dtype=np.uint8)
    noise = (whole + rng.integers(-4, 5, whole.shape)).astype(np.uint8)
    scores = {}
    for name, sign in (("brighter", 1), ("darker", -1)):
        seam = whole.copy()
        seam[100, 30:90] = seam[100, 30:90] + sign * np.int64(25)
        scores[name] = as_number(call(answer, whole, seam), "your measure")
    even = as_number(call(answer, whole, noise), "your measure")
    same = as_number(call(answer, whole, whole), "your measure")
    psnr = [10 * np.log10(255**2 / np.mean((np.float64(whole) - i) ** 2)) for i in (seam, noise)]
    if not all(math.isfinite(score) for score in (*scores.values(), even, same)):
        raise NotYet("your measure is not finite for some image: what of equal images?")
    if same >= min(scores.values()):
        raise NotYet(
            f"equal images get {same:.3g}, an image with a seam {min(scores.values()):.3g}: a "
            "larger number should mean a worse seam, which way does yours go?"
        )
    wraps = 100 < even < 256 or 100 < abs(scores["brighter"] - scores["darker"]) < 256
    if wraps:
        raise NotYet(
            f"even noise of 4 grey levels gets {even:.3g} and a seam of 25 gets "
            f"{scores['darker']:.3g} or {scores['brighter']:.3g}: what is 3 - 5 in unsigned "
            "8-bit numbers?"
        )
    if min(scores.values()) < 1.5 * even:
        raise NotYet(
            f"a seam of 25 grey levels, 60 pixels long, gets {min(scores.values()):.3g}, and even "
            f"noise of 4 levels, which nobody sees, gets {even:.3g} (their PSNR: {psnr[0]:.1f} and "
            f"{psnr[1]:.1f} dB). A mean hides a few bad pixels among many: what does not?"
        )


def check_valid(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of ((H, W, 3) pixels, nodata) to a (H, W) bool array, True for data."""
    rng = np.random.default_rng()
    pixels = rng.integers(1, 200, (6, 7, 3)).astype(np.float32)
    dark = (2, 3)
    for nodata in (0.0, float("nan")):
        given, right = pixels.copy(), np.ones((6, 7), bool)
        given[0, :4], right[0, :4] = nodata, False
        if nodata == 0:
            given[dark] = (0, 12, 30)
        got = np.asarray(call(answer, given, nodata))
        if got.shape != right.shape:
            raise NotYet(
                f"for pixels of shape {given.shape} you gave shape {got.shape}, expected "
                f"{right.shape}: one answer for a pixel, not one for a band?"
            )
        if got.dtype != bool:
            raise NotYet(f"you gave numbers of type {got.dtype}, expected True and False.")
        if np.array_equal(got, right):
            continue
        if np.array_equal(got, ~right):
            raise NotYet("you marked the missing pixels, expected True for data: invert?")
        if nodata == 0 and not got[dark]:
            raise NotYet(
                "the pixel (0, 12, 30) was taken as missing: may one band be 0 in a dark, real "
                "pixel? How many bands must hold the no-data value?"
            )
        if np.isnan(nodata):
            raise NotYet(
                f"with NaN as the no-data value you found {int((~got).sum())} missing pixels, "
                "expected 4: is NaN equal to itself?"
            )
        raise NotYet(
            f"you found {int((~got).sum())} missing pixels, expected {int((~right).sum())}: which "
            "pixels hold the no-data value in every band?"
        )


def as_number(value: Any, what: str) -> float:
    """Return `value` as a float; any number-like scalar will do."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(f"{what} is {value!r}, expected one number.") from None
    if array.size != 1:
        raise NotYet(f"{what} has shape {array.shape}, expected one number: a loop or a max left?")
    return float(array.reshape(()))


def _place(coefficients: np.ndarray, column: float, row: float) -> str:
    a, b, c, d, e, f = coefficients
    return f"{a * column + b * row + c:.1f}, {d * column + e * row + f:.1f}"
