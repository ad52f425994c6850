"""What lines the street: house fronts with windows and shops, and open ground with trees."""

from __future__ import annotations

import numpy as np

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas
from internlab.data.streets.labels import BUILDING, VEGETATION
from internlab.data.streets.plan import Block, Plan, Thing
from internlab.data.streets.plants import draw_tree
from internlab.data.streets.textures import sample

_WALLS = (
    (165, 110, 90),
    (190, 170, 140),
    (140, 140, 145),
    (200, 190, 175),
    (120, 95, 85),
    (175, 150, 120),
)
_GLASS = ((60, 70, 85), (95, 110, 130), (40, 42, 50), (190, 180, 120))
_AWNINGS = ((150, 45, 40), (45, 90, 70), (40, 60, 110), (190, 160, 90))
_DEPTH_OF_HOUSE = 5.0  # metres that the end wall runs back from the street


def paint_block(canvas: Canvas, camera: Camera, plan: Plan, block: Block) -> None:
    """Paint one stretch of one side; call it from far to near."""
    rng = np.random.default_rng(block.seed)
    if block.kind == "house":
        _paint_house(canvas, camera, plan, block, rng)
    elif block.kind == "green":
        x = block.side * block.x
        lawn = camera.ground(x, x + block.side * 14, block.near, block.far)
        canvas.polygon(lawn, np.array((95, 120, 65)) * rng.uniform(0.8, 1.1), VEGETATION)
        for _ in range(3):
            z = rng.uniform(max(block.near, 4), max(block.far, 4))
            tree = Thing("tree", x + block.side * rng.uniform(0.5, 5), z, int(rng.integers(2**32)))
            draw_tree(canvas, camera, plan, tree, np.random.default_rng(tree.seed))


def _paint_house(
    canvas: Canvas, camera: Camera, plan: Plan, block: Block, rng: np.random.Generator
) -> None:
    wall = np.float32(_WALLS[rng.integers(len(_WALLS))]) + rng.normal(0, 9, 3).astype(np.float32)
    # In the sun, the front that looks towards it is bright and the other one lies in shade.
    lit = 1.0 if not plan.sunny else (0.8 if block.side == plan.sun else 1.12)
    x, height = block.side * block.x, block.height
    back = x + block.side * _DEPTH_OF_HOUSE
    gable = [camera.project(x, 0, block.near), camera.project(back, 0, block.near)]
    gable += [camera.project(back, height, block.near), camera.project(x, height, block.near)]
    canvas.polygon(gable, np.clip(wall * 0.72, 20, 255), BUILDING, block.near)
    front = _front(camera, block, wall * lit, rng)
    corners = [camera.project(x, height, block.near), camera.project(x, height, block.far)]
    corners += [camera.project(x, 0, block.far), camera.project(x, 0, block.near)]
    painted = canvas.texture(front, corners, BUILDING)
    if painted is not None:
        area, inside = painted
        columns = np.arange(area[1].start, area[1].stop) - camera.centre
        columns = np.where(np.abs(columns) < 1, 1, columns)
        z = np.clip(camera.focal * x / columns, block.near, block.far).astype(np.float32)
        canvas.distance[area][inside] = np.broadcast_to(z, inside.shape)[inside]


def _front(camera: Camera, block: Block, wall: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a flat picture of a front, (rows, columns, 4), at the resolution it is seen with."""
    length = block.far - block.near
    per_metre = float(np.clip(camera.scale(max(block.near, 4.0)), 5.0, 60.0))
    rows, columns = round(block.height * per_metre), round(length * per_metre)
    offset = (rng.uniform(0, 3), rng.uniform(0, 3))
    y, along = np.arange(rows)[:, None] / per_metre, np.arange(columns)[None] / per_metre
    contrast = 0.45 * min(1.0, per_metre / 25)
    picture = np.zeros((rows, columns, 4), np.float32)
    picture[..., :3] = wall * sample("brick", along, y, offset, contrast)[..., None]

    def fill(top: float, left: float, height: float, width: float, colour, shine=0.0) -> None:
        """Fill a rectangle given in metres from the upper left."""
        first, last = round(top * per_metre), round((top + height) * per_metre)
        start, stop = round(left * per_metre), round((left + width) * per_metre)
        picture[first:last, start:stop] = (*np.clip(colour, 0, 255), shine)

    fill(0, 0, 0.35, length, wall * 0.8)  # the cornice
    shop = rng.random() < 0.45
    shop_height = 3.2 if shop else 0.0
    floors = max(1, int((block.height - 0.6 - shop_height) / rng.uniform(2.6, 3.4)))
    across = max(2, round(length / rng.uniform(2.2, 4.2)))
    cell = ((block.height - 0.6 - shop_height) / floors, length / across)
    share = (rng.uniform(0.45, 0.65), rng.uniform(0.35, 0.6))
    size = (cell[0] * share[0], cell[1] * share[1])
    glass = np.float32(_GLASS[rng.integers(len(_GLASS))])
    frame = wall * rng.uniform(1.1, 1.3)
    tones = rng.uniform(0.7, 1.2, (floors, across))
    occupied = rng.random((floors, across)) < 0.3
    for floor in range(floors):
        for column in range(across):
            top = 0.5 + (floor + 0.5) * cell[0] - size[0] / 2
            left = (column + 0.5) * cell[1] - size[1] / 2
            fill(top - 0.1, left - 0.1, size[0] + 0.25, size[1] + 0.2, frame)
            tone = glass * tones[floor, column]
            fill(top, left, size[0], size[1], tone, 0.7 * occupied[floor, column])
            fill(top, left, size[0] * 0.3, size[1], tone * 0.75, 0.5 * occupied[floor, column])
    _ground_floor(fill, block.height, length, wall, glass, shop, rng)
    return picture


def _ground_floor(fill, height, length, wall, glass, shop: bool, rng: np.random.Generator) -> None:
    """Add shop windows with an awning, or a plinth with a door."""
    awning = np.float32(_AWNINGS[rng.integers(len(_AWNINGS))])
    door = rng.uniform(0.1, 0.8) * length
    if shop:
        bays = max(1, round(length / 4))
        width = length / bays
        for bay in range(bays):
            fill(height - 2.6, (bay + 0.08) * width, 2.2, 0.84 * width, glass * 0.9, 0.45)
        fill(height - 3.1, 0.1, 0.6, length - 0.2, awning)
        fill(height - 2.3, door, 2.3, 1.0, wall * 0.4)
    else:
        fill(height - 0.5, 0, 0.5, length, wall * 0.75)
        fill(height - 2.3, door, 2.3, 1.1, awning * 0.6)
