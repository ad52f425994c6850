"""Networks of many runs in one: every weight has a first axis, the run.

Images come as float32 (R, B, H, W, 3) in [0, 1], channels last. A product of matrices per run,
`torch.baddbmm`, gives each run exactly what it would get alone, and so does a convolution a run.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from internlab.debias.stack.generators import RunGenerators

# Floats in the widest register of a CPU. A fused optimiser rounds what is left over at the end of
# a tensor in another way than the rest; padded to whole registers, no run has such an end.
REGISTER = 16

# Side of every convolution's kernel.
KERNEL = 3


class StackedLinear(nn.Module):
    """A linear layer of R runs: (R, B, inputs) to (R, B, outputs).

    Parameters
    ----------
    inputs, outputs : int
        Width before and after.
    generators : RunGenerators
        Weights are drawn uniformly within plus and minus 1 / sqrt(inputs), as torch does.
    """

    def __init__(self, inputs: int, outputs: int, generators: RunGenerators) -> None:
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        self._weight = _drawn(inputs * outputs, inputs, generators)
        self._bias = _drawn(outputs, inputs, generators)

    @property
    def weight(self) -> Tensor:
        """(R, inputs, outputs)."""
        return _cut(self._weight, self.inputs * self.outputs).unflatten(
            1, (self.inputs, self.outputs)
        )

    @property
    def bias(self) -> Tensor:
        """(R, 1, outputs)."""
        return _cut(self._bias, self.outputs)[:, None]

    def forward(self, x: Tensor) -> Tensor:
        """Return x W + b, run by run."""
        return torch.baddbmm(self.bias, x, self.weight)

    def frozen(self, x: Tensor) -> Tensor:
        """Return what `forward` does, through which a gradient reaches x and not the layer."""
        return torch.baddbmm(self.bias.detach(), x, self.weight.detach())

    def member(self, run: int) -> nn.Linear:
        """Return the layer of one run as torch's own layer, on the CPU."""
        layer = nn.Linear(self.inputs, self.outputs)
        with torch.no_grad():
            layer.weight.copy_(self.weight[run].T)
            layer.bias.copy_(self.bias[run, 0])
        return layer


