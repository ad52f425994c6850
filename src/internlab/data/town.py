"""What stands where in a drawn tile: ground, roads, houses and trees, on a canvas of one metre."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import zoom
from skimage.draw import disk, ellipse, polygon

from internlab.data.climates import Area

SHAPES = {"box": 0.65, "L": 0.25, "T": 0.10}  # how common each outline of a house is


@dataclass(frozen=True)
class House:
    """A house: where it stands, how it looks, and since when.

    Parameters
    ----------
    corners : array
        (corners, 2), float: x and y of each corner, in metres from the upper left.
    colour : array
        (3,), float RGB in [0, 1], of the roof in the sun.
    ridge : array
        (2,), unit vector along the ridge of the roof.
    height_m : float
    built : int
        The month in which it appears; 0 stands from the start.
    """

    corners: np.ndarray
    colour: np.ndarray
    ridge: np.ndarray
    height_m: float
    built: int


@dataclass
class Town:
    """One tile before the light falls on it.

    Parameters
    ----------
    area : Area
    ground : array
        (side, side, 3), float32 RGB: fields, roads and bare patches, at one metre a pixel.
    sun : array
        (2,), unit vector in which shadows fall.
    houses : list of House
    trees : list of (x, y, radius, shade)
        In metres; shade is a factor on the area's tree colour.
    """

    area: Area
    ground: np.ndarray
    sun: np.ndarray
    houses: list[House] = field(default_factory=list)
    trees: list[tuple[float, float, float, float]] = field(default_factory=list)


def draw_town(area: Area, side_m: int, months: int, rng: np.random.Generator) -> Town:
    """Draw what stands in a tile.

    Parameters
    ----------
    area : Area
        Colours and habits of building.
    side_m : int
        Side of the tile in metres.
    months : int
        Length of the series: with more than 1, half of the houses appear during it.
    rng : numpy.random.Generator
        The same state draws the same tile.

    Returns
    -------
    Town
    """
    ground = _fields(area, side_m, rng)
    angle = rng.uniform(0, np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    pitch = rng.uniform(72, 104)
    _roads(ground, area, along, pitch, rng)
    _bare_patches(ground, area, rng)
    sun = rng.uniform(2.8, 3.4)
    town = Town(area, ground, np.array([np.cos(sun), np.sin(sun)]))
    if rng.random() > 0.12:  # some tiles hold no house at all
        town.houses = _houses(area, side_m, months, angle, pitch, rng)
    for _ in range(rng.integers(5, 40)):
        x, y = rng.uniform(0, side_m, 2)
        town.trees.append((x, y, rng.uniform(2.4, 7.2), rng.uniform(0.8, 1.3)))
    return town


def fill(canvas: np.ndarray, corners: np.ndarray, value: np.ndarray | float) -> None:
    """Set the pixels inside a polygon, given as (corners, 2) of x and y, in place."""
    rows, columns = polygon(corners[:, 1], corners[:, 0], canvas.shape[:2])
    canvas[rows, columns] = value


def _fields(area: Area, side: int, rng: np.random.Generator) -> np.ndarray:
    """Return soil with a few fields of other soil, and patchy growth over all of it."""
    ground = np.empty((side, side, 3), np.float32)
    ground[:] = area.ground[rng.integers(len(area.ground))]
    for _ in range(rng.integers(1, 4)):
        size = rng.uniform((0.3, 0.2), (0.9, 0.6)) * side
        corners = _turned(_box(*size), rng.uniform(0, np.pi)) + rng.uniform(0, side, 2)
        soil = area.ground[rng.integers(len(area.ground))]
        fill(ground, corners, soil * np.float32(rng.uniform(0.8, 1.15)))
    growth = 1 + 0.07 * _noise(side, 24, rng) + 0.05 * _noise(side, 6, rng)
    return ground * growth[..., None]


def _roads(
    ground: np.ndarray, area: Area, along: np.ndarray, pitch: float, rng: np.random.Generator
) -> None:
    """Draw parallel roads and perhaps a crossing one, in place."""
    side = len(ground)
    across = np.array([-along[1], along[0]])
    centre = np.array([side / 2, side / 2])
    for row in range(-2, 3):
        if rng.random() < 0.6:
            through = centre + across * (row * pitch + rng.uniform(-16, 16))
            _road(ground, area, through, along, rng.uniform(4.8, 9.6))
    if rng.random() < 0.6:
        _road(ground, area, centre + along * rng.uniform(-0.4, 0.4) * side, across, 6.0)


def _road(
    ground: np.ndarray, area: Area, through: np.ndarray, along: np.ndarray, width: float
) -> None:
    reach = 2 * len(ground)
    edge = np.array([-along[1], along[0]]) * width / 2
    start, end = through - along * reach, through + along * reach
    fill(ground, np.stack([start - edge, end - edge, end + edge, start + edge]), area.road)


def _bare_patches(ground: np.ndarray, area: Area, rng: np.random.Generator) -> None:
    """Draw bright patches that are not buildings: what a network should not fall for."""
    side = len(ground)
    for _ in range(rng.integers(0, 4)):
        y, x = rng.uniform(0, side, 2)
        radii = rng.uniform((8, 8), (24, 28))
        rows, columns = ellipse(y, x, *radii, shape=(side, side), rotation=rng.uniform(0, np.pi))
        ground[rows, columns] = np.clip(area.road * rng.uniform(1.0, 1.5), 0, 1)


def _houses(
    area: Area, side: int, months: int, angle: float, pitch: float, rng: np.random.Generator
) -> list[House]:
    """Place houses on plots along the roads; none stands on another."""
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    taken = np.zeros((side, side), bool)
    houses = []
    row_distance = pitch / 2
    for row in np.arange(-0.8 * side, 0.8 * side, row_distance):
        plot = rng.uniform(0.32, 0.45) * pitch + 0.3 * area.house_m[1]
        for step in np.arange(-0.8 * side, 0.8 * side, plot):
            if rng.random() > area.density:
                continue
            centre = side / 2 + across * (row + row_distance / 2) + along * step
            centre = centre + rng.normal(0, 4.0, 2)
            if not (0 <= centre[0] < side and 0 <= centre[1] < side):
                continue
            turn = angle if rng.random() < area.aligned else angle + rng.uniform(0, np.pi)
            house = _house(area, centre, turn, months, rng)
            rows, columns = polygon(house.corners[:, 1], house.corners[:, 0], taken.shape)
            if len(rows) and taken[rows, columns].mean() <= 0.05:
                taken[rows, columns] = True
                houses.append(house)
    return houses


def _house(
    area: Area, centre: np.ndarray, turn: float, months: int, rng: np.random.Generator
) -> House:
    long = rng.uniform(*area.house_m) * rng.choice([1.0, 1.3, 2.2], p=[0.6, 0.3, 0.1])
    short = rng.uniform(*area.house_m)
    outline = _outline(str(rng.choice(list(SHAPES), p=list(SHAPES.values()))), long, short)
    colour = area.roofs[rng.integers(len(area.roofs))] * rng.uniform(0.85, 1.15)
    appears = months > 1 and rng.random() < 0.5
    return House(
        corners=_turned(outline, turn) + centre,
        colour=np.clip(colour + rng.normal(0, 0.02, 3), 0, 1).astype(np.float32),
        ridge=np.array([np.cos(turn), np.sin(turn)]),
        height_m=float(rng.uniform(2.4, 7.2)),
        built=int(rng.integers(1, months)) if appears else 0,
    )


def _outline(shape: str, long: float, short: float) -> np.ndarray:
    """Return the corners of a house around the origin, in metres."""
    w, h = long / 2, short / 2
    if shape == "L":
        return np.array(
            [(-w, -h), (w, -h), (w, -0.2 * h), (0.1 * w, -0.2 * h), (0.1 * w, h), (-w, h)]
        )
    if shape == "T":
        stem = [(w, 0), (0.4 * w, 0), (0.4 * w, h), (-0.4 * w, h), (-0.4 * w, 0), (-w, 0)]
        return np.array([(-w, -h), (w, -h), *stem])
    return _box(long, short)


def _box(width: float, height: float) -> np.ndarray:
    w, h = width / 2, height / 2
    return np.array([(-w, -h), (w, -h), (w, h), (-w, h)])


def _turned(corners: np.ndarray, angle: float) -> np.ndarray:
    cos, sin = np.cos(angle), np.sin(angle)
    return corners @ np.array([[cos, sin], [-sin, cos]])


def _noise(side: int, grain: int, rng: np.random.Generator) -> np.ndarray:
    """Return smooth noise of unit spread, with a grain of so many metres."""
    coarse = rng.standard_normal((max(2, side // grain),) * 2).astype(np.float32)
    smooth = zoom(coarse, side / len(coarse), order=1)
    return smooth[:side, :side]


def tree_pixels(
    tree: tuple[float, float, float, float], shift: np.ndarray, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of a tree's crown, moved by `shift` (x, y) in metres."""
    x, y, radius, _ = tree
    return disk((y + shift[1], x + shift[0]), radius, shape=(side, side))
