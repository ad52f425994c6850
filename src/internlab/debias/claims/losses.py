"""Are the losses of LfF and LDD, and their gradients, those of an implementation by hand?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from internlab.claims import Measurement, claim
from internlab.debias.claims import by_hand
from internlab.debias.methods import LDD, LfF
from internlab.debias.stack import (
    Problem,
    Recipe,
    Runs,
    StackedImages,
    StackedMlp,
    StackedNetwork,
)

STEPS, IMAGES, SIDE, CLASSES = 8, 20, 4, 3


@claim(
    "debias",
    "losses-by-hand",
    "LfF and LDD against an implementation by hand, float64, 3 runs of 8 batches: largest "
    "difference of a loss or of an entry of its gradient",
    at_most=1e-10,
)
def losses_by_hand() -> Measurement:
    """Compare step by step: the weights come from what was seen in earlier steps."""
    found = {"LfF": lff_differences(), "LDD": ldd_differences()}
    largest = {name: np.max(each, axis=0) for name, each in found.items()}
    detail = "; ".join(
        f"{name}: losses {loss:.1e}, gradients {gradient:.1e}"
        for name, (loss, gradient) in largest.items()
    )
    return Measurement(float(max(each.max() for each in largest.values())), detail)


def lff_differences() -> list[tuple[float, float]]:
    """Return how far the loss and the gradient are apart, for each run and batch."""
    problem, method = _prepared(LfF())
    memories = [_memories(problem, run, method.values["momentum"]) for run in range(len(problem))]
    found = []
    for batch, loss, gradients in _batches(problem, method):
        for run, memory in enumerate(memories):
            x, y, index = _arrays(batch, run)
            biased, debiased = (perceptron(each, run) for each in (method.biased, method.network))
            wanted = by_hand.lff(biased, debiased, memory, x, y, index, method.values["q"])
            found.append(_apart(loss, gradients, run, wanted))
    return found


def ldd_differences() -> list[tuple[float, float]]:
    """Return the same of LDD, of which half the batches are before the swapping begins."""
    problem, method = _prepared(LDD(swap_from=0.5, lambda_dis=3.0, lambda_swap=0.5))
    memories = [_memories(problem, run, method.values["momentum"]) for run in range(len(problem))]
    orders = problem.generators("swapped features")
    lambdas = tuple(method.values[n] for n in ("lambda_dis", "lambda_swap", "lambda_swap_b"))
    found = []
    for batch, loss, gradients in _batches(problem, method):
        swaps = batch.step >= batch.steps // 2
        order = orders.permutation(batch.labels.shape[1]).numpy() if swaps else None
        for run, memory in enumerate(memories):
            x, y, index = _arrays(batch, run)
            networks = (perceptron(each, run) for each in (method.network, method.biased))
            own = None if order is None else order[run]
            wanted = by_hand.ldd(*networks, memory, x, y, index, own, method.values["q"], lambdas)
            found.append(_apart(loss, gradients, run, wanted))
    return found


def perceptron(network: StackedNetwork, run: int) -> by_hand.Perceptron:
    """Return the network of one run with its weights as arrays."""
    layers = [*network.layers, network.last]
    return by_hand.Perceptron(
        [layer.weight[run].detach().numpy().copy() for layer in layers],
        [layer.bias[run, 0].detach().numpy().copy() for layer in layers],
    )


def random_runs(runs: int = 3, seed: int = 0) -> Runs:
    """Return runs of random images, just large enough to compare arithmetic on them."""
    rng = np.random.default_rng(seed)

    def images(count: int) -> StackedImages:
        labels = np.stack([rng.permutation(np.arange(count) % CLASSES) for _ in range(runs)])
        return StackedImages(
            torch.from_numpy(rng.integers(0, 256, (runs, count, SIDE, SIDE, 3), dtype=np.uint8)),
            torch.from_numpy(labels),
            torch.from_numpy(rng.integers(0, CLASSES, (runs, count))),
        )

    parts = {name: images(IMAGES) for name in ("train", "validation", "balanced", "test")}
    return Runs(
        **parts,
        seeds=tuple(range(runs)),
        ratios=(0.9,) * runs,
        classes=CLASSES,
        biases=CLASSES,
    )


def _prepared(method):
    """Return a problem of random images and the method on it, in float64."""
    problem = Problem(random_runs(), Recipe("mlp", STEPS, 1e-3, 8), method.title, method.needs)
    method.prepare(problem)
    for network in (method.network, method.biased):
        assert isinstance(network, StackedMlp)
        network.double()
    return problem, method


def _batches(problem: Problem, method):
    """Yield each batch in float64, the loss of each run, and its gradients by network and layer."""
    for batch in problem.batches("training", STEPS):
        batch = replace(batch, images=batch.images.double())
        for each in method.parameters():
            each.grad = None
        loss = method.losses(batch)
        loss.sum().backward()
        gradients = []
        for network in (method.network, method.biased):
            for layer in [*network.layers, network.last]:
                size = layer.inputs * layer.outputs
                weight = layer._weight.grad[:, :size].unflatten(1, (layer.inputs, layer.outputs))
                gradients += [weight.numpy(), layer._bias.grad[:, : layer.outputs].numpy()]
        yield batch, loss.detach().numpy(), gradients


def _memories(problem: Problem, run: int, momentum: float):
    labels = problem.labels[run].numpy()
    return by_hand.Memory(labels, momentum), by_hand.Memory(labels, momentum)


def _arrays(batch, run: int):
    return (
        batch.images[run].flatten(1).numpy(),
        batch.labels[run].numpy(),
        batch.index[run].numpy(),
    )


def _apart(loss, gradients, run: int, wanted) -> tuple[float, float]:
    worst = max(
        float(np.abs(got[run] - each).max()) for got, each in zip(gradients, wanted[1], strict=True)
    )
    return abs(float(loss[run]) - wanted[0]), worst
