"""Mixtures that break the bond of class and bias."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from internlab.debias.methods.base import Hyperparameter, Method, Needs
from internlab.debias.methods.group_weights import balancing_weights
from internlab.debias.methods.mixup import mixed, mixed_loss
from internlab.debias.stack import Batch, Problem


class LISA(Method):
    """Learning invariant predictors with selective augmentation (선택적 증강).

    In a share `within_class` of the steps an image is mixed with one of the same class and another
    bias: the class stays, the bias is blurred. In the others with one of the same bias and another
    class: the bias stays, so it cannot explain the change of class. The share of the mixture comes
    from Beta(2, 2), groups are drawn equally often, and an image without a partner in the batch
    stays as it is.

    References
    ----------
    Yao et al., "Improving Out-of-Distribution Robustness via Selective Augmentation", ICML 2022,
    section 3 and algorithm 1.
    """

    name = "lisa"
    title = "LISA"
    paper = "Improving Out-of-Distribution Robustness via Selective Augmentation"
    year = 2022
    url = "https://arxiv.org/abs/2201.00299"
    needs = Needs.TRAINING_BIAS_LABELS
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "within_class": Hyperparameter(0.5, 0.0, 1.0),
        "alpha": Hyperparameter(2.0, 0.5, 4.0, log=True),
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self._weights = balancing_weights(problem)
        self._generators = problem.generators("lisa")

    def sampling_weights(self) -> Tensor:
        return self._weights

    def losses(self, batch: Batch) -> Tensor:
        count = batch.labels.shape[1]
        within = self._generators.uniform() < self.values["within_class"]
        wanted = self.wanted(batch.labels, batch.biases, within)
        partner = self.choose(wanted, self._generators.uniform(count, count))
        share = self._generators.beta(self.values["alpha"], self.values["alpha"], count)
        logits = self.network(mixed(batch.images, partner, share))
        others = batch.labels.gather(1, partner)
        return mixed_loss(logits, batch.labels, others, share).mean(dim=1)

    @staticmethod
    def wanted(labels: Tensor, biases: Tensor, within: Tensor) -> Tensor:
        """Return which images of a batch may be mixed: bool (R, B, B), row by row.

        Parameters
        ----------
        labels, biases : tensor
            int64 (R, B).
        within : tensor
            bool (R,): same class and another bias; else same bias and another class.
        """
        same_class = labels[:, :, None] == labels[:, None]
        same_bias = biases[:, :, None] == biases[:, None]
        return torch.where(within[:, None, None], same_class & ~same_bias, same_bias & ~same_class)

    @staticmethod
    def choose(wanted: Tensor, draws: Tensor) -> Tensor:
        """Return one wanted partner an image, each as likely: int64 (R, B).

        Parameters
        ----------
        wanted : tensor
            bool (R, B, B).
        draws : tensor
            (R, B, B), uniform in [0, 1). An image that wants none is its own partner.
        """
        best = draws.masked_fill(~wanted, -1.0).max(dim=2)
        itself = torch.arange(wanted.shape[1], device=wanted.device)
        return torch.where(best.values >= 0, best.indices, itself)
