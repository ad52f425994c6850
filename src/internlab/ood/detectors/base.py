"""What all detectors share: their interface, the linear head, and rows in place of maps."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

import torch
from torch import Tensor

from internlab.ood.outputs import Outputs, expect_tensor, finite

# So many rows are scored at once: enough to be fast, few enough for a dense map of any size.
ROWS_AT_ONCE = 1 << 16


class Detector(ABC):
    """A score for each image or pixel: the higher, the more out-of-distribution.

    Attributes
    ----------
    name, title : str
        For the computer and for people.
    paper, year, url
        Where the method was published.
    needs : tuple of str
        The fields of `Outputs` that `score` reads beside the logits.
    needs_to_fit : tuple of str
        Those that `fit` reads beside the logits.
    uses_head : bool
        Whether the constructor takes the network's last layer as its first argument.
    uses_fit : bool
        Whether `fit` must come before `score`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    paper: ClassVar[str]
    year: ClassVar[int]
    url: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    needs_to_fit: ClassVar[tuple[str, ...]] = ()
    uses_head: ClassVar[bool] = False
    uses_fit: ClassVar[bool] = False

    def fit(self, outputs: Outputs) -> Self:
        """Learn what is normal from in-distribution outputs, and return the detector itself.

        Most detectors that read only logits have nothing to learn.
        """
        return self

    @abstractmethod
    def score(self, outputs: Outputs) -> Tensor:
        """Return one score an image (N,), or one a pixel (N, H, W); higher is more outlying.

        Raises
        ------
        ValueError
            If the outputs lack something, or `fit` is missing.
        """

    def _fitted(self, value: Tensor | None) -> Tensor:
        """Return what `fit` has learned, or say that it has not run."""
        if value is None:
            raise ValueError(
                f"{self.title} has not been fitted; call fit(outputs of the training images) "
                "before score."
            )
        return value


@dataclass(frozen=True)
class Head:
    """The last, linear layer of a network: logits = features W^T + b.

    Parameters
    ----------
    weight : tensor
        (K, D), float. Of a convolution with a 1 x 1 kernel, the two last axes left out.
    bias : tensor
        (K,), float. Half precision is kept as float32, as in `Outputs`.

    Raises
    ------
    TypeError
        If one is no tensor.
    ValueError
        If the shapes do not fit each other, or a number is NaN or infinite.
    """

    weight: Tensor
    bias: Tensor

    def __post_init__(self) -> None:
        expect_tensor("weight", self.weight)
        expect_tensor("bias", self.bias)
        weight, bias = self.weight.detach(), self.bias.detach()
        if weight.ndim != 2 or bias.shape != weight.shape[:1]:
            raise ValueError(
                f"The head has weight {tuple(weight.shape)} and bias {tuple(bias.shape)}, "
                "expected (K, D) and (K,). For a 1 x 1 convolution pass weight[:, :, 0, 0]."
            )
        object.__setattr__(self, "weight", finite("weight of the head", weight))
        object.__setattr__(self, "bias", finite("bias of the head", bias))

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits (N, K) of features (N, D)."""
        expect_width(features, self.weight.shape[1], "The head")
        return features @ self.weight.to(features).T + self.bias.to(features)


def as_rows(values: Tensor) -> Tensor:
    """Return values (N, C) or (N, C, H, W) as rows: (N, C), or (N * H * W, C) pixel by pixel."""
    return values if values.ndim == 2 else values.movedim(1, -1).reshape(-1, values.shape[1])


def by_rows(score: Callable[..., Tensor], *tensors: Tensor, at_once: int = ROWS_AT_ONCE) -> Tensor:
    """Score vectors or dense maps with a function that knows only rows.

    Parameters
    ----------
    score : callable
        Takes one (M, C) tensor for each of `tensors`, returns (M,).
    *tensors : tensor
        Each (N, C) or each (N, C, H, W), with their own C.
    at_once : int
        Rows in one call, which bounds the memory.

    Returns
    -------
    tensor
        (N,) or (N, H, W).
    """
    rows = [as_rows(each) for each in tensors]
    pieces = zip(*(each.split(at_once) for each in rows), strict=True)
    scores = torch.cat([score(*piece) for piece in pieces])
    count, _, *size = tensors[0].shape
    return scores.reshape(count, *size)


def fit_rows(outputs: Outputs, values: Tensor, by: str) -> Tensor:
    """Return those rows of `values` that a fit may learn from: all but those labelled as no class.

    Parameters
    ----------
    outputs : Outputs
        Its labels decide; without labels every row is kept.
    values : tensor
        (N, C) or (N, C, H, W), a field of `outputs`.
    by : str
        Who asks, for the message.

    Returns
    -------
    tensor
        (M, C), M at least 1.

    Raises
    ------
    ValueError
        If nothing is left.
    """
    rows = as_rows(values)
    if outputs.labels is not None:
        labels = outputs.labels.reshape(-1).long()
        kept = (labels >= 0) & (labels < outputs.classes)
        if len(labels) and not kept.any():
            raise ValueError(
                f"{by} was given {len(labels)} labels and none of them is a class, so there is "
                "nothing to learn from; expected labels of in-distribution images."
            )
        # A map without void needs no copy.
        rows = rows if kept.all() else rows[kept.to(rows.device)]
    if not len(rows):
        raise ValueError(
            f"{by} was given no image to learn from; expected outputs of in-distribution images. "
            "Look at how they were selected."
        )
    return rows


def labelled_rows(outputs: Outputs, by: str) -> tuple[Tensor, Tensor]:
    """Return the features (M, D) and labels (M,), int64, of everything that belongs to a class.

    Raises
    ------
    ValueError
        If features or labels are missing, or nothing belongs to a class.
    """
    features = outputs.require("features", by)
    labels = outputs.require("labels", by).reshape(-1, 1).long()
    kept = (labels >= 0) & (labels < outputs.classes)
    return fit_rows(outputs, features, by), labels[kept]


def expect_width(values: Tensor, expected: int, by: str, what: str = "features") -> None:
    """Raise ValueError if axis 1 of `values` is not what `by` was made for."""
    if values.shape[1] != expected:
        raise ValueError(
            f"The {what} have {values.shape[1]} dimensions and {by} reads {expected}. Are both of "
            "the same network?"
        )


def whole_number(value: object, what: str) -> int:
    """Return a whole number as int, or raise TypeError, which names `what`."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{what} is {value!r}, expected a whole number.") from None
