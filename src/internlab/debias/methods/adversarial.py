"""Features from which the bias cannot be read."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from internlab.debias.methods.base import Hyperparameter, Method, Needs
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch, Problem


class Adversarial(Method):
    """Learning not to learn (적대적 학습): features that a bias predictor cannot use.

    A second head h reads the bias from the features f(x). It descends on its loss ``CE(h, b)``;
    the features climb on it, `reversal` times as fast, because the gradient is reversed between
    the two. They also descend on ``- entropy * H(h(f(x)))``, so that the predictor becomes unsure.
    The objective is ``min_f,g max_h  CE(g(f), y) - entropy * H(h(f)) - reversal * CE(h(f), b)``.
    Where nearly every image is aligned, features without the bias hold little about the class.

    References
    ----------
    Kim, Kim, Kim, Kim, Kim, "Learning Not to Learn: Training Deep Neural Networks with Biased
    Data", CVPR 2019, section 3. The reversed gradient: Ganin, Lempitsky, ICML 2015.
    """

    name = "adversarial"
    title = "Adversarial"
    paper = "Learning Not to Learn: Training Deep Neural Networks with Biased Data"
    year = 2019
    url = "https://arxiv.org/abs/1812.10352"
    needs = Needs.TRAINING_BIAS_LABELS
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "reversal": Hyperparameter(0.1, 0.01, 3.0, log=True),
        "entropy": Hyperparameter(0.01, 0.001, 1.0, log=True),
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self._reader = problem.linear("bias reader", self.network.width, problem.bias_values)

    def parameters(self) -> list[nn.Parameter]:
        return [*self.network.parameters(), *self._reader.parameters()]

    def losses(self, batch: Batch) -> Tensor:
        features = self.network.features(batch.images)
        each = cross_entropy(self.network.head(features), batch.labels)
        # The reader learns from the bias's loss, the features the other way round.
        read = self._reader(Reversed.apply(features, self.values["reversal"]))
        fooled = self._reader.frozen(features)
        unsure = fooled.softmax(dim=2).mul(fooled.log_softmax(dim=2)).sum(dim=2)
        against = cross_entropy(read, batch.biases) + self.values["entropy"] * unsure
        return (each + against).mean(dim=1)


class Reversed(torch.autograd.Function):
    """The identity, whose gradient is the negative one times a strength."""

    @staticmethod
    def forward(context: Any, values: Tensor, strength: float) -> Tensor:
        context.strength = strength
        return values.view_as(values)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return -context.strength * gradient, None
