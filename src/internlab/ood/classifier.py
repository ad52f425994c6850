"""A small classifier of 8 x 8 images, and the collecting of everything that detectors read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from internlab import tier
from internlab.data.digit_sets import Digits
from internlab.lightning_fit import fit_quietly, quiet_trainer
from internlab.ood.detectors import ODIN, Head, OutlierExposure
from internlab.ood.outputs import Outputs

EPOCHS = 30
BATCH = 32


class DigitNet(nn.Module):
    """Four convolutions, a global average, dropout, and a linear head.

    Images (N, 1, 8, 8), float32 in [0, 1], become features (N, 64) and logits (N, classes).

    Parameters
    ----------
    classes : int
        Logits of an image.
    width : int
        Channels of the last convolutions.
    flat : int, optional
        Squeeze the features to so few dimensions by one more linear layer: 2 can be drawn.
    """

    def __init__(self, classes: int, width: int = 64, flat: int | None = None) -> None:
        super().__init__()
        half = width // 2
        self.backbone = nn.Sequential(
            *_block(1, half),
            *_block(half, half),
            nn.MaxPool2d(2),
            *_block(half, width),
            *_block(width, width),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            *([nn.Linear(width, flat)] if flat else []),
        )
        # Of two features none can be spared.
        self.dropout = nn.Dropout(0.0 if flat else 0.2)
        self.head = nn.Linear(flat or width, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        return self.head(self.dropout(self.backbone(images)))


def _block(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


class Batches(IterableDataset):
    """The batches of one training: shuffled, each shifted by up to a pixel, with a little noise.

    Parameters
    ----------
    digits : Digits
        What to learn.
    epochs : int
        How often.
    seed : int
        Fixes order, shifts and noise.
    exposure : array, optional
        (M, 8, 8), float32: outliers, of which every batch gets as many as it has digits.
    """

    def __init__(
        self, digits: Digits, epochs: int, seed: int, exposure: np.ndarray | None = None
    ) -> None:
        super().__init__()
        self.images, self.labels = as_images(digits.images), torch.from_numpy(digits.labels)
        self.exposure = None if exposure is None else as_images(exposure)
        self.epochs, self.seed = epochs, seed

    @property
    def steps(self) -> int:
        """Batches in the whole training; the last, smaller one of an epoch is left out."""
        return self.epochs * (len(self.images) // BATCH)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """Yield (images, labels), or (images, labels, outliers)."""
        generator = torch.Generator().manual_seed(self.seed)
        for _ in range(self.epochs):
            order = torch.randperm(len(self.images), generator=generator)
            for chosen in order.split(BATCH):
                if len(chosen) < BATCH:
                    continue
                batch = (_shaken(self.images[chosen], generator), self.labels[chosen])
                if self.exposure is not None:
                    drawn = torch.randint(len(self.exposure), (BATCH,), generator=generator)
                    batch = (*batch, self.exposure[drawn])
                yield batch


def _shaken(images: Tensor, generator: torch.Generator) -> Tensor:
    down, right = torch.randint(-1, 2, (2,), generator=generator).tolist()
    noise = 0.05 * torch.randn(images.shape, generator=generator)
    return images.roll((down, right), (2, 3)) + noise


class Classification(pl.LightningModule):
    """The learning side: cross-entropy, with outlier exposure where a batch brings outliers."""

    def __init__(self, network: DigitNet, steps: int) -> None:
        super().__init__()
        self.network, self.steps = network, steps

    def training_step(self, batch: Sequence[Tensor], index: int) -> Tensor:
        """Return the loss of one batch."""
        images, labels, *outliers = batch
        if not outliers:
            return F.cross_entropy(self.network(images), labels)
        # One pass for both, so that batch normalisation sees them together.
        logits = self.network(torch.cat([images, outliers[0]]))
        return OutlierExposure.loss(logits[: len(images)], labels, logits[len(images) :])

    def configure_optimizers(self) -> dict:
        """Return AdamW with a learning rate that rises and falls once."""
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=3e-3, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=self.steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def train(
    digits: Digits,
    seed: int,
    *,
    epochs: int = EPOCHS,
    exposure: np.ndarray | None = None,
    flat: int | None = None,
) -> DigitNet:
    """Train a network and return it in evaluation mode.

    Parameters
    ----------
    digits : Digits
        The training images; classes are 0 to the largest label.
    seed : int
        Fixes the first weights and the batches.
    epochs : int
        Passes over the images.
    exposure : array, optional
        (M, 8, 8), float32: outliers for outlier exposure.
    flat : int, optional
        See `DigitNet`.

    Raises
    ------
    ValueError
        If there are fewer images than a batch.
    """
    if len(digits.images) < BATCH:
        raise ValueError(
            f"{len(digits.images)} images to train on, expected at least one batch of {BATCH}."
        )
    # Two threads round sums otherwise, and after some epochs the network is another one.
    tier.one_thread()
    batches = Batches(digits, epochs, seed, exposure)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = DigitNet(int(digits.labels.max()) + 1, flat=flat)
        trainer = quiet_trainer("cpu", max_epochs=1)
        loader = DataLoader(batches, batch_size=None)
        fit_quietly(trainer, Classification(network, batches.steps), _Only(loader))
    return network.cpu().eval()


class _Only(pl.LightningDataModule):
    """A data module of one loader."""

    def __init__(self, loader: DataLoader) -> None:
        super().__init__()
        self.loader = loader

    def train_dataloader(self) -> DataLoader:
        return self.loader


def as_images(arrays: np.ndarray) -> Tensor:
    """Return (N, 8, 8) arrays in [0, 1] as a tensor (N, 1, 8, 8), float32."""
    return torch.from_numpy(np.ascontiguousarray(arrays, np.float32))[:, None]


def head_of(network: DigitNet) -> Head:
    """Return the network's last layer as detectors take it."""
    return Head(network.head.weight, network.head.bias)


