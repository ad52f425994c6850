"""Augmentation (데이터 증강) with Albumentations: change the picture, keep what it means.

A change of *geometry* moves image and mask together. A change of *colour* touches the image alone.
Both strengths are hyperparameters like the learning rate, and are searched like it.
"""

from __future__ import annotations

import os

# Before the import: the library would ask the network for its newest version otherwise.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import albumentations as A
import cv2
import numpy as np

GEOMETRIES = ("none", "flip", "d4")


def pipeline(colour: float, geometry: str) -> A.Compose:
    """Return the augmentation of a strength and kind.

    Call it as ``pipeline(image=image, mask=mask)``: it returns both, moved together.

    Parameters
    ----------
    colour : float
        In [0, 1]: how far brightness, contrast, hue and saturation may go; 0 leaves them alone.
    geometry : {"none", "flip", "d4"}
        Nothing, a mirror image, or one of the eight symmetries of the square.

    Raises
    ------
    ValueError
        If the strength is outside [0, 1] or the geometry unknown.
    """
    if not 0 <= colour <= 1:
        raise ValueError(f"A colour strength of {colour}; expected 0 to 1.")
    if geometry not in GEOMETRIES:
        raise ValueError(f"No geometry {geometry!r}; expected one of {', '.join(GEOMETRIES)}.")
    # OpenCV would start a thread for each core in each of the trials.
    cv2.setNumThreads(0)
    steps: list[A.BasicTransform] = []
    if geometry == "flip":
        steps.append(A.HorizontalFlip(p=0.5))
    if geometry == "d4":
        steps.append(A.D4(p=1.0))
    if colour > 0:
        steps += [
            A.RandomBrightnessContrast(0.5 * colour, 0.4 * colour, p=0.9),
            A.HueSaturationValue(90 * colour, 80 * colour, val_shift_limit=0, p=0.8),
            A.RandomGamma((100 - 50 * colour, 100 + 60 * colour), p=0.5),
            A.ChannelShuffle(p=0.5 * colour),
            A.ToGray(p=0.25 * colour),
        ]
    return A.Compose(steps)


def check_pair(image: np.ndarray, mask: np.ndarray, name: str = "tile") -> None:
    """Check that an image and its mask fit each other.

    Parameters
    ----------
    image : array
        Expected (H, W, 3), uint8.
    mask : array
        Expected (H, W), bool or in {0, 1}.
    name : str
        What to call the pair in an error.

    Raises
    ------
    ValueError
        If the sizes differ, the image is not uint8 RGB, or a label is neither 0 nor 1.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(
            f"The image of {name} is {image.dtype} of shape {image.shape}; expected uint8 of shape "
            "(H, W, 3)."
        )
    if mask.shape != image.shape[:2]:
        raise ValueError(
            f"The mask of {name} has shape {mask.shape}, its image {image.shape[:2]}; expected the "
            "same. Was one of the two cropped or resized alone?"
        )
    if mask.dtype != bool and not np.isin(mask, (0, 1)).all():
        strange = sorted(set(np.unique(mask).tolist()) - {0, 1})
        raise ValueError(
            f"The mask of {name} holds the labels {strange[:5]}; expected 0 and 1 only. Values up "
            "to 255 come from a PNG: compare with a threshold. Values in between come from a mask "
            "that was resized with interpolation: use the nearest neighbour."
        )
