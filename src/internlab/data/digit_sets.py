"""Digits that a network knows, digits it does not, and images that are no digits at all.

Ten handwritten digits of 8 x 8 pixels come with scikit-learn. Six are the classes of a network.
The others are near outliers: written by the same people, scanned by the same machine. Textures,
faces and noise are far outliers.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import cache

import numpy as np
from skimage import data, transform
from sklearn.datasets import load_digits

from internlab.data.cards import DataCard

SIDE = 8
# The digits that are classes: class k is the digit KNOWN[k].
KNOWN = (1, 2, 3, 7, 8, 9)
# Digits that no network sees: one for choosing, three for the test.
NEAR_VALIDATION = (0,)
NEAR_TEST = (4, 5, 6)
# Images of each class to train and to validate on; the rest is the test.
TRAIN_OF_CLASS, VALIDATION_OF_CLASS = 60, 30
# Pictures of scikit-image whose patches are far outliers. No picture serves twice.
TEXTURES_TEST = ("brick", "grass", "gravel")
TEXTURES_VALIDATION = ("cell", "clock")
TEXTURES_EXPOSURE = ("camera", "coins", "page")

CARD = DataCard(
    name="Digits and what is no digit",
    what="8 x 8 pixel grey images, float32 in [0, 1]. Six digits (1, 2, 3, 7, 8, 9) are classes. "
    "Near outliers: the other digits. Far outliers: patches of photographed textures, faces, "
    "uniform noise. The six were chosen because the others resemble them: with 0 to 6 as classes "
    "nearly every detector finds nearly everything, and nothing can be compared.",
    origin="scikit-learn's copy of the Optical Recognition of Handwritten Digits (E. Alpaydin, "
    "C. Kaynak, 1998, UCI Machine Learning Repository); pictures and the LFW faces (Huang et al., "
    "2007) that ship with scikit-image. All lie in the installed packages.",
    licence="Digits: CC BY 4.0 (UCI). Pictures: CC0, public domain, or without known "
    "restriction, as scikit-image lists them; for the faces it lists no licence. The kit ships "
    "none of these files, and no lesson prints a face.",
    size_bytes=0,
    sha256="",
    split="By seed: 60 digits a class to train on, 30 to validate on, the rest to test on. To "
    "choose with: the digit 0, patches of two pictures. To test with: the digits 4, 5 and 6, "
    "patches of three other pictures, faces, noise. For outlier exposure: patches of three more.",
)


@dataclass(frozen=True)
class Digits:
    """Images and their classes.

    Parameters
    ----------
    images : array
        (N, 8, 8), float32 in [0, 1].
    labels : array
        (N,), int64: class k is the digit KNOWN[k].
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class DigitSets:
    """Everything for one seed.

    Parameters
    ----------
    train, validation, test : Digits
        Of the known classes, without overlap.
    outliers, validation_outliers : dict of str to array
        (N, 8, 8), float32 in [0, 1], by kind: ``"near"``, ``"textures"``; for the test also
        ``"faces"`` and ``"noise"``. No picture and no digit is in both.
    exposure : array
        Like those, for the training of outlier exposure; of other pictures again.
    """

    train: Digits
    validation: Digits
    test: Digits
    outliers: dict[str, np.ndarray]
    validation_outliers: dict[str, np.ndarray]
    exposure: np.ndarray


def digit_sets(seed: int) -> DigitSets:
    """Return the sets of a seed, which decides which digits are trained on; outliers stay.

    Parameters
    ----------
    seed : int
        At least 0.

    Raises
    ------
    ValueError
        If the seed is negative.
    TypeError
        If it is no whole number.
    """
    try:
        seed = operator.index(seed)
    except TypeError:
        raise TypeError(f"seed is {seed!r}; expected a whole number.") from None
    if seed < 0:
        raise ValueError(f"seed is {seed}; expected 0 or more.")
    images, digits = _digits()
    rng = np.random.default_rng(seed)
    parts: tuple[list[np.ndarray], ...] = ([], [], [])
    for digit in KNOWN:
        order = rng.permutation(np.flatnonzero(digits == digit))
        ends = (TRAIN_OF_CLASS, TRAIN_OF_CLASS + VALIDATION_OF_CLASS)
        for part, chosen in zip(parts, np.split(order, ends), strict=True):
            part.append(chosen)
    train, validation, test = (_known(np.concatenate(part)) for part in parts)
    return DigitSets(
        train=train,
        validation=validation,
        test=test,
        outliers={
            "near": images[np.isin(digits, NEAR_TEST)],
            "textures": _patches(TEXTURES_TEST, 100, seed=1),
            "faces": _faces(),
            "noise": np.random.default_rng(2).random((300, SIDE, SIDE), dtype=np.float32),
        },
        validation_outliers={
            "near": images[np.isin(digits, NEAR_VALIDATION)],
            "textures": _patches(TEXTURES_VALIDATION, 100, seed=3),
        },
        exposure=_patches(TEXTURES_EXPOSURE, 200, seed=4),
    )


def stretched(images: np.ndarray) -> np.ndarray:
    """Return images (N, 8, 8) with each one's darkest pixel at 0 and its brightest at 1, float32.

    Digits use the whole range too, so contrast does not give an outlier away.
    """
    low = images.min(axis=(1, 2), keepdims=True)
    high = images.max(axis=(1, 2), keepdims=True)
    # A patch without any contrast becomes black.
    return ((images - low) / np.maximum(high - low, 1e-6)).astype(np.float32)


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    loaded = load_digits()
    return (loaded.images / 16).astype(np.float32), loaded.target


def _known(chosen: np.ndarray) -> Digits:
    images, digits = _digits()
    return Digits(images[chosen], np.searchsorted(KNOWN, digits[chosen]).astype(np.int64))


@cache
def _patches(names: tuple[str, ...], count: int, seed: int, side: int = 24) -> np.ndarray:
    """Return `count` patches of each picture, shrunk from `side` x `side` pixels to 8 x 8."""
    rng = np.random.default_rng(seed)
    patches = []
    for name in names:
        picture = getattr(data, name)().astype(np.float32) / 255
        for _ in range(count):
            top, left = (int(rng.integers(length - side)) for length in picture.shape)
            patch = picture[top : top + side, left : left + side]
            patches.append(transform.resize(patch, (SIDE, SIDE), anti_aliasing=True))
    return stretched(np.stack(patches))


@cache
def _faces() -> np.ndarray:
    # The first hundred of these are faces, the rest are not.
    faces = data.lfw_subset()[:100]
    return stretched(
        np.stack([transform.resize(face, (SIDE, SIDE), anti_aliasing=True) for face in faces])
    )
