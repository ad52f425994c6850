"""Distance of the answer from the typical answer for each class."""

from __future__ import annotations

import math
from typing import Self

import torch
from torch import Tensor

from internlab.ood.detectors.base import Detector, by_rows, expect_width, fit_rows
from internlab.ood.outputs import Outputs


class KLMatching(Detector):
    """KL matching: does the softmax look like any that the network usually gives?

    For each class k, d_k is the mean softmax over the in-distribution images that the network
    *calls* k. The score is ``min_k KL(p || d_k)``. A class that is never called has no typical
    answer and is left out. Labels only say what is no class and to be skipped. The paper fits on
    validation images, because on its training images a network is surer than usual.

    References
    ----------
    Hendrycks, Basart, Mazeika, Zou, Kwon, Mostajabi, Steinhardt, Song, "Scaling
    Out-of-Distribution Detection for Real-World Settings", ICML 2022.
    """

    name = "kl_matching"
    title = "KL matching"
    paper = "Scaling Out-of-Distribution Detection for Real-World Settings"
    year = 2022
    url = "https://arxiv.org/abs/1911.11132"
    uses_fit = True

    def __init__(self) -> None:
        self.log_typical: Tensor | None = None

    def fit(self, outputs: Outputs) -> Self:
        """Average the answers by called class."""
        log_p = fit_rows(outputs, outputs.logits, self.title).log_softmax(dim=1)
        called = log_p.argmax(dim=1)
        # The logarithm of a mean, taken without leaving logarithms: no probability becomes 0.
        self.log_typical = torch.stack(
            [
                log_p[called == k].logsumexp(dim=0) - math.log(int((called == k).sum()))
                for k in called.unique()
            ]
        )
        return self

    def score(self, outputs: Outputs) -> Tensor:
        """Return the divergence from the nearest typical answer, in nats."""
        log_typical = self._fitted(self.log_typical)
        expect_width(outputs.logits, log_typical.shape[1], self.title, "logits")
        return by_rows(lambda f: self.divergence(f, log_typical), outputs.logits)

    @staticmethod
    def divergence(logits: Tensor, log_typical: Tensor) -> Tensor:
        """Return ``min_c KL(softmax(f) || d_c)``.

        Parameters
        ----------
        logits : tensor
            (M, K), float.
        log_typical : tensor
            (C, K), float: log d_c.

        Returns
        -------
        tensor
            (M,), in nats.
        """
        log_p = logits.log_softmax(dim=1)
        p = log_p.exp()
        divergences = (p * log_p).sum(dim=1, keepdim=True) - p @ log_typical.T
        return divergences.amin(dim=1)
