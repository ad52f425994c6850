"""Mixtures of any two images."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from internlab.debias.methods.base import Hyperparameter, Method
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch, Problem


class Mixup(Method):
    """Mixup: learn from mixtures of images and the same mixtures of labels.

    With a share s from Beta(alpha, alpha) and a partner j for each image i, the network sees
    ``s x_i + (1 - s) x_j`` and the loss is ``s CE(., y_i) + (1 - s) CE(., y_j)``. It is made for
    smoother boundaries, not against a bias, and stands here because the methods that mix with a
    purpose (`LISA`, SelecMix) are held against it.

    References
    ----------
    Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018,
    equation 1.
    """

    name = "mixup"
    title = "mixup"
    paper = "mixup: Beyond Empirical Risk Minimization"
    year = 2018
    url = "https://arxiv.org/abs/1710.09412"
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "alpha": Hyperparameter(0.4, 0.1, 2.0, log=True)
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self._generators = problem.generators("mixup")

    def losses(self, batch: Batch) -> Tensor:
        count = batch.labels.shape[1]
        alpha = self.values["alpha"]
        share = self._generators.beta(alpha, alpha, count)
        partner = self._generators.permutation(count)
        logits = self.network(mixed(batch.images, partner, share))
        mine, other = batch.labels, batch.labels.gather(1, partner)
        return mixed_loss(logits, mine, other, share).mean(dim=1)


def mixed(images: Tensor, partner: Tensor, share: Tensor) -> Tensor:
    """Return ``share * image + (1 - share) * partner's image``.

    Parameters
    ----------
    images : tensor
        (R, B, ...).
    partner : tensor
        int64 (R, B), the place of the other image in the batch.
    share : tensor
        (R, B), of the image itself.
    """
    flat = images.flatten(2)
    others = flat.gather(1, partner[..., None].expand_as(flat))
    return others.lerp(flat, share[..., None]).view_as(images)


def mixed_loss(logits: Tensor, labels: Tensor, others: Tensor, share: Tensor) -> Tensor:
    """Return ``share * CE(labels) + (1 - share) * CE(others)`` of each image: (R, B)."""
    return share * cross_entropy(logits, labels) + (1 - share) * cross_entropy(logits, others)
