"""Random numbers for many runs side by side, each run with generators of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor


class RunGenerators:
    """One generator a run; each drawing gives all runs their numbers, stacked along axis 0.

    The generator of a run is made from its seed and the purpose alone. So the run draws the same
    numbers whichever runs stand beside it, and another purpose does not disturb them.

    Parameters
    ----------
    seeds : sequence of int
        The seed of each run, not negative.
    purpose : str
        What the numbers are for, such as ``"batches"``.
    device : str or torch.device
        Where the numbers go. They are drawn on the CPU, so that every device gets the same.
    """

    def __init__(
        self, seeds: Sequence[int], purpose: str, device: str | torch.device = "cpu"
    ) -> None:
        self.device = torch.device(device)
        digest = hashlib.sha256(purpose.encode()).digest()
        words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
        self.each = tuple(
            np.random.default_rng(np.random.SeedSequence([int(seed), *words])) for seed in seeds
        )

    def uniform(self, *size: int) -> Tensor:
        """Return float32 (R, *size), uniform in [0, 1)."""
        return self._stack(lambda rng: rng.random(size, dtype=np.float32))

    def normal(self, *size: int) -> Tensor:
        """Return float32 (R, *size), standard normal."""
        return self._stack(lambda rng: rng.standard_normal(size, dtype=np.float32))

    def beta(self, a: float, b: float, *size: int) -> Tensor:
        """Return float32 (R, *size), from the beta distribution."""
        return self._stack(lambda rng: np.asarray(rng.beta(a, b, size), np.float32))

    def permutation(self, count: int) -> Tensor:
        """Return int64 (R, count): the numbers 0 to count - 1, shuffled run by run."""
        return self._stack(lambda rng: rng.permutation(count))

    def integers(self, below: int, *size: int) -> Tensor:
        """Return int64 (R, *size), uniform in 0 to below - 1."""
        return self._stack(lambda rng: rng.integers(below, size=size))

    def _stack(self, draw: Callable[[np.random.Generator], np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack([draw(rng) for rng in self.each])).to(self.device)
