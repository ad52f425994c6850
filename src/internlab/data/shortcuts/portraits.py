"""Portraits: two families of faces, and long hair that goes with one of them."""

from __future__ import annotations

import hashlib
import inspect
import zipfile
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import PIL

from internlab.data.cards import DataCard
from internlab.data.shortcuts import faces, portrait_drawing
from internlab.data.shortcuts.drawing_lots import assign_biases, generator, spread_biases
from internlab.data.shortcuts.faces import FAMILIES, Face, draw_face_parameters
from internlab.data.shortcuts.portrait_drawing import SIDE, draw_portrait
from internlab.data.shortcuts.records import PARTS, BiasedImages, BiasedSplits
from internlab.files import atomic_write, cache_dir

NAME = "portraits"
# Long hair goes with family A, short hair with family B.
BIAS_NAMES = ("long hair", "short hair")
_HAIR = ("long", "short")

CARD = DataCard(
    name="Drawn portraits",
    what="32 x 32 pixel RGB drawings of faces. The class is one of two families of faces, A and "
    "B, which differ in jaw, chin and brows, and of which B often has stubble; the bias is the "
    "length of the hair: long goes with A, short with B. Skin, eyes, colours, glasses and place "
    "are drawn by lot for both. The pictures show how a data set was collected, not people: the "
    "families stand for nothing, and a network that goes by hair says something about its "
    "training set and nothing about anybody's face.",
    origin="Drawn here, by lot.",
    licence="That of the kit.",
    size_bytes=0,
    sha256="",
    split="By seed: 4,000 faces to train on, 400 to validate on, 400 with either hair on either "
    "family. To test: 2,000 faces, 500 a family and hair, the same for all seeds.",
)


def load_portraits(ratio: float, seed: int, sizes: Mapping[str, int]) -> BiasedSplits:
    """Return portraits; see `internlab.data.shortcuts.load`, which checks what is given."""
    parts = {}
    for part, size in sizes.items():
        part_seed = 0 if part == "test" else seed
        labels = _labels(size)
        rng = generator(part_seed, f"{NAME} {part} biases")
        if part in ("train", "validation"):
            biases = assign_biases(labels, ratio, rng, len(FAMILIES), part=part)
        else:
            biases = spread_biases(labels, rng, len(FAMILIES))
        pairs = _drawn(part, part_seed, size)
        images = pairs[np.arange(size), biases]
        parts[part] = BiasedImages(images, labels, biases, len(FAMILIES))
    return BiasedSplits(
        name=NAME,
        ratio=ratio,
        seed=seed,
        **parts,
        class_names=FAMILIES,
        bias_names=BIAS_NAMES,
        card=CARD,
    )


def portrait_faces(part: str, seed: int, size: int) -> list[Face]:
    """Return the faces of a part of the portraits, in its order.

    Parameters
    ----------
    part : str
        ``"train"``, ``"validation"``, ``"balanced"`` or ``"test"``.
    seed : int
        As given to `load`; the test part has the same faces for all.
    size : int
        How many: the first ones of the part.

    Raises
    ------
    ValueError
        If there is no such part, or the size is negative.

    Examples
    --------
    >>> face = portrait_faces("test", 0, 1)[0]
    >>> draw_portrait(face, "long", side=128).shape
    (128, 128, 3)
    """
    if part not in PARTS:
        raise ValueError(f"There is no part {part!r}; expected one of {', '.join(PARTS)}.")
    if size < 0:
        raise ValueError(f"size is {size}; expected 0 or more.")
    part_seed = 0 if part == "test" else seed
    return [_face(part, part_seed, index) for index in range(size)]


def _labels(size: int) -> np.ndarray:
    return np.arange(size, dtype=np.int64) % len(FAMILIES)


def _face(part: str, seed: int, index: int) -> Face:
    # A generator for each face: the first hundred are the same in a set of any size.
    rng = generator(seed, f"{NAME} {part} face {index}")
    return draw_face_parameters(index % len(FAMILIES), rng)


@lru_cache(maxsize=16)
def _drawn(part: str, seed: int, size: int) -> np.ndarray:
    """Return faces with either hair: (size, 2, 32, 32, 3), uint8, in the order of `BIAS_NAMES`.

    Drawing takes seconds, so they are kept in the cache, as many as were ever needed.
    """
    path = cache_dir() / f"{NAME}-{part}-{seed}.npz"
    pairs = np.empty((0, len(_HAIR), SIDE, SIDE, 3), np.uint8)
    if path.is_file():
        try:
            with np.load(path) as stored:
                if str(stored["drawn_by"]) == _drawing_code():
                    pairs = stored["pairs"]
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)
    if len(pairs) < size:
        new = [_face(part, seed, index) for index in range(len(pairs), size)]
        drawn = np.array([[draw_portrait(face, hair) for hair in _HAIR] for face in new])
        pairs = np.concatenate([pairs, drawn])
        with atomic_write(path) as temporary:
            np.savez(temporary, pairs=pairs, drawn_by=_drawing_code())
    return pairs[:size]


@lru_cache(maxsize=1)
def _drawing_code() -> str:
    """Return a short hash of the code that draws, so that a change to it draws afresh."""
    code = "".join(inspect.getsource(module) for module in (faces, portrait_drawing))
    return hashlib.sha256(f"{PIL.__version__} {code}".encode()).hexdigest()[:12]
