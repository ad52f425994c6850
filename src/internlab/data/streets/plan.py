"""What stands where in a street, in metres: all that is decided before anything is painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from internlab.data.streets.camera import Camera

FAR = 75.0  # metres; blocks along the street end here, and a horizon stands behind them


@dataclass(frozen=True)
class Block:
    """A stretch of one side of the street: a house, or open ground with trees.

    `side` is -1 (left) or 1. The block begins `x` metres to that side and runs from `near` to
    `far` metres ahead. `seed` decides how it looks.
    """

    kind: str
    side: int
    x: float
    near: float
    far: float
    height: float
    seed: int


@dataclass(frozen=True)
class Thing:
    """One object: what it is, where its foot stands, and a seed that decides how it looks."""

    kind: str
    x: float
    z: float
    seed: int


@dataclass(frozen=True)
class Plan:
    """A street and the camera in it.

    Parameters
    ----------
    focal, horizon, centre : float
        Of the camera, as shares of the picture's width, height and width.
    eye : float
        Height of the camera in metres.
    road : float
        Half the width of the road in metres; the camera stands in its middle.
    pavement : float
        Width of each sidewalk in metres.
    sunny : bool
        Whether there are cast shadows.
    sun : int
        The side from which the light comes, -1 or 1.
    blocks : tuple of Block
        From far to near.
    things : tuple of Thing
        From far to near.
    seed : int
        Decides the looks of the ground and the sky.
    """

    focal: float
    horizon: float
    centre: float
    eye: float
    road: float
    pavement: float
    sunny: bool
    sun: int
    blocks: tuple[Block, ...]
    things: tuple[Thing, ...]
    seed: int

    def camera(self, height: int, width: int) -> Camera:
        """Return the camera for a picture of a size."""
        return Camera(
            height=height,
            width=width,
            focal=self.focal * width,
            eye=self.eye,
            horizon=self.horizon * height,
            centre=self.centre * width,
        )


def draw_plan(rng: np.random.Generator) -> Plan:
    """Draw a street; the same state of `rng` draws the same one."""
    road, pavement = rng.uniform(3.2, 6.5), rng.uniform(1.8, 4.0)
    things = [
        *_along_the_sidewalk(rng, road, pavement),
        *_traffic(rng, road),
        *_people(rng, road, pavement),
    ]
    return Plan(
        focal=rng.uniform(0.55, 0.75),
        horizon=rng.uniform(0.36, 0.48),
        centre=rng.uniform(0.38, 0.62),
        eye=rng.uniform(1.3, 1.7),
        road=road,
        pavement=pavement,
        sunny=bool(rng.random() < 0.5),
        sun=_either_side(rng),
        blocks=tuple(_blocks(rng, road + pavement)),
        things=tuple(sorted(things, key=lambda thing: -thing.z)),
        seed=_seed(rng),
    )


def _blocks(rng: np.random.Generator, beginning: float) -> list[Block]:
    blocks = []
    for side in (-1, 1):
        built_up = rng.random() < 0.7
        near = 2.0
        while near < FAR:
            far = near + rng.uniform(6, 16)
            chance = rng.random()
            height, setback = rng.uniform(5, 16), rng.uniform(0, 0.6)
            if chance < (0.8 if built_up else 0.25):
                kind, x = "house", beginning + setback
            else:
                kind, x = ("green" if chance < 0.93 else "gap"), beginning
            blocks.append(Block(kind, side, x, near, far, height, _seed(rng)))
            near = far
    return sorted(blocks, key=lambda block: -block.near)


def _along_the_sidewalk(rng: np.random.Generator, road: float, pavement: float) -> list[Thing]:
    things = []
    for side in (-1, 1):
        z = rng.uniform(4, 12)
        while z < 60:
            chance = rng.random()
            at_the_kerb, behind_it = rng.uniform(0.3, 0.8), rng.uniform(0.6, pavement)
            if chance < 0.35:
                things.append(Thing("pole", side * (road + at_the_kerb), z, _seed(rng)))
            elif chance < 0.7:
                kind = "tree" if chance < 0.6 else "bush"
                things.append(Thing(kind, side * (road + behind_it), z, _seed(rng)))
            z += rng.uniform(4, 12)
    return things


def _traffic(rng: np.random.Generator, road: float) -> list[Thing]:
    things = []
    for side in (-1, 1):  # a row of parked cars
        if rng.random() < 0.55:
            z = rng.uniform(7, 14)
            while z < 60:
                if rng.random() < 0.7:
                    things.append(Thing("car", side * (road - 1.1), z, _seed(rng)))
                z += rng.uniform(5.5, 9)
    for _ in range(rng.integers(0, 4)):
        z, x = rng.uniform(9, 50), rng.uniform(1.2 - road, road - 1.2)
        things.append(Thing("car", x, z, _seed(rng)))
    if rng.random() < 0.3:
        z, x = rng.uniform(14, 40), rng.uniform(-road, road)
        things.append(Thing("crossing car", x, z, _seed(rng)))
    return things


def _people(rng: np.random.Generator, road: float, pavement: float) -> list[Thing]:
    things = []
    for _ in range(rng.integers(1, 6)):
        if rng.random() < 0.75:
            x = _either_side(rng) * (road + rng.uniform(0.4, pavement))
        else:
            x = rng.uniform(-road, road)
        things.append(Thing("person", x, rng.uniform(6, 30), _seed(rng)))
    return things


def _either_side(rng: np.random.Generator) -> int:
    return -1 if rng.random() < 0.5 else 1


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**32))
