"""The memory of losses and the weight of LfF and LDD."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import grad

from internlab.debias.methods import losses
from internlab.debias.methods.difficulty import LossMemory, relative_difficulty


def test_a_share_is_of_the_largest_mean_of_the_own_class():
    # Class 0: images 0 and 1; class 1: images 2 and 3.
    memory = LossMemory(torch.tensor([[0, 0, 1, 1]]), classes=2, momentum=0.5)
    first = memory.update(torch.tensor([[4.0, 1.0]]), torch.tensor([[0, 1]]))
    assert first.tolist() == [[1.0, 0.25]]
    # Image 2 alone in its class so far: it is the largest, however small.
    assert memory.update(torch.tensor([[0.1]]), torch.tensor([[2]])).tolist() == [[1.0]]
    # Image 1 comes again: its mean is (1 + 3) / 2 = 2, half of the 4 of image 0.
    assert memory.update(torch.tensor([[3.0]]), torch.tensor([[1]])).tolist() == [[0.5]]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.95))
def test_the_memory_is_that_of_a_dictionary_for_every_run(seed, momentum):
    rng = np.random.default_rng(seed)
    labels = torch.from_numpy(rng.integers(0, 3, (2, 9)))
    memory = LossMemory(labels, 3, momentum)
    means = [{}, {}]
    for _ in range(5):
        index = torch.from_numpy(np.stack([rng.permutation(9)[:4] for _ in range(2)]))
        new = torch.from_numpy(rng.exponential(size=(2, 4)))
        shares = memory.update(new, index)
        for run, mean in enumerate(means):
            for i, loss in zip(index[run].tolist(), new[run].tolist(), strict=True):
                mean[i] = momentum * mean.get(i, loss) + (1 - momentum) * loss
            for i, share in zip(index[run].tolist(), shares[run].tolist(), strict=True):
                same = [m for j, m in mean.items() if labels[run, j] == labels[run, i]]
                assert share == pytest.approx(mean[i] / max(same))


def test_a_class_without_any_loss_gives_numbers():
    memory = LossMemory(torch.tensor([[0, 1]]), 2, 0.7)
    assert memory.update(torch.zeros(1, 2), torch.tensor([[0, 1]])).tolist() == [[0.0, 0.0]]


def test_the_weight_is_high_where_only_the_biased_network_fails():
    weight = relative_difficulty(torch.tensor([0.9, 0.1, 0.5]), torch.tensor([0.1, 0.9, 0.5]))
    assert weight.tolist() == pytest.approx([0.9, 0.1, 0.5])
    assert torch.isfinite(relative_difficulty(torch.zeros(1), torch.zeros(1))).all()


def test_no_gradient_flows_through_share_and_weight():
    values = torch.tensor([[1.0, 2.0]], requires_grad=True)
    memory = LossMemory(torch.tensor([[0, 0]]), 1, 0.7)
    assert not memory.update(values, torch.tensor([[0, 1]])).requires_grad
    assert not relative_difficulty(values, 2 * values).requires_grad


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 1.0))
def test_the_gradient_of_gce_is_that_of_ce_times_p_to_the_q(seed, q):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(2, 5, 4, generator=generator, dtype=torch.float64, requires_grad=True)
    labels = torch.randint(4, (2, 5), generator=generator)
    plain = grad(losses.cross_entropy(logits, labels).sum(), logits)[0]
    p = logits.detach().softmax(2).gather(2, labels[..., None])
    ours = grad(losses.generalised_cross_entropy(logits, labels, q).sum(), logits)[0]
    torch.testing.assert_close(ours, p**q * plain)
    value = losses.generalised_cross_entropy(logits, labels, q)
    torch.testing.assert_close(value, ((1 - p**q) / q)[..., 0])


def test_gce_of_an_image_that_nobody_believes_has_a_gradient():
    logits = torch.tensor([[[0.0, 200.0]]], requires_grad=True)
    loss = losses.generalised_cross_entropy(logits, torch.tensor([[0]]), 0.7)
    assert loss.item() == pytest.approx(1 / 0.7)
    assert torch.isfinite(grad(loss.sum(), logits)[0]).all()
