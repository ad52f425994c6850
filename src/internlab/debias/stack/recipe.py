"""How a run is trained: network, steps, learning rate, batch size."""

from __future__ import annotations

import math
from dataclasses import dataclass

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

    Raises
    ------
    ValueError
        If one is out of range.
    """

    network: str = "mlp"
    steps: int = 600
    learning_rate: float = 3e-3
    batch_size: int = 128

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
                f"{self.batch_size} images a batch; expected at least 2: several methods compare "
                "images of a batch with each other."
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
