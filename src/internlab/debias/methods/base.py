"""What all methods share: their interface, and what they declare."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from torch import Tensor, nn

from internlab.debias.stack import Batch, Needs, Problem, StackedNetwork
from internlab.spelling import did_you_mean

__all__ = ["Hyperparameter", "Method", "Needs"]


@dataclass(frozen=True)
class Hyperparameter:
    """A number that a method leaves open.

    Parameters
    ----------
    default : float or int
        What is used without tuning. A whole default means whole numbers.
    low, high : float
        The range from which tuning draws, both ends included.
    log : bool
        Draw the logarithm uniformly rather than the number.
    """

    default: float
    low: float
    high: float
    log: bool = False

    def draw(self, rng: np.random.Generator) -> float:
        """Return a random value of the range."""
        if self.log:
            value = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        else:
            value = rng.uniform(self.low, self.high)
        return round(value) if isinstance(self.default, int) else float(value)

    def check(self, name: str, value: float) -> float:
        """Return the value, or raise ValueError if it is no number or not a whole one."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{name} is {value!r}; expected a number, such as {self.default}.")
        if not math.isfinite(value):
            raise ValueError(f"{name} is {value}; expected a finite number.")
        if isinstance(self.default, int):
            if value != int(value):
                raise ValueError(f"{name} is {value}; expected a whole number.")
            return int(value)
        return float(value)


class Method(ABC):
    """A way to train a classifier, written for many runs at once.

    A subclass gives at least ``losses``. Everything has the run as its first axis, and nothing
    may mix the runs: no mean, sum or choice over axis 0.

    Attributes
    ----------
    name, title : str
        For the computer and for people.
    paper, year, url
        Where the method was published.
    needs : Needs
        What it must be given beside images and classes. What it has not declared, it does not get.
    hyperparameters : dict of Hyperparameter
        What it leaves open. A value is read as an attribute: ``self.values["strength"]``.
    network : StackedNetwork
        The classifier; `prepare` makes it.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    paper: ClassVar[str]
    year: ClassVar[int]
    url: ClassVar[str]
    needs: ClassVar[Needs] = Needs.NOTHING
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {}
    network: StackedNetwork

    def __init__(self, **values: float) -> None:
        """Take hyperparameters by name; those not given keep their default.

        Raises
        ------
        ValueError
            If there is no hyperparameter of that name, or it is no number.
        """
        known = self.hyperparameters
        for name in values:
            if name not in known:
                listed = ", ".join(known) or "none"
                raise ValueError(
                    f"{self.title} has no hyperparameter {name!r}.{did_you_mean(name, known)} "
                    f"It has: {listed}."
                )
        self.values: dict[str, float] = {
            name: each.check(name, values.get(name, each.default)) for name, each in known.items()
        }

    def prepare(self, problem: Problem) -> None:
        """Build the networks; a method with a first stage trains it here."""
        self.network = problem.network("main")

    def parameters(self) -> list[nn.Parameter]:
        """Return what the main stage trains."""
        return list(self.network.parameters())

    def sampling_weights(self) -> Tensor | None:
        """Return (R, N), by which training images are drawn; None to go through all in passes."""
        return None

    @abstractmethod
    def losses(self, batch: Batch) -> Tensor:
        """Return the loss of each run, (R,)."""

    def logits(self, images: Tensor) -> Tensor:
        """Return the logits (R, B, K) of float images (R, B, H, W, 3)."""
        return self.network(images)

    def finish(self, problem: Problem) -> None:
        """Do what comes after training, such as fitting the last layer again."""
        return None

    def record(self, batch: Batch) -> dict[str, Tensor]:
        """Return what is worth watching, after a step: (R,), or (R, B) one value an image."""
        return {}
