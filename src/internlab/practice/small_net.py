"""A network so small that many seeds of it train in a second: handwritten digits, 8 x 8 pixels.

All seeds of a recipe train side by side as one stack of matrices. A seed's network does not depend
on which other seeds are in the stack.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from sklearn.datasets import load_digits

from internlab.data.cards import DataCard

TEST_IMAGES = 1000
CARD = DataCard(
    name="Digits (UCI, optical recognition of handwritten digits, test part)",
    what="1,797 handwritten digits, 8 x 8 pixels, 17 grey levels, ten classes",
    origin="Alpaydin and Kaynak, 1998, doi 10.24432/C50P49; comes with scikit-learn",
    licence="CC BY 4.0",
    size_bytes=0,
    sha256="",
    split=f"{TEST_IMAGES:,} test images, the same for all; the other 797 are the pool that "
    "training images are drawn from",
)


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Parameters
    ----------
    images : int
        Training images, drawn from the pool by the seed.
    hidden : int
        Units of the one hidden layer.
    steps : int
        Batches of 50 images.
    shift : bool
        Whether a training image is moved by up to one pixel, anew in each batch.
    rate : float
        Learning rate of gradient descent with momentum 0.9.
    decay : float
        Weight decay, per unit of the learning rate.
    scaled : bool
        Whether grey levels are divided by 16, the whitest; else they are 0 to 16.
    """

    images: int = 200
    hidden: int = 32
    steps: int = 200
    shift: bool = False
    rate: float = 0.1
    decay: float = 0.0
    scaled: bool = True


@cache
def split() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return pool images (797, 8, 8), grey levels 0 to 16, and labels; the same of the test.

    Which images are the test is fixed once and for all.
    """
    digits = load_digits()
    order = np.random.default_rng(2).permutation(len(digits.target))
    images, labels = digits.images[order], digits.target[order]
    return images[TEST_IMAGES:], labels[TEST_IMAGES:], images[:TEST_IMAGES], labels[:TEST_IMAGES]


def train(recipe: Recipe, seeds: Sequence[int]) -> np.ndarray:
    """Train a network for each seed; say which test images it gets right.

    The seed draws the training images, the first weights, the batches and the shifts.

    Parameters
    ----------
    recipe : Recipe
        The same for all.
    seeds : sequence of int
        One network each.

    Returns
    -------
    array of bool (seeds, test images)

    Raises
    ------
    ValueError
        If there is no seed, or the pool has fewer images than the recipe asks for.
    """
    pool, pool_labels, test, test_labels = split()
    if not 50 <= recipe.images <= len(pool):
        raise ValueError(
            f"recipe.images is {recipe.images}. Expected 50 to {len(pool)}, the size of the pool."
        )
    if len(seeds) == 0:
        raise ValueError("There is no seed. Give at least one.")
    white = 16 if recipe.scaled else 1
    rngs = [np.random.default_rng(seed) for seed in seeds]
    chosen = np.stack([rng.permutation(len(pool))[: recipe.images] for rng in rngs])
    sizes = (64, recipe.hidden, 10)
    weights = [
        np.stack([rng.normal(0, np.sqrt(2 / before), (before, after)) for rng in rngs])
        for before, after in itertools.pairwise(sizes)
    ]
    weights += [np.zeros((len(seeds), 1, size)) for size in sizes[1:]]
    speeds = [np.zeros_like(each) for each in weights]
    for step in range(recipe.steps):
        batch = np.stack(
            [ids[rng.integers(0, recipe.images, 50)] for ids, rng in zip(chosen, rngs, strict=True)]
        )
        pixels = pool[batch] / white
        if recipe.shift:
            pixels = np.stack([_moved(each, rng) for each, rng in zip(pixels, rngs, strict=True)])
        gradients = _gradients(weights, pixels.reshape(len(seeds), 50, 64), pool_labels[batch])
        rate = recipe.rate * (1 - step / recipe.steps)
        for weight, speed, gradient in zip(weights, speeds, gradients, strict=True):
            speed *= 0.9
            speed -= rate * (gradient + recipe.decay * weight)
            weight += speed
    _, scores = _forward(weights, test.reshape(1, -1, 64) / white)
    return scores.argmax(axis=2) == test_labels


def _forward(weights: list[np.ndarray], pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hidden = np.maximum(pixels @ weights[0] + weights[2], 0)
    return hidden, hidden @ weights[1] + weights[3]


def _gradients(
    weights: list[np.ndarray], pixels: np.ndarray, labels: np.ndarray
) -> list[np.ndarray]:
    """Return the gradient of the mean cross-entropy for each weight."""
    hidden, scores = _forward(weights, pixels)
    shares = np.exp(scores - scores.max(axis=2, keepdims=True))
    shares /= shares.sum(axis=2, keepdims=True)
    blame = (shares - np.eye(10)[labels]) / pixels.shape[1]
    below = (blame @ weights[1].swapaxes(1, 2)) * (hidden > 0)
    return [
        pixels.swapaxes(1, 2) @ below,
        hidden.swapaxes(1, 2) @ blame,
        below.sum(axis=1, keepdims=True),
        blame.sum(axis=1, keepdims=True),
    ]


def _moved(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move each image by -1, 0 or 1 pixel down and across; what comes in is empty."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    down, across = rng.integers(0, 3, (2, len(images)))
    rows = down[:, None, None] + np.arange(8)[None, :, None]
    columns = across[:, None, None] + np.arange(8)[None, None, :]
    return padded[np.arange(len(images))[:, None, None], rows, columns]
