"""Record the learning curves that ship with the kit.

``python -m internlab.hpo.analysis.record_curves`` does it. Each run is kept as it ends, so that a
recording that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from internlab.data.buildings import building_tiles
from internlab.files import atomic_write, cache_dir
from internlab.hpo.analysis.curves import COLUMNS, EPOCHS, RUNS_OF_A_SEARCH, SEARCHES, curves_path
from internlab.hpo.training.objective import fit, train_buildings
from internlab.hpo.training.segmentation import Segmenter, mean_area_iou
from internlab.hpo.training.tiles import BuildingTiles
from internlab.hpo.tuning.space import BUILDING_SPACE, hyperparameters, sample

# A configuration that a practised hand would try after reading about small segmentation tasks.
BY_HAND = {"lr": 6e-3, "weight_decay": 1e-2, "width": 12, "dice": 0.5, "batch_size": 16}


@dataclass(frozen=True)
class Run:
    """One training to record."""

    name: str
    group: str
    search: int | None
    seed: int
    config: dict[str, Any] = field(hash=False)


def planned() -> Iterator[Run]:
    """Yield every run of the shipped table."""
    defaults = {name: hyperparameters(train_buildings)[name] for name in BUILDING_SPACE}
    for seed in SEARCHES:
        yield Run(f"default-{seed}", "default", None, seed, defaults)
    for search in SEARCHES:
        rng = np.random.default_rng(search)
        for number in range(RUNS_OF_A_SEARCH):
            name = f"random-{search * RUNS_OF_A_SEARCH + number:02d}"
            yield Run(name, "random", search, 0, sample(BUILDING_SPACE, rng))
    for geometry in ("none", "d4"):
        for colour in (0.0, 0.6):
            for seed in SEARCHES:
                config = {**BY_HAND, "colour": colour, "geometry": geometry}
                name = f"{geometry}-{'colour' if colour else 'plain'}-{seed}"
                yield Run(name, "ablation", None, seed, config)


def record(run: Run, epochs: int = EPOCHS) -> pd.DataFrame:
    """Train once and return its curve, one row an epoch, with the columns of `load_curves`."""
    config = dict(run.config)
    settings = {name: config[name] for name in ("lr", "weight_decay", "width", "dice")}
    data = BuildingTiles(
        building_tiles("train"),
        building_tiles("validation"),
        batch_size=config["batch_size"],
        colour=config["colour"],
        geometry=config["geometry"],
        seed=run.seed,
    )
    others = {name: building_tiles(name) for name in ("mild", "test")}
    rows: list[dict[str, Any]] = []
    start = time.process_time()
    aside = 0.0

    def after_epoch(trainer: Any, module: Segmenter) -> None:
        nonlocal aside
        spent = time.process_time() - start - aside
        # The test is looked at here to be written down; its seconds are not the search's.
        scores = {
            f"{name}_iou": mean_area_iou(module.network, tiles) for name, tiles in others.items()
        }
        rows.append(
            {
                "run": run.name,
                "group": run.group,
                "search": run.search,
                "seed": run.seed,
                **config,
                "epoch": trainer.current_epoch + 1,
                **module.metrics,
                **scores,
                "cpu_seconds": spent,
            }
        )
        aside += time.process_time() - start - aside - spent

    fit(data, settings, epochs=epochs, seed=run.seed, after_epoch=after_epoch)
    return pd.DataFrame(rows)[list(COLUMNS)]


def record_all(folder: Path, processes: int) -> pd.DataFrame:
    """Record every planned run that the folder does not hold yet, and return the whole table."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = list(planned())
    for split in ("train", "validation", "mild", "test"):
        building_tiles(split)
    open_runs = [run for run in runs if not (folder / f"{run.name}.csv").is_file()]
    print(f"{len(open_runs)} of {len(runs)} runs to record, with {processes} processes", flush=True)
    with ProcessPoolExecutor(processes, get_context("spawn")) as executor:
        jobs = [executor.submit(_record_to, run, folder) for run in open_runs]
        for done, job in enumerate(as_completed(jobs), start=1):
            print(f"[{done}/{len(jobs)}] {job.result()}", flush=True)
    return pd.concat([pd.read_csv(folder / f"{run.name}.csv") for run in runs])


def _record_to(run: Run, folder: Path) -> str:
    curve = record(run)
    with atomic_write(folder / f"{run.name}.csv") as path:
        curve.to_csv(path, index=False)
    last = curve.iloc[-1]
    return (
        f"{run.name}: validation {last.validation_iou:.3f}, test {last.test_iou:.3f}, "
        f"{last.cpu_seconds:.1f} CPU-s"
    )


def main(arguments: list[str] | None = None) -> None:
    """Run ``python -m internlab.hpo.analysis.record_curves``."""
    parser = argparse.ArgumentParser(
        prog="python -m internlab.hpo.analysis.record_curves",
        description="Record the learning curves of the hyperparameter track anew.",
    )
    parser.add_argument("--processes", type=int, default=1, help="runs at a time (default 1)")
    parser.add_argument("--output", type=Path, default=curves_path(), help="the table to write")
    options = parser.parse_args(arguments)
    table = record_all(cache_dir() / "hpo-record", options.processes)
    decimals = {"train_loss": 5, "cpu_seconds": 3}
    decimals |= {f"{name}_iou": 5 for name in ("validation", "mild", "test")}
    with atomic_write(options.output) as path:
        table.round(decimals).to_csv(path, index=False)
    print(f"{options.output.name}: {table.run.nunique()} runs")


if __name__ == "__main__":
    main()
