"""Buildings from above: tiles of drawn areas with their masks, split by area.

Training areas lie in the temperate climate. The test areas lie in a dry and a wet one: a model
that is trained at home is used abroad. Two validation splits exist. The right one holds other dry
and wet areas, so it asks what the test asks. The wrong one holds one more temperate area.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from internlab.data.cards import DataCard
from internlab.data.climates import CLIMATES, Area, draw_area
from internlab.data.satellite import draw_tile
from internlab.files import atomic_write, cache_dir

TILE_PIXELS = 64

# Which areas a split holds, and how many tiles of each. Frozen: the numbers of the test areas were
# fixed after everything else and before the first score on them was seen.
SPLITS = {
    "train": {"temperate-1": 80, "temperate-2": 80, "temperate-3": 80},
    "validation": {"dry-1": 32, "wet-1": 32},
    "mild": {"temperate-4": 64},
    "test": {"dry-11": 24, "dry-12": 24, "wet-11": 24, "wet-12": 24},
}

CARD = DataCard(
    name="Drawn building tiles",
    what="64 x 64 pixel tiles at a drawn 4 m a pixel, RGB uint8, with a mask of buildings (0 or "
    "1). About one pixel in fifteen is building.",
    origin="Drawn by internlab.data.satellite from seeds; nothing is downloaded. The look follows "
    "the SpaceNet 7 challenge; no picture of it is used.",
    licence="MIT, like the kit.",
    size_bytes=0,
    sha256="",
    split="By area: 240 tiles of 3 temperate areas to train on; 64 of 1 dry and 1 wet area to "
    "validate on; 96 of 2 other dry and 2 other wet areas to test on; 64 of 1 more temperate "
    "area as the wrong validation split that lesson 21 looks at.",
)

# Raise it when a change to the drawing changes a tile, so that no old cache is read.
_VERSION = 1


@dataclass(frozen=True)
class Tiles:
    """Tiles and masks of one split.

    Parameters
    ----------
    images : array
        (N, 64, 64, 3), uint8.
    masks : array
        (N, 64, 64), uint8 in {0, 1}.
    areas : array
        (N,), str: the area of each tile.
    """

    images: np.ndarray
    masks: np.ndarray
    areas: np.ndarray

    def __len__(self) -> int:
        return len(self.images)

    def thinned(self, count: int) -> Tiles:
        """Return at most `count` tiles, spread evenly over the areas."""
        if count >= len(self):
            return self
        kept = np.linspace(0, len(self) - 1, count).round().astype(int)
        return Tiles(self.images[kept], self.masks[kept], self.areas[kept])


def area(name: str) -> Area:
    """Return the area of a name such as ``"dry-2"``; a name always means the same place.

    Raises
    ------
    ValueError
        If the name is not a climate and a number.
    """
    climate, _, number = name.partition("-")
    if climate not in CLIMATES or not number.isdecimal():
        raise ValueError(
            f"No area {name!r}. Expected a climate and a number, such as dry-2; climates are "
            f"{', '.join(CLIMATES)}."
        )
    return draw_area(name, CLIMATES[climate], _generator(name))


def draw_split(tiles_of_area: dict[str, int]) -> Tiles:
    """Draw tiles of any areas, for example of fresh ones that no choice has seen.

    Parameters
    ----------
    tiles_of_area : dict
        Number of tiles for each area name, such as ``{"dry-21": 24}``.

    Returns
    -------
    Tiles
        Tile k of an area is the same whatever else is drawn.

    Raises
    ------
    ValueError
        If there is no area, one is unknown, or a number is not positive.
    """
    if not tiles_of_area:
        raise ValueError("There is no area to draw; expected one or more, such as {'dry-21': 24}.")
    images, masks, areas = [], [], []
    for name, count in tiles_of_area.items():
        if count < 1:
            raise ValueError(f"{count} tiles of {name}; expected at least 1.")
        place = area(name)
        for tile in range(count):
            image, mask = draw_tile(place, _generator(name, tile), TILE_PIXELS)
            images.append(image)
            masks.append(mask)
            areas.append(name)
    return Tiles(np.stack(images), np.stack(masks), np.array(areas))


def building_tiles(split: str) -> Tiles:
    """Return a frozen split; it is drawn at the first call and kept in the cache.

    Parameters
    ----------
    split : {"train", "validation", "mild", "test"}

    Returns
    -------
    Tiles

    Raises
    ------
    ValueError
        If there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"No split {split!r}. Expected one of {', '.join(SPLITS)}.")
    path = cache_dir() / f"buildings-{_VERSION}-{split}.npz"
    stored = _read(path, SPLITS[split]) if path.is_file() else None
    if stored is not None:
        return stored
    tiles = draw_split(SPLITS[split])
    with atomic_write(path) as temporary:
        np.savez(temporary, images=tiles.images, masks=tiles.masks, areas=tiles.areas)
    return tiles


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


def _read(path: Path, tiles_of_area: dict[str, int]) -> Tiles | None:
    """Return the tiles in a file, or None if it is damaged or holds other tiles."""
    try:
        with np.load(path) as stored:
            tiles = Tiles(stored["images"], stored["masks"], stored["areas"])
    except _DAMAGED:
        return None
    areas = np.repeat(list(tiles_of_area), list(tiles_of_area.values()))
    shape = (len(areas), TILE_PIXELS, TILE_PIXELS)
    fits = tiles.images.shape == (*shape, 3) and tiles.masks.shape == shape
    return tiles if fits and np.array_equal(tiles.areas, areas) else None


def _generator(name: str, *numbers: int) -> np.random.Generator:
    """Return the generator that belongs to a name, the same on every machine."""
    return np.random.default_rng([zlib.crc32(name.encode()), *numbers])
