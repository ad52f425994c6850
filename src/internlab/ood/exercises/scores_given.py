"""A quick experiment for the lab on scores: a small network, one detector, one kind of outlier."""

from __future__ import annotations

from functools import cache

import numpy as np

from internlab.data.digit_sets import digit_sets
from internlab.ood import classifier
from internlab.ood.detectors import make
from internlab.ood.metrics import auroc
from internlab.ood.outputs import Outputs

KINDS = ("near", "noise")
EPOCHS = 10


def measure(detector: str, kind: str, seed: int) -> float:
    """Train a network, score known digits and outliers, and return the AUROC in percent.

    Parameters
    ----------
    detector : str
        Such as ``"msp"`` or ``"knn"``.
    kind : {"near", "noise"}
        Unknown digits, or uniform noise.
    seed : int
        Of the split and the network. A second call with the same seed trains nothing.
    """
    if kind not in KINDS:
        raise ValueError(f"No outliers {kind!r}; expected one of {', '.join(KINDS)}.")
    network, outputs = _collected(seed)
    fitted = make(detector, classifier.head_of(network)).fit(outputs["train"])
    inlying, outlying = (fitted.score(outputs[part]).numpy() for part in ("test", kind))
    is_outlier = np.repeat([False, True], [len(inlying), len(outlying)])
    return 100 * auroc(is_outlier, np.concatenate([inlying, outlying]))


@cache
def _collected(seed: int) -> tuple[classifier.DigitNet, dict[str, Outputs]]:
    sets = digit_sets(seed)
    network = classifier.train(sets.train, seed, epochs=EPOCHS)
    outputs = {kind: classifier.collect(network, sets.outliers[kind]) for kind in KINDS}
    outputs["train"] = classifier.collect(network, sets.train.images, sets.train.labels)
    outputs["test"] = classifier.collect(network, sets.test.images)
    return network, outputs
