"""What the lab on surviving gives: a trainer whose whole state can be listed, and a power cut."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np


class Trainer:
    """Fits a line of four weights by stochastic gradient descent with momentum.

    The learning rate falls by a tenth with each epoch, and every epoch takes the examples in a new
    random order.
    """

    def __init__(self, lr: float, seed: int) -> None:
        data = np.random.default_rng(12)
        self.inputs = data.normal(size=(24, 4))
        self.targets = self.inputs @ [2.0, -1.0, 0.5, 3.0] + data.normal(0, 0.3, size=24)
        self.lr = lr
        self.weights = np.zeros(4)
        self.velocity = np.zeros(4)
        self.epoch = 0
        self.rng = np.random.default_rng(seed)

    def one_epoch(self) -> None:
        """Take one step for each example."""
        rate = self.lr * 0.9**self.epoch
        for i in self.rng.permutation(24):
            error = self.inputs[i] @ self.weights - self.targets[i]
            self.velocity *= 0.8
            self.velocity += error * self.inputs[i]
            self.weights -= rate * self.velocity
        self.epoch += 1


def restore(trainer: Trainer, state: Mapping[str, Any]) -> None:
    """Set every attribute of a new trainer that is named in `state`."""
    for name, value in state.items():
        setattr(trainer, name, copy.deepcopy(value))


def hours_lost(
    interval: float,
    seed: int,
    *,
    saving_minutes: float = 6.0,
    hours_between_failures: float = 20.0,
    work: float = 200.0,
) -> float:
    """Run a long training on a machine that fails at random, and return the hours it loses.

    Lost is what the training would not need without failures: the saving of checkpoints, and the
    work since the last one whenever the machine fails.

    Parameters
    ----------
    interval : float
        Hours of work between two checkpoints, more than 0.
    seed : int
        Decides when the machine fails; failures are independent of each other (exponential).
    saving_minutes, hours_between_failures, work : float
        What a checkpoint costs, how often the machine fails on average, and how many hours the
        training takes without either.
    """
    if not 0 < interval <= work:
        raise ValueError(
            f"The interval is {interval!r} hours. Expected more than 0 and at most the {work:g} "
            "hours of the training."
        )
    rng = np.random.default_rng(seed)
    saving = saving_minutes / 60
    lost, safe, to_failure = 0.0, 0.0, rng.exponential(hours_between_failures)
    while safe < work:
        stretch = min(interval, work - safe) + saving
        if to_failure < stretch:
            lost += to_failure
            to_failure = rng.exponential(hours_between_failures)
        else:
            lost += saving
            safe += stretch - saving
            to_failure -= stretch
    return lost
