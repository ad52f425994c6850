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


RECIPES: dict[str, Recipe] = {
    "coloured-mnist": Recipe("mlp", steps=600, learning_rate=3e-3, batch_size=128),
    "portraits": Recipe("cnn", steps=400, learning_rate=1e-3, batch_size=64),
    "textured-digits": Recipe("mlp", steps=600, learning_rate=3e-3, batch_size=128),
    "corrupted-textures": Recipe("cnn", steps=400, learning_rate=1e-3, batch_size=64),
}


def recipe_for(name: str) -> Recipe:
    """Return the recipe of a data set; one of `RECIPES`, or the network for its kind of images.

    A set that is not known, such as one that was read from folders, gets the recipe of the
    convolutional network.
    """
    return RECIPES.get(name, Recipe("cnn", steps=400, learning_rate=1e-3, batch_size=64))
