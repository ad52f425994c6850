"""Virtual-logit matching: what of the feature lies outside the space of the training data?"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from internlab.ood.detectors.base import (
    Detector,
    Head,
    by_rows,
    expect_width,
    fit_rows,
    whole_number,
)
from internlab.ood.detectors.energy import Energy
from internlab.ood.outputs import Outputs


class ViM(Detector):
    """Virtual-logit matching: the feature's residual, weighed against the energy.

    Move the origin to u = -W^+ b, where the logits are zero. The training features span mostly a
    few principal directions there; the residual r(z) is the part of z - u outside them. The score
    is ``alpha |r(z)| - log sum_k exp f_k``, and alpha brings the residual to the size of a logit:
    the mean largest logit over the mean residual of the training data.

    Parameters
    ----------
    head : Head
        The network's last layer.
    dimensions : int, optional
        How many principal directions count as the training data's space; default half of D.

    References
    ----------
    Wang, Li, Feng, Zhang, "ViM: Out-Of-Distribution with Virtual-logit Matching", CVPR 2022,
    section 4.
    """

    name = "vim"
    title = "ViM"
    paper = "ViM: Out-Of-Distribution with Virtual-logit Matching"
    year = 2022
    url = "https://arxiv.org/abs/2203.10807"
    needs = ("features",)
    needs_to_fit = ("features",)
    uses_head = True
    uses_fit = True

    def __init__(self, head: Head, dimensions: int | None = None) -> None:
        total = head.weight.shape[1]
        dimensions = total // 2 if dimensions is None else dimensions
        dimensions = whole_number(dimensions, "The number of principal dimensions of ViM")
        if not 0 < dimensions < total:
            raise ValueError(
                f"ViM with {dimensions} principal dimensions of {total}; expected 1 to "
                f"{total - 1}, so that a residual is left."
            )
        self.head, self.dimensions = head, dimensions
        self.origin = -torch.linalg.pinv(head.weight.double()) @ head.bias.double()
        self.residual_space: Tensor | None = None
        self.alpha = 0.0

    def fit(self, outputs: Outputs) -> Self:
        """Find the directions in which training features vary least, and the size of a residual.

        Raises
        ------
        ValueError
            If the training features have no residual but rounding: alpha would be arbitrary.
        """
        given = fit_rows(outputs, outputs.require("features", self.title), self.title)
        expect_width(given, len(self.origin), self.title)
        features = given.double()
        centred = features - self.origin.to(features)
        # In ascending order of variance: the first columns are what the data hardly use.
        _, directions = torch.linalg.eigh(centred.T @ centred / len(centred))
        space = directions[:, : -self.dimensions]
        residual = (centred @ space).norm(dim=1).mean()
        size = features.norm(dim=1).mean() + self.origin.norm().to(features)
        # What networks compute in float32 is known to this share of its size.
        if residual <= torch.finfo(torch.float32).eps * size:
            raise ValueError(
                f"The {len(given)} training features lie in {self.dimensions} directions out of "
                f"{len(self.origin)} but for rounding, so ViM has no residual to compare with. "
                "Pass more images, or choose fewer dimensions."
            )
        self.residual_space = space
        self.alpha = float(self.head.logits(features).amax(dim=1).mean() / residual)
        return self

    def residual(self, features: Tensor) -> Tensor:
        """Return the length of the part of features (M, D) outside the principal space: (M,)."""
        centred = features.double() - self.origin.to(features.device)
        return (centred @ self.residual_space).norm(dim=1)

    def score(self, outputs: Outputs) -> Tensor:
        """Return the score in float64."""
        features = outputs.require("features", self.title)
        self._fitted(self.residual_space)
        expect_width(features, len(self.origin), self.title)
        return by_rows(
            lambda z: self.vim(self.residual(z), self.head.logits(z), self.alpha), features
        )

    @staticmethod
    def vim(residual: Tensor, logits: Tensor, alpha: float) -> Tensor:
        """Return ``alpha * residual - logsumexp(logits)`` of residual (M,) and logits (M, K)."""
        return alpha * residual + Energy.energy(logits)
