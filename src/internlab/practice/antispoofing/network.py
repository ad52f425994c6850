"""A small convolutional network that reads pixels, trained with or without augmentation."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

EPOCHS = 28
BATCH = 64


class SmallNetwork(nn.Module):
    """Three convolutions, a mean over places and one output: (N, 3, H, W) to (N,)."""

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        wide = 2 * channels
        self.body = nn.Sequential(
            nn.Conv2d(3, channels, 3, stride=2, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, wide, 3, stride=2, padding=1),
            nn.BatchNorm2d(wide),
            nn.ReLU(),
            nn.Conv2d(wide, wide, 3, stride=2, padding=1),
            nn.BatchNorm2d(wide),
            nn.ReLU(),
        )
        self.head = nn.Linear(wide, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one score a frame; 0 and above is an attack."""
        return self.head(self.body(x).mean(dim=(2, 3))).squeeze(1)


class NetworkDetector:
    """A `SmallNetwork` behind `fit` and `decision_function`.

    Parameters
    ----------
    seed : int
    augment : bool
        Whether each training frame is mirrored, shifted in colour and level, and re-exposed by
        lot: other lights and cameras than those that were collected, for free.
    epochs : int
    """

    def __init__(self, seed: int = 0, augment: bool = True, epochs: int = EPOCHS) -> None:
        self.seed, self.augment, self.epochs = seed, augment, epochs

    def fit(self, images: NDArray[np.uint8], attacks: NDArray[np.bool_]) -> NetworkDetector:
        """Train on frames (N, H, W, 3), uint8, and whether each is an attack."""
        draws = torch.Generator().manual_seed(self.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            self.network = SmallNetwork()
        inputs, targets = _tensor(images), torch.from_numpy(np.asarray(attacks, np.float32))
        live = float((targets == 0).float().mean())
        # Live frames weigh as much as attacks in all.
        weights = torch.where(targets == 1, live, 1 - live) * 2
        steps = self.epochs * -(-len(inputs) // BATCH)
        optimiser = torch.optim.AdamW(self.network.parameters(), lr=3e-3, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps)
        self.network.train()
        for _ in range(self.epochs):
            for batch in torch.randperm(len(inputs), generator=draws).split(BATCH):
                shown = _varied(inputs[batch], draws) if self.augment else inputs[batch]
                loss = nn.functional.binary_cross_entropy_with_logits(
                    self.network(shown), targets[batch], weights[batch]
                )
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
        self.network.eval()
        return self

    def decision_function(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return the score of each frame: (N,)."""
        with torch.inference_mode():
            parts = [self.network(part) for part in _tensor(images).split(256)]
        return torch.cat(parts).double().numpy()


def _tensor(images: NDArray[np.uint8]) -> torch.Tensor:
    planes = np.ascontiguousarray(np.asarray(images).transpose(0, 3, 1, 2))
    return torch.from_numpy(planes).float() / 127.5 - 1


def _varied(x: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
    """Return frames mirrored, tinted and brightened by lot."""
    count = len(x)
    flipped = torch.rand(count, 1, 1, 1, generator=draws) < 0.5
    x = torch.where(flipped, x.flip(3), x)
    tint = 1 + 0.15 * torch.randn(count, 3, 1, 1, generator=draws)
    level = 0.15 * torch.randn(count, 1, 1, 1, generator=draws)
    return ((x + 1) * tint - 1 + level).clamp(-1, 1)
