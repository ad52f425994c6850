"""The same loss on both sides."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from internlab.debias.methods.base import Hyperparameter, Method, Needs
from internlab.debias.methods.group_weights import group_means, side_balancing_weights
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch, Problem


class VREx(Method):
    """Variance risk extrapolation: the loss must not differ between environments.

    The objective is ``mean_e R_e + penalty * Var_e R_e``, where R_e is the mean loss of environment
    e: the aligned and the conflicting images, drawn equally often, as in `IRM`. The paper sums the
    R_e; with two environments its penalty is twice ours. In a batch without one of the two there is
    no variance.

    References
    ----------
    Krueger et al., "Out-of-Distribution Generalization via Risk Extrapolation (REx)", ICML 2021,
    section 3.
    """

    name = "vrex"
    title = "VREx"
    paper = "Out-of-Distribution Generalization via Risk Extrapolation (REx)"
    year = 2021
    url = "https://arxiv.org/abs/2003.00688"
    needs = Needs.TRAINING_BIAS_LABELS
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "penalty": Hyperparameter(5.0, 0.1, 100.0, log=True)
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self._weights = side_balancing_weights(problem)

    def sampling_weights(self) -> Tensor:
        return self._weights

    def losses(self, batch: Batch) -> Tensor:
        environment = (batch.biases != batch.labels).long()
        each = cross_entropy(self.network(batch.images), batch.labels)
        return self.objective(each, environment, self.values["penalty"])

    @staticmethod
    def objective(each: Tensor, environment: Tensor, penalty: float) -> Tensor:
        """Return the objective (R,) of losses and environments (R, B), 0 or 1."""
        risks, present = group_means(each, environment, 2)
        both = present.all(dim=1)
        variance = risks.var(dim=1, correction=0).where(both, 0.0)
        return risks.sum(dim=1) / present.sum(dim=1) + penalty * variance
