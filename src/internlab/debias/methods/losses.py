"""Losses of one image, shared by the methods; each (R, B) from logits (R, B, K)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return ``-log p_y`` of each image: (R, B), from logits (R, B, K) and labels (R, B)."""
    return -logits.log_softmax(dim=-1).gather(-1, labels[..., None])[..., 0]


def generalised_cross_entropy(logits: Tensor, labels: Tensor, q: float) -> Tensor:
    """Return ``(1 - p_y^q) / q`` of each image: (R, B).

    Its gradient is that of the cross-entropy times ``p_y^q``: images that are already believed
    count more. As q goes to 0 it becomes the cross-entropy.

    Parameters
    ----------
    logits : tensor
        (R, B, K).
    labels : tensor
        int64 (R, B).
    q : float
        0 < q <= 1; the papers use 0.7.

    References
    ----------
    Zhang, Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy
    Labels", NeurIPS 2018, equation 6.
    """
    # Through the logarithm: the slope of p^q at p = 0 is infinite, and float32 rounds p to 0.
    return -(-q * cross_entropy(logits, labels)).expm1() / q


def scale_gradient(logits: Tensor, labels: Tensor) -> Tensor:
    """Return d/dw of the cross-entropy of ``w * logits`` at w = 1, of each image: (R, B)."""
    target = F.one_hot(labels, logits.shape[-1])
    return ((logits.softmax(dim=-1) - target) * logits).sum(dim=-1)
