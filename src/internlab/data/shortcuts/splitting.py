"""The four parts of a set of digits, whatever is painted on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from internlab.data.cards import DataCard
from internlab.data.shortcuts.drawing_lots import (
    assign_biases,
    draw_of_each_class,
    generator,
    spread_biases,
)
from internlab.data.shortcuts.mnist import handwritten_digits
from internlab.data.shortcuts.records import BiasedImages, BiasedSplits

CLASSES = 10
DIGITS = tuple(str(digit) for digit in range(CLASSES))
# Scikit-learn has 1,797 digits in all; more is not to be had without MNIST.
FALLBACK_SIZES = {"train": 900, "validation": 100, "balanced": 200, "test": 500}

Paint = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def split_digits(
    name: str,
    ratio: float,
    seed: int,
    sizes: Mapping[str, int],
    *,
    paint: Paint,
    bias_names: tuple[str, ...],
    card: DataCard,
) -> BiasedSplits:
    """Draw digits for each part, give each a bias, and paint it.

    Parameters
    ----------
    name : str
    ratio : float
        Share of bias-aligned images in the parts that are biased.
    seed : int
        Of all but the test.
    sizes : mapping of str to int
        Images of each part. Without MNIST they are cut down to `FALLBACK_SIZES`, and a class that
        is too small for the ratio has one conflicting image all the same.
    paint : callable
        Takes digits (n, 28, 28) uint8, their biases (n,) and a generator; returns
        (n, 14, 14, 3) uint8.
    bias_names : tuple of str
    card : DataCard

    Raises
    ------
    ValueError
        If there are too few digits, or a group of a balanced part would have none.
    """
    digits = handwritten_digits()
    if digits.is_fallback:
        sizes = {part: min(size, FALLBACK_SIZES[part]) for part, size in sizes.items()}
    learnt = {part: size for part, size in sizes.items() if part != "test"}
    chosen = draw_of_each_class(
        digits.train_labels, learnt, generator(seed, f"{name} digits"), CLASSES
    )
    tested = draw_of_each_class(
        digits.test_labels, {"test": sizes["test"]}, generator(0, f"{name} test digits"), CLASSES
    )
    parts = {}
    for part, index in (chosen | tested).items():
        is_test = part == "test"
        labels = (digits.test_labels if is_test else digits.train_labels)[index]
        images = (digits.test_images if is_test else digits.train_images)[index]
        rng = generator(0 if is_test else seed, f"{name} {part} biases")
        if part in ("train", "validation"):
            share = _reachable(ratio, labels) if digits.is_fallback else ratio
            biases = assign_biases(labels, share, rng, CLASSES, part=part)
        else:
            biases = spread_biases(labels, rng, CLASSES)
        # A generator of its own: the same strokes get the same colour at any ratio.
        shades = generator(0 if is_test else seed, f"{name} {part} paint")
        parts[part] = BiasedImages(paint(images, biases, shades), labels, biases, CLASSES)
    return BiasedSplits(
        name=name,
        ratio=ratio,
        seed=seed,
        **parts,
        class_names=DIGITS,
        bias_names=bias_names,
        card=card,
        is_fallback=digits.is_fallback,
    )


def _reachable(ratio: float, labels: np.ndarray) -> float:
    """Return the largest ratio up to `ratio` at which each class has a conflicting image."""
    return min(ratio, 1 - 1 / np.bincount(labels, minlength=CLASSES).min())
