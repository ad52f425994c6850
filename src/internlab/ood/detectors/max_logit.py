"""The largest logit."""

from __future__ import annotations

from torch import Tensor

from internlab.ood.detectors.base import Detector
from internlab.ood.outputs import Outputs


class MaxLogit(Detector):
    """The largest logit: how much evidence is there for the answer, before softmax compares?

    The score is ``-max_k f_k``. Softmax sees only differences between logits, so it cannot tell
    little evidence from much evidence that is spread in the same way.

    References
    ----------
    Hendrycks, Basart, Mazeika, Zou, Kwon, Mostajabi, Steinhardt, Song, "Scaling
    Out-of-Distribution Detection for Real-World Settings", ICML 2022 (first published in 2019).
    """

    name = "max_logit"
    title = "MaxLogit"
    paper = "Scaling Out-of-Distribution Detection for Real-World Settings"
    year = 2022
    url = "https://arxiv.org/abs/1911.11132"

    def score(self, outputs: Outputs) -> Tensor:
        """Return `max_logit` of the logits."""
        return self.max_logit(outputs.logits)

    @staticmethod
    def max_logit(logits: Tensor) -> Tensor:
        """Return ``-max_k f_k`` of logits (N, K) or (N, K, H, W): (N,) or (N, H, W)."""
        return -logits.amax(dim=1)
