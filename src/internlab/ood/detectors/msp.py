"""Maximum softmax probability."""

from __future__ import annotations

from torch import Tensor

from internlab.ood.detectors.base import Detector
from internlab.ood.outputs import Outputs


class MSP(Detector):
    """Maximum softmax probability (최대 소프트맥스 확률): how sure is the network of its answer?

    With p = softmax(f) of the logits f, the score is ``-max_k p_k``, from -1 (sure) to -1/K (a
    uniform guess).

    References
    ----------
    Hendrycks and Gimpel, "A Baseline for Detecting Misclassified and Out-of-Distribution Examples
    in Neural Networks", ICLR 2017, section 3.
    """

    name = "msp"
    title = "MSP"
    paper = "A Baseline for Detecting Misclassified and Out-of-Distribution Examples"
    year = 2017
    url = "https://arxiv.org/abs/1610.02136"

    def score(self, outputs: Outputs) -> Tensor:
        """Return `msp` of the logits."""
        return self.msp(outputs.logits)

    @staticmethod
    def msp(logits: Tensor) -> Tensor:
        """Return ``-max_k softmax(f)_k`` of logits (N, K) or (N, K, H, W): (N,) or (N, H, W)."""
        return -logits.softmax(dim=1).amax(dim=1)
