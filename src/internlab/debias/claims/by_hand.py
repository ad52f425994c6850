"""LfF and LDD once more, by hand: NumPy, one run, gradients written out rather than derived.

Nothing here is shared with the methods, so that an agreement says something. The gradient of the
cross-entropy for the logits is ``p - 1_y``, that of the generalised cross-entropy is
``p_y^q (p - 1_y)``. What must not be trained by a loss does not appear in its gradient.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass
class Perceptron:
    """Layers with ReLU, then a linear head.

    Parameters
    ----------
    weights, biases : list of array
        (inputs, outputs) and (outputs,) of each layer; the last is the head.
    """

    weights: list[Array]
    biases: list[Array]
    inputs: list[Array] = field(default_factory=list)

    def features(self, x: Array) -> Array:
        """Return (B, F) of flat images (B, D), and keep what went into each layer."""
        self.inputs = []
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            self.inputs.append(x)
            x = np.maximum(x @ weight + bias, 0)
        self.inputs.append(x)
        return x

    def head(self, z: Array) -> Array:
        """Return the logits of features."""
        return z @ self.weights[-1] + self.biases[-1]

    def gradients(self, of_features: Array, of_head: tuple[Array, Array]) -> list[Array]:
        """Return the gradient of every layer's weight and bias, the head's at the end."""
        found: list[Array] = [*of_head[::-1]]
        down = of_features
        for layer in reversed(range(len(self.weights) - 1)):
            down = down * (self.inputs[layer + 1] > 0)
            found += [down.sum(axis=0), self.inputs[layer].T @ down]
            down = down @ self.weights[layer].T
        return found[::-1]


class Memory:
    """The running mean of each image's loss, as a share of the largest of its class."""

    def __init__(self, labels: NDArray[np.int64], momentum: float) -> None:
        self.labels, self.momentum = labels, momentum
        self.means: dict[int, float] = {}

    def update(self, losses: Array, index: NDArray[np.int64]) -> Array:
        """Take in the losses of some images; return their shares."""
        for image, loss in zip(index.tolist(), losses.tolist(), strict=True):
            old = self.means.get(image, loss)
            self.means[image] = self.momentum * old + (1 - self.momentum) * loss
        shares = []
        for image in index.tolist():
            own = [mean for i, mean in self.means.items() if self.labels[i] == self.labels[image]]
            shares.append(self.means[image] / max(own))
        return np.array(shares)


def softmax(logits: Array) -> Array:
    """Return the probabilities of logits (B, K)."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def lff(
    biased: Perceptron,
    debiased: Perceptron,
    memories: tuple[Memory, Memory],
    x: Array,
    y: NDArray[np.int64],
    index: NDArray[np.int64],
    q: float,
) -> tuple[float, list[Array]]:
    """Return the loss of a batch and its gradients: of the debiased network, then the biased."""
    z, z_biased = debiased.features(x), biased.features(x)
    p, p_biased = softmax(debiased.head(z)), softmax(biased.head(z_biased))
    weight = _weight(memories, p_biased, p, y, index)
    up = weight[:, None] * _slope(p, y)
    up_biased = _slope(p_biased, y) * _own(p_biased, y)[:, None] ** q
    loss = np.mean((1 - _own(p_biased, y) ** q) / q - weight * np.log(_own(p, y)))
    return float(loss), [
        *debiased.gradients(up @ debiased.weights[-1].T, (z.T @ up, up.sum(axis=0))),
        *biased.gradients(
            up_biased @ biased.weights[-1].T, (z_biased.T @ up_biased, up_biased.sum(axis=0))
        ),
    ]


def ldd(
    intrinsic: Perceptron,
    biased: Perceptron,
    memories: tuple[Memory, Memory],
    x: Array,
    y: NDArray[np.int64],
    index: NDArray[np.int64],
    order: NDArray[np.int64] | None,
    q: float,
    lambdas: tuple[float, float, float],
) -> tuple[float, list[Array]]:
    """Return the loss of a batch and its gradients: of the intrinsic network, then the biased.

    `order` says from which image of the batch each one gets its bias feature, and None means that
    nothing is swapped yet; `lambdas` are those of L_dis, of L_swap, and of the GCE within L_swap.
    """
    z_i, z_b = intrinsic.features(x), biased.features(x)
    width = z_i.shape[1]
    of_z_i, of_z_b = np.zeros_like(z_i), np.zeros_like(z_b)
    heads = [
        [np.zeros_like(n.weights[-1]), np.zeros_like(n.biases[-1])] for n in (intrinsic, biased)
    ]
    as_they_are = np.arange(len(y))
    rounds = [(as_they_are, 1.0, lambdas[0])]
    if order is not None:
        rounds.append((order, lambdas[1], lambdas[1] * lambdas[2]))
    loss, weight = 0.0, None
    for giver, factor, factor_b in rounds:
        z = np.hstack([z_i, z_b[giver]])
        p_i, p_b, y_b = softmax(intrinsic.head(z)), softmax(biased.head(z)), y[giver]
        if weight is None:
            weight = _weight(memories, p_b, p_i, y, index)
        loss += factor * np.mean(-weight * np.log(_own(p_i, y)))
        loss += factor_b * np.mean((1 - _own(p_b, y_b) ** q) / q)
        up_i = factor * weight[:, None] * _slope(p_i, y)
        up_b = factor_b * _slope(p_b, y_b) * _own(p_b, y_b)[:, None] ** q
        # Each head trains the feature of its own encoder: one half of what it reads.
        of_z_i += up_i @ intrinsic.weights[-1][:width].T
        np.add.at(of_z_b, giver, up_b @ biased.weights[-1][width:].T)
        for head, up in zip(heads, (up_i, up_b), strict=True):
            head[0] += z.T @ up
            head[1] += up.sum(axis=0)
    return float(loss), [
        *intrinsic.gradients(of_z_i, tuple(heads[0])),
        *biased.gradients(of_z_b, tuple(heads[1])),
    ]


def _own(p: Array, y: NDArray[np.int64]) -> Array:
    return p[np.arange(len(y)), y]


def _slope(p: Array, y: NDArray[np.int64]) -> Array:
    """Return the gradient of the mean cross-entropy for the logits."""
    slope = p.copy()
    slope[np.arange(len(y)), y] -= 1
    return slope / len(y)


def _weight(
    memories: tuple[Memory, Memory],
    p_biased: Array,
    p: Array,
    y: NDArray[np.int64],
    index: NDArray[np.int64],
) -> Array:
    hard_for_biased = memories[0].update(-np.log(_own(p_biased, y)), index)
    hard = memories[1].update(-np.log(_own(p, y)), index)
    return hard_for_biased / (hard_for_biased + hard + 1e-8)
