"""What several answers to the same question say together: used by MC dropout and ensembles."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def confidence(sampled_logits: Tensor) -> Tensor:
    """Return ``-max_k`` of the mean softmax: MSP of the whole committee.

    This function and the next two take sampled logits (S, N, K) or (S, N, K, H, W) and return
    (N,) or (N, H, W).
    """
    return -sampled_logits.softmax(dim=2).mean(dim=0).amax(dim=1)


def entropy(sampled_logits: Tensor) -> Tensor:
    """Return the entropy of the mean softmax, in nats: how unsure is the committee?"""
    return _entropy(sampled_logits.softmax(dim=2).mean(dim=0), dim=1)


def information(sampled_logits: Tensor) -> Tensor:
    """Return the entropy of the mean less the mean of the entropies: how much do members differ?

    This is the mutual information (상호 정보량) of answer and member, at least 0. Members that are
    all unsure in the same way have an entropy and no mutual information.
    """
    each = sampled_logits.softmax(dim=2)
    return _entropy(each.mean(dim=0), dim=1) - _entropy(each, dim=2).mean(dim=0)


MEASURES: dict[str, Callable[[Tensor], Tensor]] = {
    "confidence": confidence,
    "entropy": entropy,
    "information": information,
}


def measure_named(name: str) -> Callable[[Tensor], Tensor]:
    """Return one of `MEASURES`, or say which there are."""
    if name not in MEASURES:
        raise ValueError(f"No measure {name!r}; expected one of {', '.join(MEASURES)}.")
    return MEASURES[name]


def _entropy(p: Tensor, dim: int) -> Tensor:
    # -p log p, and 0 where a probability is rounded to 0.
    return torch.special.entr(p).sum(dim=dim)
