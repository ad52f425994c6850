"""Upscale an image tile by tile, so that memory depends on the tile and not on the image.

A convolutional network computes each output pixel from a neighbourhood of the input. A tile that
is read with that much real context on every side therefore gives the same pixels as the whole
image does; without the context it shows a seam.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from internlab.superres.arrays import to_array, to_image

# A network takes float32 (1, 3, h, w) in [0, 1] and returns float32 (1, 3, s*h, s*w).
Network = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Span:
    """A tile along one axis, in pixels of the low-resolution image.

    The tile is responsible for the pixels ``start <= i < stop`` and reads
    ``read_start <= i < read_stop``, which has context on both sides.
    """

    start: int
    stop: int
    read_start: int
    read_stop: int

    def crop(self, scale: int) -> slice:
        """Return where the tile's own pixels lie in its upscaled window."""
        return slice(scale * (self.start - self.read_start), scale * (self.stop - self.read_start))

    def place(self, scale: int) -> slice:
        """Return where the tile's own pixels belong in the upscaled image."""
        return slice(scale * self.start, scale * self.stop)

    @property
    def window(self) -> slice:
        """What the tile reads."""
        return slice(self.read_start, self.read_stop)


@dataclass(frozen=True)
class Tile:
    """A tile of an image: one `Span` for its rows, one for its columns."""

    rows: Span
    cols: Span


