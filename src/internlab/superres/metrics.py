"""How close an enlarged image is to the original: PSNR and SSIM on the luminance."""

from __future__ import annotations

import numpy as np
from skimage.metrics import structural_similarity

from internlab.superres.arrays import check_image

# ITU-R BT.601, studio range: black is 16 and white is 235.
_LUMINANCE = np.array([65.481, 128.553, 24.966]) / 255


def luminance(image: np.ndarray) -> np.ndarray:
    """Return the luminance Y of an RGB image.

    Parameters
    ----------
    image : array
        (H, W, 3), uint8.

    Returns
    -------
    array
        (H, W), float64, 16 (black) to 235 (white).

    References
    ----------
    ITU-R BT.601-7, section 2.5.
    """
    check_image(image)
    return 16 + image.astype(np.float64) @ _LUMINANCE


def psnr(reference: np.ndarray, estimate: np.ndarray, border: int) -> float:
    """Return the peak signal-to-noise ratio on the luminance, in dB; larger is closer.

    Parameters
    ----------
    reference, estimate : array
        (H, W, 3), uint8.
    border : int
        Pixels left out on every side, where an enlargement has to guess; usually the scale.

    Returns
    -------
    float
        ``10 log10(255**2 / mean squared error)``; infinity for equal images.

    Raises
    ------
    ValueError
        If the shapes differ, or the border leaves nothing.
    """
    difference = _inner(reference, estimate, border)
    error = np.mean((difference[0] - difference[1]) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def ssim(reference: np.ndarray, estimate: np.ndarray, border: int) -> float:
    """Return the structural similarity on the luminance, at most 1 (equal images).

    Gaussian window with sigma 1.5, as in the paper. For the parameters see `psnr`.

    Raises
    ------
    ValueError
        If the shapes differ, or fewer than 11 pixels a side are left for the window.

    References
    ----------
    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
    similarity", IEEE Transactions on Image Processing 13(4), 2004, section III.
    """
    first, second = _inner(reference, estimate, border)
    if min(first.shape) < 11:
        raise ValueError(
            f"{first.shape[0]} x {first.shape[1]} pixels are left inside the border of {border}, "
            "the window of SSIM needs at least 11 x 11. Use a larger image."
        )
    return float(
        structural_similarity(
            first,
            second,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def _inner(
    reference: np.ndarray, estimate: np.ndarray, border: int
) -> tuple[np.ndarray, np.ndarray]:
    if reference.shape != estimate.shape:
        raise ValueError(
            f"The reference has shape {reference.shape}, the estimate {estimate.shape}; they "
            "must be equal. Was the original cropped to a multiple of the scale?"
        )
    if border < 0 or 2 * border >= min(reference.shape[:2]):
        raise ValueError(f"A border of {border} leaves nothing of {reference.shape[:2]} pixels.")
    height, width = reference.shape[:2]
    window = slice(border, height - border), slice(border, width - border)
    return luminance(reference)[window], luminance(estimate)[window]
