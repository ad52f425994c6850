"""Every group equally often."""

from __future__ import annotations

from torch import Tensor

from internlab.debias.methods.base import Needs
from internlab.debias.methods.erm import ERM
from internlab.debias.methods.group_weights import balancing_weights
from internlab.debias.stack import Problem


class Resample(ERM):
    """Resampling (재표본추출): draw images so that every group comes up equally often.

    An image of group g = (class, bias) is drawn with probability ``1 / (G n_g)``, where n_g counts
    the images of the group and G the groups that occur; the loss is that of `ERM`. In such batches
    the bias says nothing about the class. It needs every bias label, so it is what a method without
    labels is held against.

    References
    ----------
    Idrissi, Arjovsky, Pezeshki, Lopez-Paz, "Simple data balancing achieves competitive worst-group-
    accuracy", CLeaR 2022: there RWG, which draws like this.
    """

    name = "resample"
    title = "Resampling"
    paper = "Simple data balancing achieves competitive worst-group-accuracy"
    year = 2022
    url = "https://arxiv.org/abs/2110.14503"
    needs = Needs.TRAINING_BIAS_LABELS

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self._weights = balancing_weights(problem)

    def sampling_weights(self) -> Tensor:
        return self._weights
