"""Record the searches by TPE that ship with the kit.

``python -m internlab.hpo.analysis.record_tpe`` does it. A recording that was stopped goes
on where it was.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from internlab.data.buildings import building_tiles
from internlab.files import atomic_write, cache_dir
from internlab.hpo.analysis.curves import EPOCHS, SEARCHES
from internlab.hpo.analysis.tpe_searches import COLUMNS, tpe_path
from internlab.hpo.training.objective import load_network, train_buildings
from internlab.hpo.training.segmentation import mean_area_iou
from internlab.hpo.tuning.optuna_peer import CHECKPOINTS, optuna_search
from internlab.hpo.tuning.search import Search
from internlab.hpo.tuning.space import BUILDING_SPACE
from internlab.hpo.tuning.trial import newest_checkpoint

# With ASHA as many as spend what 16 full trials do, and a few more.
TRIALS = 30


def planned(seed: int) -> Search:
    """Return the search that is recorded for a seed."""
    return Search(
        train_buildings,
        BUILDING_SPACE,
        metric="validation_iou",
        samples=TRIALS,
        scheduler="asha",
        sampler="tpe",
        max_iterations=EPOCHS,
        fixed={"epochs": EPOCHS},
        seed=seed,
    )


def record_search(seed: int, folder: Path) -> pd.DataFrame:
    """Run one search in `folder`, or go on with it, and return its rows of the table."""
    found = optuna_search(planned(seed), folder, resume=True)
    test = building_tiles("test")

    def test_iou(trial: int, width: int) -> float:
        checkpoint = newest_checkpoint(folder / CHECKPOINTS / f"trial-{trial:03d}")
        if checkpoint is None:
            return np.nan
        return mean_area_iou(load_network(checkpoint, width), test)

    scores = [test_iou(row.trial, row.width) for row in found.trials.itertuples()]
    return found.trials.assign(search=seed, test_iou=scores)[list(COLUMNS)]


def main(arguments: list[str] | None = None) -> None:
    """Run ``python -m internlab.hpo.analysis.record_tpe``."""
    parser = argparse.ArgumentParser(
        prog="python -m internlab.hpo.analysis.record_tpe",
        description="Record the searches by TPE of the hyperparameter track anew.",
    )
    parser.add_argument("--output", type=Path, default=tpe_path(), help="the table to write")
    options = parser.parse_args(arguments)
    folder = cache_dir() / "hpo-record-tpe"
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.concat([record_search(seed, folder / f"seed-{seed}") for seed in SEARCHES])
    decimals = {"validation_iou": 5, "test_iou": 5, "cpu_seconds": 3}
    with atomic_write(options.output) as path:
        table.round(decimals).to_csv(path, index=False)
    print(f"{options.output.name}: {len(table)} trials")


if __name__ == "__main__":
    main()
