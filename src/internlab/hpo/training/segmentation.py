"""The learning side of Lightning: the loss of a batch, the optimiser, and IoU on validation."""

from __future__ import annotations

import numpy as np
import pytorch_lightning as pl
import torch
import torch.nn.functional as F

from internlab.data.buildings import Tiles
from internlab.hpo.training.metrics import AreaCounts
from internlab.hpo.training.tiles import TileDataset
from internlab.hpo.training.unet import UNet


def dice_loss(logits: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """Return 1 minus the soft Dice overlap, averaged over images: a scalar in [0, 1].

    Milletari, Navab, Ahmadi, "V-Net", 3DV 2016, equation for D, with 1 added above and below so
    that an empty tile has a defined value.

    Parameters
    ----------
    logits, masks : tensor
        (N, 1, H, W) float; masks in {0, 1}.
    """
    share = logits.sigmoid()
    overlap = 2 * (share * masks).sum((1, 2, 3)) + 1
    return (1 - overlap / (share.sum((1, 2, 3)) + masks.sum((1, 2, 3)) + 1)).mean()


class Segmenter(pl.LightningModule):
    """Train a U-Net to find buildings.

    The loss is a mixture of binary cross-entropy, which judges each pixel alone, and Dice loss,
    which judges the overlap and so does not mind that most pixels are background.

    Parameters
    ----------
    lr, weight_decay : float
        Of AdamW.
    width : int
        See `UNet`.
    dice : float
        Share of the Dice loss, in [0, 1].
    areas : array
        (N,), str: the area of each validation tile, in order.
    """

    def __init__(
        self, areas: np.ndarray, *, lr: float, weight_decay: float, width: int, dice: float
    ) -> None:
        super().__init__()
        # channels_last lets the CPU's convolution read memory in order.
        self.network = UNet(width).to(memory_format=torch.channels_last)
        self.lr, self.weight_decay, self.dice, self.areas = lr, weight_decay, dice, areas
        self.losses: list[torch.Tensor] = []
        self.metrics: dict[str, float] = {}

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], index: int) -> torch.Tensor:
        """Return the loss of one batch."""
        images, masks = batch
        logits = self.network(images)
        pixelwise = F.binary_cross_entropy_with_logits(logits, masks)
        loss = (1 - self.dice) * pixelwise + self.dice * dice_loss(logits, masks)
        self.losses.append(loss.detach())
        return loss

    def on_validation_epoch_start(self) -> None:
        """Start counting."""
        self.counts, self.seen = AreaCounts.empty(), 0

    def validation_step(self, batch: tuple[torch.Tensor, torch.Tensor], index: int) -> None:
        """Count a batch."""
        images, masks = batch
        areas = self.areas[self.seen : self.seen + len(images)]
        self.counts.add(areas, *_as_masks(self.network(images), masks))
        self.seen += len(images)

    def on_validation_epoch_end(self) -> None:
        """Keep this epoch's numbers in `metrics`."""
        loss = torch.stack(self.losses).mean().item() if self.losses else float("nan")
        self.metrics = {"validation_iou": self.counts.mean(), "train_loss": loss}
        self.losses.clear()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return AdamW: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019."""
        return torch.optim.AdamW(
            self.network.parameters(), lr=self.lr, weight_decay=self.weight_decay
        )


def predict(network: torch.nn.Module, tiles: Tiles, batch: int = 64) -> np.ndarray:
    """Return the predicted masks of tiles, (N, H, W) uint8 in {0, 1}; the network stays as it is.

    Parameters
    ----------
    network : torch.nn.Module
        Takes (N, 3, H, W), returns logits (N, 1, H, W).
    tiles : Tiles
    batch : int
        Tiles at a time.
    """
    data, was_training = TileDataset(tiles), network.training
    device = next(network.parameters()).device
    network.eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(tiles), batch):
            numbers = range(start, min(start + batch, len(tiles)))
            images = torch.stack([data[number][0] for number in numbers]).to(device)
            found.append((network(images)[:, 0] > 0).to(torch.uint8).cpu().numpy())
    network.train(was_training)
    return np.concatenate(found)


def mean_area_iou(network: torch.nn.Module, tiles: Tiles) -> float:
    """Return the mean over areas of a network's IoU on tiles, in [0, 1]."""
    counts = AreaCounts.empty()
    counts.add(tiles.areas, tiles.masks, predict(network, tiles))
    return counts.mean()


def _as_masks(logits: torch.Tensor, masks: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    return masks[:, 0].cpu().numpy() > 0.5, logits[:, 0].cpu().numpy() > 0
