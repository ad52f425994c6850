"""Learning curves of reading digits, in easier and harder versions of the task."""

from __future__ import annotations

from functools import cache

import numpy as np

from internlab.data.shortcuts.mnist import halve, handwritten_digits

TEST = 1_000
MOST_MOVED = 4  # pixels of 28; MNIST's digits leave a margin of four
VERSIONS = ("centred", "moved", "noisy", "turned")


def errors(sizes: tuple[int, ...], seeds: range, version: str) -> np.ndarray:
    """Return the error of the nearest-neighbour rule, (seeds, sizes), as a share of the test.

    A digit gets the label of the training image that is nearest to it, pixel by pixel. In the
    version "moved" every image, also of the test, is moved by up to four pixels in both directions;
    "noisy" adds noise, "turned" turns by quarter turns. At one seed, a smaller training set lies
    within a larger one; each seed draws its training and test images.

    Raises
    ------
    ValueError
        If the version is unknown, or a size is below 1 or above what there is (see `available`).
    """
    if version not in VERSIONS:
        raise ValueError(f"version is {version!r}; expected one of {', '.join(VERSIONS)}.")
    if min(sizes) < 1 or max(sizes) > available():
        raise ValueError(f"sizes reach from {min(sizes)} to {max(sizes)}; there are {available()}.")
    return np.array([_of_seed(tuple(sizes), seed, version) for seed in seeds])


def available() -> int:
    """Return how many training images there are: 60,000, or few with the fallback digits."""
    return len(handwritten_digits().train_labels)


@cache
def _of_seed(sizes: tuple[int, ...], seed: int, version: str) -> tuple[float, ...]:
    digits = handwritten_digits()
    # A generator each, so that neither the test nor a smaller set depends on the largest size.
    for_train, for_test = (np.random.default_rng([seed, part]) for part in (0, 1))
    train = for_train.permutation(len(digits.train_labels))[: max(sizes)]
    test = for_test.permutation(len(digits.test_labels))[:TEST]
    x = _prepared(digits.train_images[train], version, for_train)
    asked = _prepared(digits.test_images[test], version, for_test)
    labels, truth = digits.train_labels[train], digits.test_labels[test]
    # The nearest has the largest x.a - |x|^2 / 2; |a|^2 is the same for all x.
    closeness = asked @ x.T - (x**2).sum(axis=1) / 2
    return tuple(
        float(np.mean(labels[closeness[:, :size].argmax(axis=1)] != truth)) for size in sizes
    )


def _prepared(images: np.ndarray, version: str, rng: np.random.Generator) -> np.ndarray:
    """Return images as (N, 196) float32 in about [0, 1]."""
    if version == "moved":
        steps = rng.integers(-MOST_MOVED, MOST_MOVED + 1, (len(images), 2))
        images = np.stack(
            [np.roll(each, step, axis=(0, 1)) for each, step in zip(images, steps, strict=True)]
        )
    if version == "turned":
        turns = rng.integers(0, 4, len(images))
        images = np.stack([np.rot90(i, k) for i, k in zip(images, turns, strict=True)])
    flat = halve(images).reshape(len(images), -1)
    if version == "noisy":
        flat = flat + rng.normal(0, 0.4, flat.shape).astype(np.float32)
    return flat
