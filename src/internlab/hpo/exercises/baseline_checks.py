"""Checks of lab 20, first part: IoU of an image and of an area."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from internlab.exercises import NotYet, call


def check_iou(answer: Callable[..., float]) -> None:
    """Expect a function of a (H, W) uint8 mask in {0, 255} and a (H, W) bool prediction."""
    rng = np.random.default_rng()
    truth = rng.random((24, 31)) < 0.2
    predicted = truth ^ (rng.random(truth.shape) < 0.1)
    png = truth.astype(np.uint8) * 255
    right = (truth & predicted).sum() / (truth | predicted).sum()
    got = as_number(call(answer, png, predicted), "your IoU")
    if not _close(got, right):
        of_ones = as_number(call(answer, truth.astype(np.uint8), predicted), "your IoU")
        _explain_iou(got, of_ones, right, truth, predicted)
    _check_empty(answer, predicted)


def _explain_iou(
    got: float, of_ones: float, right: float, truth: np.ndarray, predicted: np.ndarray
) -> None:
    told = f"you gave {got:.3f}, expected {right:.3f}"
    if _close(of_ones, right):
        raise NotYet(
            f"{told}. With a mask of 0 and 1 you would be right, but this one came from a PNG and "
            "holds 0 and 255: what turns it into true and false?"
        )
    both = (truth & predicted).sum()
    known = {
        (truth == predicted).mean(): "the share of pixels that agree. A prediction without any "
        f"building would get {(~truth).mean():.2f} by that: which pixels should not count?",
        2 * both / (truth.sum() + predicted.sum()): "the Dice coefficient, which counts the "
        "intersection twice: what does IoU divide by?",
        both / truth.sum(): "the share of the true building that was found (recall): where do "
        "pixels that were called building by mistake count?",
        both / predicted.sum(): "the share of the predicted building that is right (precision): "
        "where do missed buildings count?",
    }
    for value, meaning in known.items():
        if _close(got, value) or _close(of_ones, value):
            raise NotYet(f"{told}. Yours is {meaning}")
    raise NotYet(f"{told}: how many pixels are building in both, and how many in at least one?")


def _check_empty(answer: Callable[..., float], predicted: np.ndarray) -> None:
    empty = np.zeros(predicted.shape, np.uint8)
    got = as_number(call(answer, empty, predicted), "your IoU")
    if not _close(got, 0):
        raise NotYet(
            f"for a prediction where there is no building you gave {got:.3f}, expected 0: how "
            "large is the intersection?"
        )
    got = as_number(call(answer, empty, np.zeros_like(predicted)), "your IoU")
    if math.isnan(got):
        return
    told = f"for two empty masks you gave {got:g}, expected NaN"
    if got == 0:
        raise NotYet(f"{told}. The network made no mistake there: why should that cost it?")
    raise NotYet(
        f"{told}. An average over empty fields would look excellent: did the network find "
        "any building there?"
    )


Batch = tuple[list[str], np.ndarray, np.ndarray]


def check_areas(answer: Callable[..., Mapping[str, float]]) -> None:
    """Expect a function of batches (areas, masks, predicted) to {area: IoU}."""
    rng = np.random.default_rng()
    batches = _batches(rng)
    while not _is_telling(batches):
        batches = _batches(rng)
    result = call(answer, batches)
    if not hasattr(result, "items"):
        raise NotYet(
            f"you gave {type(result).__name__}, expected a dictionary from area to IoU: how would "
            "a reader see that one area failed?"
        )
    got = {str(area): as_number(value, f"the IoU of {area}") for area, value in result.items()}
    areas, masks, predicted = _joined(batches)
    right = {str(area): _ratio(masks, predicted, areas == area) for area in np.unique(areas)}
    if set(got) != set(right):
        raise NotYet(
            f"you gave values for {sorted(got)}, expected {sorted(right)}: which areas occur in "
            "the batches?"
        )
    if all(_close(got[area], right[area]) for area in right):
        return
    # NaN first: it says more about what went wrong than a number does.
    area = max(right, key=lambda area: (math.isnan(got[area]), not _close(got[area], right[area])))
    told = f"for {area!r} you gave {got[area]:.3f}, expected {right[area]:.3f}"
    raise NotYet(f"{told}{_explain_area(area, got, batches)}")


def _explain_area(area: str, got: dict[str, float], batches: list[Batch]) -> str:
    value = got[area]
    of_tile, of_batch = _of_tiles(area, batches), _of_batches(area, batches)
    if math.isnan(value):
        return ". One of its tiles is empty in both masks: what does that tile add to the counts?"
    filled = [np.nan_to_num(of_tile, nan=fill) for fill in (np.nanmean(of_tile), 0, 1)]
    if any(_close(value, each.mean()) for each in filled):
        return (
            ". Yours is the mean over its tiles, so a tile with one small building weighs as much "
            "as a full one: which two numbers of a tile can be added up?"
        )
    if _close(value, np.nanmean(of_batch)):
        return (
            ". Yours is the mean over batches, so it depends on how tiles fell into batches: which "
            "two numbers of a batch can be added up?"
        )
    if _close(value, of_batch[-1]) or _close(value, of_batch[0]):
        return (
            ". Yours is the IoU of a single batch: where are the counts of the other "
            f"{len(of_batch) - 1}?"
        )
    if _close(value, _ratio(*_joined(batches)[1:], slice(None))):
        return ". Yours is that of all areas together: which tiles belong to this one?"
    return ": how many pixels of this area are building in both masks, and how many in one?"


def _batches(rng: np.random.Generator) -> list[Batch]:
    """Draw 15 tiles in batches of 7, 5 and 3; fuller tiles are found better, as in real life."""
    names = ["harbour", "hill", "old town"] * 5
    masks, predicted = [], []
    for number in range(15):
        share = 0.0 if number == 4 else [0.03, 0.5, 0.15][(number + number // 3) % 3]
        mask = rng.random((16, 16)) < share
        mask[0, 0] |= number != 4
        masks.append(mask)
        predicted.append(mask & (rng.random(mask.shape) < 0.3 + share))
    areas, masks, predicted = names, np.stack(masks), np.stack(predicted)
    cuts = [slice(0, 7), slice(7, 12), slice(12, 15)]
    return [(areas[cut], masks[cut], predicted[cut]) for cut in cuts]


def _is_telling(batches: list[Batch]) -> bool:
    """Say whether no area gets the same value from pixels, from tiles and from batches."""
    areas, masks, predicted = _joined(batches)
    for area in np.unique(areas):
        values = [
            _ratio(masks, predicted, areas == area),
            np.nanmean(_of_tiles(area, batches)),
            np.nanmean(_of_batches(area, batches)),
        ]
        if np.diff(np.sort(values)).min() < 0.001:
            return False
    return True


def _of_tiles(area: str, batches: list[Batch]) -> np.ndarray:
    areas, masks, predicted = _joined(batches)
    return np.array([_ratio(masks, predicted, [k]) for k in np.flatnonzero(areas == area)])


def _of_batches(area: str, batches: list[Batch]) -> np.ndarray:
    return np.array(
        [
            _ratio(masks, predicted, np.array(names) == area)
            for names, masks, predicted in batches
            if area in names
        ]
    )


def _joined(batches: list[Batch]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    areas, masks, predicted = zip(*batches, strict=True)
    return np.concatenate(areas), np.concatenate(masks), np.concatenate(predicted)


def _ratio(masks: np.ndarray, predicted: np.ndarray, which: Any) -> float:
    inside, around = masks[which] & predicted[which], masks[which] | predicted[which]
    return inside.sum() / around.sum() if around.any() else float("nan")


def as_number(value: Any, what: str) -> float:
    """Return a learner's value as a float.

    Raises
    ------
    NotYet
        If it is not one number.
    """
    try:
        return float(value)
    except (TypeError, ValueError):
        raise NotYet(
            f"{what} is of type {type(value).__name__}, expected one number: is a sum or a mean "
            "missing?"
        ) from None


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, abs_tol=1e-5)
