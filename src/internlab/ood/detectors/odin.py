"""ODIN: a large temperature, and a nudge to the image that outliers do not answer."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from internlab.ood.detectors.base import Detector
from internlab.ood.outputs import Outputs


class ODIN(Detector):
    """Out-of-distribution detector for neural networks: MSP after a nudge, at a high temperature.

    Each image x is first moved a little towards what the network believes to see,
    ``x' = x - epsilon sign(grad_x CE(f(x) / T, y'))`` with y' the called class. Familiar images
    gain more by it than others. The score is ``-max_k softmax(f(x') / T)_k``.

    The nudge needs the network, so it is made once while outputs are collected: run the network
    on `perturb` and keep what it says as `Outputs.perturbed_logits`.

    Parameters
    ----------
    temperature : float
        T, positive; the paper keeps 1000. The same one goes into `perturb`.

    References
    ----------
    Liang, Li, Srikant, "Enhancing The Reliability of Out-of-distribution Image Detection in
    Neural Networks", ICLR 2018, section 3.
    """

    name = "odin"
    title = "ODIN"
    paper = "Enhancing The Reliability of Out-of-distribution Image Detection in Neural Networks"
    year = 2018
    url = "https://arxiv.org/abs/1706.02690"
    needs = ("perturbed_logits",)

    def __init__(self, temperature: float = 1000.0) -> None:
        if not 0 < temperature < float("inf"):
            raise ValueError(f"Temperature {temperature}; expected a positive number: 1000.")
        self.temperature = temperature

    def score(self, outputs: Outputs) -> Tensor:
        """Return the score of the perturbed logits, in float64."""
        # At T = 1000 all probabilities lie within a thousandth of each other; float32 would tie.
        perturbed = outputs.require("perturbed_logits", self.title).double()
        return -(perturbed / self.temperature).softmax(dim=1).amax(dim=1)

    @staticmethod
    def perturb(
        network: Callable[[Tensor], Tensor],
        images: Tensor,
        epsilon: float = 0.0014,
        temperature: float = 1000.0,
    ) -> Tensor:
        """Return images moved by `epsilon` towards the class that the network calls.

        Parameters
        ----------
        network : callable
            Images to logits (N, K) or (N, K, H, W), in evaluation mode.
        images : tensor
            (N, C, H, W), float.
        epsilon : float
            Size of the step, in the images' units.
        temperature : float
            T of the softmax whose gradient is taken.

        Returns
        -------
        tensor
            Like `images`.
        """
        with torch.enable_grad():
            moved = images.detach().clone().requires_grad_()
            logits = network(moved) / temperature
            loss = F.cross_entropy(logits, logits.argmax(dim=1), reduction="sum")
            (gradient,) = torch.autograd.grad(loss, moved)
        return images - epsilon * gradient.sign()
