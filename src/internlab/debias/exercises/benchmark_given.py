"""What lab 42 is given: results of a tuning, and twelve recorded seeds of a pair of methods."""

from __future__ import annotations

import numpy as np
import pandas as pd

from internlab.debias.bench.recorded import load_grid
from internlab.debias.bench.table import by_seed

STEPS = (200, 400, 600)
PAIR = ("lff", "ldd")


def tuning_results(rng: np.random.Generator, settings: int = 6, seeds: int = 3) -> pd.DataFrame:
    """Return scores of settings at three checkpoints, invented but shaped like real ones.

    Returns
    -------
    DataFrame
        ``setting``, ``seed``, ``step``; ``validation_average``, ``balanced_unbiased`` and
        ``test_unbiased``, 0 to 1. One row a setting, seed and checkpoint, in no order.
    """
    skill = rng.uniform(0.45, 0.7, settings)
    rows = []
    for setting in range(settings):
        for seed in range(seeds):
            luck = rng.normal(0, 0.03)
            for step in STEPS:
                now = skill[setting] + luck + 0.04 * step / STEPS[-1]
                rows.append(
                    {
                        "setting": f"setting-{setting}",
                        "seed": seed,
                        "step": step,
                        # Nearly all of this set is aligned, so that it says little.
                        "validation_average": 0.97 - 0.05 * now + rng.normal(0, 0.006),
                        "balanced_unbiased": now + rng.normal(0, 0.02),
                        "test_unbiased": now - 0.02 + rng.normal(0, 0.03),
                    }
                )
    return pd.DataFrame(rows).sample(frac=1, random_state=int(rng.integers(2**31)))


def measure(method: str, seed: int) -> float:
    """Return the unbiased test accuracy in percent of a recorded run on coloured digits.

    Parameters
    ----------
    method : str
        ``"lff"`` or ``"ldd"``; both of a seed had the same 99 % aligned training images.
    seed : int
        0 to 11.

    Raises
    ------
    ValueError
        If it is not recorded.
    """
    if method not in PAIR or seed not in range(12):
        raise ValueError(
            f"{method!r}, seed {seed!r}, is not recorded; expected one of {', '.join(PAIR)} and a "
            "seed from 0 to 11."
        )
    grid = load_grid()
    return 100 * by_seed(grid[grid.steps > STEPS[-1]], method, "coloured-mnist", 0.99)[seed]
