"""Corrupted textures: crops of photographs, and a corruption that goes with each thing in them.

Made like the corrupted CIFAR-10 of Nam and others, "Learning from Failure: Training Debiased
Classifier from Biased Classifier", 2020 (2007.02561), section 4.1, with corruptions in the manner
of Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations", 2019 (1903.12261); small enough that photographs which are installed anyhow suffice.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from skimage import data

from internlab.data.cards import DataCard
from internlab.data.shortcuts.drawing_lots import assign_biases, generator, spread_biases
from internlab.data.shortcuts.records import BiasedImages, BiasedSplits

if TYPE_CHECKING:
    import albumentations

NAME = "corrupted-textures"
SIDE = 32
# What is photographed, and the picture of scikit-image that shows it.
PICTURES = {
    "bricks": "brick",
    "gravel": "gravel",
    "cat": "chelsea",
    "tissue": "immunohistochemistry",
    "stars": "hubble_deep_field",
    "print": "page",
    "coins": "coins",
}
CORRUPTIONS = (
    "noise",
    "blur",
    "coarse pixels",
    "specks",
    "shake",
    "low contrast",
    "spatter",
)
# A crop of this side is shrunk to SIDE.
_CROP = 48
# The strips of each picture that crops of a part come from, as shares of its width. What is tested
# lies between what is trained on: light and sharpness change from one side to the other. The
# strips are narrow, so the balanced part shares that of the validation.
_STRIPS = {
    "train": ((0.0, 0.29), (0.57, 0.84)),
    "validation": ((0.84, 1.0),),
    "test": ((0.29, 0.57),),
}
# A crop of a smaller spread of grey, 0 to 1, shows nothing and is not taken.
_LEAST_SPREAD = 0.02

CARD = DataCard(
    name="Corrupted textures",
    what="32 x 32 pixel RGB crops of seven photographs, four of them grey. What is photographed is "
    "the class (bricks, gravel, a cat, tissue, stars, print, coins); the corruption is the bias "
    "(noise, blur, coarse pixels, specks, shake, low contrast, spatter).",
    origin="Photographs that ship with scikit-image; corruptions by Albumentations 2.0.8.",
    licence="CC0, public domain, or without known restriction, as scikit-image lists them; for the "
    "page of print it lists none. The kit ships none of them.",
    size_bytes=0,
    sha256="",
    split="By strips of each photograph: two to train on, one between them to test on, one at the "
    "right to validate on and for the balanced part. No pixel serves two of these three; but crops "
    "overlap, and validation and balanced part show the same pixels: what trained on one is not "
    "chosen fairly by the other. By seed: 4,000 crops to train on, 400 to validate on, 490 with "
    "every corruption on every class. To test: 1,470, the same for all seeds.",
)


def load_corrupted(ratio: float, seed: int, sizes: Mapping[str, int]) -> BiasedSplits:
    """Return corrupted crops; see `internlab.data.shortcuts.load`, which checks what is given."""
    kinds = len(PICTURES)
    parts = {}
    for part, size in sizes.items():
        part_seed = 0 if part == "test" else seed
        labels = np.arange(size, dtype=np.int64) % kinds
        rng = generator(part_seed, f"{NAME} {part} biases")
        if part in ("train", "validation"):
            biases = assign_biases(labels, ratio, rng, kinds, part=part)
        else:
            biases = spread_biases(labels, rng, kinds)
        crops = _crops(part, labels, generator(part_seed, f"{NAME} {part} crops"))
        images = corrupt(crops, biases, generator(part_seed, f"{NAME} {part} corruptions"))
        parts[part] = BiasedImages(images, labels, biases, kinds)
    return BiasedSplits(
        name=NAME,
        ratio=ratio,
        seed=seed,
        **parts,
        class_names=tuple(PICTURES),
        bias_names=CORRUPTIONS,
        card=CARD,
    )


def corrupt(images: np.ndarray, biases: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Corrupt images.

    Parameters
    ----------
    images : array
        (N, 32, 32, 3), uint8.
    biases : array
        (N,), int64: index into `CORRUPTIONS`.
    rng : Generator
        Draws a seed for each image, whatever its corruption.

    Returns
    -------
    array
        (N, 32, 32, 3), uint8.
    """
    seeds = rng.integers(2**31, size=len(images))
    corrupted = np.empty_like(images)
    for index, (image, bias, seed) in enumerate(zip(images, biases, seeds, strict=True)):
        change = _changes()[bias]
        change.set_random_seed(int(seed))
        corrupted[index] = change(image=image)["image"]
    return corrupted


@cache
def _changes() -> tuple[albumentations.BasicTransform, ...]:
    # Before the import: the library would ask the network for its newest version otherwise.
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    import albumentations as A
    import cv2

    # OpenCV would start a thread for each core otherwise.
    cv2.setNumThreads(0)
    still = {"angle_range": (0, 0), "direction_range": (0, 0)}
    return (
        A.GaussNoise(std_range=(0.08, 0.12), p=1),
        A.GaussianBlur(sigma_limit=(1.2, 1.7), blur_limit=0, p=1),
        A.Downscale(scale_range=(0.28, 0.34), p=1),
        A.SaltAndPepper(amount=(0.04, 0.07), p=1),
        A.MotionBlur(blur_limit=(7, 7), p=1, **still),
        A.RandomBrightnessContrast((0, 0), (-0.55, -0.45), brightness_by_max=False, p=1),
        A.Spatter(p=1),
    )


def _crops(part: str, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a crop for each label: (N, 32, 32, 3), uint8."""
    strips = _STRIPS["validation" if part == "balanced" else part]
    crops = np.empty((len(labels), SIDE, SIDE, 3), np.uint8)
    for index, label in enumerate(labels):
        picture = _pictures()[label]
        height, width = picture.shape[:2]
        spread = 0.0
        while spread < _LEAST_SPREAD:
            left, right = (round(edge * width) for edge in strips[rng.integers(len(strips))])
            y = rng.integers(height - _CROP + 1)
            x = rng.integers(left, right - _CROP + 1)
            crop = picture[y : y + _CROP, x : x + _CROP]
            spread = crop.std() / 255
        small = Image.fromarray(crop).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        crops[index] = np.asarray(small)
    return crops


@cache
def _pictures() -> tuple[np.ndarray, ...]:
    """Return the photographs in the order of `PICTURES`: (height, width, 3) uint8 each."""
    return tuple(
        np.asarray(Image.fromarray(getattr(data, name)()).convert("RGB"))
        for name in PICTURES.values()
    )
