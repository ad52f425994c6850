"""Networks trained from scratch, one for each seed, kept on disk so that they are trained once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from internlab.data.streets import street_set
from internlab.files import atomic_write, cache_dir
from internlab.ood.dense import training
from internlab.ood.dense.network import StreetNet
from internlab.provenance import hash_data

# Raise it when training changes and no file of `CODE` did, so that no network of before is taken
# for one of now.
RECIPE = 1
# The files whose text is part of the recipe, comments too: training again costs a minute or two, an
# old network a wrong number.
CODE = ("network.py", "training.py")


@dataclass(frozen=True)
class Trained:
    """A network and how it came about.

    Parameters
    ----------
    network : StreetNet
        In evaluation mode.
    seed : int
    losses : tuple of float
        Mean loss of each 40 steps.
    cpu_seconds : float
        What training took, drawing the scenes left out.
    from_disk : bool
        Whether it was trained in an earlier run.
    """

    network: StreetNet
    seed: int
    losses: tuple[float, ...]
    cpu_seconds: float
    from_disk: bool


@cache
def trained_network(seed: int, told: Callable[[int, float], None] | None = None) -> Trained:
    """Return the network of a seed, trained on the training scenes in full or read from the cache.

    Its file in ``data/cache`` is named after the training scenes, the recipe and the code. A
    printed line says whether it is being trained; delete ``data/cache/street-net-*`` to train
    again.

    Parameters
    ----------
    seed : int
    told : callable, optional
        See `internlab.ood.dense.training.train`.
    """
    scenes = street_set("train")
    path = _path(seed, hash_data({"images": scenes.images, "labels": scenes.labels}))
    if path.is_file():
        kept = torch.load(path, map_location="cpu", weights_only=True)
        network = StreetNet()
        network.load_state_dict(kept["weights"])
        network = network.to(memory_format=torch.channels_last).eval()
        return Trained(network, seed, tuple(kept["losses"]), kept["cpu_seconds"], True)
    print(
        f"Training the street network, seed {seed}: {training.STEPS} steps, once; later runs read "
        "it from data/cache.",
        flush=True,
    )
    losses: list[float] = []

    def noted(step: int, loss: float) -> None:
        losses.append(loss)
        if told:
            told(step, loss)

    start = time.process_time()
    steps = training.STEPS
    network = training.train(scenes.images, scenes.labels, seed=seed, steps=steps, told=noted)
    cpu_seconds = time.process_time() - start
    if len(losses) == steps // 40:  # not after Ctrl-C
        kept = {
            "weights": network.state_dict(),
            "losses": losses,
            "cpu_seconds": cpu_seconds,
        }
        with atomic_write(path) as temporary:
            torch.save(kept, temporary)
    return Trained(network, seed, tuple(losses), cpu_seconds, False)


def _path(seed: int, scenes: str) -> Path:
    recipe = (RECIPE, training.STEPS, training.BATCH, training.LEARNING_RATE, training.WEIGHT_POWER)
    digest = hashlib.sha256(f"{recipe} {scenes}".encode())
    for name in CODE:
        digest.update(Path(__file__).with_name(name).read_text(encoding="utf-8").encode())
    return cache_dir() / f"street-net-{digest.hexdigest()[:12]}-{seed}.pt"
