"""A detector that takes a moment to measure, on objects that are new and on pasted ordinary ones.

Pixels are points in a small feature space, so that a lab can repeat the measurement for many
networks. It says nothing about streets; its shape is that of the control in lesson 32.
"""

from __future__ import annotations

import numpy as np

from internlab.ood.metrics import auroc

FEATURES, ROAD_PIXELS, OBJECT_PIXELS = 6, 400, 60


def measure(seed: int) -> tuple[float, float]:
    """Measure a distance detector with one network.

    Parameters
    ----------
    seed : int
        Of the network; it also draws the pixels.

    Returns
    -------
    tuple of float
        AUROC of pasted animals against ordinary pixels, and AUROC of pasted ordinary cars and
        people against ordinary pixels, as if those were anomalies.
    """
    rng = np.random.default_rng([32, seed])
    ordinary = rng.normal(0, 1, (ROAD_PIXELS, FEATURES))
    animals = rng.normal(0, 1, (OBJECT_PIXELS, FEATURES)) + rng.normal(0.85, 0.12, FEATURES)
    pasted = rng.normal(0, 1, (OBJECT_PIXELS, FEATURES)) + rng.normal(0.93, 0.12, FEATURES)
    return _auroc(ordinary, animals), _auroc(ordinary, pasted)


def _auroc(inliers: np.ndarray, outliers: np.ndarray) -> float:
    distance = (np.concatenate([inliers, outliers]) ** 2).sum(axis=1)
    return auroc(np.arange(len(distance)) >= len(inliers), distance)
