"""The sets of the debiasing track by name."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from internlab.data.shortcuts import coloured, corrupted, portraits, textured
from internlab.data.shortcuts.drawing_lots import check_ratio
from internlab.data.shortcuts.records import PARTS, BiasedImages, BiasedSplits
from internlab.spelling import did_you_mean

__all__ = ["DATA_SETS", "DEFAULT_SIZES", "BiasedImages", "BiasedSplits", "load"]

DATA_SETS = ("coloured-mnist", "portraits", "textured-digits", "corrupted-textures")

_DIGIT_SIZES = {"train": 10_000, "validation": 1_000, "balanced": 1_000, "test": 2_500}
# Images of each part, unless `load` is told otherwise.
DEFAULT_SIZES: dict[str, dict[str, int]] = {
    "coloured-mnist": _DIGIT_SIZES,
    "textured-digits": _DIGIT_SIZES,
    "portraits": {"train": 4_000, "validation": 400, "balanced": 400, "test": 2_000},
    "corrupted-textures": {"train": 4_000, "validation": 400, "balanced": 490, "test": 1_470},
}
_LOADERS: dict[str, Callable[[float, int, Mapping[str, int]], BiasedSplits]] = {
    "coloured-mnist": coloured.load_coloured,
    "portraits": portraits.load_portraits,
    "textured-digits": textured.load_textured,
    "corrupted-textures": corrupted.load_corrupted,
}


def load(
    name: str, ratio: float, seed: int, *, sizes: Mapping[str, int] | None = None
) -> BiasedSplits:
    """Return a set of biased images.

    Parameters
    ----------
    name : str
        One of `DATA_SETS`.
    ratio : float
        Share of bias-aligned images in the train and validation parts, above 0 and below 1.
    seed : int
        At least 0. It decides all but the test, which is the same for every seed and ratio. At one
        seed, a higher ratio has the same images: only some conflicting ones get aligned.
    sizes : mapping of str to int, optional
        Images of the parts ``"train"``, ``"validation"``, ``"balanced"`` and ``"test"``; those not
        named stay as in `DEFAULT_SIZES`.

    Raises
    ------
    ValueError
        If the name, the ratio, the seed or a size is none of these, or a class would have no
        conflicting image.

    Examples
    --------
    >>> splits = load("coloured-mnist", 0.98, seed=0, sizes={"train": 1_000})
    >>> splits.train.images.shape, splits.bias_names[0]
    ((1000, 14, 14, 3), 'red')
    """
    if name not in DATA_SETS:
        raise ValueError(
            f"There is no set {name!r}; expected one of {', '.join(DATA_SETS)}."
            f"{did_you_mean(name, DATA_SETS)}"
        )
    ratio = check_ratio(ratio)
    return _LOADERS[name](ratio, seed, _sizes(name, sizes))


def _sizes(name: str, given: Mapping[str, int] | None) -> dict[str, int]:
    sizes = dict(DEFAULT_SIZES[name])
    if given is not None and not isinstance(given, Mapping):
        raise ValueError(
            f"sizes is {given!r}; expected a dictionary from part to number of images, such as "
            "{'train': 1000}."
        )
    for part, size in (given or {}).items():
        if part not in PARTS:
            raise ValueError(
                f"sizes names {part!r}; expected {', '.join(PARTS)}.{did_you_mean(part, PARTS)}"
            )
        try:
            sizes[part] = operator.index(size)
        except TypeError:
            sizes[part] = 0
        if sizes[part] < 1:
            raise ValueError(f"size of {part} is {size!r}; expected a whole number of 1 or more.")
    return sizes
