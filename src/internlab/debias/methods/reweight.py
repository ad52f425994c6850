"""Every group with the same weight in the loss."""

from __future__ import annotations

from torch import Tensor

from internlab.debias.methods.base import Method, Needs
from internlab.debias.methods.group_weights import balancing_weights
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch, Problem


class Reweight(Method):
    """Reweighting (재가중): draw images as they come, and weigh the loss of rare groups up.

    The objective is ``mean_i w_i * -log p(y_i | x_i)`` with w_i proportional to ``1 / n_g`` and
    mean 1. Its expectation is that of `Resample`; but a rare image comes seldom and then pulls
    hard, and a network that fits all training images ends at the same place without weights.

    References
    ----------
    Byrd, Lipton, "What is the Effect of Importance Weighting in Deep Learning?", ICML 2019,
    section 2.
    """

    name = "reweight"
    title = "Reweighting"
    paper = "What is the Effect of Importance Weighting in Deep Learning?"
    year = 2019
    url = "https://arxiv.org/abs/1812.03372"
    needs = Needs.TRAINING_BIAS_LABELS

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self._weights = balancing_weights(problem)

    def losses(self, batch: Batch) -> Tensor:
        each = cross_entropy(self.network(batch.images), batch.labels)
        return (self._weights.gather(1, batch.index) * each).mean(dim=1)
