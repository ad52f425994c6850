"""Believe what is already believed."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from internlab.debias.methods.base import Hyperparameter, Method
from internlab.debias.methods.losses import generalised_cross_entropy
from internlab.debias.stack import Batch


class GCE(Method):
    """Generalised cross-entropy (일반화 교차 엔트로피): images that do not fit are given up.

    The objective is ``mean_i (1 - p_y^q) / q``. Its gradient is that of the cross-entropy times
    ``p_y^q``: what the network already believes counts more. Made against wrong labels, it treats
    conflicting images as such. Alone it makes a classifier more biased; LfF, LDD and others
    train their biased model with it.

    References
    ----------
    Zhang, Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy
    Labels", NeurIPS 2018, equation 6.
    """

    name = "gce"
    title = "GCE"
    paper = "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels"
    year = 2018
    url = "https://arxiv.org/abs/1805.07836"
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {"q": Hyperparameter(0.7, 0.1, 0.9)}

    def losses(self, batch: Batch) -> Tensor:
        logits = self.network(batch.images)
        return generalised_cross_entropy(logits, batch.labels, self.values["q"]).mean(dim=1)
