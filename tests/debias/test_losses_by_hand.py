"""LfF and LDD against NumPy, in float64; and what no gradient may flow through."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from internlab.debias.claims import losses as compared
from internlab.debias.methods import LDD, ldd, lff
from internlab.debias.stack import Problem, Recipe

BAR = 1e-10


@pytest.mark.parametrize("differences", [compared.lff_differences, compared.ldd_differences])
def test_losses_and_gradients_are_those_by_hand(differences):
    found = np.array(differences())
    assert len(found) == 3 * compared.STEPS
    assert found.max() < BAR


def test_the_comparison_sees_a_gradient_through_the_weight(monkeypatch):
    def leaking(biased, debiased):
        return biased / (biased + debiased + 1e-8)

    class Leaking(lff.LossMemory):
        def update(self, values, index):
            return super().update(values, index) * (values / values.detach())

    monkeypatch.setattr(lff, "relative_difficulty", leaking)
    monkeypatch.setattr(lff, "LossMemory", Leaking)
    found = np.array(compared.lff_differences())
    assert found[:, 0].max() < BAR, "the loss is the same number"
    assert found[:, 1].max() > 1e-4, "its gradient is not"


def test_the_comparison_sees_features_swapped_without_their_labels(monkeypatch):
    def features_only(values, order):
        return values if values.dtype == torch.int64 else shuffle(values, order)

    shuffle = ldd.shuffle
    monkeypatch.setattr(ldd, "shuffle", features_only)
    found = np.array(compared.ldd_differences()).reshape(compared.STEPS, 3, 2)
    swaps = compared.STEPS // 2
    assert found[:swaps].max() < BAR < found[swaps:, :, 0].min()


def test_the_comparison_sees_a_head_that_trains_the_encoder_of_the_other(monkeypatch):
    def joined(self, z_i, z_b):
        both = torch.cat([z_i, z_b], dim=2)
        return self.network.head(both), self.biased.head(both)

    monkeypatch.setattr(LDD, "both_heads", joined)
    assert np.array(compared.ldd_differences())[:, 1].max() > 1e-4


def prepared(method):
    runs = compared.random_runs()
    problem = Problem(runs, Recipe("mlp", 4, 1e-3, 8), method.title, method.needs)
    method.prepare(problem)
    return problem, method


@pytest.mark.parametrize("trained, still", [("network", "biased"), ("biased", "network")])
def test_each_head_of_ldd_trains_its_own_encoder_only(trained, still):
    problem, method = prepared(LDD())
    batch = next(iter(problem.batches("training", 1)))
    intrinsic, biased = method.both_heads(
        method.network.features(batch.images), method.biased.features(batch.images)
    )
    (intrinsic if trained == "network" else biased).sum().backward()
    assert any(each.grad.any() for each in getattr(method, trained).layers.parameters())
    assert all(each.grad is None for each in getattr(method, still).parameters())


def test_by_hand_agrees_with_finite_differences():
    """The reference itself: its gradients, but for what the methods take as a number."""
    from internlab.debias.claims import by_hand

    rng = np.random.default_rng(0)
    sizes = (6, 5, 4, 3)
    network = by_hand.Perceptron(
        [rng.normal(size=pair) for pair in pairwise(sizes)],
        [rng.normal(size=size) for size in sizes[1:]],
    )
    x, y = rng.normal(size=(7, 6)), rng.integers(0, 3, 7)

    def loss():
        return -np.log(by_hand.softmax(network.head(network.features(x)))[np.arange(7), y]).mean()

    p = by_hand.softmax(network.head(network.features(x)))
    up = (p - np.eye(3)[y]) / 7
    z = network.inputs[-1]
    found = network.gradients(up @ network.weights[-1].T, (z.T @ up, up.sum(axis=0)))
    arrays = [a for pair in zip(network.weights, network.biases, strict=True) for a in pair]
    for gradient, array in zip(found, arrays, strict=True):
        at = tuple(0 for _ in array.shape)
        before, array[at] = array[at], array[at] + 1e-6
        above, array[at] = loss(), before - 1e-6
        below, array[at] = loss(), before
        assert gradient[at] == pytest.approx((above - below) / 2e-6, abs=1e-7)


def test_the_networks_compared_are_perceptrons_with_weights_of_their_own():
    _, method = prepared(LDD())
    assert isinstance(method.network, nn.Module)
    first, second = method.network.last.weight, method.biased.last.weight
    assert first.shape == second.shape and not torch.equal(first, second)
