"""The data side of Lightning: tiles to tensors, augmented anew in every epoch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from internlab.data.buildings import Tiles
from internlab.hpo.training.augment import check_pair, pipeline


class TileDataset(Dataset):
    """Tiles as tensors, augmented if a pipeline is given.

    Parameters
    ----------
    tiles : Tiles
        Checked once: masks fit their images and hold only 0 and 1.
    augment : albumentations.Compose, optional
        Takes and returns image and mask together.

    Raises
    ------
    ValueError
        If there is no tile, or an image and its mask do not fit.
    """

    def __init__(self, tiles: Tiles, augment=None) -> None:
        if not len(tiles):
            raise ValueError("There are no tiles; expected at least one.")
        if len(tiles.masks) != len(tiles.images):
            raise ValueError(
                f"{len(tiles.images)} images and {len(tiles.masks)} masks; expected one mask each."
            )
        for number, (image, mask) in enumerate(zip(tiles.images, tiles.masks, strict=True)):
            check_pair(image, mask, f"tile {number}")
        self.tiles, self.augment = tiles, augment

    def __len__(self) -> int:
        return len(self.tiles)

    def __getitem__(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return image (3, H, W) float32 in [-0.5, 0.5] and mask (1, H, W) float32 in {0, 1}."""
        image, mask = self.tiles.images[number], self.tiles.masks[number]
        if self.augment is not None:
            moved = self.augment(image=image, mask=mask)
            image, mask = moved["image"], moved["mask"]
        planes = np.ascontiguousarray(image.transpose(2, 0, 1))
        return (
            torch.from_numpy(planes).float() / 255 - 0.5,
            torch.from_numpy(np.ascontiguousarray(mask)[None]).float(),
        )


class EpochOrder(Sampler):
    """An order of the tiles that depends on seed and epoch only.

    Lightning calls `set_epoch` before each epoch. So an epoch that is run again after a crash sees
    the same tiles in the same order with the same augmentation, which a global random state does
    not give: it would have to be saved and restored with everything else.
    """

    def __init__(self, dataset: TileDataset, seed: int) -> None:
        self.dataset, self.seed, self.epoch = dataset, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Move on to an epoch, and seed its augmentation."""
        self.epoch = epoch
        if self.dataset.augment is not None:
            self.dataset.augment.set_random_seed(int(self._rng().integers(2**31)))

    def __iter__(self) -> Iterator[int]:
        return iter(self._rng().permutation(len(self.dataset)).tolist())

    def __len__(self) -> int:
        return len(self.dataset)

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.epoch])


class BuildingTiles(pl.LightningDataModule):
    """Training and validation tiles in batches.

    Parameters
    ----------
    train, validation : Tiles
    batch_size : int
        Training tiles in a batch, at most as many as there are.
    colour, geometry
        Augmentation of the training tiles, see `internlab.hpo.training.augment.pipeline`.
        Validation tiles are never augmented: every configuration is asked the same question.
    seed : int
        Fixes order and augmentation.

    Raises
    ------
    ValueError
        If a batch would hold no tile or more than there are, or tiles are not as expected.
    """

    def __init__(
        self,
        train: Tiles,
        validation: Tiles,
        *,
        batch_size: int = 16,
        colour: float = 0.0,
        geometry: str = "none",
        seed: int = 0,
    ) -> None:
        super().__init__()
        if not 1 <= batch_size <= len(train):
            raise ValueError(f"A batch of {batch_size} of {len(train)} tiles; expected 1 to all.")
        self.train = TileDataset(train, pipeline(colour, geometry))
        self.validation = TileDataset(validation)
        self.batch_size, self.seed = int(batch_size), seed

    def train_dataloader(self) -> DataLoader:
        """Return batches in an order of their own each epoch, without the incomplete last one."""
        order = EpochOrder(self.train, self.seed)
        return DataLoader(
            self.train, self.batch_size, sampler=order, drop_last=True, generator=_unused()
        )

    def val_dataloader(self) -> DataLoader:
        """Return the validation tiles in their order."""
        return DataLoader(self.validation, batch_size=64, generator=_unused())


def _unused() -> torch.Generator:
    """Return a generator for a loader, which would draw from the global random state without."""
    return torch.Generator()
