"""Distance to the k-th nearest training feature."""

from __future__ import annotations

from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

from internlab.ood.detectors.base import Detector, by_rows, expect_width, fit_rows, whole_number
from internlab.ood.outputs import Outputs

# Entries of one table of distances, in rows times bank: 64 MB in float32.
_TABLE_ENTRIES = 1 << 24


class KNN(Detector):
    """k nearest neighbours (k-최근접 이웃): has training seen anything like this feature?

    With z / |z| in place of z, the score is the distance to the k-th nearest training feature. No
    shape of the classes is assumed. Dense maps have too many features to keep, so a random bank
    of them is kept.

    Parameters
    ----------
    k : int
        Which neighbour, from 1. Larger is smoother; choose it on validation data.
    bank : int
        How many training features are kept at most.
    seed : int
        Which of them, where there are more.

    Raises
    ------
    TypeError
        If k or the bank is no whole number.
    ValueError
        If k is not positive or larger than the bank.

    References
    ----------
    Sun, Ming, Zhu, Li, "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022.
    """

    name = "knn"
    title = "kNN"
    paper = "Out-of-Distribution Detection with Deep Nearest Neighbors"
    year = 2022
    url = "https://arxiv.org/abs/2204.06507"
    needs = ("features",)
    needs_to_fit = ("features",)
    uses_fit = True

    def __init__(self, k: int = 10, bank: int = 20_000, seed: int = 0) -> None:
        k, bank = whole_number(k, "k of kNN"), whole_number(bank, "The bank of kNN")
        if not 1 <= k <= bank:
            raise ValueError(f"k is {k} and the bank {bank}; expected 1 <= k <= bank.")
        self.k, self.bank, self.seed = k, bank, seed
        self.neighbours: Tensor | None = None

    def fit(self, outputs: Outputs) -> Self:
        """Keep the training features, each of length 1; those labelled as no class are left out."""
        rows = fit_rows(outputs, outputs.require("features", self.title), self.title)
        if len(rows) < self.k:
            raise ValueError(
                f"kNN with k = {self.k} was given {len(rows)} training features; expected at "
                "least k. Choose a smaller k or pass more images."
            )
        if len(rows) > self.bank:
            generator = torch.Generator().manual_seed(self.seed)
            rows = rows[torch.randperm(len(rows), generator=generator)[: self.bank]]
        self.neighbours = F.normalize(rows.float(), dim=1)
        return self

    def score(self, outputs: Outputs) -> Tensor:
        """Return the distance to the k-th neighbour, from 0 to 2."""
        features = outputs.require("features", self.title)
        bank = self._fitted(self.neighbours)
        expect_width(features, bank.shape[1], self.title)
        return by_rows(
            lambda z: self.kth_distance(z, bank, self.k),
            features,
            at_once=max(1, _TABLE_ENTRIES // len(bank)),
        )

    @staticmethod
    def kth_distance(features: Tensor, neighbours: Tensor, k: int) -> Tensor:
        """Return the distance of z / |z| to its k-th neighbour.

        Parameters
        ----------
        features : tensor
            (M, D), float.
        neighbours : tensor
            (B, D), float32, each of length 1; B is at least `k`.
        k : int
            1 is the nearest.

        Returns
        -------
        tensor
            (M,), float32.
        """
        distances = torch.cdist(F.normalize(features.float(), dim=1), neighbours)
        return distances.kthvalue(k, dim=1).values
