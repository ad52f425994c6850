"""Just train twice: what the first network gets wrong counts more for the second."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from internlab.debias.methods.base import Hyperparameter, Method
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch, Problem


class JTT(Method):
    """Just train twice (JTT): a short first training, then one that repeats its errors.

    The first network is trained by ERM for a few steps, long enough for the shortcut and too short
    for anything else. The training images that it gets wrong are the error set E; the second
    network sees each of them ``upweight`` times as often and minimises
    ``upweight sum_E CE + sum_rest CE``.

    When to stop the first network decides everything: too early, E is random; too late, E is
    empty. The paper chooses both numbers on a validation set *with* bias labels, and the default
    here was looked up on balanced sets: that it needs nothing holds for training only.

    References
    ----------
    Liu, Haghgoo, Chen, Raghunathan, Koh, Sagawa, Liang, Finn, "Just Train Twice: Improving Group
    Robustness without Training Group Information", ICML 2021, algorithm 1.
    """

    name = "jtt"
    title = "JTT"
    paper = "Just Train Twice: Improving Group Robustness without Training Group Information"
    year = 2021
    url = "https://arxiv.org/abs/2107.09044"
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        # Share of the recipe's steps. 0.25 was taken for what it gave on *balanced* sets, so with
        # bias labels: of 0.15, 0.25 and 0.4 for portraits of three seeds, perhaps those of the
        # claims (nobody noted which), when their recipe had a smaller learning rate. Looked up
        # again on seeds that no result uses (10, 11, 12), at 98 % with the recipes as they are;
        # mean unbiased accuracy, no test set was opened.
        # coloured-mnist: 63.1 with 0.1, 64.5 with 0.25, 61.9 with 0.5; the three seeds of one value
        #   lie up to 7 points apart: nothing to choose between.
        # portraits: 64.7 with 0.1 (51.2 to 79.7), 77.7 with 0.25, 82.3 with 0.5 (81.2 to 83.5).
        # So 0.25 is not the best for portraits. It stays: a default is one for all sets.
        "first_stage": Hyperparameter(0.25, 0.05, 0.6, log=True),
        "upweight": Hyperparameter(20.0, 4.0, 100.0, log=True),
    }

    def prepare(self, problem: Problem) -> None:
        self.errors = errors_of_first_network(problem, self.values["first_stage"])
        super().prepare(problem)

    def sampling_weights(self) -> Tensor:
        return self.weights(self.errors, self.values["upweight"])

    def losses(self, batch: Batch) -> Tensor:
        return cross_entropy(self.network(batch.images), batch.labels).mean(dim=1)

    @staticmethod
    def weights(errors: Tensor, upweight: float) -> Tensor:
        """Return how often each image is drawn: `upweight` where errors, bool (R, N), else 1."""
        return 1 + (upweight - 1) * errors.float()


def errors_of_first_network(problem: Problem, share: float) -> Tensor:
    """Train a network by ERM for a share of the steps; return its errors, bool (R, N)."""
    return predictions_of_first_network(problem, share) != problem.labels


def predictions_of_first_network(problem: Problem, share: float) -> Tensor:
    """Train a network by ERM for a share of the steps; return its classes int64 (R, N)."""
    first = problem.network("first stage")

    def losses(batch: Batch) -> Tensor:
        return cross_entropy(first(batch.images), batch.labels).mean(dim=1)

    steps = max(1, round(share * problem.recipe.steps))
    problem.train_stage(list(first.parameters()), losses, steps=steps, purpose="first stage")
    with torch.no_grad():
        return problem.over_training_images(first).argmax(dim=2)
