"""How a run is trained: network, steps, learning rate, batch size, and where."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import torch

from internlab.debias.stack.networks import NETWORKS
from internlab.spelling import did_you_mean


@dataclass(frozen=True)
class Recipe:
    """What all methods share on one data set.

    Parameters
    ----------
    network : str
        A key of `NETWORKS`.
    steps : int
        Steps of the optimiser, at least 1.
    learning_rate : float
        Of Adam, positive.
    batch_size : int
        Images of each run in one step, at least 2.
    device : str
        Where networks and images are: ``"cpu"``, or ``"cuda"`` for a GPU (``"cuda:1"`` for the
        second). All random numbers are drawn on the CPU, so both begin and mix alike; but a GPU
        rounds and adds up in another order, and results agree only in their first digits. That a
        run is bit for bit the same again, alone and beside others, is promised for the CPU.

    Raises
    ------
    ValueError
        If one is out of range.
    """

    network: str = "mlp"
    steps: int = 600
    learning_rate: float = 3e-3
    batch_size: int = 128
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.network not in NETWORKS:
            raise ValueError(
                f"No network {self.network!r}.{did_you_mean(self.network, NETWORKS)} There are "
                f"{', '.join(NETWORKS)}."
            )
        if self.steps < 1:
            raise ValueError(f"{self.steps} steps; expected at least 1.")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(
                f"Learning rate {self.learning_rate}; expected a positive number, such as 0.003."
            )
        if self.batch_size < 2:
            raise ValueError(
                f"batch_size is {self.batch_size}; expected at least 2 images: several methods "
                "compare images of a batch with each other."
            )
        check_device(self.device)


def check_device(device: str) -> None:
    """Raise ValueError if there is no such device, or PyTorch cannot use it here."""
    if not isinstance(device, str) or not re.fullmatch(r"cpu|cuda(:\d+)?", device):
        named = str(device).lower()
        close = " Did you mean 'cuda'?" if "gpu" in named else did_you_mean(named, ("cpu", "cuda"))
        raise ValueError(
            f"No device {device!r}.{close} There are 'cpu' "
            "and, for a GPU, 'cuda'; 'cuda:1' is the second GPU."
        )
    kind, _, number = device.partition(":")
    if kind == "cpu":
        return
    if not torch.cuda.is_available():
        raise ValueError(
            f"Device {device!r}: there is no GPU here that PyTorch {torch.__version__} can use. "
            "Leave the device at 'cpu'."
        )
    if int(number or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"Device {device!r}: PyTorch sees {torch.cuda.device_count()} GPU, counted from 0; "
            "choose 'cuda' or 'cuda:0'."
        )


# Chosen with ERM and resampling on seeds that no result uses (10, 11, 12): the mean over ratios of
# what resampling reaches on the *balanced* set, looked up at several learning rates and numbers of
# steps, and the shorter of two that are within noise. No test set was opened.
# coloured-mnist, 95/98/99 %: 78.2 here; 76.1 to 79.4 from 0.001 to 0.01 and from 300 to 1,200
#   steps, batches of 64 or 128: nothing to choose between.
# portraits, 95/98/99 %: 83.8 here, 83.2 at 0.001; at 150 steps 76.1 and 64.2, at 800 84.9 and 84.7.
# textured-digits, 98 %: 69.7 here, 66.5 at 0.001, 70.1 at 0.01, where ERM falls from 76.8 to 71.6.
# corrupted-textures, 98 %: 63.4 here, 52.2 at 0.001, 56.9 at half the steps.
RECIPES: dict[str, Recipe] = {
    "coloured-mnist": Recipe("mlp", steps=600, learning_rate=3e-3, batch_size=128),
    "portraits": Recipe("cnn", steps=400, learning_rate=3e-3, batch_size=64),
    "textured-digits": Recipe("mlp", steps=600, learning_rate=3e-3, batch_size=128),
    "corrupted-textures": Recipe("cnn", steps=800, learning_rate=3e-3, batch_size=64),
}


def recipe_for(name: str) -> Recipe:
    """Return the recipe of a data set.

    A set that is not in `RECIPES`, such as one that was read from folders, gets that of corrupted
    textures.
    """
    return RECIPES.get(name, RECIPES["corrupted-textures"])
