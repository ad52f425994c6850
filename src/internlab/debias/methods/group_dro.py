"""The worst group decides."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from internlab.debias.methods.base import Hyperparameter, Method, Needs
from internlab.debias.methods.group_weights import (
    balancing_weights,
    group_counts,
    group_means,
)
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch, Problem


class GroupDRO(Method):
    """Group distributionally robust optimisation (분포 강건 최적화): the worst group counts.

    The objective is ``min_theta max_q sum_g q_g L_g(theta)``, where L_g is the mean loss of group g
    and q a distribution over groups. In each step q climbs, ``q_g <- q_g exp(step_size * L_g)``,
    and is normalised; then the network descends on ``sum_g q_g L_g``. Groups are drawn equally
    often; one that is missing in a batch keeps its q.

    References
    ----------
    Sagawa, Koh, Hashimoto, Liang, "Distributionally Robust Neural Networks for Group Shifts",
    ICLR 2020, equation 4 and algorithm 1.
    """

    name = "group_dro"
    title = "GroupDRO"
    paper = "Distributionally Robust Neural Networks for Group Shifts"
    year = 2020
    url = "https://arxiv.org/abs/1911.08731"
    needs = Needs.TRAINING_BIAS_LABELS
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "step_size": Hyperparameter(0.01, 0.001, 0.1, log=True)
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self._weights = balancing_weights(problem)
        self._bias_values = problem.bias_values
        occurs = (group_counts(problem) > 0).float()
        self._q = occurs / occurs.sum(dim=1, keepdim=True)

    def sampling_weights(self) -> Tensor:
        return self._weights

    def losses(self, batch: Batch) -> Tensor:
        groups = batch.labels * self._bias_values + batch.biases
        each = cross_entropy(self.network(batch.images), batch.labels)
        means, _ = group_means(each, groups, self._q.shape[1])
        self._q = self.climb(self._q, means.detach(), self.values["step_size"])
        return (self._q * means).sum(dim=1)

    @staticmethod
    def climb(q: Tensor, means: Tensor, step_size: float) -> Tensor:
        """Return the distribution after one step: (R, G), from q and mean losses (R, G)."""
        raised = q * (step_size * means).exp()
        return raised / raised.sum(dim=1, keepdim=True)
