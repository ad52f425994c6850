"""Fog and night: the picture changes, and nothing in it is new."""

from __future__ import annotations

import numpy as np


def threshold_for(score: np.ndarray, flagged: float = 0.05) -> float:
    """Return the threshold that flags a share of the pixels of known, ordinary images.

    Parameters
    ----------
    score : array
        Any shape, float: of validation images without an anomaly, never of those to be judged.
    flagged : float
        Share of pixels, in (0, 1), to lie above.

    Raises
    ------
    ValueError
        If the share is none, or there is no score or a NaN.
    """
    if not 0 < flagged < 1:
        raise ValueError(f"Share {flagged}; expected one between 0 and 1, such as 0.05.")
    return float(np.quantile(_checked(score), 1 - flagged))


def flagged_share(score: np.ndarray, threshold: float) -> float:
    """Return the share of pixels above a threshold."""
    return float(np.mean(_checked(score) > threshold))


def image_scores(score: np.ndarray) -> np.ndarray:
    """Return one score an image, (N,): the mean of its pixels, from maps (N, H, W).

    It is what a benchmark of whole images would rank. Fog moves every pixel a little, so it moves
    the mean a lot; a small animal moves few pixels and hardly the mean.
    """
    score = _checked(score)
    if score.ndim != 3:
        raise ValueError(f"Scores have shape {score.shape}, expected maps (N, H, W).")
    return score.mean(axis=(1, 2))


def _checked(score: np.ndarray) -> np.ndarray:
    score = np.asarray(score)
    if not score.size or np.isnan(score).any():
        raise ValueError(
            f"{score.size} scores, {int(np.isnan(score).sum())} of them NaN; expected numbers only."
        )
    return score
