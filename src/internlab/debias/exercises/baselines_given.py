"""A small comparison of LDD and LfF for the lab: twelve seeds, trained side by side."""

from __future__ import annotations

from functools import cache

import numpy as np

from internlab.data.shortcuts import load
from internlab.debias.methods import METHODS
from internlab.debias.stack import Recipe, Runs, train
from internlab.study import SEEDS

RATIO, STEPS, BATCH = 0.95, 120, 64
SIZES = {"train": 1000, "validation": 200, "balanced": 200, "test": 500}


def measure(seed: int) -> tuple[float, float]:
    """Return the unbiased accuracy of LDD and of LfF in percent, on a small coloured MNIST.

    1,000 training images, 95 % aligned, 120 steps. The first call trains all twelve seeds side by
    side; no seed changes the result of another.

    Parameters
    ----------
    seed : int
        0 to 11, of the data and of both methods.
    """
    if seed not in SEEDS:
        raise ValueError(f"No seed {seed!r} in this study; expected 0 to {SEEDS[-1]}.")
    return float(_all("ldd")[seed]), float(_all("lff")[seed])


@cache
def _all(method: str) -> np.ndarray:
    recipe = Recipe("mlp", steps=STEPS, learning_rate=3e-3, batch_size=BATCH)
    scores = train(METHODS[method](), _runs(), recipe).scores()
    return 100 * np.array([each.unbiased for each in scores])


@cache
def _runs() -> Runs:
    return Runs.of([load("coloured-mnist", RATIO, seed, sizes=SIZES) for seed in SEEDS])
