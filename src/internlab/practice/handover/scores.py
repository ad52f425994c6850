"""Two scores of label maps that a request for "good" may mean: by pixel, and by object."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def miou(confusions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean intersection over union of confusion matrices (..., K, K), truth by row."""
    hits = np.einsum("...kk->...k", confusions)
    union = confusions.sum(axis=-1) + confusions.sum(axis=-2) - hits
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nanmean(np.where(union > 0, hits / union, np.nan), axis=-1)


def confusion(
    labels: NDArray[np.integer], predictions: NDArray[np.integer], classes: int
) -> NDArray[np.float64]:
    """Return the confusion matrix (K, K), truth by row; labels from K on are not counted."""
    counted = labels < classes
    pairs = classes * labels[counted].astype(np.int64) + predictions[counted]
    found = np.bincount(pairs, minlength=classes**2)
    return found.reshape(classes, classes).astype(np.float64)


def found(
    labels: NDArray[np.integer],
    predictions: NDArray[np.integer],
    class_id: int,
    smallest: int = 12,
) -> list[bool]:
    """Return for each object of a class whether at least half of its pixels were given the class.

    Parameters
    ----------
    labels, predictions : array
        (H, W), whole numbers.
    class_id : int
    smallest : int
        Objects of fewer pixels are passed over.

    Notes
    -----
    An object is a connected part of the labels, so two people who overlap count as one.
    """
    from scipy import ndimage

    parts, count = ndimage.label(labels == class_id)
    answers = []
    for number in range(1, count + 1):
        part = parts == number
        if part.sum() >= smallest:
            answers.append(bool((predictions[part] == class_id).mean() >= 0.5))
    return answers
