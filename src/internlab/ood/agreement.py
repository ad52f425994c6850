"""The detectors of the kit against those of pytorch-ood, on the same numbers.

Each entry of `REFERENCES` hands one method's inputs to pytorch-ood and returns its scores. The
ensemble is absent from that package; outlier exposure is there as a loss, and its score is MSP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from internlab.data.digit_sets import digit_sets
from internlab.ood.classifier import DigitNet, as_images
from internlab.ood.detectors import Head
from internlab.ood.feature_cache import EPSILON, FeatureCache
from internlab.ood.metrics import auroc
from internlab.ood.outputs import Outputs
from internlab.ood.ranking import fitted
from internlab.ood.reference import pytorch_ood


@dataclass(frozen=True)
class Case:
    """What a reference may need: the library, the network, outputs to fit on and to score."""

    library: ModuleType
    network: DigitNet
    head: Head
    train: Outputs
    outputs: Outputs
    images: Tensor


class _Answers(nn.Module):
    """A stand-in for a network with dropout: each call gives the next of the sampled answers."""

    def __init__(self, sampled_logits: Tensor) -> None:
        super().__init__()
        self.answers = iter(sampled_logits)

    def forward(self, images: Tensor) -> Tensor:
        return next(self.answers)


def _on_logits(name: str) -> Callable[[Case], Tensor]:
    return lambda case: getattr(case.library, name)(None).predict_logits(case.outputs.logits)


def _on_features(name: str, **settings: Any) -> Callable[[Case], Tensor]:
    def scores(case: Case) -> Tensor:
        detector = getattr(case.library, name)(None, **settings)
        detector.fit_features(case.train.features, case.train.labels)
        return detector.predict_features(case.outputs.features)

    return scores


def _in_double(scores: Callable[[Case], Tensor]) -> Callable[[Case], Tensor]:
    """Let the reference compute in float64, as the kit does.

    The relative Mahalanobis distance is a small difference of large distances. In float32,
    pytorch-ood differs from itself in float64 by more than the kit does.
    """

    def in_double(case: Case) -> Tensor:
        train, outputs = (
            Outputs(each.logits.double(), each.features.double(), each.labels)
            for each in (case.train, case.outputs)
        )
        before = torch.get_default_dtype()
        # It sums into tensors of the default type.
        torch.set_default_dtype(torch.float64)
        try:
            return scores(replace(case, train=train, outputs=outputs))
        finally:
            torch.set_default_dtype(before)

    return in_double


def _with_head(name: str, **settings: Any) -> Callable[[Case], Tensor]:
    def scores(case: Case) -> Tensor:
        own = {"w": case.head.weight, "b": case.head.bias, **settings}
        return _on_features(name, **own)(case)

    return scores


def _odin(case: Case) -> Tensor:
    return case.library.ODIN(case.network, eps=EPSILON, temperature=1000.0)(case.images)


def _mc_dropout(case: Case) -> Tensor:
    sampled = case.outputs.sampled_logits
    stand_in = _Answers(sampled)
    return case.library.MCD(stand_in, samples=len(sampled), mode="mean")(case.images)


def _kl_matching(case: Case) -> Tensor:
    detector = case.library.KLMatching(None).fit_logits(case.train.logits)
    return detector.predict_logits(case.outputs.logits)


def _react(case: Case) -> Tensor:
    detector = case.library.ReAct(None, case.head.logits, percentile=0.9)
    detector.fit_feature_maps(case.train.features, case.train.labels)
    return detector.predict_feature_maps(case.outputs.features)


def _ash(case: Case) -> Tensor:
    # A pooled vector is a feature map of one pixel.
    detector = case.library.ASH(None, lambda maps: case.head.logits(maps.flatten(1)))
    return detector.predict_feature_maps(case.outputs.features[:, :, None, None])


def _ash_on_maps(case: Case) -> Tensor:
    """Return pytorch-ood's ASH where it was published: on the map before the global average."""
    backbone = case.network.backbone
    detector = case.library.ASH(
        backbone[:-2], lambda maps: case.network.head(maps.mean(dim=(2, 3)))
    )
    with torch.no_grad():
        return detector(case.images)


