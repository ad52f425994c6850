"""Train the network with PyTorch Lightning, on a budget of CPU-seconds or of steps."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping

import numpy as np
import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, IterableDataset

from internlab.lightning_fit import fit_quietly, quiet_trainer
from internlab.superres.degrade import crop_to_multiple, downscale
from internlab.superres.model import RepSR


class PatchStream(IterableDataset):
    """An endless stream of batches of matching low- and high-resolution patches.

    Parameters
    ----------
    images : mapping of str to array
        Originals, each (H, W, 3) uint8 and at least `patch` pixels a side.
    scale : int
        How much smaller the low-resolution image is.
    patch : int
        Side of a high-resolution patch, a multiple of `scale`.
    batch : int
        Patches in a batch.
    seed : int
        Fixes which patches are drawn.

    Raises
    ------
    ValueError
        If there is no image, or one is smaller than a patch.
    """

    def __init__(
        self, images: Mapping[str, np.ndarray], scale: int, patch: int, batch: int, seed: int
    ) -> None:
        super().__init__()
        if not images:
            raise ValueError("There are no images to train on; expected at least one.")
        if patch % scale:
            raise ValueError(f"A patch of {patch} is not a multiple of the scale {scale}.")
        self.pairs = []
        for name, image in images.items():
            if min(image.shape[:2]) < patch:
                raise ValueError(
                    f"Image {name!r} has {image.shape[0]} x {image.shape[1]} pixels, expected at "
                    f"least {patch} x {patch}. Leave it out or choose a smaller patch."
                )
            high = crop_to_multiple(image, scale)
            self.pairs.append((_planes(downscale(high, scale)), _planes(high)))
        self.scale, self.patch, self.batch, self.seed = scale, patch, batch, seed

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield (low, high): float32 in [0, 1], (batch, 3, patch / scale, ...) and (..., patch)."""
        rng = np.random.default_rng(self.seed)
        # By the side, not the area: a large image should lead without crowding out the others.
        weight = np.array([math.sqrt(high.shape[1] * high.shape[2]) for _, high in self.pairs])
        while True:
            chosen = rng.choice(len(self.pairs), self.batch, p=weight / weight.sum())
            drawn = [self._draw(*self.pairs[index], rng) for index in chosen]
            low, high = (torch.stack(part).float() / 255 for part in zip(*drawn, strict=True))
            yield low, high

    def _draw(
        self, low: torch.Tensor, high: torch.Tensor, rng: np.random.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        side = self.patch // self.scale
        top = int(rng.integers(low.shape[1] - side + 1))
        left = int(rng.integers(low.shape[2] - side + 1))
        low = low[:, top : top + side, left : left + side]
        top, left = top * self.scale, left * self.scale
        high = high[:, top : top + self.patch, left : left + self.patch]
        # The eight symmetries of the square: aerial images have no preferred direction.
        turns, flip = int(rng.integers(4)), bool(rng.integers(2))
        low, high = torch.rot90(low, turns, (1, 2)), torch.rot90(high, turns, (1, 2))
        return (low.flip(2), high.flip(2)) if flip else (low, high)


class PatchPairs(pl.LightningDataModule):
    """The data side of training: patches from `images`, see `PatchStream`."""

    def __init__(
        self,
        images: Mapping[str, np.ndarray],
        scale: int = 2,
        patch: int = 64,
        batch: int = 8,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.stream = PatchStream(images, scale, patch, batch, seed)

    def train_dataloader(self) -> DataLoader:
        """Return the stream; it makes whole batches itself, in this process."""
        return DataLoader(self.stream, batch_size=None)


class SuperResolution(pl.LightningModule):
    """The learning side: the mean absolute error between network and original.

    The absolute error punishes a large miss less than the squared error does, which keeps edges
    sharper: Zhao, Gallo, Frosio, Kautz, "Loss functions for image restoration with neural
    networks", IEEE Transactions on Computational Imaging 3(1), 2017.
    """

    def __init__(self, network: torch.nn.Module, learning_rate: float = 2e-3) -> None:
        super().__init__()
        # channels_last lets the CPU's convolution read memory in order.
        self.network = network.to(memory_format=torch.channels_last)
        self.learning_rate = learning_rate

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], index: int) -> torch.Tensor:
        """Return the loss of one batch."""
        low, high = batch
        low = low.contiguous(memory_format=torch.channels_last)
        return F.l1_loss(self.network(low), high)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return Adam; `Budget` moves its learning rate."""
        learned = [each for each in self.network.parameters() if each.requires_grad]
        return torch.optim.Adam(learned, lr=self.learning_rate, betas=(0.9, 0.99))


class Budget(pl.Callback):
    """End training when a budget is used up, and lower the learning rate towards that end.

    The rate rises over the first 50 steps and then falls along a half cosine of the share of the
    budget that is used, so that a short and a long training both end at a small rate.

    Parameters
    ----------
    cpu_seconds : float, optional
        CPU-seconds of this process. Fair between machines that are busy, but the number of steps
        then differs from run to run.
    steps : int, optional
        Optimiser steps: the same numbers at every run.

    Raises
    ------
    ValueError
        Unless exactly one of the two is given and positive.
    """

    def __init__(self, cpu_seconds: float | None = None, steps: int | None = None) -> None:
        given = [budget for budget in (cpu_seconds, steps) if budget is not None]
        # "Not more than 0" rather than "at most 0": it refuses NaN too, which would never end.
        if len(given) != 1 or not given[0] > 0:
            raise ValueError(
                f"Got cpu_seconds={cpu_seconds} and steps={steps}. Expected exactly one of them, "
                "and positive."
            )
        self.cpu_seconds, self.steps = cpu_seconds, steps

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Start the clock."""
        self.start = time.process_time()

    def used(self, step: int) -> float:
        """Return the share of the budget that is used, from 0."""
        if self.steps is not None:
            return step / self.steps
        return (time.process_time() - self.start) / self.cpu_seconds

    def on_train_batch_start(
        self, trainer: pl.Trainer, module: SuperResolution, batch: object, index: int
    ) -> None:
        """Set the learning rate of this step."""
        share = min(self.used(trainer.global_step), 1.0)
        factor = min((index + 1) / 50, 0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2)
        for group in trainer.optimizers[0].param_groups:
            group["lr"] = module.learning_rate * factor

    def on_train_batch_end(
        self, trainer: pl.Trainer, module: pl.LightningModule, *others: object
    ) -> None:
        """Stop once the budget is used."""
        trainer.should_stop = self.used(trainer.global_step) >= 1


