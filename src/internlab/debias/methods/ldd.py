"""Disentangled feature augmentation: make conflicting examples by swapping features."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from internlab.debias.methods.base import Hyperparameter, Method
from internlab.debias.methods.difficulty import LossMemory, relative_difficulty
from internlab.debias.methods.losses import cross_entropy, generalised_cross_entropy
from internlab.debias.stack import Batch, Problem


class LDD(Method):
    """Learning with disentangled feature augmentation (LDD, also called DisEnt).

    Two encoders see each image: E_i is to find what makes the class, E_b what makes the bias. Both
    heads, C_i and C_b, read both features, ``z = [z_i, z_b]``; each head trains its own encoder
    only. With the relative difficulty W of LfF::

        L_dis  = W CE(C_i(z), y)         + lambda_dis    GCE(C_b(z), y)
        L_swap = W CE(C_i(z_swapped), y) + lambda_swap_b GCE(C_b(z_swapped), y_swapped)
        L      = L_dis + lambda_swap L_swap

    ``z_swapped`` keeps z_i and takes z_b from another image of the batch, whose label goes along:
    for C_b the right answer is the class that the *bias* came from. Swapping begins after a share
    of the steps, when the two features have begun to differ. C_i answers.

    References
    ----------
    Lee, Kim, Lee, Lee, Choo, "Learning Debiased Representation via Disentangled Feature
    Augmentation", NeurIPS 2021, equations 1 to 4.
    """

    name = "ldd"
    title = "LDD"
    paper = "Learning Debiased Representation via Disentangled Feature Augmentation"
    year = 2021
    url = "https://arxiv.org/abs/2107.01372"
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "q": Hyperparameter(0.7, 0.3, 0.9),
        "momentum": Hyperparameter(0.7, 0.5, 0.95),
        "lambda_dis": Hyperparameter(10.0, 1.0, 30.0, log=True),
        "lambda_swap": Hyperparameter(1.0, 0.1, 3.0, log=True),
        "lambda_swap_b": Hyperparameter(10.0, 1.0, 30.0, log=True),
        "swap_from": Hyperparameter(0.2, 0.0, 0.6),
    }

    def prepare(self, problem: Problem) -> None:
        self.network = problem.network("main", feature_multiple=2)
        self.biased = problem.network("biased", feature_multiple=2)
        momentum = self.values["momentum"]
        self.memory_of_biased = LossMemory(problem.labels, problem.classes, momentum)
        self.memory_of_intrinsic = LossMemory(problem.labels, problem.classes, momentum)
        self.orders = problem.generators("swapped features")

    def parameters(self) -> list[nn.Parameter]:
        return [*self.network.parameters(), *self.biased.parameters()]

    def losses(self, batch: Batch) -> Tensor:
        labels = batch.labels
        z_i, z_b = self.network.features(batch.images), self.biased.features(batch.images)
        intrinsic, biased = self.both_heads(z_i, z_b)
        self.weights = relative_difficulty(
            self.memory_of_biased.update(cross_entropy(biased, labels), batch.index),
            self.memory_of_intrinsic.update(cross_entropy(intrinsic, labels), batch.index),
        )
        q, strength = self.values["q"], self.values["lambda_dis"]
        loss = self.objective(intrinsic, biased, labels, labels, self.weights, q, strength)
        if batch.step >= self.values["swap_from"] * batch.steps:
            order = self.orders.permutation(labels.shape[1])
            intrinsic, biased = self.both_heads(z_i, shuffle(z_b, order))
            came_from = shuffle(labels, order)
            strength = self.values["lambda_swap_b"]
            swapped = self.objective(
                intrinsic, biased, labels, came_from, self.weights, q, strength
            )
            loss = loss + self.values["lambda_swap"] * swapped
        return loss.mean(dim=1)

    def both_heads(self, z_i: Tensor, z_b: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of C_i and C_b; neither head trains the encoder of the other."""
        return (
            self.network.head(torch.cat([z_i, z_b.detach()], dim=2)),
            self.biased.head(torch.cat([z_i.detach(), z_b], dim=2)),
        )

    def logits(self, images: Tensor) -> Tensor:
        features = [self.network.features(images), self.biased.features(images)]
        return self.network.head(torch.cat(features, dim=2))

    def record(self, batch: Batch) -> dict[str, Tensor]:
        return {"weight": self.weights}

    @staticmethod
    def objective(
        intrinsic: Tensor,
        biased: Tensor,
        labels: Tensor,
        bias_labels: Tensor,
        weights: Tensor,
        q: float,
        strength: float,
    ) -> Tensor:
        """Return ``W CE(intrinsic, y) + strength GCE(biased, y_b)`` of each image, (R, B).

        Parameters
        ----------
        intrinsic, biased : tensor
            Logits (R, B, K) of C_i and C_b.
        labels, bias_labels : tensor
            int64 (R, B): the class of the image that z_i is from, and of the one that z_b is from.
        weights : tensor
            W (R, B), a number that nothing is trained by.
        q, strength : float
            Of the generalised cross-entropy, and its factor.
        """
        for_intrinsic = weights.detach() * cross_entropy(intrinsic, labels)
        return for_intrinsic + strength * generalised_cross_entropy(biased, bias_labels, q)


def shuffle(values: Tensor, order: Tensor) -> Tensor:
    """Return values (R, B, ...) in the order (R, B) of each run."""
    return values[torch.arange(len(values), device=order.device)[:, None], order]