def _gradnorm(case: Case) -> Tensor:
    detector = case.library.GradNorm(case.network.head, param_filter=lambda name: name == "weight")
    return detector(case.outputs.features)


REFERENCES: dict[str, Callable[[Case], Tensor]] = {
    "msp": _on_logits("MaxSoftmax"),
    "entropy": _on_logits("Entropy"),
    "max_logit": _on_logits("MaxLogit"),
    "energy": _on_logits("EnergyBased"),
    "odin": _odin,
    "mahalanobis": _in_double(_on_features("Mahalanobis")),
    "relative_mahalanobis": _in_double(_on_features("RMD")),
    "knn": _on_features("KNN", k=10),
    "vim": _with_head("ViM", d=16),
    "react": _react,
    "dice": _with_head("DICE", p=0.7),
    "ash": _ash,
    "gradnorm": _gradnorm,
    "kl_matching": _kl_matching,
    "mc_dropout": _mc_dropout,
    "outlier_exposure": _on_logits("MaxSoftmax"),
}

# Where pytorch-ood's score is another choice of the same method, ours is set to that choice.
_SAME_CHOICE: dict[str, dict[str, Any]] = {
    "mc_dropout": {"measure": "confidence"},
    "vim": {"dimensions": 16},
}


@dataclass(frozen=True)
class Agreement:
    """AUROC, in [0, 1], of one detector on one kind of outlier: ours and pytorch-ood's."""

    detector: str
    outliers: str
    ours: float
    theirs: float

    @property
    def difference(self) -> float:
        """How far apart they are."""
        return abs(self.ours - self.theirs)


def agreements(cache: FeatureCache) -> list[Agreement]:
    """Compare every detector that pytorch-ood has too, on every kind of outlier of the test.

    Raises
    ------
    DataUnavailable
        If pytorch-ood is not in the cache and cannot be fetched.
    """
    found = []
    for name, reference in REFERENCES.items():
        ours = fitted(cache, name, _SAME_CHOICE.get(name))
        outputs = cache.read_by(name)
        parts = ("test", *cache.outliers)
        own = {part: ours.score(outputs[part]) for part in parts}
        other = {part: reference(case(cache, name, part)) for part in parts}
        found += [
            Agreement(name, kind, _auroc(own, kind), _auroc(other, kind)) for kind in cache.outliers
        ]
    return found


def ash_elsewhere(cache: FeatureCache) -> list[Agreement]:
    """Compare the kit's ASH, on pooled vectors, with pytorch-ood's on feature maps.

    The two are not the same detector: `agreements` has ASH at equal places.
    """
    ours = fitted(cache, "ash")
    parts = ("test", *cache.outliers)
    pooled = {part: ours.score(cache.plain[part]) for part in parts}
    on_maps = {part: _ash_on_maps(case(cache, "ash", part)) for part in parts}
    return [
        Agreement("ash", kind, _auroc(pooled, kind), _auroc(on_maps, kind))
        for kind in cache.outliers
    ]


def _auroc(scores: dict[str, Tensor], kind: str) -> float:
    inlying, outlying = (scores[part].double().numpy() for part in ("test", kind))
    is_outlier = np.repeat([False, True], [len(inlying), len(outlying)])
    return auroc(is_outlier, np.concatenate([inlying, outlying]))


def case(cache: FeatureCache, name: str, part: str) -> Case:
    """Return what the reference of a detector needs for one part of a cache."""
    outputs = cache.read_by(name)
    # As in `fitted`: typical answers are those of validation digits.
    train = outputs["validation" if name == "kl_matching" else "train"]
    sets = digit_sets(cache.seed)
    images = sets.test.images if part == "test" else sets.outliers[part]
    return Case(
        library=pytorch_ood("detector"),
        network=cache.network,
        head=cache.head,
        train=train,
        outputs=outputs[part],
        images=as_images(images),
    )
