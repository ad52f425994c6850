"""BiasEnsemble: keep conflicting images away from the network that is to be biased."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from internlab.debias.methods.base import Hyperparameter
from internlab.debias.methods.lff import LfF
from internlab.debias.methods.losses import cross_entropy, generalised_cross_entropy
from internlab.debias.stack import Batch, Problem, StackedNetwork


class BiasEnsemble(LfF):
    """LfF whose biased network sees only images on which several biased networks agree.

    M networks are trained briefly with the generalised cross-entropy. An image is kept if a
    majority of them gives its class a probability above a threshold. The biased network of LfF
    minimises the cross-entropy of kept images only; the debiased one learns from all.

    The paper filters for any method that reweights, LDD among them; here it is LfF.

    References
    ----------
    Lee, Park, Kim, Lee, Choi, Choo, "Revisiting the Importance of Amplifying Bias for Debiasing",
    AAAI 2023, section 3 (M = 5, threshold 0.99, 1,000 of 50,000 steps).
    """

    name = "bias_ensemble"
    title = "BiasEnsemble"
    paper = "Revisiting the Importance of Amplifying Bias for Debiasing"
    year = 2023
    url = "https://arxiv.org/abs/2205.14594"
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        **LfF.hyperparameters,
        "members": Hyperparameter(5, 3, 7),
        # Share of the recipe's steps, for each member.
        "first_stage": Hyperparameter(0.1, 0.03, 0.4, log=True),
        "threshold": Hyperparameter(0.9, 0.5, 0.99),
    }

    def prepare(self, problem: Problem) -> None:
        believed = [self.believed(problem, member) for member in range(self.values["members"])]
        self.kept = self.agreed(torch.stack(believed), self.values["threshold"])
        super().prepare(problem)

    def believed(self, problem: Problem, member: int) -> Tensor:
        """Train a member; return the probability (R, N) that it gives each image's own class."""
        network, q = problem.network(f"member {member}"), self.values["q"]

        def losses(batch: Batch) -> Tensor:
            logits = network(batch.images)
            return generalised_cross_entropy(logits, batch.labels, q).mean(dim=1)

        problem.train_stage(
            list(network.parameters()),
            losses,
            steps=max(1, round(self.values["first_stage"] * problem.recipe.steps)),
            purpose=f"member {member}",
        )
        return probability_of_own_class(network, problem)

    def loss_of_biased(self, logits: Tensor, batch: Batch) -> Tensor:
        kept = self.kept.gather(1, batch.index)
        return mean_of_kept(cross_entropy(logits, batch.labels), kept)

    @staticmethod
    def agreed(believed: Tensor, threshold: float) -> Tensor:
        """Return bool (R, N): the majority of believed (M, R, N) is above the threshold."""
        return 2 * (believed > threshold).sum(dim=0) > len(believed)


def probability_of_own_class(network: StackedNetwork, problem: Problem) -> Tensor:
    """Return (R, N), what the network believes of each training image's class."""
    chances = problem.over_training_images(network).softmax(dim=2)
    return chances.gather(2, problem.labels[..., None])[..., 0]


def mean_of_kept(losses: Tensor, kept: Tensor) -> Tensor:
    """Return the mean (R,) of losses (R, B) where kept, bool (R, B); 0 where none is."""
    return losses.where(kept, 0.0).sum(dim=1) / kept.sum(dim=1).clamp(min=1)
