"""ReBias: be different from a network that can see nothing but the bias."""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from internlab.debias.methods.base import Hyperparameter, Method
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Batch, Needs, Problem, StackedLinear

# The unbiased estimate of HSIC is a mean over so many different images; with fewer it is 0 / 0.
FEWEST = 4


class ReBias(Method):
    """ReBias: features that are independent of those of a network biased by its design.

    The biased network g sees small patches one by one, without their place: it can learn colour
    and texture, and no shape. With the independence criterion HSIC, f minimises
    ``CE(f) + strength HSIC(f, g)`` and g, in turn, minimises ``CE(g) - strength HSIC(f, g)``: g
    follows f wherever it can see what f uses. Nobody labels the bias, but somebody has to know
    that it is of this kind.

    References
    ----------
    Bahng, Chun, Yun, Choo, Oh, "Learning De-biased Representations with Biased Representations",
    ICML 2020, equations 3 to 5; the unbiased estimator of HSIC is Song et al., "Feature Selection
    via Dependence Maximization", JMLR 2012, theorem 2. The width of the kernels is the median
    distance within the batch.
    """

    name = "rebias"
    title = "ReBias"
    paper = "Learning De-biased Representations with Biased Representations"
    year = 2020
    url = "https://arxiv.org/abs/1910.02806"
    needs = Needs.KIND_OF_BIAS
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "strength": Hyperparameter(1.0, 0.1, 30.0, log=True)
    }

    def prepare(self, problem: Problem) -> None:
        images = min(problem.recipe.batch_size, problem.labels.shape[1])
        if images < FEWEST:
            raise ValueError(
                f"ReBias measures by {FEWEST} images at a time how much two networks depend on "
                f"each other, and a batch has {images}. Choose a batch size and a training set of "
                f"at least {FEWEST}, better 32 or more."
            )
        super().prepare(problem)
        self.biased = PatchNetwork(problem)

    def parameters(self) -> list[nn.Parameter]:
        return [*self.network.parameters(), *self.biased.parameters()]

    def losses(self, batch: Batch) -> Tensor:
        ours, theirs = self.network.features(batch.images), self.biased.features(batch.images)
        plain = cross_entropy(self.network.head(ours), batch.labels)
        plain = plain + cross_entropy(self.biased.head(theirs), batch.labels)
        away = hsic(kernel(ours), kernel(theirs.detach()))
        towards = hsic(kernel(ours.detach()), kernel(theirs))
        return plain.mean(dim=1) + self.values["strength"] * (away - towards)


class PatchNetwork(nn.Module):
    """A network without shape: 2 x 2 pixels are averaged, each goes alone through two layers.

    Parameters
    ----------
    problem : Problem
        What it is to learn.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        width = 32
        self.first: StackedLinear = problem.linear("patches, first", 3, width)
        self.second: StackedLinear = problem.linear("patches, second", width, width)
        self.head: StackedLinear = problem.linear("patches, head", width, problem.classes)

    def features(self, images: Tensor) -> Tensor:
        """Return (R, B, width) of images (R, B, H, W, 3): the mean over all patches."""
        runs, batch, height, width, _ = images.shape
        rows, columns = height // 2, width // 2
        patches = images[:, :, : 2 * rows, : 2 * columns].unflatten(3, (columns, 2))
        patches = patches.unflatten(2, (rows, 2)).mean(dim=(3, 5)).reshape(runs, -1, 3)
        x = F.relu(self.second(F.relu(self.first(patches))))
        return x.view(runs, batch, rows * columns, -1).mean(dim=2)


def kernel(features: Tensor) -> Tensor:
    """Return the Gaussian kernel (R, B, B) of features (R, B, F), as wide as their median distance.

    The width is a number, not something to be trained: no gradient flows through it.
    """
    squared = features.square().sum(dim=2)
    products = features @ features.transpose(1, 2)
    distances = (squared[:, :, None] + squared[:, None, :] - 2 * products).clamp(min=0)
    middle = distances.detach().flatten(1).median(dim=1).values.clamp(min=1e-8)
    return (-distances / (2 * middle[:, None, None])).exp()


def hsic(first: Tensor, second: Tensor) -> Tensor:
    """Return the unbiased estimate of HSIC (R,) from two kernels (R, B, B), B at least 4.

    Their diagonals are left out. 0 is independence; an estimate can be below.
    """
    count = first.shape[1]
    outside = ~torch.eye(count, dtype=torch.bool, device=first.device)
    first, second = first.where(outside, 0.0), second.where(outside, 0.0)
    rows_first, rows_second = first.sum(dim=2), second.sum(dim=2)
    both = (first * second).sum(dim=2).sum(dim=1)
    sums = rows_first.sum(dim=1) * rows_second.sum(dim=1) / ((count - 1) * (count - 2))
    crossed = 2 * (rows_first * rows_second).sum(dim=1) / (count - 2)
    return (both + sums - crossed) / (count * (count - 3))
