"""SelecMix: mix each image with the one that contradicts it most."""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from internlab.debias.methods.base import Hyperparameter, Method
from internlab.debias.methods.ldd import shuffle
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch, Problem


class SelecMix(Method):
    """SelecMix: mixup of contradicting pairs, found by a network that is made biased.

    An auxiliary network learns features by the generalised supervised contrastive loss (GSC),
    which trusts pairs that are already close and so finds the bias. In each step a coin says which
    partner every image gets from its batch: *intra*, of its own class the least alike, or *inter*,
    of another class the most alike. The classifier minimises ``CE(f(a x + (1 - a) x'), y')`` with
    a uniform in 0 to 1/2: the label is the partner's.

    References
    ----------
    Hwang, Lee, Kwak, Oh, Teney, Kim, Zhang, "SelecMix: Debiased Learning by Contradicting-pair
    Sampling", NeurIPS 2022, sections 3 and 4. There the auxiliary network has a projection head;
    here the features themselves are compared.
    """

    name = "selecmix"
    title = "SelecMix"
    paper = "SelecMix: Debiased Learning by Contradicting-pair Sampling"
    year = 2022
    url = "https://arxiv.org/abs/2211.02291"
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "q": Hyperparameter(0.7, 0.3, 0.9),
        "temperature": Hyperparameter(0.2, 0.05, 0.5, log=True),
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self.auxiliary = problem.network("biased")
        self.draws = problem.generators("mixing")

    def parameters(self) -> list[nn.Parameter]:
        # The head of the auxiliary network is not used.
        return [*self.network.parameters(), *self.auxiliary.layers.parameters()]

    def losses(self, batch: Batch) -> Tensor:
        features = F.normalize(self.auxiliary.features(batch.images), dim=2)
        likeness = features @ features.transpose(1, 2)
        heads = self.draws.uniform() < 0.5
        partner = self.partners(likeness.detach(), batch.labels, heads)
        share = (0.5 * self.draws.uniform(batch.labels.shape[1]))[:, :, None, None, None]
        mixed = share * batch.images + (1 - share) * shuffle(batch.images, partner)
        classified = cross_entropy(self.network(mixed), shuffle(batch.labels, partner))
        contrast = self.contrastive(
            likeness / self.values["temperature"], batch.labels, self.values["q"]
        )
        return (classified + contrast).mean(dim=1)

    @staticmethod
    def partners(likeness: Tensor, labels: Tensor, intra: Tensor) -> Tensor:
        """Return int64 (R, B), the partner of each image within its batch.

        Parameters
        ----------
        likeness : tensor
            (R, B, B), larger for images that are more alike.
        labels : tensor
            int64 (R, B).
        intra : tensor
            bool (R,): the least alike of the own class, else the most alike of another. An image
            without a candidate is its own partner.
        """
        same = labels[:, :, None] == labels[:, None, :]
        least = likeness.where(same, torch.inf).argmin(dim=2)
        most = likeness.where(~same, -torch.inf).argmax(dim=2)
        alone = torch.arange(labels.shape[1], device=labels.device).expand_as(most)
        most = most.where(~same.all(dim=2), alone)
        return least.where(intra[:, None], most)

    @staticmethod
    def contrastive(logits: Tensor, labels: Tensor, q: float) -> Tensor:
        """Return the generalised supervised contrastive loss of each image, (R, B).

        With p_ij the softmax over all other images j of the batch, it is the mean over those of
        the same class of ``(1 - p_ij^q) / q``; 0 for an image without one.

        Parameters
        ----------
        logits : tensor
            (R, B, B), likeness over temperature.
        labels : tensor
            int64 (R, B).
        q : float
            As for the generalised cross-entropy.
        """
        itself = torch.eye(labels.shape[1], dtype=torch.bool, device=labels.device)
        chances = logits.masked_fill(itself, -torch.inf).log_softmax(dim=2)
        positive = (labels[:, :, None] == labels[:, None, :]) & ~itself
        # The diagonal is -inf: it must be gone before a gradient is taken.
        losses = -(q * chances.where(positive, 0.0)).expm1() / q
        return losses.sum(dim=2) / positive.sum(dim=2).clamp(min=1)