def train(
    images: Mapping[str, np.ndarray],
    *,
    seed: int,
    cpu_seconds: float | None = None,
    steps: int | None = None,
    scale: int = 2,
    network: torch.nn.Module | None = None,
    device: torch.device | str = "cpu",
) -> RepSR:
    """Train a network on images and return it in evaluation mode, branches still apart.

    Parameters
    ----------
    images : mapping of str to array
        Originals, each (H, W, 3) uint8.
    seed : int
        Fixes the initial weights and the patches.
    cpu_seconds, steps
        The budget, see `Budget`.
    scale : int
        Enlargement.
    network : torch.nn.Module, optional
        What to train instead of a new `RepSR`.
    device : torch.device or str
        Where to train; the result is on the CPU.

    Returns
    -------
    RepSR
        After Ctrl-C, with the weights so far.
    """
    budget = Budget(cpu_seconds, steps)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = network or RepSR(scale)
    trainer = quiet_trainer(
        device, max_steps=-1, max_epochs=1, gradient_clip_val=1.0, callbacks=[budget]
    )
    finished = fit_quietly(trainer, SuperResolution(network), PatchPairs(images, scale, seed=seed))
    if not finished:
        print(f"Stopped after {trainer.global_step} steps; the weights so far are kept.")
    return network.cpu().eval()


def _planes(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))