def accuracy(network: DigitNet, digits: Digits) -> float:
    """Return the share of images that the network calls by their class."""
    with torch.no_grad():
        called = network(as_images(digits.images)).argmax(dim=1).numpy()
    return float((called == digits.labels).mean())


def collect(
    network: DigitNet,
    images: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    passes: int = 0,
    epsilon: float | None = None,
    seed: int = 0,
) -> Outputs:
    """Run the network once and keep what detectors read.

    Parameters
    ----------
    network : DigitNet
        In evaluation mode.
    images : array
        (N, 8, 8), float32 in [0, 1].
    labels : array, optional
        (N,), int64.
    passes : int
        Passes with dropout, for MC dropout; 0 collects none.
    epsilon : float, optional
        Step of ODIN's nudge; without it no nudged images are run.
    seed : int
        Fixes the dropout.

    Returns
    -------
    Outputs
        Logits and features always, the rest as asked for.
    """
    x = as_images(images)
    sampled = perturbed = None
    with torch.no_grad():
        features = network.backbone(x)
        logits = network.head(features)
        if passes:
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                # Only the last layer sees dropout, so the backbone need not run again.
                rate = network.dropout.p
                sampled = torch.stack(
                    [network.head(F.dropout(features, rate)) for _ in range(passes)]
                )
        if epsilon is not None:
            perturbed = network(ODIN.perturb(network, x, epsilon))
    truth = None if labels is None else torch.from_numpy(labels)
    return Outputs(logits, features, truth, sampled, perturbed)


def collect_ensemble(networks: Sequence[DigitNet], images: np.ndarray) -> Outputs:
    """Run several networks; the logits are the mean of theirs, the sampled ones each member's."""
    x = as_images(images)
    with torch.no_grad():
        members = torch.stack([network(x) for network in networks])
    return Outputs(members.mean(dim=0), sampled_logits=members)
