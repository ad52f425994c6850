"""One classifier that is best on both sides at once."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from internlab.debias.methods.base import Hyperparameter, Method, Needs
from internlab.debias.methods.group_weights import group_means, side_balancing_weights
from internlab.debias.methods.losses import cross_entropy, scale_gradient
from internlab.debias.stack import Batch, Problem


class IRM(Method):
    """Invariant risk minimisation (불변 위험 최소화): one classifier, optimal in every environment.

    The objective is ``mean_e R_e + penalty * mean_e (d R_e(w f) / dw at w = 1)^2``, where R_e is
    the mean loss of environment e and w scales its logits: where the derivative is 0, no scaling
    would suit the environment better. The environments are here the aligned and the conflicting
    images, drawn equally often. That is the most helpful split there is, and it needs bias labels;
    the paper's environments come from where the data were collected.

    References
    ----------
    Arjovsky, Bottou, Gulrajani, Lopez-Paz, "Invariant Risk Minimization", 2019: IRMv1, section 3.
    """

    name = "irm"
    title = "IRM"
    paper = "Invariant Risk Minimization"
    year = 2019
    url = "https://arxiv.org/abs/1907.02893"
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
        logits = self.network(batch.images)
        return self.objective(logits, batch.labels, environment, self.values["penalty"])

    @staticmethod
    def objective(logits: Tensor, labels: Tensor, environment: Tensor, penalty: float) -> Tensor:
        """Return the objective (R,) of logits (R, B, K) and environments (R, B), 0 or 1."""
        risks, present = group_means(cross_entropy(logits, labels), environment, 2)
        slopes, _ = group_means(scale_gradient(logits, labels), environment, 2)
        each = risks + penalty * slopes.square()
        return each.sum(dim=1) / present.sum(dim=1)
