"""What stacking runs changes: nothing in their numbers, and what it saves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F

from internlab import tier
from internlab.claims import Measurement, claim
from internlab.data.shortcuts import BiasedSplits, load
from internlab.debias.methods import METHODS
from internlab.debias.stack import Runs, recipe_for, train
from internlab.debias.stack.problem import Needs, Problem

DATA = "coloured-mnist"
RATIOS, SEEDS = (0.95, 0.98, 0.99), (0, 1, 2)
STEPS = 100
# Networks with convolutions take another path through the code; twenty steps suffice to part.
WITH_CNN, CNN_STEPS = "portraits", 20
ROUNDS = 5
TIMED = ("erm", "resample", "lff")


@claim(
    "debias",
    "stack-equal",
    "runs stacked against one by one: largest difference of a logit over all methods and runs; "
    "nine of coloured MNIST (perceptron, 100 steps), three of the portraits (convolutions, 20 "
    "steps)",
    at_most=1e-6,
)
def stack_equal() -> Measurement:
    """Compare the logits of the whole test set."""
    differences = {
        DATA: _differences(_splits(), STEPS),
        WITH_CNN: _differences(tuple(load(WITH_CNN, 0.98, seed) for seed in SEEDS), CNN_STEPS),
    }
    told = [
        f"{data}: {(found == 0).sum()} of {len(found)} methods equal to the last bit, "
        f"largest {found.max():.1g}"
        for data, found in differences.items()
    ]
    return Measurement(max(float(each.max()) for each in differences.values()), "; ".join(told))


def _differences(splits: tuple[BiasedSplits, ...], steps: int) -> np.ndarray:
    """Return the largest difference of a logit, method by method."""
    recipe = replace(recipe_for(splits[0].name), steps=steps)
    images = torch.from_numpy(splits[0].test.images)
    found = []
    for kind in METHODS.values():
        together = train(kind(), Runs.of(splits), recipe).logits(images)
        alone = [train(kind(), Runs.of([each]), recipe).logits(images)[0] for each in splits]
        found.append(float((together - torch.stack(alone)).abs().max()))
    return np.array(found)


@claim(
    "debias",
    "stack-cpu",
    "CPU-seconds of nine runs stacked against the same code run by run, coloured MNIST, ERM, "
    "resampling and LfF together, in turns, median of 5 rounds",
    at_most=0.6,
    unit="x",
)
def stack_cpu() -> Measurement:
    """Time whole trainings, data already read."""
    recipe = replace(recipe_for(DATA), steps=STEPS)

    def stacked(name: str) -> None:
        train(METHODS[name](), _runs(), recipe)

    def one_by_one(name: str) -> None:
        for each in _runs_alone():
            train(METHODS[name](), each, recipe)

    found = {
        name: _ratios(lambda n=name: stacked(n), lambda n=name: one_by_one(n)) for name in TIMED
    }
    together = sum(found[name][0] for name in TIMED) / sum(found[name][1] for name in TIMED)
    each = ", ".join(f"{name} {np.median(one / two):.2f}" for name, (one, two) in found.items())
    return Measurement(float(np.median(together)), f"{each}; rounds {_list(together)}")


@claim(
    "debias",
    "stack-cpu-plain",
    "CPU-seconds of nine ERM runs stacked against the leanest loop in plain torch, run by run with "
    "fused Adam, in turns, median of 5 rounds",
    reported=True,
    unit="x",
)
def stack_cpu_plain() -> Measurement:
    """Let it have torch's own layers and no checks; the batches come from the same place."""
    recipe = replace(recipe_for(DATA), steps=STEPS)

    def plain() -> None:
        for runs in _runs_alone():
            problem = Problem(runs, recipe, "ERM", Needs.NOTHING)
            network = problem.network("main").member(0)
            optimiser = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, fused=True)
            for batch in problem.batches("training", recipe.steps):
                logits = network(batch.images[0].movedim(-1, 1))
                loss = F.cross_entropy(logits, batch.labels[0])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()

    ours, theirs = _ratios(lambda: train(METHODS["erm"](), _runs(), recipe), plain)
    return Measurement(float(np.median(ours / theirs)), f"rounds {_list(ours / theirs)}")


def _ratios(
    one: Callable[[], object], other: Callable[[], object]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the CPU-seconds of both, round by round; each round runs both, in changing order."""
    tier.one_thread()
    one(), other()
    spent = np.zeros((2, ROUNDS))
    for turn in range(ROUNDS):
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            start = time.process_time()
            (one, other)[which]()
            spent[which, turn] = time.process_time() - start
    return spent[0], spent[1]


@cache
def _splits() -> tuple[BiasedSplits, ...]:
    return tuple(load(DATA, ratio, seed) for ratio in RATIOS for seed in SEEDS)


@cache
def _runs() -> Runs:
    return Runs.of(_splits())


@cache
def _runs_alone() -> tuple[Runs, ...]:
    return tuple(Runs.of([each]) for each in _splits())


def _list(values: np.ndarray) -> str:
    return ", ".join(f"{value:.2f}" for value in values)
