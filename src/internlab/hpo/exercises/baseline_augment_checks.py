"""Check of lab 20: an augmentation that moves image and mask together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from internlab.exercises import NotYet, call

DRAWS = 40


def check_augment(answer: Callable[..., tuple[np.ndarray, np.ndarray]]) -> None:
    """Expect a function of (image, mask, rng) to (image, mask), mirrored and brightened."""
    rng = np.random.default_rng()
    image = rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)
    # Blue stays dark: whatever happens to the bright pixels, it shows how the image was moved.
    image[..., 2] = rng.integers(20, 190, (24, 24))
    mask = (rng.random((24, 24)) < 0.3).astype(np.uint8)
    moves, factors = [], []
    for seed in rng.integers(2**32, size=DRAWS):
        new_image, new_mask = _augmented(answer, image, mask, int(seed))
        side = _side_of_image(new_image, image)
        factors.append(new_image[..., 2].mean() / image[..., 2].mean())
        _check_bright_pixels(new_image, _sides(image)[side], factors[-1])
        moves.append((side, _side_of_mask(new_mask, mask)))
    _check_moves(moves)
    _check_brightness(np.array(factors))
    again = [_augmented(answer, image, mask, 7)[0] for _ in range(2)]
    if not np.array_equal(*again):
        raise NotYet(
            "the same generator gave two different results, so no run could be repeated: do all "
            "draws come from `rng`?"
        )


def _augmented(
    answer: Callable[..., Any], image: np.ndarray, mask: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Call the answer and check shapes, dtypes and labels of what it returns."""
    result = call(answer, image, mask, np.random.default_rng(seed))
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise NotYet(
            f"you gave {type(result).__name__}, expected two arrays: does your function return "
            "image and mask?"
        )
    new_image, new_mask = np.asarray(result[0]), np.asarray(result[1])
    if new_image.shape != image.shape or new_mask.shape != mask.shape:
        raise NotYet(
            f"you gave shapes {new_image.shape} and {new_mask.shape}, expected {image.shape} and "
            f"{mask.shape}: which step changed the size?"
        )
    if new_image.dtype != np.uint8:
        raise NotYet(
            f"the image is {new_image.dtype} now, expected uint8: what is the last step of the "
            "brightness?"
        )
    strange = new_mask[(new_mask != 0) & (new_mask != 1)]
    if strange.size:
        raise NotYet(
            f"the mask holds {strange[0]:.3g}, expected 0 and 1 only. A building in the shade is "
            "no less a building: which steps concern the image alone?"
        )
    return new_image, new_mask


def _sides(array: np.ndarray) -> list[np.ndarray]:
    """Return the eight symmetries of a square array; the first is the array itself."""
    turned = [np.rot90(array, quarter) for quarter in range(4)]
    return turned + [each[:, ::-1] for each in turned]


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    if one.std() == 0:
        return 0.0
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _side_of_image(new_image: np.ndarray, image: np.ndarray) -> int:
    """Return which symmetry of `image` the new one is, whatever its brightness."""
    likeness = [_likeness(new_image[..., 2], side) for side in _sides(image[..., 2])]
    if max(likeness) > 0.95:
        return int(np.argmax(likeness))
    if max(_likeness(new_image[..., 0], side) for side in _sides(image[..., 2])) > 0.95:
        raise NotYet(
            "red and blue have changed places, so the last axis was mirrored too: which axis of "
            "(height, width, channels) goes from left to right?"
        )
    raise NotYet(
        "the new image is no mirror image of the old one, not even with another brightness: what "
        "else does your function do to it?"
    )


def _side_of_mask(new_mask: np.ndarray, mask: np.ndarray) -> int:
    for number, side in enumerate(_sides(mask)):
        if np.array_equal(new_mask, side):
            return number
    raise NotYet("the new mask is no mirror image of the old one: which pixels were moved?")


def _check_bright_pixels(new_image: np.ndarray, moved: np.ndarray, factor: float) -> None:
    wanted = moved * factor
    wrapped = np.argwhere((wanted > 262) & (new_image < 128))
    if len(wrapped):
        where = tuple(wrapped[0])
        raise NotYet(
            f"a pixel of {moved[where]} times {factor:.2f} became {new_image[where]}: what does "
            "uint8 do with a number above 255?"
        )


def _check_moves(moves: list[tuple[int, int]]) -> None:
    image_moved = sum(side != 0 for side, _ in moves)
    mask_moved = sum(side != 0 for _, side in moves)
    if any(of_image != of_mask for of_image, of_mask in moves):
        told = f"in {DRAWS} calls the image was mirrored {image_moved} times and the mask"
        if not mask_moved:
            raise NotYet(
                f"{told} never: where does the network look for a building that the label has on "
                "the other side?"
            )
        if all((of_image != 0) == (of_mask != 0) for of_image, of_mask in moves):
            raise NotYet(f"{told} with it, but along another axis: which axis is the width?")
        together = sum(of_image == of_mask != 0 for of_image, of_mask in moves)
        raise NotYet(
            f"{told} {mask_moved} times, but only {together} times both: how often do you ask "
            "the generator whether to mirror?"
        )
    if image_moved in (0, DRAWS):
        often = "never" if image_moved == 0 else "always"
        raise NotYet(
            f"in {DRAWS} calls the image was mirrored {often}, expected about half of them: what "
            "decides it?"
        )


def _check_brightness(factors: np.ndarray) -> None:
    low, high = factors.min(), factors.max()
    if high - low < 0.05:
        raise NotYet(
            f"the brightness was multiplied by {factors[0]:.2f} in all {DRAWS} calls, expected a "
            "factor drawn anew from 0.7 to 1.3: was the step lost?"
        )
    if low < 0.67 or high > 1.33:
        raise NotYet(
            f"the brightness was multiplied by {low:.2f} to {high:.2f}, expected 0.7 to 1.3: how "
            "is the factor drawn?"
        )
