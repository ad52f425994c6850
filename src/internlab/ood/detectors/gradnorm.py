"""The size of the gradient that would make the answer uniform."""

from __future__ import annotations

import torch
from torch import Tensor

from internlab.ood.detectors.base import Detector, by_rows
from internlab.ood.outputs import Outputs


class GradNorm(Detector):
    """Gradient norm (기울기 노름): how hard would training have to pull to make the answer uniform?

    Take the cross-entropy between a uniform target and the softmax, and its gradient with respect
    to the weights of the last layer. That gradient is the outer product of p - 1/K and z, so its
    L1 norm needs no backward pass: the score is ``-|z|_1 |p - 1/K|_1``. Familiar images give a
    large gradient, hence the minus sign.

    References
    ----------
    Huang, Geng, Li, "On the Importance of Gradients for Detecting Distributional Shifts in the
    Wild", NeurIPS 2021. The official code sums over classes where this averages: the same ranking.
    """

    name = "gradnorm"
    title = "GradNorm"
    paper = "On the Importance of Gradients for Detecting Distributional Shifts in the Wild"
    year = 2021
    url = "https://arxiv.org/abs/2110.00218"
    needs = ("features",)

    def score(self, outputs: Outputs) -> Tensor:
        """Return `gradnorm` of features and logits."""
        return by_rows(self.gradnorm, outputs.require("features", self.title), outputs.logits)

    @staticmethod
    def gradnorm(features: Tensor, logits: Tensor) -> Tensor:
        """Return the negative gradient norm (M,) of features (M, D) and logits (M, K)."""
        pull = logits.softmax(dim=1) - 1 / logits.shape[1]
        return -torch.linalg.vector_norm(features, 1, dim=1) * pull.abs().sum(dim=1)
