"""Deep feature reweighting: keep the features of ERM, fit the last layer again."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from internlab.debias.methods.base import Hyperparameter, Method
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch, Needs, Problem
from internlab.debias.stack.problem import in_pieces


class DFR(Method):
    """Deep feature reweighting (DFR): ERM, and then a new last layer from balanced data.

    ERM learns features of the class beside those of the bias and weighs the latter more. So the
    features stay, are standardised, and a logistic regression with penalty is fitted to a small
    balanced set with bias labels, in which every group counts the same. `C` divides the penalty.

    No image is needed that ERM has not seen, only another weighing; and no bias label in training,
    but a balanced set, which is worth more than it looks.

    References
    ----------
    Kirichenko, Izmailov, Wilson, "Last Layer Re-Training is Sufficient for Robustness to Spurious
    Correlations", ICLR 2023, section 4. There the penalty is l1, groups are subsampled and ten
    fits averaged; here it is l2 and each group is weighed, which needs no drawing.
    """

    name = "dfr"
    title = "DFR"
    paper = "Last Layer Re-Training is Sufficient for Robustness to Spurious Correlations"
    year = 2022
    url = "https://arxiv.org/abs/2204.02937"
    needs = Needs.BALANCED_SET
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "C": Hyperparameter(0.3, 0.003, 10.0, log=True)
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self.last: Layer | None = None

    def losses(self, batch: Batch) -> Tensor:
        return cross_entropy(self.network(batch.images), batch.labels).mean(dim=1)

    def finish(self, problem: Problem) -> None:
        balanced = problem.balanced
        features = in_pieces(balanced.images, self.network.features, problem.device)
        groups = balanced.labels * problem.bias_values + balanced.biases
        fits = [
            self.fit(*(part.cpu().numpy() for part in parts), self.values["C"])
            for parts in zip(features, balanced.labels, groups, strict=True)
        ]
        weight, bias = (
            torch.stack([torch.from_numpy(each).float() for each in parts]).to(problem.device)
            for parts in zip(*fits, strict=True)
        )
        self.last = Layer(weight, bias[:, None])

    def logits(self, images: Tensor) -> Tensor:
        if self.last is None:
            return self.network(images)
        return self.last(self.network.features(images))

    @staticmethod
    def fit(
        features: np.ndarray, labels: np.ndarray, groups: np.ndarray, C: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return weight (F, K) and bias (K,) of a last layer for features as they are.

        Parameters
        ----------
        features : array
            (N, F).
        labels, groups : array
            (N,) whole numbers; every class has an image. Each group weighs the same in total.
        C : float
            Positive; the larger, the smaller the penalty.
        """
        features = features.astype(np.float64)
        centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
        _, group, counts = np.unique(groups, return_inverse=True, return_counts=True)
        weights = len(groups) / (len(counts) * counts[group])
        model = LogisticRegression(C=C, max_iter=2_000)
        model.fit((features - centre) / spread, labels, sample_weight=weights)
        weight, bias = model.coef_.T, model.intercept_
        if weight.shape[1] == 1:  # Two classes share one column: plus for the second.
            weight, bias = np.hstack([-weight, weight]) / 2, np.array([-bias[0], bias[0]]) / 2
        weight = weight / spread[:, None]
        return weight, bias - centre @ weight


class Layer:
    """A fixed last layer of R runs: weight (R, F, K), bias (R, 1, K)."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self.weight, self.bias = weight, bias

    def __call__(self, features: Tensor) -> Tensor:
        """Return the logits (R, B, K) of features (R, B, F)."""
        return torch.baddbmm(self.bias, features, self.weight)
