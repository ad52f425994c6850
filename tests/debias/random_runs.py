"""Small runs of random images, for tests of the engine and of the methods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from internlab.data.cards import DataCard
from internlab.data.shortcuts import BiasedImages, BiasedSplits
from internlab.debias.stack import Runs

CARD = DataCard("noise", "random numbers", "drawn for this test", "none", 0, "", "")


def random_splits(
    seed: int,
    *,
    ratio: float = 0.8,
    classes: int = 3,
    side: int = 6,
    train: int = 120,
    name: str = "noise",
) -> BiasedSplits:
    """Return splits whose first channel shows the bias and whose second, faintly, the class."""
    rng = np.random.default_rng(seed)

    def part(count: int, aligned: float) -> BiasedImages:
        labels = np.arange(count) % classes
        rng.shuffle(labels)
        other = (labels + rng.integers(1, classes, count)) % classes
        biases = np.where(rng.random(count) < aligned, labels, other)
        images = rng.integers(0, 256, (count, side, side, 3))
        images[..., 0] = 255 * biases[:, None, None] // classes
        images[..., 1] = (images[..., 1] + 255 * labels[:, None, None] // classes) // 2
        return BiasedImages(images.astype(np.uint8), labels, biases, classes)

    names = tuple(f"class {k}" for k in range(classes))
    return BiasedSplits(
        name, ratio, seed, part(train, ratio), part(40, ratio), part(60, 1 / classes),
        part(90, 1 / classes), names, names, CARD,
    )  # fmt: skip


def without_bias_labels(runs: Runs) -> Runs:
    """Return the runs as one has them in practice: no bias labels but for scoring."""
    parts = {name: getattr(runs, name) for name in ("train", "balanced")}
    return replace(
        runs, **{name: part and replace(part, biases=None) for name, part in parts.items()}
    )
