"""The detectors, one small class each; `DETECTORS` lists them by name.

========================  ==================================================================
what it reads             detectors
========================  ==================================================================
the logits                MSP, Entropy, MaxLogit, Energy
the features              Mahalanobis, KNN
========================  ==================================================================
"""

from __future__ import annotations

from typing import Any

from internlab.ood.detectors.base import Detector, Head
from internlab.ood.detectors.energy import Energy
from internlab.ood.detectors.entropy import Entropy
from internlab.ood.detectors.knn import KNN
from internlab.ood.detectors.mahalanobis import Mahalanobis
from internlab.ood.detectors.max_logit import MaxLogit
from internlab.ood.detectors.msp import MSP
from internlab.spelling import did_you_mean

DETECTORS: dict[str, type[Detector]] = {
    each.name: each for each in (MSP, Entropy, MaxLogit, Energy, Mahalanobis, KNN)
}

__all__ = [
    "DETECTORS",
    "KNN",
    "MSP",
    "Detector",
    "Energy",
    "Entropy",
    "Head",
    "Mahalanobis",
    "MaxLogit",
    "make",
]


def make(name: str, head: Head | None = None, **settings: Any) -> Detector:
    """Return a new detector by name.

    Parameters
    ----------
    name : str
        A key of `DETECTORS`.
    head : Head, optional
        The network's last layer; passed on to those detectors that use it, ignored by the others.
    **settings
        What the class takes, such as ``k=20``.

    Raises
    ------
    ValueError
        If there is no such detector, or it needs a head and there is none.
    """
    if name not in DETECTORS:
        raise ValueError(
            f"No detector {name!r}.{did_you_mean(name, DETECTORS)} There are "
            f"{', '.join(DETECTORS)}."
        )
    kind = DETECTORS[name]
    if not kind.uses_head:
        return kind(**settings)
    if head is None:
        raise ValueError(
            f"{kind.title} changes what goes into the last layer and needs it: pass "
            "head=Head(weight, bias)."
        )
    return kind(head, **settings)
