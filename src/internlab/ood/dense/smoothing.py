"""Dilated smoothing: a Gaussian mean over pixels that lie apart."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F


def smooth(
    score: torch.Tensor, size: int = 7, dilation: int = 6, sigma: float = 1.0
) -> torch.Tensor:
    """Average each score with others a few pixels away, so that single outliers drown.

    A Gaussian of `size` x `size` weights looks at every `dilation`-th pixel only: it sees far for
    the price of a small kernel. Row and column are done one after the other, which is the same.

    Parameters
    ----------
    score : tensor
        (N, H, W) float, any score.
    size : int
        Weights in a row, odd.
    dilation : int
        Pixels from one weight to the next; the kernel spans ``(size - 1) * dilation + 1`` pixels.
    sigma : float
        Standard deviation of the Gaussian, in weights, not in pixels.

    Returns
    -------
    tensor
        Like `score`. Beyond the border the nearest pixel's score counts.

    Raises
    ------
    ValueError
        If the size is even or a number is not positive.

    References
    ----------
    Jung et al., ICCV 2021, section 3.4 (2107.11264); their size is 7, their dilation 6 for images
    of 1024 x 2048, their sigma 1.
    """
    if score.ndim != 3:
        raise ValueError(f"Got a score of shape {tuple(score.shape)}. Expected (N, H, W).")
    check_kernel(size, dilation, sigma)
    weights = gaussian(size, sigma)
    reach = size // 2 * dilation
    height, width = score.shape[-2:]
    padded = F.pad(score, (0, 0, reach, reach), mode="replicate")
    score = sum(w * padded[:, i * dilation :][:, :height] for i, w in enumerate(weights))
    padded = F.pad(score, (reach, reach, 0, 0), mode="replicate")
    return sum(w * padded[:, :, i * dilation :][:, :, :width] for i, w in enumerate(weights))


def check_kernel(size: int, dilation: int, sigma: float) -> None:
    """Raise a ValueError unless the size is odd, and all are positive and finite."""
    if size < 1 or size % 2 == 0 or dilation < 1 or not 0 < sigma < math.inf:
        raise ValueError(
            f"Got size {size}, dilation {dilation}, sigma {sigma}. Expected an odd size, a "
            "dilation of at least 1 and a positive, finite sigma."
        )


def gaussian(size: int, sigma: float) -> list[float]:
    """Return `size` weights of a Gaussian, symmetric, with sum 1."""
    middle = size // 2
    weights = [math.exp(-((i - middle) ** 2) / (2 * sigma**2)) for i in range(size)]
    return [weight / sum(weights) for weight in weights]
