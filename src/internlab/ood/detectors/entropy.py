"""The entropy of the softmax."""

from __future__ import annotations

import torch
from torch import Tensor

from internlab.ood.detectors.base import Detector
from internlab.ood.outputs import Outputs


class Entropy(Detector):
    """Entropy (엔트로피) of the softmax: how spread is the answer over all classes?

    With p = softmax(f), the score is ``-sum_k p_k log p_k``, from 0 (sure) to log K (a uniform
    guess). MSP looks at the largest probability only; entropy looks at how the rest is shared.

    References
    ----------
    Shannon, "A Mathematical Theory of Communication", 1948, for the quantity. As a score of a
    classifier's answer it is a baseline in Ren, Liu, Fertig, Snoek, Poplin, DePristo, Dillon,
    Lakshminarayanan, "Likelihood Ratios for Out-of-Distribution Detection", NeurIPS 2019.
    """

    name = "entropy"
    title = "Entropy"
    paper = "Likelihood Ratios for Out-of-Distribution Detection"
    year = 2019
    url = "https://arxiv.org/abs/1906.02845"

    def score(self, outputs: Outputs) -> Tensor:
        """Return `entropy` of the logits."""
        return self.entropy(outputs.logits)

    @staticmethod
    def entropy(logits: Tensor) -> Tensor:
        """Return the entropy, in nats, of logits (N, K) or (N, K, H, W): (N,) or (N, H, W)."""
        # Logarithms keep apart what a probability near 1 would round; 0 times minus infinity is 0.
        log_p = logits.log_softmax(dim=1).clamp_min(torch.finfo(logits.dtype).min)
        return -(log_p.exp() * log_p).sum(dim=1)
