"""Activation shaping: forget most of the feature and stretch the rest."""

from __future__ import annotations

import torch
from torch import Tensor

from internlab.ood.detectors.base import Detector, Head, by_rows
from internlab.ood.detectors.energy import Energy
from internlab.ood.outputs import Outputs


class ASH(Detector):
    """Activation shaping (ASH-S): the energy after pruning and sharpening each feature vector.

    Of each z only the largest activations are kept. With s1 the sum before and s2 the sum after,
    what is kept is multiplied by exp(s1 / s2). The score is the energy of the head's logits.

    The method was published for the feature *map* before the global average, where pruning also
    chooses places. This class shapes the pooled vector, or the vector of each pixel; on a map the
    ranking differs. Nothing is fitted.

    Parameters
    ----------
    head : Head
        The network's last layer.
    pruned : float
        Share of the activations of one vector that are set to zero, in [0, 1).

    References
    ----------
    Djurisic, Bozanic, Ashok, Liu, "Extremely Simple Activation Shaping for Out-of-Distribution
    Detection", ICLR 2023, algorithm 3.
    """

    name = "ash"
    title = "ASH"
    paper = "Extremely Simple Activation Shaping for Out-of-Distribution Detection"
    year = 2023
    url = "https://arxiv.org/abs/2209.09858"
    needs = ("features",)
    uses_head = True

    def __init__(self, head: Head, pruned: float = 0.65) -> None:
        if not 0 <= pruned < 1:
            raise ValueError(f"A pruned share of {pruned}; expected at least 0 and less than 1.")
        self.head, self.pruned = head, pruned

    def score(self, outputs: Outputs) -> Tensor:
        """Return the energy after shaping.

        Raises
        ------
        ValueError
            If a feature is negative: the sums mean nothing then.
        """
        features = outputs.require("features", self.title)
        if (features < 0).any():
            raise ValueError(
                f"ASH was given features down to {features.min():.3g}; expected none below 0, as "
                "after a ReLU. Take the features behind an activation."
            )
        return by_rows(
            lambda z: Energy.energy(self.head.logits(self.ash(z, self.pruned))), features
        )

    @staticmethod
    def ash(features: Tensor, pruned: float = 0.65) -> Tensor:
        """Return shaped features (M, D) of features (M, D) that are at least 0.

        Raises
        ------
        ValueError
            If exp(s1 / s2) is too large a number.
        """
        total = features.shape[1]
        # One at least: nothing at all cannot be stretched.
        kept = max(1, total - round(total * pruned))
        largest = features.topk(kept, dim=1)
        sparse = torch.zeros_like(features).scatter(1, largest.indices, largest.values)
        before, after = features.sum(dim=1), largest.values.sum(dim=1)
        # A vector of zeros stays one; the floor only keeps 0 / 0 away.
        sharper = (before / after.clamp_min(torch.finfo(features.dtype).tiny)).exp()
        if not sharper.isfinite().all():
            raise ValueError(
                f"ASH keeps {kept} of {total} features, and exp(s1 / s2) with s1 / s2 = "
                f"{(before / after).nan_to_num().max():.0f} is too large for {features.dtype}. "
                "Prune less."
            )
        return sparse * sharper[:, None]
