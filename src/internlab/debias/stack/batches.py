"""Batches of many runs: each run draws its own images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from internlab.debias.stack.generators import RunGenerators

# Weighted drawings are made for so many steps at once.
STEPS_AT_ONCE = 32


@dataclass(frozen=True)
class Batch:
    """What a method sees in one step.

    Parameters
    ----------
    images : tensor
        float32 (R, B, H, W, 3) in [0, 1].
    labels : tensor
        int64 (R, B).
    index : tensor
        int64 (R, B), the place of each image in the training set of its run.
    step, steps : int
        The number of this step, from 0, and how many there are.
    """

    images: Tensor
    labels: Tensor
    index: Tensor
    step: int
    steps: int
    _biases: Tensor | None = field(default=None, repr=False)
    _refusal: str = field(default="", repr=False)

    @property
    def biases(self) -> Tensor:
        """int64 (R, B), the bias of each image.

        Raises
        ------
        ValueError
            If the method has not declared that it needs them, or there are none.
        """
        if self._biases is None:
            raise ValueError(self._refusal or "This batch has no bias labels.")
        return self._biases


def to_float(images: Tensor) -> Tensor:
    """Return uint8 images as float32 in [0, 1]; float images as they are."""
    return images.float().div_(255) if images.dtype == torch.uint8 else images


def take(values: Tensor, index: Tensor) -> Tensor:
    """Return (R, B, ...): of values (R, N, ...) those at int64 (R, B), run by run.

    Whole rows are copied at once, which for images is ten times as fast as an index a pixel.
    """
    runs, count = values.shape[:2]
    if values.ndim == 2:
        return values.gather(1, index)
    # A split that all runs share has no copy for each: there row i is the same in all of them.
    shared = values.stride(0) == 0
    rows = values[0] if shared else values.flatten(0, 1)
    at = index if shared else index + count * torch.arange(runs, device=index.device)[:, None]
    return rows.index_select(0, at.flatten()).unflatten(0, index.shape)


def shuffled(
    generators: RunGenerators, count: int, batch_size: int, steps: int
) -> Iterator[Tensor]:
    """Yield int64 (R, B) indices: each run goes through its images in an order of its own.

    At the end of a pass what does not fill a batch is left out, and the order is drawn anew. A
    training set smaller than a batch is a batch of its own.
    """
    size = min(batch_size, count)
    order, at = generators.permutation(count), 0
    for _ in range(steps):
        if at + size > count:
            order, at = generators.permutation(count), 0
        yield order[:, at : at + size]
        at += size


def weighted(
    generators: RunGenerators, weights: Tensor, batch_size: int, steps: int
) -> Iterator[Tensor]:
    """Yield int64 (R, B) indices, drawn with replacement in proportion to weights (R, N).

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or a run has no weight above 0.
    """
    if not bool(torch.isfinite(weights).all()) or bool((weights < 0).any()):
        raise ValueError("A sampling weight is negative, NaN or infinite; expected 0 or more.")
    if not bool((weights > 0).any(dim=1).all()):
        raise ValueError("All sampling weights of a run are 0; expected one image with more.")
    ends = weights.double().cumsum(dim=1)
    last = weights.shape[1] - 1
    for step in range(steps):
        at = step % STEPS_AT_ONCE
        if at == 0:
            draws = generators.uniform(STEPS_AT_ONCE, batch_size).double().flatten(1)
            drawn = torch.searchsorted(ends, draws * ends[:, -1:], right=True).clamp_(max=last)
            drawn = drawn.unflatten(1, (STEPS_AT_ONCE, batch_size))
        yield drawn[:, at]
