"""How hard is an image for one network, compared with another? The weight of LfF and LDD."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


class LossMemory:
    """A running mean of the loss of every training image, for many runs.

    The first loss of an image is taken as it is, each later one as ``m old + (1 - m) new``. It is
    read as a share of the largest mean *of its class*: an image is hard compared with others of
    its class. Otherwise the images of a class that is hard as a whole would all look conflicting.

    Parameters
    ----------
    labels : tensor
        int64 (R, N), the classes of the training images.
    classes : int
        K.
    momentum : float
        m, 0 to below 1; the papers use 0.7.

    References
    ----------
    The papers of LfF and LDD give the ratio only; running mean and division by the largest of the
    class are in the code that their authors published.
    """

    def __init__(self, labels: Tensor, classes: int, momentum: float) -> None:
        within = F.one_hot(labels, classes).cumsum(dim=1).gather(2, labels[..., None])[..., 0] - 1
        # Class by class in rows of one width, so that the largest of each is one fast reduction.
        self.width = int(within.max()) + 1
        self.place = labels * self.width + within
        self.momentum, self.classes = momentum, classes
        self.means = torch.zeros(len(labels), classes * self.width, device=labels.device)
        self.seen = torch.zeros_like(self.means, dtype=torch.bool)

    def update(self, losses: Tensor, index: Tensor) -> Tensor:
        """Take in losses (R, B) of the images index (R, B); return their shares (R, B).

        No gradient flows through a share: it is a weight, not something to be learned.
        """
        place = self.place.gather(1, index)
        self.means = self.means.to(losses.dtype)
        new, old = losses.detach(), self.means.gather(1, place)
        mean = torch.where(
            self.seen.gather(1, place), self.momentum * old + (1 - self.momentum) * new, new
        )
        self.means.scatter_(1, place, mean)
        self.seen.scatter_(1, place, True)
        largest = self.means.unflatten(1, (self.classes, self.width)).amax(dim=2)
        # A class without any loss: all of its images are equally easy.
        largest = largest.clamp(min=torch.finfo(largest.dtype).tiny)
        return mean / largest.gather(1, place // self.width)


def relative_difficulty(biased: Tensor, debiased: Tensor) -> Tensor:
    """Return ``biased / (biased + debiased)`` of two losses, without gradient.

    It is near 1 where the biased network fails and the other does not: on images that conflict
    with the bias. It is near 0 where the bias is right.

    Parameters
    ----------
    biased, debiased : tensor
        Losses of the same images under both networks, any shape.

    References
    ----------
    Nam, Cha, Ahn, Lee, Shin, "Learning from Failure: Training Debiased Classifier from Biased
    Classifier", NeurIPS 2020, equation 4.
    """
    biased, debiased = biased.detach(), debiased.detach()
    return biased / (biased + debiased + 1e-8)
