"""Which image gets which bias, and a random generator for every purpose."""

from __future__ import annotations

import hashlib
import math
import operator
from numbers import Real

import numpy as np


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return the random generator of a seed for one purpose; no other purpose disturbs it.

    Parameters
    ----------
    seed : int
        At least 0.
    purpose : str
        Such as ``"coloured-mnist train biases"``.

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
    digest = hashlib.sha256(purpose.encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "little")])


def check_ratio(ratio: float) -> float:
    """Return the share of bias-aligned images if it is one.

    Raises
    ------
    ValueError
        Unless it is a number above 0 and below 1.
    """
    if isinstance(ratio, bool) or not isinstance(ratio, Real) or not 0 < ratio < 1:
        whole = {0: "no image shows the bias of its class", 1: "nothing tells class and bias apart"}
        why = f" At {ratio} {whole[ratio]}." if ratio in (0, 1) else ""
        raise ValueError(
            f"ratio is {ratio!r}; expected the share of bias-aligned images, above 0 and below 1, "
            f"such as 0.98.{why}"
        )
    return float(ratio)


def assign_biases(
    labels: np.ndarray, ratio: float, rng: np.random.Generator, biases: int, *, part: str = ""
) -> np.ndarray:
    """Give most images the bias of their class and the others one of another class.

    Each class has the same share of conflicting images, spread over the other biases as evenly as
    their number allows. With a generator in the same state, the conflicting images of a higher
    ratio are among those of a lower one, and with the same bias.

    Parameters
    ----------
    labels : array
        (N,), int64, 0 to biases - 1.
    ratio : float
        Share of aligned images, above 0 and below 1.
    rng : Generator
    biases : int
        Kinds of bias, at least 2.
    part : str
        Of which part of a set the labels are, for messages.

    Returns
    -------
    array
        (N,), int64.

    Raises
    ------
    ValueError
        If a class would have no conflicting or no aligned image, the ratio is none, or a label is
        out of range.
    """
    ratio = check_ratio(ratio)
    labels = check_labels(labels, biases)
    assigned = labels.copy()
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        others = rng.permutation(np.delete(np.arange(biases), label))
        conflicting = conflicting_count(len(members), ratio)
        if not 0 < conflicting < len(members):
            least = math.ceil(0.5 / min(ratio, 1 - ratio) + 1e-9)
            kind = "conflicting" if conflicting == 0 else "aligned"
            where = f" of the {part} part" if part else ""
            raise ValueError(
                f"class {label}{where} has {len(members)} images, none of them bias-{kind} at "
                f"ratio {ratio}; expected at least one. Take {least} images a class or more, or "
                "another ratio."
            )
        assigned[members[:conflicting]] = np.resize(others, conflicting)
    return assigned


def spread_biases(labels: np.ndarray, rng: np.random.Generator, biases: int) -> np.ndarray:
    """Give every bias to as many images of each class, one more or less: an unbiased set.

    Parameters
    ----------
    labels : array
        (N,), int64, 0 to biases - 1.
    rng : Generator
    biases : int
        Kinds of bias, at least 2.

    Returns
    -------
    array
        (N,), int64.

    Raises
    ------
    ValueError
        If a class has fewer images than there are biases: a group would have none.
    """
    labels = check_labels(labels, biases)
    assigned = np.empty_like(labels)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        if len(members) < biases:
            raise ValueError(
                f"class {label} has {len(members)} images for {biases} biases, so a group would "
                f"have none; expected at least {biases * biases} images in an unbiased set of "
                f"{biases} classes."
            )
        assigned[members] = np.resize(rng.permutation(biases), len(members))
    return assigned


def conflicting_count(images: int, ratio: float) -> int:
    """Return how many of a class's images are bias-conflicting."""
    return round(images * (1 - ratio))


def check_labels(labels: np.ndarray, biases: int) -> np.ndarray:
    """Return labels as an int64 array (N,).

    Raises
    ------
    ValueError
        If one is out of range, or there are fewer than two biases.
    """
    if biases < 2:
        raise ValueError(f"biases is {biases}; expected 2 or more, one for each class.")
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"labels have shape {labels.shape} and dtype {labels.dtype}; expected whole numbers "
            "(N,)."
        )
    wrong = labels[(labels < 0) | (labels >= biases)]
    if len(wrong):
        raise ValueError(
            f"labels hold {wrong[0]}; expected 0 to {biases - 1}: one bias goes with each class."
        )
    return labels.astype(np.int64)


def draw_of_each_class(
    labels: np.ndarray, counts: dict[str, int], rng: np.random.Generator, classes: int
) -> dict[str, np.ndarray]:
    """Draw disjoint parts with as many images of every class, one more or less, in mixed order.

    Parameters
    ----------
    labels : array
        (N,), int: of the images to draw from.
    counts : dict of str to int
        Images of each part.
    rng : Generator
    classes : int

    Returns
    -------
    dict of str to array
        Indices (n,) of each part.

    Raises
    ------
    ValueError
        If a class has too few images.
    """
    parts: dict[str, list[np.ndarray]] = {part: [] for part in counts}
    for label in range(classes):
        shares = [count // classes + (label < count % classes) for count in counts.values()]
        members = rng.permutation(np.flatnonzero(labels == label))
        if sum(shares) > len(members):
            raise ValueError(
                f"sizes ask for {sum(shares):,} images of class {label} "
                f"({', '.join(f'{part} {count:,}' for part, count in counts.items())} in all), "
                f"and there are {len(members):,}. Take smaller sizes."
            )
        for part, chosen in zip(parts, np.split(members, np.cumsum(shares))[:-1], strict=True):
            parts[part].append(chosen)
    return {part: rng.permutation(np.concatenate(chosen)) for part, chosen in parts.items()}
