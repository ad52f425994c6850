"""How much memory a training needs: counted from the network, and measured where there is a GPU."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

MIB = 2**20


@dataclass(frozen=True)
class TrainingMemory:
    """What one training step holds at its fullest moment, in bytes.

    Parameters
    ----------
    parameters, gradients : int
        The weights, and as much again for their gradients.
    optimiser : int
        Two running averages of AdamW for each weight.
    activations : int
        What the forward pass keeps for the backward pass.
    """

    parameters: int
    gradients: int
    optimiser: int
    activations: int

    @property
    def total(self) -> int:
        """All of it, without the working space of single operations and without CUDA's context."""
        return self.parameters + self.gradients + self.optimiser + self.activations


def count(network: nn.Module, images: torch.Tensor) -> TrainingMemory:
    """Count what training `network` on `images` (N, 3, H, W) keeps; runs one forward pass.

    Nothing is estimated: autograd hands over every tensor that it saves.
    """
    own = {p.untyped_storage().data_ptr(): p.untyped_storage().nbytes() for p in _all(network)}
    saved: dict[int, int] = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        logits = network(images)
        F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits))
    learned = sum(p.numel() * p.element_size() for p in network.parameters() if p.requires_grad)
    return TrainingMemory(sum(own.values()), learned, 2 * learned, sum(saved.values()))


def measure(network: nn.Module, images: torch.Tensor, steps: int = 3) -> int:
    """Train a few steps on the GPU, and return the peak of what PyTorch allocated, in bytes.

    Parameters
    ----------
    network, images
        On a CUDA device.
    steps : int
        The first fills the optimiser, so at least 2.
    """
    device = images.device
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device) - sum(
        p.untyped_storage().nbytes() for p in _all(network)
    )
    optimiser = torch.optim.AdamW(network.parameters())
    for _ in range(steps):
        logits = network(images)
        F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits)).backward()
        optimiser.step()
        optimiser.zero_grad()
    return torch.cuda.max_memory_allocated(device) - before


def context_bytes(device: torch.device) -> int:
    """Return what is used of a GPU beyond PyTorch's reserve: CUDA's context, and other processes.

    Ask on an idle GPU; then it is what every further process pays before it allocates anything.
    """
    free, total = torch.cuda.mem_get_info(device)
    return total - free - torch.cuda.memory_reserved(device)


def _all(network: nn.Module) -> list[torch.Tensor]:
    return [*network.parameters(), *network.buffers()]
