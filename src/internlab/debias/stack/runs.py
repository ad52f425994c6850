"""The data of many runs, stacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from internlab.data.shortcuts import BiasedImages, BiasedSplits

SPLITS = ("train", "validation", "balanced", "test")


@dataclass(frozen=True)
class StackedImages:
    """One split of R runs.

    Parameters
    ----------
    images : tensor
        uint8 (R, N, H, W, 3).
    labels : tensor
        int64 (R, N).
    biases : tensor or None
        int64 (R, N); None where nobody has labelled the bias.
    """

    images: Tensor
    labels: Tensor
    biases: Tensor | None

    def __len__(self) -> int:
        return self.labels.shape[1]

    def to(self, device: str | torch.device) -> StackedImages:
        """Return the split with its tensors on a device; what all runs share stays one copy."""
        biases = None if self.biases is None else _moved(self.biases, device)
        return StackedImages(_moved(self.images, device), _moved(self.labels, device), biases)

    @property
    def conflicting(self) -> Tensor:
        """bool (R, N): the images whose bias does not point to their class.

        Raises
        ------
        ValueError
            If the bias is not labelled.
        """
        if self.biases is None:
            raise ValueError(
                "Nobody has labelled the bias of these images, so it is not known which are "
                "conflicting; expected bias labels."
            )
        return self.biases != self.labels


@dataclass(frozen=True)
class Runs:
    """The splits of R runs, stacked; make one with `Runs.of`.

    Parameters
    ----------
    train, validation, test : StackedImages
        Three of the splits.
    balanced : StackedImages or None
        The fourth, in which class and bias are independent; None where there is none, as in a
        folder as it was published.
    seeds : tuple of int
        The seed of each run; its random numbers come from it.
    ratios : tuple of float
        The share of aligned training images of each run.
    classes, biases : int
        How many classes and values of the bias there are.
    """

    train: StackedImages
    validation: StackedImages
    balanced: StackedImages | None
    test: StackedImages
    seeds: tuple[int, ...]
    ratios: tuple[float, ...]
    classes: int
    biases: int

    def __len__(self) -> int:
        return len(self.seeds)

    @property
    def side(self) -> int:
        """Height and width of the images."""
        return self.train.images.shape[2]

    @classmethod
    def of(cls, splits: Sequence[BiasedSplits]) -> Runs:
        """Stack the splits of several runs of one data set.

        If one of them has no balanced set, there is none.

        Raises
        ------
        ValueError
            If there is none, their sizes differ, or a label is out of range.
        """
        if not splits:
            raise ValueError("No run to stack; expected the splits of at least one.")
        first = splits[0]
        parts = {name: [getattr(each, name) for each in splits] for name in SPLITS}
        if any(part is None for part in parts["balanced"]):
            del parts["balanced"]
        stacked = {name: _stack(name, each, first) for name, each in parts.items()}
        height, width = stacked["train"].images.shape[2:4]
        if height != width:
            raise ValueError(
                f"The images have {height} x {width} pixels; expected squares. Crop them first."
            )
        return cls(
            **{"balanced": None, **stacked},
            seeds=tuple(int(each.seed) for each in splits),
            ratios=tuple(float(each.ratio) for each in splits),
            classes=len(first.class_names),
            biases=len(first.bias_names),
        )


def _moved(values: Tensor, device: str | torch.device) -> Tensor:
    if values.stride(0) == 0:
        return values[:1].to(device).expand_as(values)
    return values.to(device)


def _stack(name: str, parts: Sequence[BiasedImages], first: BiasedSplits) -> StackedImages:
    shapes = {part.images.shape for part in parts}
    if len(shapes) > 1:
        raise ValueError(
            f"The {name} images of these runs have shapes {sorted(shapes)}; expected one shape. "
            "Stack runs of one data set and one size."
        )
    shape = shapes.pop()
    if len(shape) != 4 or shape[3] != 3 or not shape[0]:
        raise ValueError(f"The {name} images have shape {shape}; expected (N, H, W, 3), N over 0.")
    if any(part.images.dtype != np.uint8 for part in parts):
        raise ValueError(
            f"The {name} images have dtype {parts[0].images.dtype}; expected uint8, 0 to 255."
        )
    for what, counted in (("labels", first.class_names), ("biases", first.bias_names)):
        for part in parts:
            values = getattr(part, what)
            if values.shape != shape[:1]:
                raise ValueError(
                    f"{len(values)} {what} for {shape[0]} {name} images; expected one each."
                )
            if values.min() < 0 or values.max() >= len(counted):
                raise ValueError(
                    f"The {what} of the {name} images run from {values.min()} to {values.max()}; "
                    f"expected 0 to {len(counted) - 1}."
                )
    return StackedImages(
        _stack_arrays([part.images for part in parts]),
        _stack_arrays([part.labels for part in parts]).long(),
        _stack_arrays([part.biases for part in parts]).long(),
    )


def _stack_arrays(arrays: Sequence[np.ndarray]) -> Tensor:
    """Return the arrays stacked; the same array for all, such as the test set's, is not copied."""
    first = arrays[0]
    if all(each is first for each in arrays):
        return torch.from_numpy(first.copy())[None].expand(len(arrays), *first.shape)
    return torch.from_numpy(np.stack(arrays))
