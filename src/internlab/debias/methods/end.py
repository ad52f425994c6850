"""Features that agree on the class and not on the bias."""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from internlab.debias.methods.base import Hyperparameter, Method, Needs
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch


class EnD(Method):
    """Entangling and disentangling (얽힘과 풀림): a term on the angles between features.

    The objective is ``CE + disentangle * R_d + entangle * R_e``. With z the features of length 1,
    R_d is the mean of ``|z_i . z_j|`` over pairs with the same bias, which makes them orthogonal;
    R_e is the mean of ``-z_i . z_j`` over pairs with the same class and another bias, which makes
    them parallel. Pairs are those of the batch; without any, a term is 0.

    References
    ----------
    Tartaglione, Barbano, Grangetto, "EnD: Entangling and Disentangling deep representations for
    bias correction", CVPR 2021, section 3.
    """

    name = "end"
    title = "EnD"
    paper = "EnD: Entangling and Disentangling deep representations for bias correction"
    year = 2021
    url = "https://arxiv.org/abs/2103.02023"
    needs = Needs.TRAINING_BIAS_LABELS
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "disentangle": Hyperparameter(0.1, 0.01, 30.0, log=True),
        "entangle": Hyperparameter(1.0, 0.01, 30.0, log=True),
    }

    def losses(self, batch: Batch) -> Tensor:
        features = self.network.features(batch.images)
        each = cross_entropy(self.network.head(features), batch.labels)
        apart, together = self.terms(features, batch.labels, batch.biases)
        values = self.values
        return each.mean(dim=1) + values["disentangle"] * apart + values["entangle"] * together

    @staticmethod
    def terms(features: Tensor, labels: Tensor, biases: Tensor) -> tuple[Tensor, Tensor]:
        """Return R_d and R_e, (R,) each, of features (R, B, F), labels and biases (R, B)."""
        z = F.normalize(features, dim=2)
        angles = z @ z.transpose(1, 2)
        same_class = labels[:, :, None] == labels[:, None]
        same_bias = biases[:, :, None] == biases[:, None]
        pairs = ~torch.eye(labels.shape[1], dtype=torch.bool, device=labels.device)
        apart = _mean_over(angles.abs(), same_bias & pairs)
        together = -_mean_over(angles, same_class & ~same_bias)
        return apart, together


def _mean_over(values: Tensor, chosen: Tensor) -> Tensor:
    """Return the mean of the chosen values (R, B, B) of each run; 0 where none is chosen."""
    sums = values.masked_fill(~chosen, 0.0).sum(dim=(1, 2))
    return sums / chosen.sum(dim=(1, 2)).clamp(min=1)