def plan_spans(length: int, tile: int, overlap: int) -> list[Span]:
    """Cut one axis into tiles of about `tile` pixels, read with `overlap` pixels of context.

    All windows have one size and are spread evenly from border to border; neighbours share at
    least ``2 * overlap`` pixels, and their tiles meet in the middle of what they share. One size,
    because a runtime that plans or tunes for each new size then does so once. No window leaves the
    image: padding at its edge happens only where the whole image would be padded too.

    Parameters
    ----------
    length : int
        Pixels along the axis, at least 1.
    tile : int
        Pixels that a tile is responsible for, at least 1. A window is at most
        ``tile + 2 * overlap`` long; the two at the border need context on one side only, and their
        tiles are longer by up to `overlap`.
    overlap : int
        Pixels of context on each side, at least 0.

    Returns
    -------
    list of Span

    Raises
    ------
    ValueError
        If a number is out of range, or the tile is smaller than the overlap.
    """
    if length < 1:
        raise ValueError(f"The image has {length} pixels along one axis; expected at least 1.")
    if tile < 1 or overlap < 0:
        raise ValueError(
            f"Got tile {tile} and overlap {overlap}. Expected a tile of at least 1 pixel and an "
            "overlap of at least 0."
        )
    if tile < overlap:
        raise ValueError(
            f"The tile ({tile} px) is smaller than the overlap ({overlap} px): more than eight "
            f"ninths of the work would be context. Choose a tile of at least {overlap} px; "
            f"{max(16 * overlap, 64)} px keeps the extra work near a quarter."
        )
    count = max(-(-(length - 2 * overlap) // tile), 1)
    size = -(-(length + 2 * overlap * (count - 1)) // count)
    starts = [index * (length - size) // max(count - 1, 1) for index in range(count)]
    middles = [(before + size + after) // 2 for before, after in pairwise(starts)]
    edges = [0, *middles, length]
    return [
        Span(start, stop, read_start, read_start + size)
        for (start, stop), read_start in zip(pairwise(edges), starts, strict=True)
    ]


def plan_tiles(height: int, width: int, tile: int, overlap: int = 0) -> list[Tile]:
    """Cut an image of `height` x `width` pixels into tiles, row by row from the top left.

    See `plan_spans` for the other parameters and for what is raised.
    """
    columns = plan_spans(width, tile, overlap)
    return [Tile(rows, cols) for rows in plan_spans(height, tile, overlap) for cols in columns]


def upscale_whole(network: Network, image: np.ndarray) -> np.ndarray:
    """Upscale an image in one piece.

    Parameters
    ----------
    network : callable
        A runtime: float32 (1, 3, H, W) in [0, 1] to float32 (1, 3, s*H, s*W).
    image : array
        (H, W, 3), uint8.

    Returns
    -------
    array
        (s*H, s*W, 3), uint8.
    """
    return to_image(network(to_array(image)))


def upscale_tiled(network: Network, image: np.ndarray, tile: int, overlap: int) -> np.ndarray:
    """Upscale an image tile by tile.

    Equal to `upscale_whole` if `overlap` is at least the network's receptive radius and the
    runtime computes a pixel in the same way whatever the size of its input.

    Parameters
    ----------
    network : callable
        A runtime: float32 (1, 3, h, w) in [0, 1] to float32 (1, 3, s*h, s*w).
    image : array
        (H, W, 3), uint8.
    tile : int
        Low-resolution pixels that a tile is responsible for, about, along each axis.
    overlap : int
        Low-resolution pixels of context on each side.

    Returns
    -------
    array
        (s*H, s*W, 3), uint8.

    Raises
    ------
    ValueError
        If the image is not (H, W, 3) uint8, or tile and overlap do not fit together.
    """
    planes = to_array(image)
    result = None
    for each in plan_tiles(*image.shape[:2], tile, overlap):
        window = planes[:, :, each.rows.window, each.cols.window]
        upscaled = to_image(network(np.ascontiguousarray(window)))
        scale = upscaled.shape[0] // window.shape[2]
        if result is None:
            result = np.empty((scale * image.shape[0], scale * image.shape[1], 3), np.uint8)
        own = upscaled[each.rows.crop(scale), each.cols.crop(scale)]
        result[each.rows.place(scale), each.cols.place(scale)] = own
    return result


def needed_overlap(
    network: Network, scale: int, rng: np.random.Generator, limit: int = 32, trials: int = 3
) -> int | None:
    """Measure how much context a network needs, without looking inside it.

    Two random images agree within `r` pixels of the centre and differ everywhere else. If the
    upscaled centre is the same, nothing further away than `r` matters. The least such `r` is the
    receptive radius; bisection finds it, because more context never hurts.

    Parameters
    ----------
    network : callable
        A runtime that accepts an image of ``2 * limit + 3`` pixels a side.
    scale : int
        Its upscaling factor.
    rng : numpy.random.Generator
        Draws the images.
    limit : int
        The largest radius that is tried, in low-resolution pixels.
    trials : int
        Pairs of images for each radius. Several, because a unit that is off in one image (a ReLU)
        hides what it would let through in another.

    Returns
    -------
    int or None
        The radius in low-resolution pixels; None if even `limit` is not enough, as for a network
        that looks at the whole image.
    """
    size, centre = 2 * limit + 3, limit + 1
    pixel = slice(scale * centre, scale * (centre + 1))
    # Same-size inputs are computed alike, so an influence shows as a difference far above this
    # and none as exactly zero; the margin is for convolutions by transform, which spread rounding.
    negligible = 1e-6

    def enough(radius: int) -> bool:
        inside = slice(centre - radius, centre + radius + 1)
        for _ in range(trials):
            first, second = rng.random((2, 1, 3, size, size), dtype=np.float32)
            # Darker as well: two images of the same noise share their mean, and a network that
            # looks at the mean of the whole image would pass.
            second *= np.float32(0.25)
            second[..., inside, inside] = first[..., inside, inside]
            difference = network(first) - network(second)
            if np.abs(difference[..., pixel, pixel]).max() > negligible:
                return False
        return True

    if not enough(limit):
        return None
    low, high = 0, limit
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return high


@dataclass(frozen=True)
class SeamError:
    """How a tiled image differs from the whole one.

    Parameters
    ----------
    largest : int
        Largest difference of a pixel, in grey levels of 255: what shows a seam.
    pixels : int
        Pixels that differ at all.
    psnr : float
        Peak signal-to-noise ratio of the tiled against the whole image, in dB. A mean: seams are
        few pixels, so it stays high. Infinite for equal images.
    """

    largest: int
    pixels: int
    psnr: float


def error_map(whole: np.ndarray, tiled: np.ndarray) -> np.ndarray:
    """Return the largest difference over the channels, pixel by pixel.

    Parameters
    ----------
    whole, tiled : array
        (H, W, 3), uint8.

    Returns
    -------
    array
        (H, W), uint8, in grey levels.
    """
    if whole.shape != tiled.shape:
        raise ValueError(f"Images of one shape are compared; got {whole.shape} and {tiled.shape}.")
    return np.abs(whole.astype(np.int16) - tiled.astype(np.int16)).max(axis=2).astype(np.uint8)


def seam_error(whole: np.ndarray, tiled: np.ndarray) -> SeamError:
    """Compare a tiled image with the whole one; see `SeamError` for what is measured."""
    levels = error_map(whole, tiled)
    mean_square = np.mean((whole.astype(np.float64) - tiled) ** 2)
    psnr = float("inf") if mean_square == 0 else float(10 * np.log10(255**2 / mean_square))
    return SeamError(int(levels.max()), int(np.count_nonzero(levels)), psnr)
