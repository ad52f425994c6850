"""What a network said about some images: the one thing that every detector reads.

A network runs once, its outputs are kept, and all detectors score the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from internlab.data.label_ids import ANOMALY, VOID

# What to do when a detector asks for something that was not collected.
_HOW_TO_COLLECT = {
    "features": "keep what goes into the last linear layer, (N, D) or (N, D, H, W), beside the "
    "logits",
    "labels": "pass the true classes of the training images, (N,) or (N, H, W)",
    "sampled_logits": "run the network several times with dropout left on, or run several "
    "networks, and stack their logits to (S, N, K) or (S, N, K, H, W)",
    "perturbed_logits": "run the network on images moved by ODIN.perturb",
}


@dataclass(frozen=True)
class Outputs:
    """What a network computed for N images, or for the H x W pixels of each.

    Half precision (float16, bfloat16) is kept as float32: its softmax rounds to 0 and its sums
    overflow too soon for a score.

    Parameters
    ----------
    logits : tensor
        (N, K) or (N, K, H, W), float: one number a class, before any softmax.
    features : tensor, optional
        (N, D) or (N, D, H, W), float: what the last linear layer reads.
    labels : tensor, optional
        (N,) or (N, H, W), integer: the true class, 0 to K - 1. ANOMALY (254) and VOID (255) are
        no class, unless K is larger; a fit leaves them out.
    sampled_logits : tensor, optional
        (S, N, K) or (S, N, K, H, W), float: S answers for the same images, from passes with
        dropout or from the members of an ensemble.
    perturbed_logits : tensor, optional
        Like `logits`, for images that ODIN has moved.

    Raises
    ------
    TypeError
        If a field is no PyTorch tensor.
    ValueError
        If a tensor holds NaN or infinity, if sizes do not agree, or if a label is no class.
    """

    logits: Tensor
    features: Tensor | None = None
    labels: Tensor | None = None
    sampled_logits: Tensor | None = None
    perturbed_logits: Tensor | None = None

    def __post_init__(self) -> None:
        for name in ("logits", "features", "labels", "sampled_logits", "perturbed_logits"):
            if name == "logits" or getattr(self, name) is not None:
                expect_tensor(name, getattr(self, name))
        if self.logits.ndim not in (2, 4):
            raise ValueError(
                f"The logits have shape {_shown(self.logits.shape)}, expected (N, K) for images "
                "or (N, K, H, W) for pixels. A single image needs a first axis: logits[None]."
            )
        count, *size = self.places
        self._expect("features", (count, None, *size))
        self._expect("labels", (count, *size))
        self._expect("sampled_logits", (None, *self.logits.shape))
        self._expect("perturbed_logits", tuple(self.logits.shape))
        for name in ("logits", "features", "sampled_logits", "perturbed_logits"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, finite(name, getattr(self, name)))
        if self.labels is not None:
            self._refuse_unknown_labels()

    @property
    def places(self) -> tuple[int, ...]:
        """Shape of a score: (N,), or (N, H, W) for dense outputs."""
        count, _, *size = self.logits.shape
        return (count, *size)

    @property
    def classes(self) -> int:
        """K, the number of classes."""
        return self.logits.shape[1]

    def require(self, name: str, by: str) -> Tensor:
        """Return a tensor, or say that it was not collected and how to collect it.

        Parameters
        ----------
        name : str
            A field, such as ``"features"``.
        by : str
            Who asks, for the message.

        Raises
        ------
        ValueError
            If it is None.
        """
        value = getattr(self, name)
        if value is None:
            raise ValueError(
                f"{by} needs `{name}`, and these outputs hold none. To collect them, "
                f"{_HOW_TO_COLLECT[name]}."
            )
        return value

    def _expect(self, name: str, shape: tuple[int | None, ...]) -> None:
        """Refuse a tensor of another shape; None stands for any size of at least 1."""
        value = getattr(self, name)
        if value is None:
            return
        fits = value.ndim == len(shape) and all(
            given > 0 if expected is None else given == expected
            for given, expected in zip(value.shape, shape, strict=True)
        )
        if not fits:
            wanted = ", ".join("any" if side is None else str(side) for side in shape)
            raise ValueError(
                f"`{name}` has shape {_shown(value.shape)}, expected ({wanted}) beside logits of "
                f"shape {_shown(self.logits.shape)}. Both must come from the same images; maps of "
                "another height and width must be resized first."
            )

    def _refuse_unknown_labels(self) -> None:
        if self.labels.is_floating_point() or self.labels.is_complex():
            raise ValueError(
                f"The labels are {self.labels.dtype}, expected integers: class numbers, not "
                "probabilities. Use .long() if they are whole."
            )
        # In int8, 255 would be read as -1, and -1 pass for void.
        labels = self.labels.long()
        known = (labels >= 0) & (labels < self.classes) | (labels == ANOMALY) | (labels == VOID)
        if not known.all():
            first = tuple(torch.nonzero(~known)[0].tolist())
            raise ValueError(
                f"Label {int(labels[first])} at index {first} is no class: expected 0 to "
                f"{self.classes - 1}, {ANOMALY} (anomaly) or {VOID} (void). Translate the data "
                "set's own numbers first."
            )


def expect_tensor(name: str, value: object) -> None:
    """Raise TypeError if `value` is no tensor; `name` is for the message."""
    if not isinstance(value, Tensor):
        raise TypeError(
            f"`{name}` is a {type(value).__module__}.{type(value).__name__}, expected a PyTorch "
            "tensor. Convert a NumPy array with torch.from_numpy(array)."
        )


def finite(name: str, value: Tensor) -> Tensor:
    """Return a tensor of finite numbers, in float32 if it came in half precision.

    Parameters
    ----------
    name : str
        What it is, for the message.
    value : tensor
        Any shape, float.

    Raises
    ------
    ValueError
        If it is not floating point, or holds NaN or infinity.
    """
    if not value.is_floating_point():
        raise ValueError(
            f"`{name}` is {value.dtype}, expected floating point. Did class numbers or images go "
            "where the network's outputs belong?"
        )
    if value.dtype.itemsize < torch.float32.itemsize:
        value = value.float()
    is_finite = value.isfinite()
    if not is_finite.all():
        first = tuple(torch.nonzero(~is_finite)[0].tolist())
        raise ValueError(
            f"`{name}` holds {value[first].item()} at index {first}, and "
            f"{int((~is_finite).sum())} such values in all; expected finite numbers. Look for a "
            "division by zero or an overflow in half precision where they were computed."
        )
    return value


def _shown(shape: torch.Size) -> str:
    return "(" + ", ".join(str(side) for side in shape) + ("," if len(shape) == 1 else "") + ")"
