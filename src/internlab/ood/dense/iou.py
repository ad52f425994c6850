"""Intersection over union of each class, from counts that add up over images."""

from __future__ import annotations

import numpy as np

from internlab.ood.dense.network import CLASSES


def confusion(labels: np.ndarray, prediction: np.ndarray, classes: int = CLASSES) -> np.ndarray:
    """Count pixels by true and predicted class.

    Parameters
    ----------
    labels, prediction : array
        Integer, the same shape. Pixels whose label is no class (void, anomaly) are left out.
    classes : int
        K.

    Returns
    -------
    array
        (K, K) int64: row the true class, column the predicted one. Counts of images add up.

    Raises
    ------
    ValueError
        If the shapes differ, or a prediction is no class.
    """
    labels, prediction = np.asarray(labels), np.asarray(prediction)
    if labels.shape != prediction.shape:
        raise ValueError(
            f"Got labels of shape {labels.shape} and a prediction of shape {prediction.shape}. "
            "Expected the same shape; resize the prediction to the label map, not the other way."
        )
    counted = labels < classes
    truth, found = labels[counted].astype(np.int64), prediction[counted].astype(np.int64)
    if found.size and not 0 <= found.min() <= found.max() < classes:
        raise ValueError(
            f"Got predicted classes from {found.min()} to {found.max()}. Expected 0 to "
            f"{classes - 1}."
        )
    return np.bincount(truth * classes + found, minlength=classes**2).reshape(classes, classes)


def class_iou(counts: np.ndarray) -> np.ndarray:
    """Return the IoU of each class, (K,) float64 in [0, 1], of a `confusion`.

    A class that is neither there nor predicted has no IoU: NaN.
    """
    hit = np.diag(counts).astype(np.float64)
    either = counts.sum(0) + counts.sum(1) - hit
    return np.divide(hit, either, out=np.full(len(hit), np.nan), where=either > 0)


def mean_iou(counts: np.ndarray) -> float:
    """Return the mean IoU of the classes that are there or predicted.

    Raises
    ------
    ValueError
        If nothing was counted.
    """
    if not np.any(counts):
        raise ValueError("No pixel of a class was counted. Expected labels with classes in them.")
    return float(np.nanmean(class_iou(counts)))
