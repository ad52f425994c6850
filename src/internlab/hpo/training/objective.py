"""The objective of the track: train a building segmenter, report its IoU after every epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from internlab import tier
from internlab.data.buildings import building_tiles
from internlab.hpo.training.segmentation import Segmenter
from internlab.hpo.training.tiles import BuildingTiles
from internlab.hpo.training.unet import UNet
from internlab.lightning_fit import fit_quietly, quiet_trainer

CHECKPOINT_FILE = "last.ckpt"


class AfterEpoch(pl.Callback):
    """Call a function after each epoch's validation.

    Parameters
    ----------
    function : callable
        Takes the trainer and the module.
    """

    def __init__(self, function: Callable[[pl.Trainer, Segmenter], None]) -> None:
        self.function = function

    def on_validation_end(self, trainer: pl.Trainer, module: Segmenter) -> None:
        """Pass on what this epoch measured."""
        self.function(trainer, module)


def train_buildings(
    trial: Any,
    *,
    lr: float = 1e-3,
    weight_decay: float = 1e-2,
    width: int = 12,
    dice: float = 0.0,
    batch_size: int = 16,
    colour: float = 0.0,
    geometry: str = "none",
    epochs: int = 16,
    seed: int = 0,
    train_tiles: int = 240,
) -> None:
    """Train once with the given hyperparameters; the defaults are the usual ones, set by hand.

    Parameters
    ----------
    trial : Trial
        Told ``validation_iou`` and ``train_loss`` after each epoch, with a way to save a
        checkpoint; training goes on from ``trial.checkpoint`` if that is set. The test is not
        here on purpose: what a search cannot see it cannot be tuned to.
    lr, weight_decay, width, dice
        See `Segmenter`.
    batch_size, colour, geometry
        See `BuildingTiles`.
    epochs : int
        Passes over the training tiles.
    seed : int
        Fixes initial weights, order and augmentation.
    train_tiles : int
        Training tiles to use, at most 240; fewer for a trial run.

    Raises
    ------
    ValueError
        If a hyperparameter is out of its range; the message names it.
    """
    check_numbers(
        lr=lr, weight_decay=weight_decay, dice=dice, epochs=epochs, train_tiles=train_tiles
    )
    data = BuildingTiles(
        building_tiles("train").thinned(train_tiles),
        building_tiles("validation"),
        batch_size=batch_size,
        colour=colour,
        geometry=geometry,
        seed=seed,
    )
    settings = {"lr": lr, "weight_decay": weight_decay, "width": width, "dice": dice}

    def report(trainer: pl.Trainer, module: Segmenter) -> None:
        trial.report(
            module.metrics, save=lambda folder: trainer.save_checkpoint(folder / CHECKPOINT_FILE)
        )

    checkpoint = trial.checkpoint and Path(trial.checkpoint) / CHECKPOINT_FILE
    fit(data, settings, epochs=epochs, seed=seed, after_epoch=report, checkpoint=checkpoint)


def fit(
    data: BuildingTiles,
    settings: dict[str, Any],
    *,
    epochs: int,
    seed: int,
    after_epoch: Callable[[pl.Trainer, Segmenter], None],
    checkpoint: Path | None = None,
) -> Segmenter:
    """Train a `Segmenter` with Lightning and return it.

    Parameters
    ----------
    data : BuildingTiles
    settings : dict
        Of `Segmenter`: lr, weight_decay, width, dice.
    epochs, seed : int
    after_epoch : callable
        Called with trainer and module after each epoch's validation.
    checkpoint : Path, optional
        To go on from.
    """
    tier.one_thread()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module = Segmenter(data.validation.tiles.areas, **settings)
    trainer = quiet_trainer(
        tier.device(),
        max_epochs=epochs,
        gradient_clip_val=1.0,
        num_sanity_val_steps=0,
        callbacks=[AfterEpoch(after_epoch)],
    )
    if not fit_quietly(trainer, module, data, checkpoint):
        raise KeyboardInterrupt
    return module


def load_network(folder: Path, width: int) -> torch.nn.Module:
    """Return the network that a checkpoint folder of `train_buildings` holds, for evaluation.

    Parameters
    ----------
    folder : Path
        As `trial.report` was given it to write to.
    width : int
        The width that the checkpoint was trained with.

    Raises
    ------
    FileNotFoundError
        If there is no checkpoint in the folder.
    """
    path = Path(folder) / CHECKPOINT_FILE
    if not path.is_file():
        raise FileNotFoundError(f"No {CHECKPOINT_FILE} in {Path(folder).name}; expected a trial's.")
    network = UNet(width)
    prefix = "network."
    weights = torch.load(path, map_location="cpu", weights_only=False)["state_dict"]
    network.load_state_dict({name.removeprefix(prefix): value for name, value in weights.items()})
    return network.eval()


def check_numbers(
    *, lr: float, weight_decay: float, dice: float, epochs: int, train_tiles: int
) -> None:
    """Check the numbers of a configuration.

    Raises
    ------
    ValueError
        Unless lr > 0, weight_decay >= 0, both finite, 0 <= dice <= 1, epochs >= 1 and
        train_tiles >= 1.
    """
    if not 0 < lr < math.inf:
        raise ValueError(f"lr={lr}; expected a positive learning rate.")
    if not 0 <= weight_decay < math.inf:
        raise ValueError(f"weight_decay={weight_decay}; expected 0 or more.")
    if not 0 <= dice <= 1:
        raise ValueError(f"dice={dice}; expected a share, 0 to 1.")
    if epochs < 1:
        raise ValueError(f"epochs={epochs}; expected at least 1.")
    if train_tiles < 1:
        raise ValueError(f"train_tiles={train_tiles}; expected at least 1.")
