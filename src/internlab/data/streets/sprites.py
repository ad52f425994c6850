"""Pictures of objects that no class describes, cut out and ready to be pasted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from internlab.files import data_dir
from internlab.spelling import did_you_mean

# Height in metres from the ground to the highest point, ears and antlers included.
ANIMALS = {
    "dog": 0.9,
    "cat": 0.6,
    "horse": 1.7,
    "cow": 1.5,
    "sheep": 1.0,
    "pig": 0.9,
    "deer": 1.7,
    "elephant": 2.4,
    "camel": 2.0,
    "turtle": 0.5,
}
OBJECTS = {"box": 0.7, "couch": 1.1, "ball": 0.5, "cart": 1.0}
PHOTOS = {"chelsea": 0.8, "coffee": 0.7, "fur-horse": 1.7, "rocket": 2.2}

# Animals belong to the test sets alone and objects to the validation sets alone: a choice that
# has seen an animal says nothing about animals that nobody has seen.
KINDS = {"animals": ANIMALS, "objects": OBJECTS, "photos": PHOTOS}


@dataclass(frozen=True)
class Sprite:
    """An object that can be pasted.

    Parameters
    ----------
    name : str
    rgba : array
        (h, w, 4), uint8; alpha 255 is solid. It is cut off tightly: the lowest row is the foot.
    height_m : float
        How tall the object is, in metres.
    """

    name: str
    rgba: np.ndarray
    height_m: float

    def __post_init__(self) -> None:
        shape, dtype = np.shape(self.rgba), getattr(self.rgba, "dtype", type(self.rgba))
        if len(shape) != 3 or shape[2] != 4 or min(shape) < 1 or dtype != np.uint8:
            raise ValueError(
                f"The picture of sprite {self.name!r} has shape {shape} and type {dtype}; expected "
                "(h, w, 4) and uint8: red, green, blue and alpha."
            )
        if not (self.rgba[..., 3] > 127).any():
            raise ValueError(
                f"The picture of sprite {self.name!r} is transparent everywhere; expected an "
                "object with an alpha of more than 127."
            )
        if not (np.isfinite(self.height_m) and self.height_m > 0):
            raise ValueError(
                f"Sprite {self.name!r} is {self.height_m} m tall; expected a positive height."
            )


def sprite_folder() -> Path:
    """Return ``data/ood/sprites/``, where the pictures and their licence lie."""
    return data_dir() / "ood" / "sprites"


def load_sprites(kind: str) -> dict[str, Sprite]:
    """Return the shipped sprites of a kind, by name.

    Parameters
    ----------
    kind : {"animals", "objects", "photos"}
        Animals are for tests only, objects for validation only. Photos are cut out of photographs
        that scikit-image installs; they are for tests too.

    Raises
    ------
    ValueError
        If there is no such kind, or a file is damaged.
    FileNotFoundError
        If a file is missing.
    """
    if kind not in KINDS:
        raise ValueError(
            f"No sprites of kind {kind!r}.{did_you_mean(kind, KINDS)} "
            f"Expected one of {', '.join(KINDS)}."
        )
    return {
        name: _read(sprite_folder() / kind / f"{name}.png", name, height)
        for name, height in KINDS[kind].items()
    }


_AGAIN = "Get it back with: git checkout -- data/ood/sprites"


def _read(path: Path, name: str, height: float) -> Sprite:
    shown = f"data/ood/sprites/{path.parent.name}/{path.name}"
    if not path.is_file():
        raise FileNotFoundError(f"{shown} is missing. It ships with the kit. {_AGAIN}")
    try:
        return _decode(path, path.stat().st_mtime_ns, name, height)
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise ValueError(f"{shown} is damaged: {error}. {_AGAIN}") from error


@cache
def _decode(path: Path, changed: int, name: str, height: float) -> Sprite:
    """Decode a file once for each time it changed."""
    with Image.open(path) as image:
        if image.mode != "RGBA":
            raise ValueError(f"its mode is {image.mode}, expected RGBA")
        rgba = np.array(image)
    rgba.flags.writeable = False
    return Sprite(name, rgba, height)
