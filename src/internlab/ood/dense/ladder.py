"""One set of scenes, five scores, each with one idea more than the one before."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from internlab.data.streets import ANOMALY, VOID, StreetSet
from internlab.ood.dense.standardised import CleanUp, StandardizedMaxLogit, predicted_classes
from internlab.ood.dense.statistics import Moments
from internlab.ood.detectors import MSP, MaxLogit
from internlab.ood.metrics import Scores, evaluate
from internlab.ood.outputs import Outputs

LADDER = ("MSP", "MaxLogit", "SML", "SML + suppression", "SML + suppression + smoothing")
# Statistics settle long before all 600 training scenes are seen.
SCENES_FOR_STATISTICS = 150


def ladder(
    outputs: Outputs, moments: Moments, clean_up: CleanUp | None = None
) -> dict[str, Tensor]:
    """Return the scores of `LADDER`, each (N, H, W), of dense outputs.

    Parameters
    ----------
    outputs : Outputs
        Logits (N, K, H, W).
    moments : Moments
        Of the max logits on training scenes.
    clean_up : CleanUp, optional
        Widths of the last two; the default ones for None.
    """
    clean_up = clean_up or CleanUp()
    standardised = StandardizedMaxLogit(moments).score(outputs)
    suppressed = clean_up.suppress(standardised, predicted_classes(outputs.logits))
    scores = (
        MSP().score(outputs),
        MaxLogit().score(outputs),
        standardised,
        suppressed,
        clean_up.smooth(suppressed),
    )
    return dict(zip(LADDER, scores, strict=True))


def evaluate_maps(labels: np.ndarray, score: Tensor | np.ndarray) -> Scores:
    """Return what a score (N, H, W) is worth: anomaly is positive, void is left out.

    Raises
    ------
    ValueError
        If the shapes differ, or there is no anomaly or nothing else.
    """
    labels, score = np.asarray(labels), np.asarray(score)
    if labels.shape != score.shape:
        raise ValueError(
            f"Got labels of shape {labels.shape} and a score of shape {score.shape}. Expected the "
            "same shape, one score for each labelled pixel."
        )
    counted = labels != VOID
    return evaluate(labels[counted] == ANOMALY, score[counted])


def labels_on_anomalies(scenes: StreetSet, prediction: np.ndarray, classes: int) -> np.ndarray:
    """Return the share of anomaly pixels that are called each class, (K,) float64 with sum 1.

    Raises
    ------
    ValueError
        If the prediction is of another size or no class, or no scene has an anomaly.
    """
    if prediction.shape != scenes.labels.shape:
        raise ValueError(
            f"Got a prediction of shape {prediction.shape} for labels of shape "
            f"{scenes.labels.shape}. Expected a class for each pixel of these scenes."
        )
    called = prediction[scenes.labels == ANOMALY]
    if not called.size:
        raise ValueError(
            f"None of the {len(scenes.labels)} scenes has a pixel of an anomaly, so there are no "
            "shares. Expected a set such as 'animals' or 'photos'."
        )
    if not 0 <= called.min() <= called.max() < classes:
        raise ValueError(
            f"Got predicted classes from {called.min()} to {called.max()}. Expected 0 to "
            f"{classes - 1}."
        )
    return np.bincount(called, minlength=classes) / called.size