class StackedConv(nn.Module):
    """A convolution of R runs, 3 x 3 pixels with stride 2.

    It goes run by run: of a convolution, one large call costs no less than several small ones.

    Parameters
    ----------
    inputs, outputs : int
        Channels before and after.
    generators : RunGenerators
        Weights are drawn uniformly within plus and minus 1 / sqrt(9 inputs).
    """

    def __init__(self, inputs: int, outputs: int, generators: RunGenerators) -> None:
        super().__init__()
        self.shape = (outputs, inputs, KERNEL, KERNEL)
        fan = inputs * KERNEL * KERNEL
        self._weight = _drawn(outputs * fan, fan, generators)
        self._bias = _drawn(outputs, fan, generators)

    def of_each_run(self) -> list[tuple[Tensor, Tensor]]:
        """Return weight (outputs, inputs, 3, 3) and bias (outputs,) of each run."""
        weights = _cut(self._weight, math.prod(self.shape)).unflatten(1, self.shape)
        biases = _cut(self._bias, self.shape[0])
        return list(zip(weights.unbind(), biases.unbind(), strict=True))

    def convolve(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Return the convolution of one run, (B, outputs, H / 2, W / 2)."""
        return F.conv2d(x, weight, bias, stride=2, padding=KERNEL // 2)

    def member(self, run: int) -> nn.Conv2d:
        """Return the layer of one run as torch's own layer, on the CPU."""
        outputs, inputs, *_ = self.shape
        layer = nn.Conv2d(inputs, outputs, KERNEL, stride=2, padding=KERNEL // 2)
        weight, bias = self.of_each_run()[run]
        with torch.no_grad():
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
        return layer


class StackedNetwork(nn.Module, ABC):
    """Features, then a linear head.

    Attributes
    ----------
    width : int
        F, how many features an image has.
    last : StackedLinear
        The head; it reads ``feature_multiple * width`` numbers.
    """

    width: int
    last: StackedLinear

    @abstractmethod
    def features(self, images: Tensor) -> Tensor:
        """Return the features (R, B, F) of images (R, B, H, W, 3)."""

    def head(self, features: Tensor) -> Tensor:
        """Return the logits (R, B, K) of features (R, B, feature_multiple * F)."""
        return self.last(features)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits (R, B, K)."""
        return self.head(self.features(images))

    @abstractmethod
    def member(self, run: int) -> nn.Sequential:
        """Return the network of one run from torch's own layers, on the CPU, for (B, 3, H, W)."""


class StackedMlp(StackedNetwork):
    """The perceptron of the LDD paper: 100, 100 and 16 units, each with ReLU, then the head.

    Parameters
    ----------
    side : int
        Height and width of the images.
    classes : int
        K.
    generators : RunGenerators
        For the weights.
    feature_multiple : int
        The head reads so many times the features of one image (2 for LDD).

    References
    ----------
    Lee, Kim, Lee, Lee, Choo, "Learning Debiased Representation via Disentangled Feature
    Augmentation", NeurIPS 2021, appendix: the network for Colored MNIST.
    """

    width = 16

    def __init__(
        self, side: int, classes: int, generators: RunGenerators, *, feature_multiple: int = 1
    ) -> None:
        super().__init__()
        sizes = (side * side * 3, 100, 100, self.width)
        self.layers = nn.ModuleList(
            StackedLinear(before, after, generators) for before, after in pairwise(sizes)
        )
        self.last = StackedLinear(feature_multiple * self.width, classes, generators)

    def features(self, images: Tensor) -> Tensor:
        x = images.flatten(2)
        for layer in self.layers:
            x = F.relu(layer(x))
        return x

    def member(self, run: int) -> nn.Sequential:
        layers: list[nn.Module] = [_ChannelsLast(), nn.Flatten()]
        for layer in self.layers:
            layers += [layer.member(run), nn.ReLU()]
        return nn.Sequential(*layers, self.last.member(run))


class StackedConvNet(StackedNetwork):
    """Convolutions of 3 x 3 pixels with stride 2 and ReLU, the mean over positions, the head.

    Parameters
    ----------
    side, classes, generators, feature_multiple
        As in `StackedMlp`.
    """

    width = 64

    def __init__(
        self, side: int, classes: int, generators: RunGenerators, *, feature_multiple: int = 1
    ) -> None:
        super().__init__()
        channels = (3, 16, 32, self.width)
        self.layers = nn.ModuleList(
            StackedConv(before, after, generators) for before, after in pairwise(channels)
        )
        self.last = StackedLinear(feature_multiple * self.width, classes, generators)

    def features(self, images: Tensor) -> Tensor:
        weights = [layer.of_each_run() for layer in self.layers]
        found = []
        for run, x in enumerate(images.movedim(-1, 2)):
            for layer, of_each in zip(self.layers, weights, strict=True):
                x = F.relu(layer.convolve(x, *of_each[run]))
            found.append(x.mean(dim=(2, 3)))
        return torch.stack(found)

    def member(self, run: int) -> nn.Sequential:
        layers = [part for layer in self.layers for part in (layer.member(run), nn.ReLU())]
        pool = [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        return nn.Sequential(*layers, *pool, self.last.member(run))


class _ChannelsLast(nn.Module):
    """(B, 3, H, W) to (B, H, W, 3)."""

    def forward(self, images: Tensor) -> Tensor:
        return images.movedim(1, -1)


NETWORKS: dict[str, type[StackedNetwork]] = {"mlp": StackedMlp, "cnn": StackedConvNet}


def _drawn(size: int, fan: int, generators: RunGenerators) -> nn.Parameter:
    """Return (R, size) weights, uniform within 1 / sqrt(fan), padded to whole registers."""
    values = (2 * generators.uniform(size) - 1) / math.sqrt(fan)
    return nn.Parameter(F.pad(values, (0, -size % REGISTER)))


def _cut(stored: Tensor, size: int) -> Tensor:
    return stored if stored.shape[1] == size else stored[:, :size]
