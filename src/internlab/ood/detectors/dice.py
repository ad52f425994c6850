"""Directed sparsification: only the weights that matter for the training data may vote."""

from __future__ import annotations

from typing import Self

import numpy as np
import torch
from torch import Tensor

from internlab.ood.detectors.base import Detector, Head, by_rows, expect_width, fit_rows
from internlab.ood.detectors.energy import Energy
from internlab.ood.outputs import Outputs


class DICE(Detector):
    """Directed sparsification: the energy of a head that keeps its most useful weights only.

    Weight W_kd contributes W_kd E[z_d] to logit k on average over the training data. Weights
    whose contribution is among the smallest are set to zero, so that features which say little
    about any class cannot add up to evidence. The score is the energy of the sparse head.

    Parameters
    ----------
    head : Head
        The network's last layer.
    sparsity : float
        Share of the weights that are set to zero, in [0, 1).

    References
    ----------
    Sun and Li, "DICE: Leveraging Sparsification for Out-of-Distribution Detection", ECCV 2022.
    """

    name = "dice"
    title = "DICE"
    paper = "DICE: Leveraging Sparsification for Out-of-Distribution Detection"
    year = 2022
    url = "https://arxiv.org/abs/2111.09805"
    needs = ("features",)
    needs_to_fit = ("features",)
    uses_head = True
    uses_fit = True

    def __init__(self, head: Head, sparsity: float = 0.7) -> None:
        if not 0 <= sparsity < 1:
            raise ValueError(f"Sparsity {sparsity}; expected at least 0 and less than 1.")
        self.head, self.sparsity = head, sparsity
        self.sparse_head: Head | None = None

    def fit(self, outputs: Outputs) -> Self:
        """Choose the weights that stay."""
        features = fit_rows(outputs, outputs.require("features", self.title), self.title)
        expect_width(features, self.head.weight.shape[1], self.title)
        weight = self.sparsified(self.head.weight.to(features), features, self.sparsity)
        self.sparse_head = Head(weight, self.head.bias.to(features))
        return self

    def score(self, outputs: Outputs) -> Tensor:
        """Return the energy of the sparse head's logits."""
        features = outputs.require("features", self.title)
        head = self._fitted(self.sparse_head)
        return by_rows(lambda z: Energy.energy(head.logits(z)), features)

    @staticmethod
    def sparsified(weight: Tensor, features: Tensor, sparsity: float) -> Tensor:
        """Return the weight (K, D) with its least contributing entries set to zero.

        Parameters
        ----------
        weight : tensor
            (K, D), float.
        features : tensor
            (M, D), float, of the training data.
        sparsity : float
            Share of the entries to set to zero.
        """
        contribution = weight * features.mean(dim=0)
        if sparsity == 0:
            return weight
        threshold = np.quantile(contribution.cpu().numpy(), sparsity)
        return torch.where(contribution > threshold, weight, 0)
