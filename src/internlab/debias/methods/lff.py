"""Learning from failure: what a prejudiced network finds hard is what you should learn from."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from internlab.debias.methods.base import Hyperparameter, Method
from internlab.debias.methods.difficulty import LossMemory, relative_difficulty
from internlab.debias.methods.losses import cross_entropy, generalised_cross_entropy
from internlab.debias.stack import Batch, Problem


class LfF(Method):
    """Learning from failure (LfF): two networks, trained side by side.

    The biased network B minimises the generalised cross-entropy, which trusts images that it
    already believes, and so becomes more biased. The debiased network D minimises
    ``W(x) CE(D(x), y)`` with the relative difficulty ``W = CE_B / (CE_B + CE_D)``. D answers.

    References
    ----------
    Nam, Cha, Ahn, Lee, Shin, "Learning from Failure: Training Debiased Classifier from Biased
    Classifier", NeurIPS 2020, algorithm 1.
    """

    name = "lff"
    title = "LfF"
    paper = "Learning from Failure: Training Debiased Classifier from Biased Classifier"
    year = 2020
    url = "https://arxiv.org/abs/2007.02561"
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "q": Hyperparameter(0.7, 0.3, 0.9),
        "momentum": Hyperparameter(0.7, 0.5, 0.95),
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self.biased = problem.network("biased")
        momentum = self.values["momentum"]
        self.memory_of_biased = LossMemory(problem.labels, problem.classes, momentum)
        self.memory_of_debiased = LossMemory(problem.labels, problem.classes, momentum)

    def parameters(self) -> list[nn.Parameter]:
        return [*self.network.parameters(), *self.biased.parameters()]

    def losses(self, batch: Batch) -> Tensor:
        biased, debiased = self.biased(batch.images), self.network(batch.images)
        hard = cross_entropy(debiased, batch.labels)
        self.weights = relative_difficulty(
            self.memory_of_biased.update(cross_entropy(biased, batch.labels), batch.index),
            self.memory_of_debiased.update(hard, batch.index),
        )
        return self.loss_of_biased(biased, batch) + (self.weights * hard).mean(dim=1)

    def loss_of_biased(self, logits: Tensor, batch: Batch) -> Tensor:
        """Return the loss (R,) by which the biased network is trained."""
        return generalised_cross_entropy(logits, batch.labels, self.values["q"]).mean(dim=1)

    def record(self, batch: Batch) -> dict[str, Tensor]:
        return {"weight": self.weights}
