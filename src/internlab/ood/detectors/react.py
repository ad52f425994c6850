"""Rectified activations: cut off what is too active before asking for the energy."""

from __future__ import annotations

from typing import Self

import numpy as np
import torch
from torch import Tensor

from internlab.ood.detectors.base import Detector, Head, by_rows, expect_width, fit_rows
from internlab.ood.detectors.energy import Energy
from internlab.ood.outputs import Outputs


class ReAct(Detector):
    """Rectified activations: the energy after every feature is cut off at c.

    Outliers sometimes drive a few features far beyond what training ever saw, and these features
    then shout for a class. With z' = min(z, c), the score is the energy of W z' + b. The cut c is
    one number: a quantile of all training activations.

    Parameters
    ----------
    head : Head
        The network's last layer.
    quantile : float
        Share of the training activations that lie below the cut, in (0, 1].

    References
    ----------
    Sun, Guo, Li, "ReAct: Out-of-distribution Detection With Rectified Activations", NeurIPS 2021.
    """

    name = "react"
    title = "ReAct"
    paper = "ReAct: Out-of-distribution Detection With Rectified Activations"
    year = 2021
    url = "https://arxiv.org/abs/2111.12797"
    needs = ("features",)
    needs_to_fit = ("features",)
    uses_head = True
    uses_fit = True

    def __init__(self, head: Head, quantile: float = 0.9) -> None:
        if not 0 < quantile <= 1:
            raise ValueError(f"Quantile {quantile}; expected more than 0 and at most 1.")
        self.head, self.quantile = head, quantile
        self.cut: Tensor | None = None

    def fit(self, outputs: Outputs) -> Self:
        """Take the cut from all training activations together."""
        activations = fit_rows(outputs, outputs.require("features", self.title), self.title)
        expect_width(activations, self.head.weight.shape[1], self.title)
        # NumPy's quantile has no limit on the number of values, PyTorch's has.
        cut = np.quantile(activations.detach().cpu().numpy(), self.quantile)
        self.cut = torch.tensor(cut, dtype=activations.dtype, device=activations.device)
        return self

    def score(self, outputs: Outputs) -> Tensor:
        """Return the energy after the cut."""
        features = outputs.require("features", self.title)
        cut = self._fitted(self.cut)
        return by_rows(lambda z: Energy.energy(self.head.logits(self.react(z, cut))), features)

    @staticmethod
    def react(features: Tensor, cut: Tensor | float) -> Tensor:
        """Return ``min(z, cut)`` of features of any shape."""
        return features.clamp(max=cut)
