"""How a low-resolution image is made, pinned: a result depends on it more than on many ideas.

Pillow's bicubic filter with antialiasing, as most super-resolution papers use it (Keys' kernel with
a = -0.5, widened by the scale when it shrinks).
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from internlab.superres.arrays import check_image


def crop_to_multiple(image: np.ndarray, scale: int) -> np.ndarray:
    """Cut an image (H, W, 3) at the bottom and right so that both sides are multiples of `scale`.

    Raises
    ------
    ValueError
        If the image is smaller than `scale`, or not an image, or `scale` is below 1.
    """
    _check(image, scale)
    height, width = (side // scale * scale for side in image.shape[:2])
    if not (height and width):
        raise ValueError(
            f"The image has {image.shape[0]} x {image.shape[1]} pixels, expected at least "
            f"{scale} x {scale} for scale {scale}."
        )
    return image[:height, :width]


def downscale(image: np.ndarray, scale: int) -> np.ndarray:
    """Shrink an image by an integer factor.

    Parameters
    ----------
    image : array
        (H, W, 3), uint8, both sides multiples of `scale`.
    scale : int

    Returns
    -------
    array
        (H / scale, W / scale, 3), uint8.

    Raises
    ------
    ValueError
        If a side is not a multiple of `scale`, or `scale` is below 1.
    """
    _check(image, scale)
    height, width = image.shape[:2]
    if height % scale or width % scale:
        raise ValueError(
            f"{height} x {width} pixels cannot be shrunk {scale} times without a rest. Use "
            "crop_to_multiple first."
        )
    return _resize(image, height // scale, width // scale)


def bicubic_upscale(image: np.ndarray, scale: int) -> np.ndarray:
    """Enlarge an image (H, W, 3) uint8 by an integer factor: the baseline to beat."""
    _check(image, scale)
    return _resize(image, image.shape[0] * scale, image.shape[1] * scale)


def _check(image: np.ndarray, scale: int) -> None:
    check_image(image)
    if scale < 1 or scale != int(scale):
        raise ValueError(f"Got a scale of {scale}, expected a whole number from 1, usually 2.")


def _resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(resized)
