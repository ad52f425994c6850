"""Boundary suppression: replace the scores along class boundaries by those beside them."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def suppress_boundaries(
    score: torch.Tensor, prediction: torch.Tensor, width: int = 4, iterations: int = 4
) -> torch.Tensor:
    """Let the scores beside a boundary grow into it, from both sides, band by band.

    Between two classes every network hesitates, so boundaries score high without being news. Each
    iteration takes a band around the boundaries and gives every pixel of it the mean of those of
    its 3 x 3 neighbours that lie outside the band. The bands get narrower, so that the values from
    beside the boundary move in towards it.

    Parameters
    ----------
    score : tensor
        (N, H, W) float, any score.
    prediction : tensor
        (N, H, W) integer: the predicted classes.
    width : int
        The first band reaches ``width - 1`` pixels beyond the boundary pixels, which are two thick:
        it is ``2 * width`` pixels wide.
    iterations : int
        Number of bands, a divisor of `width`; each is ``2 * width / iterations`` pixels narrower
        than the one before. The last one is the boundary itself.

    Returns
    -------
    tensor
        Like `score`. A pixel without a neighbour outside the band keeps its score.

    Raises
    ------
    ValueError
        If the shapes differ, or `iterations` does not divide `width`.

    References
    ----------
    Jung et al., ICCV 2021, section 3.3 (2107.11264). Their code counts a pixel as boundary also if
    a diagonal neighbour has a lower class number; here only the four direct neighbours count, so
    that the numbering of the classes does not matter.
    """
    if score.ndim != 3 or score.shape != prediction.shape:
        raise ValueError(
            f"Got a score of shape {tuple(score.shape)} and a prediction of shape "
            f"{tuple(prediction.shape)}. Expected the same shape (N, H, W) for both."
        )
    check_widths(width, iterations)
    boundary = find_boundaries(prediction)
    for reach in reaches(width, iterations):
        band = grow(boundary, reach)
        outside = (~band).to(score.dtype)
        total, count = sum3x3(score * outside), sum3x3(outside)
        score = torch.where(band & (count > 0), total / count.clamp_min(1), score)
    return score


def check_widths(width: int, iterations: int) -> None:
    """Raise a ValueError unless both are positive and `iterations` divides `width`."""
    if width < 1 or iterations < 1 or width % iterations:
        raise ValueError(
            f"Got width {width} and {iterations} iterations. Expected positive numbers, the width "
            "a multiple of the iterations."
        )


def reaches(width: int, iterations: int) -> list[int]:
    """Return how far each band reaches beyond the boundary pixels, in pixels, the last 0."""
    step = width // iterations
    return [width - step * number - 1 for number in range(iterations - 1)] + [0]


def find_boundaries(prediction: torch.Tensor) -> torch.Tensor:
    """Return where a pixel's upper, lower, left or right neighbour is of another class.

    Parameters
    ----------
    prediction : tensor
        (N, H, W) integer.

    Returns
    -------
    tensor
        (N, H, W) bool: a line of two pixels, one on each side.
    """
    boundary = torch.zeros_like(prediction, dtype=torch.bool)
    vertical = prediction[:, 1:] != prediction[:, :-1]
    horizontal = prediction[:, :, 1:] != prediction[:, :, :-1]
    boundary[:, 1:] |= vertical
    boundary[:, :-1] |= vertical
    boundary[:, :, 1:] |= horizontal
    boundary[:, :, :-1] |= horizontal
    return boundary


def grow(mask: torch.Tensor, reach: int) -> torch.Tensor:
    """Return the pixels within `reach` steps, up, down, left or right, of a mask (N, H, W) bool."""
    for _ in range(reach):
        grown = mask.clone()
        grown[:, 1:] |= mask[:, :-1]
        grown[:, :-1] |= mask[:, 1:]
        grown[:, :, 1:] |= mask[:, :, :-1]
        grown[:, :, :-1] |= mask[:, :, 1:]
        mask = grown
    return mask


def sum3x3(values: torch.Tensor) -> torch.Tensor:
    """Return the sum over each pixel's 3 x 3 neighbourhood, (N, H, W), border pixels repeated."""
    padded = F.pad(values, (1, 1, 1, 1), mode="replicate")
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
