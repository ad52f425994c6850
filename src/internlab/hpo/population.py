"""Population-based training, written out, on a problem whose best learning rate falls with time.

Stochastic gradient descent on a bowl with noisy gradients: far from the middle a large learning
rate is best, near it only a small one gets any closer, because the noise of each step is multiplied
by the learning rate. Networks show the same, which is why their learning rates have schedules.

References
----------
Jaderberg et al., "Population Based Training of Neural Networks", 2017, arXiv:1711.09846,
algorithm 1. Wu, Ren, Liao, Grosse, "Understanding Short-Horizon Bias in Stochastic
Meta-Optimization", ICLR 2018, arXiv:1803.02021, section 2, on the noisy bowl and on why a greedy
choice lowers the learning rate too early.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from internlab.hpo.tuning.space import LogUniform

STEEPNESS = np.logspace(0, 1.7, 200)
NOISE = 0.3
STEPS = 20
LEARNING_RATES = LogUniform(1e-4, 3e-2)
# A decaying schedule ends at this share of the rate it starts with.
DECAYS = LogUniform(1e-3, 1.0)
FACTORS = (0.8, 1.2)


@dataclass(eq=False)
class Member:
    """One member of a population.

    Parameters
    ----------
    weights : array (200,), float64
    lr : float
        The learning rate that it trains with now.
    loss : float
        After its last epoch.
    schedule : list of float
        The learning rate of each epoch that made these weights, also those before they were copied.
    """

    weights: np.ndarray
    lr: float
    loss: float = np.inf
    schedule: list[float] = field(default_factory=list)

    def train(self, lr: float, rng: np.random.Generator) -> None:
        """Run one epoch."""
        self.weights = one_epoch(self.weights, lr, rng)
        self.loss = loss_of(self.weights)
        self.schedule.append(lr)


@dataclass(frozen=True)
class Trained:
    """What a population or a random search found.

    Parameters
    ----------
    loss : float
        Of the best member.
    schedule : array (epochs,)
        The learning rates that made the best member's weights.
    lrs : array (epochs, members)
        The learning rate of every member in every epoch.
    cpu_seconds : float
        Of all members together.
    """

    loss: float
    schedule: np.ndarray
    lrs: np.ndarray
    cpu_seconds: float


def one_epoch(weights: np.ndarray, lr: float, rng: np.random.Generator) -> np.ndarray:
    """Take 20 noisy gradient steps from `weights` (200,), and return where they lead."""
    for _ in range(STEPS):
        noise = NOISE * np.sqrt(STEEPNESS) * rng.normal(size=weights.size)
        weights = weights - lr * (STEEPNESS * weights + noise)
    return weights


def loss_of(weights: np.ndarray) -> float:
    """Return the height of the bowl at `weights` (200,); infinite where training diverged."""
    loss = float(np.sum(STEEPNESS * weights**2) / 2)
    return loss if np.isfinite(loss) else np.inf


def exploit_and_explore(members: list[Member], rng: np.random.Generator) -> None:
    """Let the worst quarter become copies of the best one, with perturbed learning rates."""
    ranked = sorted(members, key=lambda member: member.loss)
    quarter = max(1, len(members) // 4)
    for member in ranked[-quarter:]:
        model = ranked[rng.integers(quarter)]
        member.weights = model.weights.copy()
        member.loss, member.schedule = model.loss, list(model.schedule)
        perturbed = model.lr * rng.choice(FACTORS)
        member.lr = float(np.clip(perturbed, LEARNING_RATES.low, LEARNING_RATES.high))


def train_population(
    seed: int, members: int = 8, epochs: int = 60, every: int | None = 2
) -> Trained:
    """Train a population that exploits and explores.

    Parameters
    ----------
    seed : int
    members : int
        At least 2.
    epochs : int
    every : int or None
        Epochs between two exchanges. None: no exchange, which is random search over constant
        learning rates.
    """
    start = time.process_time()
    rng = np.random.default_rng(seed)
    population = [Member(np.ones(200), LEARNING_RATES.sample(rng)) for _ in range(members)]
    lrs = []
    for epoch in range(1, epochs + 1):
        lrs.append([member.lr for member in population])
        for member in population:
            member.train(member.lr, rng)
        if every and epoch % every == 0 and epoch < epochs:
            exploit_and_explore(population, rng)
    return _trained(population, np.array(lrs), start)


def train_decaying(seed: int, members: int = 8, epochs: int = 60) -> Trained:
    """Draw a learning rate and its final share for each member; it falls exponentially.

    The peer that population-based training has to be compared with: random search over two numbers,
    of which one describes the schedule.
    """
    start = time.process_time()
    rng = np.random.default_rng(seed)
    population, lrs = [], []
    for _ in range(members):
        first, share = LEARNING_RATES.sample(rng), DECAYS.sample(rng)
        rates = first * share ** np.linspace(0, 1, epochs)
        member = Member(np.ones(200), first)
        for rate in rates:
            member.train(float(rate), rng)
        population.append(member)
        lrs.append(rates)
    return _trained(population, np.array(lrs).T, start)


def _trained(population: list[Member], lrs: np.ndarray, start: float) -> Trained:
    best = min(population, key=lambda member: member.loss)
    return Trained(best.loss, np.array(best.schedule), lrs, time.process_time() - start)


def noisy_descent(
    trial: Any, *, lr: float = 3e-3, epochs: int = 24, seed: int = 0, diary: str = ""
) -> None:
    """Run one member as an objective, for Ray's population-based training.

    Parameters
    ----------
    trial : Trial
        Told ``loss`` after each epoch; training goes on from ``trial.checkpoint``, which may be
        another trial's.
    lr : float
        More than 0.
    epochs, seed : int
    diary : str
        See `internlab.hpo.demonstration.descend`.
    """
    from internlab.hpo.demonstration import write_diary

    weights, first = np.ones(200), 1
    if trial.checkpoint:
        state = np.load(trial.checkpoint / "state.npz")
        weights, first = state["weights"], int(state["epoch"]) + 1
    for epoch in range(first, epochs + 1):
        # The noise of an epoch is its own, so that a resumed member repeats nothing.
        weights = one_epoch(weights, lr, np.random.default_rng((seed, epoch)))
        write_diary(diary, lr=lr, epoch=epoch)

        def save(folder: Any, weights: np.ndarray = weights, epoch: int = epoch) -> None:
            np.savez(folder / "state.npz", weights=weights, epoch=epoch)

        trial.report({"loss": loss_of(weights)}, save=save)
