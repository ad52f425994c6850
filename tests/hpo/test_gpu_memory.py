"""What a training keeps in memory, counted: small cases by hand, then how it grows."""

import torch
from torch import nn

from internlab.hpo.training.gpu_memory import count
from internlab.hpo.training.unet import UNet


def _images(count_: int, side: int = 64) -> torch.Tensor:
    return torch.zeros(count_, 3, side, side)


def test_a_linear_layer_counted_by_hand():
    class Flat(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3 * 8 * 8, 5, bias=False)

        def forward(self, images):
            return self.layer(images.flatten(1))

    memory = count(Flat(), _images(2, side=8))
    weights = 3 * 8 * 8 * 5 * 4
    assert (memory.parameters, memory.gradients, memory.optimiser) == (
        weights,
        weights,
        2 * weights,
    )
    # The input, and for the loss the logits and the target.
    assert memory.activations == 4 * (2 * 3 * 8 * 8 + 2 * (2 * 5))
    assert memory.total == 4 * weights + memory.activations


def test_a_frozen_layer_needs_no_gradient_and_no_optimiser():
    network = UNet(8)
    whole = count(network, _images(2))
    for parameter in network.fine.parameters():
        parameter.requires_grad_(False)
    partly = count(network, _images(2))
    assert partly.parameters == whole.parameters
    assert partly.gradients < whole.gradients
    assert partly.optimiser == 2 * partly.gradients


def test_activations_grow_with_the_batch_and_weights_do_not():
    one, two = count(UNet(8), _images(4)), count(UNet(8), _images(8))
    assert two.parameters == one.parameters
    assert 1.9 < two.activations / one.activations < 2.1
    assert two.activations > two.parameters
    # The weights are counted once, as weights: nothing of their size stays when the batch grows.
    assert 2 * one.activations - two.activations < one.parameters / 10


def test_counting_leaves_the_network_as_it_was():
    network = UNet(8)
    before = [p.clone() for p in network.parameters()]
    count(network, _images(1))
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
    assert all(p.grad is None for p in network.parameters())
