"""What searching is worth, and what a validation split decides."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from internlab.claims import Measurement, claim
from internlab.data.buildings import building_tiles
from internlab.hpo.analysis.curves import last_epochs, load_curves
from internlab.hpo.analysis.record_curves import planned, record
from internlab.hpo.training.segmentation import Segmenter
from internlab.hpo.training.tiles import BuildingTiles
from internlab.hpo.tuning.space import BUILDING_SPACE

# How far a repeated training may be from the recorded one: other processors round differently, and
# after sixteen epochs a rounding has grown to about the difference between two seeds.
REPEATED_WITHIN = 0.05


def best_of_search(runs: pd.DataFrame) -> pd.Series:
    """Return the run of a search that validation chooses, one row of last epochs."""
    return runs.loc[runs.validation_iou.idxmax()]


@claim(
    "hpo",
    "best-of-16",
    "best of 16 random configurations, chosen on validation, against the default: test IoU, "
    "worst of 3 search seeds",
    at_least=1.5,
    unit="x",
)
def best_of_16() -> Measurement:
    """Compare the recorded winners with the mean of the default over its seeds."""
    runs = last_epochs(load_curves())
    default = runs[runs.group == "default"].test_iou
    winners = [best_of_search(each) for _, each in runs[runs.group == "random"].groupby("search")]
    ratios = [winner.test_iou / default.mean() for winner in winners]
    detail = (
        f"{_list(ratios)}; against the luckiest seed of the default at least "
        f"{min(winner.test_iou for winner in winners) / default.max():.2f}; "
        f"default test IoU {_list(default)}, mean {default.mean():.3f}; winners' "
        f"test IoU {_list(winner.test_iou for winner in winners)}, on validation "
        f"{_list(winner.validation_iou for winner in winners)}"
    )
    return Measurement(min(ratios), detail)


@claim(
    "hpo",
    "colour-augmentation",
    "colour augmentation on against off, paired, test IoU, worst of 3 seeds",
    at_least=1.5,
    unit="x",
)
def colour_augmentation() -> Measurement:
    """Compare the recorded arms without geometric augmentation."""
    return _paired("none")


@claim(
    "hpo",
    "colour-augmentation-d4",
    "the same with the eight symmetries of the square besides",
    reported=True,
    unit="x",
)
def colour_augmentation_d4() -> Measurement:
    """Compare the recorded arms with geometric augmentation."""
    return _paired("d4")


@claim(
    "hpo",
    "right-split",
    "rank correlation of validation and test over the random configurations, right split",
    at_least=0.85,
)
def right_split() -> Measurement:
    """Correlate the last epochs."""
    return _rank_correlation("validation_iou")


@claim(
    "hpo",
    "wrong-split",
    "how much lower the rank correlation is with the wrong (mild) validation split",
    at_least=0.02,
)
def wrong_split() -> Measurement:
    """Compare the two splits on the same configurations."""
    right, wrong = _rank_correlation("validation_iou"), _rank_correlation("mild_iou")
    runs = _random_runs()
    chosen = [
        runs[runs.search == search].set_index("run") for search in sorted(runs.search.unique())
    ]
    by_right = [each.test_iou[each.validation_iou.idxmax()] for each in chosen]
    by_wrong = [each.test_iou[each.mild_iou.idxmax()] for each in chosen]
    detail = (
        f"right {right.value:.3f}, wrong {wrong.value:.3f} ({wrong.detail}); test IoU of the "
        f"winners chosen on the right split {_list(by_right)}, on the wrong one {_list(by_wrong)}"
    )
    return Measurement(right.value - wrong.value, detail)


@claim(
    "hpo",
    "curves-repeat",
    "largest difference in test IoU between a recorded run and the same run trained again",
    at_most=REPEATED_WITHIN,
)
def curves_repeat() -> Measurement:
    """Train three of the recorded runs again, chosen at random, and compare the last epochs."""
    recorded = last_epochs(load_curves()).set_index("run")
    runs = list(planned())
    chosen = np.random.default_rng().choice(len(runs), 3, replace=False)
    differences = {}
    for number in chosen:
        run = runs[number]
        again = record(run).iloc[-1]
        differences[run.name] = abs(again.test_iou - recorded.test_iou[run.name])
    detail = ", ".join(f"{name} {value:.2g}" for name, value in differences.items())
    return Measurement(max(differences.values()), detail)


@claim(
    "hpo",
    "loading-share",
    "augmentation and loading, share of a training step's CPU-seconds, worst of the three widths",
    at_most=0.25,
)
def loading_share() -> Measurement:
    """Time loading and training apart, in turn, with the strongest augmentation of the space."""
    train, validation = building_tiles("train"), building_tiles("validation")
    data = BuildingTiles(train, validation, colour=1.0, geometry="d4")
    shares = {width: _share_of_loading(data, width) for width in BUILDING_SPACE["width"].values}
    detail = ", ".join(f"width {width}: {share:.3f}" for width, share in shares.items())
    return Measurement(max(shares.values()), detail)


def _share_of_loading(data: BuildingTiles, width: int, epochs: int = 3) -> float:
    module = Segmenter(
        data.validation.tiles.areas, lr=1e-3, weight_decay=1e-2, width=width, dice=0.5
    )
    optimiser = module.configure_optimizers()
    loading = training = 0.0
    for epoch in range(1 + epochs):
        batches = iter(data.train_dataloader())
        for _ in range(len(data.train) // data.batch_size):
            before = time.process_time()
            batch = next(batches)
            loaded = time.process_time()
            optimiser.zero_grad()
            module.training_step(batch, 0).backward()
            optimiser.step()
            if epoch:  # the first epoch warms up
                loading += loaded - before
                training += time.process_time() - loaded
    return loading / (loading + training)


def _random_runs() -> pd.DataFrame:
    runs = last_epochs(load_curves())
    return runs[runs.group == "random"]


def _rank_correlation(column: str) -> Measurement:
    runs = _random_runs()
    found = float(spearmanr(runs[column], runs.test_iou).statistic)
    # Fisher's transformation, with the correction for ranks of Bonett and Wright (2000).
    spread = np.sqrt((1 + found**2 / 2) / (len(runs) - 3))
    low, high = np.tanh(np.arctanh(found) + np.array([-1.96, 1.96]) * spread)
    detail = f"{len(runs)} configurations, 95 % interval {low:.2f} to {high:.2f}"
    return Measurement(found, detail)


def _paired(geometry: str) -> Measurement:
    runs = last_epochs(load_curves())
    arm = runs[(runs.group == "ablation") & (runs.geometry == geometry)]
    off = arm[arm.colour == 0].set_index("seed").test_iou
    on = arm[arm.colour > 0].set_index("seed").test_iou
    ratios = (on / off).tolist()
    detail = f"{_list(ratios)}; test IoU {_list(on)} against {_list(off)}, seeds {list(off.index)}"
    return Measurement(min(ratios), detail)


def _list(values) -> str:
    return ", ".join(f"{value:.3f}" for value in values)
