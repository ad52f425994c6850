"""What a network said about some images: the one thing that every detector reads.

A network runs once, its outputs are kept, and all detectors score the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from internlab.data.streets import ANOMALY, VOID

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
    ValueError
        If a tensor holds NaN or infinity, if sizes do not agree, or if a label is no class.
    """

    logits: Tensor
    features: Tensor | None = None
    labels: Tensor | None = None
    sampled_logits: Tensor | None = None
    perturbed_logits: Tensor | None = None

    def __post_init__(self) -> None:
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
            _refuse_not_finite(name, getattr(self, name))
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
        labels = self.labels
        if labels.is_floating_point() or labels.is_complex():
            raise ValueError(
                f"The labels are {labels.dtype}, expected integers: class numbers, not "
                "probabilities. Use .long() if they are whole."
            )
        known = (labels >= 0) & (labels < self.classes) | (labels == ANOMALY) | (labels == VOID)
        if not known.all():
            first = tuple(torch.nonzero(~known)[0].tolist())
            raise ValueError(
                f"Label {int(labels[first])} at index {first} is no class: expected 0 to "
                f"{self.classes - 1}, {ANOMALY} (anomaly) or {VOID} (void). Translate the data "
                "set's own numbers first."
            )


def _refuse_not_finite(name: str, value: Tensor | None) -> None:
    if value is None:
        return
    if not value.is_floating_point():
        raise ValueError(
            f"`{name}` is {value.dtype}, expected floating point. Did class numbers or images go "
            "where the network's outputs belong?"
        )
    finite = value.isfinite()
    if not finite.all():
        first = tuple(torch.nonzero(~finite)[0].tolist())
        raise ValueError(
            f"`{name}` holds {value[first].item()} at index {first}, and {int((~finite).sum())} "
            "such values in all; expected finite numbers. Look for a division by zero or an "
            "overflow in half precision where they were computed."
        )


def _shown(shape: torch.Size) -> str:
    return "(" + ", ".join(str(side) for side in shape) + ("," if len(shape) == 1 else "") + ")"
