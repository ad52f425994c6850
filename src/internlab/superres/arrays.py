"""Between images as people store them and arrays as networks take them."""

from __future__ import annotations

import numpy as np
import torch


def to_array(image: np.ndarray) -> np.ndarray:
    """Turn an image into a batch of one for a runtime.

    Parameters
    ----------
    image : array
        (H, W, 3), uint8, 0 to 255.

    Returns
    -------
    array
        (1, 3, H, W), float32, in [0, 1], contiguous.

    Raises
    ------
    ValueError
        If the image is not (H, W, 3) uint8.
    """
    check_image(image)
    planes = np.ascontiguousarray(image.transpose(2, 0, 1)[None])
    return planes.astype(np.float32) / np.float32(255)


def to_tensor(image: np.ndarray) -> torch.Tensor:
    """Turn an image into a tensor for a network: as `to_array`, as ``torch.Tensor``."""
    return torch.from_numpy(to_array(image))


def to_image(batch: np.ndarray | torch.Tensor) -> np.ndarray:
    """Turn a network's output for one image into an image.

    Values are clamped to [0, 1], scaled to 255 and rounded, ties to the even number.

    Parameters
    ----------
    batch : array or tensor
        (1, 3, H, W), floating point.

    Returns
    -------
    array
        (H, W, 3), uint8.

    Raises
    ------
    ValueError
        If the shape is not (1, 3, H, W), the type is not a floating one, or a value is NaN.
    """
    floating = (
        batch.is_floating_point()
        if isinstance(batch, torch.Tensor)
        else np.issubdtype(batch.dtype, np.floating)
    )
    if not floating:
        raise ValueError(
            f"Expected floating-point values in [0, 1], got {batch.dtype}. An image in 0 to 255 "
            "needs no conversion; divide by 255 what should be treated as an output."
        )
    values = batch.detach().cpu().float().numpy() if isinstance(batch, torch.Tensor) else batch
    if values.ndim != 4 or values.shape[:2] != (1, 3):
        raise ValueError(f"Expected an output of shape (1, 3, H, W), got {values.shape}.")
    if np.isnan(values).any():
        raise ValueError(
            "The network's output holds NaN, which has no grey level. Check the input for NaN, "
            "and the precision: FP16 overflows above 65504."
        )
    levels = np.rint(np.clip(values[0].astype(np.float32, copy=False), 0, 1) * np.float32(255))
    return np.ascontiguousarray(levels.astype(np.uint8).transpose(1, 2, 0))


def check_image(image: np.ndarray) -> None:
    """Raise ValueError unless `image` is (H, W, 3) uint8 with at least one pixel."""
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ValueError(
            f"Got an array of shape {image.shape} and type {image.dtype}. Expected an image of "
            "shape (height, width, 3) and type uint8; convert greyscale by repeating it three "
            "times, and drop an alpha band."
        )
