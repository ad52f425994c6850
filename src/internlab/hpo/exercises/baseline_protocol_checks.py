"""Checks of lab 20: what must not leak, by the split or by the normalisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from internlab.exercises import NotYet, call

PARTS = ("training", "validation", "test")


def check_split(answer: Callable[..., Any]) -> None:
    """Expect a function of ((N,) area names, rng) to three index arrays, split by area."""
    rng = np.random.default_rng()
    counts = rng.integers(6, 15, size=10)
    areas = np.repeat([f"area-{number}" for number in range(10)], counts)
    result = call(answer, areas, rng)
    if isinstance(result, Mapping):
        result = list(result.values())
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        count = len(result) if isinstance(result, (tuple, list)) else 1
        raise NotYet(
            f"you gave {count} part{'s' * (count != 1)}, expected three, for training, validation "
            "and test: on which one do you choose, and on which one do you report?"
        )
    parts = [_indices(part, name, areas) for part, name in zip(result, PARTS, strict=True)]
    _check_partition(parts, areas)
    sides = [set(areas[part]) for part in parts]
    _check_sides(sides, areas, parts)
    if len(sides[0]) < 5:
        raise NotYet(
            f"training got {len(sides[0])} of 10 areas, expected at least 5: what is left to learn "
            "from?"
        )


def _indices(part: Any, name: str, areas: np.ndarray) -> np.ndarray:
    values = np.asarray(part)
    if values.size == 0:
        raise NotYet(f"the {name} part is empty: how many areas does it get?")
    if values.dtype == bool and values.shape == areas.shape:
        return np.flatnonzero(values)
    if values.dtype.kind not in "iu":
        raise NotYet(
            f"the {name} part holds {values.flat[0]!s} and the like, expected positions of tiles, "
            "such as 0, 1, 2: which tiles belong to these names?"
        )
    if values.min() < 0 or values.max() >= len(areas):
        raise NotYet(
            f"the {name} part holds positions from {values.min()} to {values.max()} of "
            f"{len(areas)} tiles: are these positions of tiles?"
        )
    return values.ravel()


def _check_partition(parts: list[np.ndarray], areas: np.ndarray) -> None:
    used = np.bincount(np.concatenate(parts), minlength=len(areas))
    if (used > 1).any():
        tile = int(np.argmax(used > 1))
        inside = [name for name, part in zip(PARTS, parts, strict=True) if tile in part]
        raise NotYet(
            f"tile {tile} is used {used[tile]} times, in {' and '.join(inside)}: what would its "
            "score say, when it was chosen on?"
        )
    if (used == 0).any():
        raise NotYet(
            f"{(used == 0).sum()} of {len(areas)} tiles are in no part, expected each in one: why "
            "should they be thrown away?"
        )


def _check_sides(sides: list[set[str]], areas: np.ndarray, parts: list[np.ndarray]) -> None:
    leaking = sorted(area for area in set(areas) if sum(area in side for side in sides) > 1)
    if not leaking:
        return
    counts = [int((areas[part] == leaking[0]).sum()) for part in parts]
    told = ", ".join(f"{count} in {name}" for count, name in zip(counts, PARTS, strict=True))
    if len(leaking) <= 2:
        raise NotYet(
            f"the tiles of {leaking[0]} are cut apart: {told}. You cut a row of tiles at a number "
            "that falls inside an area: where may a cut lie?"
        )
    raise NotYet(
        f"{len(leaking)} of 10 areas are on several sides, {leaking[0]} with {told}: what does a "
        "test say about a new place when its neighbours were trained on?"
    )


def check_normalise(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of ((N, H, W, 3) uint8, (N,) part) to (N, H, W, 3) float."""
    rng = np.random.default_rng()
    part = np.array(["train"] * 5 + ["validation"] * 3 + ["test"] * 4)
    # Each part has a light of its own, as areas do, and each channel another level.
    level = {"train": (60, 90, 70), "validation": (130, 120, 90), "test": (150, 100, 140)}
    images = np.stack([rng.normal(level[name], 15, (8, 8, 3)) for name in part])
    images += rng.normal(0, 10, (len(part), 1, 1, 1))
    images = np.clip(images * [1.0, 1.3, 0.7], 0, 255).astype(np.uint8)
    order = rng.permutation(len(part))
    images, part = images[order], part[order]
    got = np.asarray(call(answer, images, part), dtype=float)
    train, values = part == "train", images.astype(float)
    if got.shape != values.shape:
        raise NotYet(
            f"you gave shape {got.shape}, expected {values.shape}: do all tiles come back, those "
            "of validation and test as well?"
        )
    right = _standard(values, values[train])
    if np.abs(got - right).max() < 0.02:
        return
    raise NotYet(_explain_normalise(got, values, part))


def _explain_normalise(got: np.ndarray, values: np.ndarray, part: np.ndarray) -> str:
    train = part == "train"
    own = np.empty_like(values)
    for name in np.unique(part):
        own[part == name] = _standard(values[part == name], values[part == name])
    alone = np.stack([_standard(image[None], image[None])[0] for image in values])
    level, spread = values[train].mean((0, 1, 2)), values[train].std((0, 1, 2))
    known = [
        (
            _standard(values, values),
            "you took the mean and standard deviation of all tiles, so the test had a hand in what "
            "the network is fed: which tiles may they come from?",
        ),
        (
            own,
            "every part was normalised by itself. A lone tile in use belongs to no part: by which "
            "numbers would you normalise it?",
        ),
        (
            alone,
            "every tile was normalised by itself, so a dark and a bright place look the same: "
            "of how many tiles should the mean be?",
        ),
        (
            (values - values[train].mean()) / values[train].std(),
            "all channels share one mean and one standard deviation, expected one of each for each "
            "colour: over which axes is the mean taken?",
        ),
        (values - level, "the mean is 0, but the spread is not 1: what is missing?"),
        (values / spread, "the spread is 1, but the mean is not 0: what is missing?"),
        (
            (values - level) / spread**2,
            "you divide by the variance: which of the two has the unit of a pixel?",
        ),
    ]
    for wrong, message in known:
        if np.abs(got - wrong).max() < 0.02:
            return message
    found = got[train].mean((0, 1, 2)).round(2).tolist()
    return f"the channels of the training tiles have mean {found}, expected 0: what is subtracted?"


def _standard(values: np.ndarray, source: np.ndarray) -> np.ndarray:
    return (values - source.mean((0, 1, 2))) / source.std((0, 1, 2))
