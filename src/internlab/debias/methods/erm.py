"""Plain training."""

from __future__ import annotations

from torch import Tensor

from internlab.debias.methods.base import Method
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch


class ERM(Method):
    """Empirical risk minimisation (경험적 위험 최소화): the mean loss of all training images.

    The objective is ``mean_i -log p(y_i | x_i)``. Whatever predicts the class on most training
    images is used, a shortcut too.

    References
    ----------
    Vapnik, "Principles of Risk Minimization for Learning Theory", NeurIPS 1991, equation 4.
    """

    name = "erm"
    title = "ERM"
    paper = "Principles of Risk Minimization for Learning Theory"
    year = 1991
    url = "https://proceedings.neurips.cc/paper/1991/hash/ff4d5fbbafdf976cfdc032e3bde78de5-Abstract.html"

    def losses(self, batch: Batch) -> Tensor:
        return cross_entropy(self.network(batch.images), batch.labels).mean(dim=1)
