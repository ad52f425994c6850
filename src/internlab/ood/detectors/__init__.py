"""The detectors, one small class each; `DETECTORS` lists them by name.

========================  ==================================================================
what it reads             detectors
========================  ==================================================================
the logits                MSP, Entropy, MaxLogit, Energy, KLMatching
the features              Mahalanobis, RelativeMahalanobis, KNN
features and last layer   ViM, ReAct, DICE, ASH, GradNorm
the network on more runs  ODIN, MCDropout, Ensemble
another training          OutlierExposure
========================  ==================================================================
"""

from __future__ import annotations

from typing import Any

from internlab.ood.detectors.ash import ASH
from internlab.ood.detectors.base import Detector, Head
from internlab.ood.detectors.dice import DICE
from internlab.ood.detectors.energy import Energy
from internlab.ood.detectors.ensemble import Ensemble
from internlab.ood.detectors.entropy import Entropy
from internlab.ood.detectors.gradnorm import GradNorm
from internlab.ood.detectors.kl_matching import KLMatching
from internlab.ood.detectors.knn import KNN
from internlab.ood.detectors.mahalanobis import Mahalanobis
from internlab.ood.detectors.max_logit import MaxLogit
from internlab.ood.detectors.mc_dropout import MCDropout
from internlab.ood.detectors.msp import MSP
from internlab.ood.detectors.odin import ODIN
from internlab.ood.detectors.outlier_exposure import OutlierExposure
from internlab.ood.detectors.react import ReAct
from internlab.ood.detectors.relative_mahalanobis import RelativeMahalanobis
from internlab.ood.detectors.vim import ViM
from internlab.spelling import did_you_mean

# In the order of their publication.
DETECTORS: dict[str, type[Detector]] = {
    each.name: each
    for each in (
        MCDropout,
        MSP,
        Ensemble,
        ODIN,
        Mahalanobis,
        OutlierExposure,
        Entropy,
        Energy,
        RelativeMahalanobis,
        ReAct,
        GradNorm,
        MaxLogit,
        KLMatching,
        KNN,
        ViM,
        DICE,
        ASH,
    )
}

__all__ = [
    "ASH",
    "DETECTORS",
    "DICE",
    "KNN",
    "MSP",
    "ODIN",
    "Detector",
    "Energy",
    "Ensemble",
    "Entropy",
    "GradNorm",
    "Head",
    "KLMatching",
    "MCDropout",
    "Mahalanobis",
    "MaxLogit",
    "OutlierExposure",
    "ReAct",
    "RelativeMahalanobis",
    "ViM",
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
