"""Which pixels a benchmark asks about: the whole image, or the road only."""

from __future__ import annotations

import numpy as np

from internlab.data.streets import ANOMALY, ROAD, VOID


def whole_image(labels: np.ndarray, *, void: int = VOID) -> np.ndarray:
    """Return every pixel that has a label.

    Parameters
    ----------
    labels : array
        (N, H, W) or (H, W), integer: the true labels.
    void : int
        The label that no metric counts.

    Returns
    -------
    array
        Like `labels`, bool.

    References
    ----------
    Track RoadAnomaly21 of Chan et al., "SegmentMeIfYouCan", NeurIPS 2021 Datasets and Benchmarks
    (2104.14812): an anomaly can be anywhere.
    """
    return _checked(labels) != void


def road_only(labels: np.ndarray, *, road: int = ROAD, outlier: int = ANOMALY) -> np.ndarray:
    """Return the true road and the anomalies: what lies in the way of a car.

    The region comes from the *true* labels. Taken from a prediction it would be another one for
    each network, and a network that misses the road would be asked less.

    Parameters
    ----------
    labels : array
        (N, H, W) or (H, W), integer: the true labels.
    road, outlier : int
        Their labels.

    Returns
    -------
    array
        Like `labels`, bool.

    References
    ----------
    Track RoadObstacle21 of Chan et al. (2104.14812): the road is the region of interest.
    """
    labels = _checked(labels)
    return (labels == road) | (labels == outlier)


def pixels(
    labels: np.ndarray, score: np.ndarray, region: np.ndarray, *, outlier: int = ANOMALY
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``is_outlier`` and ``score`` of the pixels in a region, as metrics take them.

    Parameters
    ----------
    labels : array
        (N, H, W) or (H, W), integer.
    score : array
        Like `labels`, float; higher is more out of distribution.
    region : array
        Like `labels`, bool; void lies outside.
    outlier : int
        Label of an anomaly.

    Returns
    -------
    tuple of array
        (P,) bool and (P,) float, pooled over all images.

    Raises
    ------
    ValueError
        If the shapes differ, or the region is no boolean map.
    """
    labels, score, region = _checked(labels), np.asarray(score), np.asarray(region)
    if not labels.shape == score.shape == region.shape:
        raise ValueError(
            f"Labels have shape {labels.shape}, scores {score.shape}, the region {region.shape}; "
            "they must be equal. Resize the scores to the label map, never the labels."
        )
    if region.dtype != bool:
        raise ValueError(
            f"The region is {region.dtype}, expected bool: True where a pixel counts. Compare a "
            "label map with its ids first."
        )
    return labels[region] == outlier, score[region]


def _checked(labels: np.ndarray) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"Labels are {labels.dtype}, expected integers: one class number a pixel. Are these "
            "scores or an image?"
        )
    return labels
