"""Street scenes in frozen sets: which seeds, which weather, and what is pasted into them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from internlab.data.streets.labels import ANOMALY
from internlab.data.streets.ordinary import ordinary
from internlab.data.streets.scene import HEIGHT, WIDTH, checked, draw_street
from internlab.data.streets.sprites import Sprite, load_sprites
from internlab.data.streets.stored import read_scenes, write_scenes
from internlab.provenance import hash_data
from internlab.spelling import did_you_mean


@dataclass(frozen=True)
class Recipe:
    """How a set is made: `count` scenes from a first seed on, their weather, and what is pasted.

    `pasted` is "" (nothing), a kind of sprites, which take turns, or "ordinary".
    """

    count: int
    first_seed: int
    domain: str = "clear"
    pasted: str = ""


# Frozen: a seed belongs to one part. The sets of fog and night repeat the scenes of "test", and
# "fog-animals" those of "animals", so that weather is all that differs.
SETS = {
    "train": Recipe(600, 0),
    "validation": Recipe(60, 100_000),
    "test": Recipe(60, 200_000),
    "fog": Recipe(60, 200_000, domain="fog"),
    "night": Recipe(60, 200_000, domain="night"),
    "validation-objects": Recipe(60, 300_000, pasted="objects"),
    "animals": Recipe(120, 400_000, pasted="animals"),
    "fog-animals": Recipe(60, 400_000, domain="fog", pasted="animals"),
    "photos": Recipe(60, 500_000, pasted="photos"),
    "pasted-ordinary": Recipe(60, 600_000, pasted="ordinary"),
    # The road got its stains because of what was seen on "animals"; these nobody had looked at.
    "fresh-animals": Recipe(120, 700_000, pasted="animals"),
}

_WORTH_A_LINE = 50  # scenes; fewer are drawn before you wonder


@dataclass(frozen=True)
class StreetSet:
    """Scenes and their labels.

    Parameters
    ----------
    images : array
        (N, height, width, 3), uint8 RGB.
    labels : array
        (N, height, width), uint8: 0 to 7 for the classes, ANOMALY or VOID.
    seeds : array
        (N,), int64: the seed of each scene.
    names : array
        (N,), str: what is pasted into each scene, "" for nothing.
    domain : str
        "clear", "fog" or "night".
    """

    images: np.ndarray
    labels: np.ndarray
    seeds: np.ndarray
    names: np.ndarray
    domain: str

    def __len__(self) -> int:
        return len(self.images)

    def take(self, which: np.ndarray | slice) -> StreetSet:
        """Return some of the scenes, chosen as an array is indexed."""
        parts = (self.images, self.labels, self.seeds, self.names)
        return StreetSet(*(part[which] for part in parts), self.domain)


def street_set(
    name: str, count: int | None = None, *, height: int = HEIGHT, width: int = WIDTH
) -> StreetSet:
    """Return a frozen set; its scenes are drawn once and kept in the cache.

    Parameters
    ----------
    name : str
        One of SETS.
    count : int, optional
        Only the first so many scenes; no others are drawn then. All of them by default.
    height, width : int
        Of each scene, in pixels, at least 32.

    Returns
    -------
    StreetSet

    Raises
    ------
    ValueError
        If there is no such set, it has not so many scenes, or a side is too small.
    TypeError
        If a number is no whole number.
    """
    if name not in SETS:
        raise ValueError(
            f"No set of streets {name!r}.{did_you_mean(name, SETS)} "
            f"Expected one of {', '.join(SETS)}."
        )
    recipe = SETS[name]
    try:
        count = recipe.count if count is None else operator.index(count)
    except TypeError:
        raise TypeError(f"count is {count!r}; expected a whole number of scenes.") from None
    _, height, width = checked(recipe.first_seed, height, width)
    if not 1 <= count <= recipe.count:
        raise ValueError(f"count is {count}; set {name!r} has 1 to {recipe.count} scenes.")
    pasted = _pasted(recipe)
    images, labels = _scenes(name, recipe, pasted, count, (height, width))
    seeds = recipe.first_seed + np.arange(count)
    names = np.array([sprite.name if sprite else "" for sprite in map(pasted, range(count))])
    return StreetSet(images, labels, seeds, names, recipe.domain)


def small_animals(scenes: StreetSet) -> StreetSet:
    """Return the half of the scenes with the fewest anomaly pixels, in their order.

    Of an odd number, the scene in the middle is left out. Scenes with equally many pixels go by
    their order.
    """
    pixels = (scenes.labels == ANOMALY).sum(axis=(1, 2))
    fewest = np.argsort(pixels, kind="stable")[: len(scenes) // 2]
    return scenes.take(np.sort(fewest))


def _pasted(recipe: Recipe) -> Callable[[int], Sprite | None]:
    """Return the function that says what is pasted into scene number i of a set."""
    if not recipe.pasted:
        return lambda number: None
    if recipe.pasted == "ordinary":
        return lambda number: ordinary(recipe.first_seed + number)
    sprites = list(load_sprites(recipe.pasted).values())
    return lambda number: sprites[number % len(sprites)]


def _made_of(recipe: Recipe) -> str:
    """Return what decides how a set's scenes look; of how many there are, they do not depend."""
    pasted = recipe.pasted or "nothing"
    if recipe.pasted not in ("", "ordinary"):
        sprites = load_sprites(recipe.pasted)
        look = {name: sprite.rgba for name, sprite in sprites.items()}
        heights = [(name, sprite.height_m) for name, sprite in sprites.items()]
        pasted += f" {heights} {hash_data(look)}"
    return f"seeds from {recipe.first_seed}, {recipe.domain}, with {pasted}"


def _scenes(
    name: str,
    recipe: Recipe,
    pasted: Callable[[int], Sprite | None],
    count: int,
    size: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """Return images and labels of the first scenes: what the cache has, and the rest drawn."""
    made_of = _made_of(recipe)
    images, labels = read_scenes(name, size, made_of)
    stored = len(images)
    if stored >= count:
        return images[:count], labels[:count]
    if count - stored >= _WORTH_A_LINE:
        print(
            f"Drawing {count - stored} street scenes ({name}), once; later runs read them from "
            "data/cache.",
            flush=True,
        )
    drawn = list(zip(images, labels, strict=True))
    try:
        for number in range(stored, count):
            street = draw_street(
                recipe.first_seed + number,
                height=size[0],
                width=size[1],
                domain=recipe.domain,
                anomaly=pasted(number),
            )
            drawn.append((street.image, street.labels))
    finally:
        # An interrupted run keeps what it has drawn; the next one goes on from there.
        if len(drawn) > stored:
            images, labels = (np.stack(part) for part in zip(*drawn, strict=True))
            write_scenes(name, images, labels, made_of)
    return images, labels
