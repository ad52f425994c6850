"""Distance to the nearest class, in units of the classes' spread."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from internlab.ood.detectors.base import Detector, by_rows, expect_width, labelled_rows
from internlab.ood.outputs import Outputs

# Added to the diagonal of a covariance, as a share of its mean variance. A fixed number would be
# nothing for features of size 100 and everything for features of size 0.01. In float64 this
# little keeps the factor finite; more of it changes the ranking, and is a setting to choose.
RIDGE = 1e-9


class Mahalanobis(Detector):
    """Mahalanobis distance (마할라노비스 거리): how far is the feature from every class?

    Each class c is a Gaussian with its own mean mu_c; all share one covariance S, that of the
    differences from the own class mean. The score is ``min_c (z - mu_c)^T S^-1 (z - mu_c)``, the
    squared distance. It is computed in float64, and S gets a ridge relative to its size: S is
    often nearly singular, and then float32 decides the ranking.

    Parameters
    ----------
    ridge : float
        What is added to the diagonal of S, as a share of its mean diagonal.

    Raises
    ------
    ValueError
        If the ridge is negative.

    References
    ----------
    Lee, Lee, Lee, Shin, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and
    Adversarial Attacks", NeurIPS 2018, equations 1 and 2. The paper adds several layers and moved
    inputs; this is its score of one layer.
    """

    name = "mahalanobis"
    title = "Mahalanobis"
    paper = "A Simple Unified Framework for Detecting Out-of-Distribution Samples"
    year = 2018
    url = "https://arxiv.org/abs/1807.03888"
    needs = ("features",)
    needs_to_fit = ("features", "labels")
    uses_fit = True

    def __init__(self, ridge: float = RIDGE) -> None:
        if not 0 <= ridge < float("inf"):
            raise ValueError(f"Ridge {ridge}; expected 0 or a small positive number, such as 1e-9.")
        self.ridge = ridge
        self.means: Tensor | None = None
        self.covariance: Tensor | None = None

    def fit(self, outputs: Outputs) -> Self:
        """Learn the class means and the shared covariance; a class without a sample is left out."""
        features, labels = labelled_rows(outputs, self.title)
        self.means, self.covariance = self.gaussians(features, labels)
        return self

    def score(self, outputs: Outputs) -> Tensor:
        """Return the squared distance to the nearest class mean, in float64."""
        features = outputs.require("features", self.title)
        means = self._fitted(self.means)
        expect_width(features, means.shape[1], self.title)
        factor = cholesky(self.covariance, self.ridge)
        return by_rows(lambda z: squared_distances(z, means, factor).amin(dim=1), features)

    @staticmethod
    def gaussians(features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the class means (C, D) and the covariance within classes (D, D), in float64.

        Parameters
        ----------
        features : tensor
            (M, D), float.
        labels : tensor
            (M,), integer; C different values.
        """
        means, scatter = [], 0.0
        for label in labels.unique():
            members = features[labels == label].double()
            means.append(members.mean(dim=0))
            centred = members - means[-1]
            scatter = scatter + centred.T @ centred
        return torch.stack(means), scatter / len(features)


def cholesky(covariance: Tensor, ridge: float) -> Tensor:
    """Return the lower Cholesky factor (D, D) of a covariance with its relative ridge.

    Raises
    ------
    ValueError
        If the covariance stays singular: then a direction exists in which nothing varies.
    """
    size = covariance.diagonal().mean()
    eye = torch.eye(len(covariance), dtype=covariance.dtype, device=covariance.device)
    factor, failed = torch.linalg.cholesky_ex(covariance + ridge * size * eye)
    if failed:
        raise ValueError(
            f"The covariance of {len(covariance)} features is singular even with a ridge of "
            f"{ridge:g} of its mean variance ({float(size):.3g}). Use more samples, fewer "
            "features, or a larger ridge."
        )
    return factor


def squared_distances(features: Tensor, means: Tensor, factor: Tensor) -> Tensor:
    """Return (z - mu)^T S^-1 (z - mu) of features (M, D) for each of C means: (M, C), float64.

    `factor` is the lower Cholesky factor of S, (D, D). With it the distance is a plain length:
    S = L L^T makes it |L^-1 (z - mu)|^2, which no rounding can turn negative.
    """
    features = features.to(factor)

    def whitened(rows: Tensor) -> Tensor:
        return torch.linalg.solve_triangular(factor, rows.T, upper=False).T

    white, centres = whitened(features), whitened(means.to(factor))
    return torch.stack([(white - centre).square().sum(dim=1) for centre in centres], dim=1)
