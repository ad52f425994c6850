"""A network that was shown outliers in training."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from internlab.ood.detectors.base import Detector
from internlab.ood.detectors.msp import MSP
from internlab.ood.outputs import Outputs


class OutlierExposure(Detector):
    """Outlier exposure (이상치 노출): train the network to be unsure on images of no class.

    In training every batch brings outliers along, and the network pays for not answering them
    uniformly: ``CE(f(x), y) + weight CE(f(x_out), uniform)``, see `loss`. The score is MSP. The
    outputs must come from a network that was trained with that loss, and the outliers of training
    must be others than those of the test.

    References
    ----------
    Hendrycks, Mazeika, Dietterich, "Deep Anomaly Detection with Outlier Exposure", ICLR 2019,
    section 3; the weight is that of its image experiments.
    """

    name = "outlier_exposure"
    title = "Outlier exposure"
    paper = "Deep Anomaly Detection with Outlier Exposure"
    year = 2019
    url = "https://arxiv.org/abs/1812.04606"

    def score(self, outputs: Outputs) -> Tensor:
        """Return MSP of the exposed network's logits."""
        return MSP.msp(outputs.logits)

    @staticmethod
    def loss(logits: Tensor, labels: Tensor, outlier_logits: Tensor, weight: float = 0.5) -> Tensor:
        """Return the loss of one batch, a scalar.

        Parameters
        ----------
        logits : tensor
            (N, K) or (N, K, H, W), of in-distribution images.
        labels : tensor
            (N,) or (N, H, W), int64.
        outlier_logits : tensor
            (M, K) or (M, K, H, W), of outliers.
        weight : float
            How much the outliers count.
        """
        towards_uniform = -outlier_logits.log_softmax(dim=1).mean()
        return F.cross_entropy(logits, labels) + weight * towards_uniform
