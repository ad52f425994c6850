"""Climates and areas: what ground, roofs and light look like in a place, for drawn satellite tiles.

A climate is a family of places. An area is one place drawn from it, with its own soil, roofs and
light; tiles of an area share all of these. So areas of one climate are alike without being equal,
and areas of different climates differ as a test abroad differs from training data at home.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Colour = tuple[float, float, float]
ColourRange = tuple[Colour, Colour]


@dataclass(frozen=True)
class Climate:
    """Bounds between which the areas of a climate are drawn.

    Parameters
    ----------
    name : str
    ground, roofs : tuple of pairs of colours
        Kinds of soil or roof; each a lower and an upper RGB colour in [0, 1].
    road, tree : pair of colours
    gain : pair of float
        Brightness of the light; 1 is a clear day in the temperate climate.
    haze : pair of float
        Share of the light that comes from the air, in [0, 1].
    warmth : pair of float
        How much red is raised and blue lowered by light and sensor; negative is bluish.
    """

    name: str
    ground: tuple[ColourRange, ...]
    roofs: tuple[ColourRange, ...]
    road: ColourRange
    tree: ColourRange
    gain: tuple[float, float]
    haze: tuple[float, float]
    warmth: tuple[float, float]


@dataclass(frozen=True)
class Area:
    """One place: the colours and the light that all of its tiles share.

    Parameters
    ----------
    name : str
        Such as ``"dry-2"``.
    ground, roofs : array
        (kinds, 3), float RGB in [0, 1].
    road, tree, white_balance : array
        (3,), float.
    gain, haze : float
        See `Climate`.
    density : float
        Probability that a plot along a road is built on.
    house_m : pair of float
        Shortest and longest side of a common house, in metres.
    aligned : float
        Probability that a house stands parallel to its road.
    """

    name: str
    ground: np.ndarray
    roofs: np.ndarray
    road: np.ndarray
    tree: np.ndarray
    white_balance: np.ndarray
    gain: float
    haze: float
    density: float
    house_m: tuple[float, float]
    aligned: float


TEMPERATE = Climate(
    "temperate",
    ground=(
        ((0.26, 0.34, 0.18), (0.34, 0.42, 0.24)),
        ((0.32, 0.38, 0.20), (0.40, 0.44, 0.28)),
        ((0.42, 0.40, 0.26), (0.50, 0.46, 0.31)),
    ),
    roofs=(
        ((0.56, 0.30, 0.22), (0.66, 0.38, 0.29)),
        ((0.52, 0.28, 0.22), (0.60, 0.36, 0.30)),
        ((0.44, 0.42, 0.41), (0.54, 0.52, 0.51)),
    ),
    road=((0.39, 0.39, 0.39), (0.46, 0.45, 0.44)),
    tree=((0.13, 0.23, 0.11), (0.17, 0.27, 0.15)),
    gain=(0.95, 1.06),
    haze=(0.0, 0.03),
    warmth=(-0.02, 0.03),
)
DRY = Climate(
    "dry",
    ground=(
        ((0.48, 0.43, 0.30), (0.60, 0.51, 0.37)),
        ((0.54, 0.46, 0.33), (0.66, 0.56, 0.42)),
        ((0.42, 0.40, 0.26), (0.54, 0.47, 0.34)),
    ),
    roofs=(
        ((0.66, 0.63, 0.60), (0.80, 0.77, 0.72)),
        ((0.38, 0.44, 0.52), (0.48, 0.50, 0.60)),
        ((0.48, 0.32, 0.24), (0.58, 0.40, 0.32)),
    ),
    road=((0.46, 0.43, 0.39), (0.52, 0.49, 0.45)),
    tree=((0.20, 0.25, 0.14), (0.29, 0.31, 0.19)),
    gain=(1.10, 1.22),
    haze=(0.04, 0.09),
    warmth=(0.05, 0.11),
)
WET = Climate(
    "wet",
    ground=(
        ((0.20, 0.28, 0.15), (0.28, 0.36, 0.23)),
        ((0.28, 0.27, 0.17), (0.36, 0.31, 0.25)),
        ((0.34, 0.29, 0.18), (0.42, 0.34, 0.26)),
    ),
    roofs=(
        ((0.42, 0.50, 0.58), (0.52, 0.57, 0.64)),
        ((0.60, 0.58, 0.56), (0.68, 0.66, 0.64)),
        ((0.44, 0.27, 0.22), (0.52, 0.33, 0.28)),
    ),
    road=((0.42, 0.35, 0.28), (0.47, 0.40, 0.35)),
    tree=((0.07, 0.17, 0.07), (0.12, 0.21, 0.13)),
    gain=(0.78, 0.90),
    haze=(0.08, 0.13),
    warmth=(-0.10, -0.03),
)
CLIMATES = {climate.name: climate for climate in (TEMPERATE, DRY, WET)}


def draw_area(name: str, climate: Climate, rng: np.random.Generator) -> Area:
    """Draw one place of a climate.

    Parameters
    ----------
    name : str
        Of the area.
    climate : Climate
        The family it comes from.
    rng : numpy.random.Generator
        The same state draws the same area.

    Returns
    -------
    Area
    """

    def between(bounds: ColourRange) -> np.ndarray:
        # One share for all three channels: a darker red roof is darker, not greener.
        return _mix(np.array(bounds[0]), np.array(bounds[1]), rng.uniform())

    warmth = rng.uniform(*climate.warmth)
    shortest = rng.uniform(8.0, 10.0)
    return Area(
        name=name,
        ground=np.stack([between(kind) for kind in climate.ground]).astype(np.float32),
        roofs=np.stack([between(kind) for kind in climate.roofs]).astype(np.float32),
        road=between(climate.road).astype(np.float32),
        tree=between(climate.tree).astype(np.float32),
        white_balance=np.array([1 + warmth, 1, 1 - warmth], dtype=np.float32),
        gain=float(rng.uniform(*climate.gain)),
        haze=float(rng.uniform(*climate.haze)),
        density=float(rng.uniform(0.45, 0.60)),
        house_m=(float(shortest), float(shortest + rng.uniform(9.0, 13.0))),
        aligned=float(rng.uniform(0.4, 0.9)),
    )


def _mix(low: np.ndarray, high: np.ndarray, share: float) -> np.ndarray:
    return low + share * (high - low)
