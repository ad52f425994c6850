"""What the scores of a digit classifier are worth, and whether they are those of pytorch-ood."""

from __future__ import annotations

from functools import cache

import pandas as pd
from scipy.stats import spearmanr

from internlab.claims import Measurement, claim
from internlab.ood.agreement import agreements, ash_elsewhere
from internlab.ood.feature_cache import FeatureCache, feature_cache
from internlab.ood.ranking import rank

SEEDS = (0, 1, 2, 3, 4)


@claim(
    "ood",
    "pytorch-ood",
    "our detectors against pytorch-ood on the same features: largest AUROC difference over "
    "detectors, kinds of outliers and 3 seeds (AUROC from 0 to 1)",
    at_most=0.0005,
)
def pytorch_ood_agreement() -> Measurement:
    """Compare sixteen detectors; the ensemble is not in that package."""
    found = [each for cached in _caches()[:3] for each in agreements(cached)]
    worst = max(found, key=lambda each: each.difference)
    elsewhere = [each for cached in _caches()[:3] for each in ash_elsewhere(cached)]
    apart = max(elsewhere, key=lambda each: each.difference)
    ash = max(each.difference for each in found if each.detector == "ash")
    detail = (
        f"{len({each.detector for each in found})} detectors; furthest is {worst.detector} on "
        f"{worst.outliers}, ours {worst.ours:.5f}, theirs {worst.theirs:.5f}. ASH on the same "
        f"pooled vectors {ash:.5f}; pytorch-ood's place for ASH is the feature map before the "
        f"average, which is another detector: up to {apart.difference:.3f} apart"
    )
    return Measurement(worst.difference, detail)


@claim(
    "ood",
    "seeds-decide-near",
    "detectors that beat MSP on near outliers for each of 5 seeds, of the 16 others",
    reported=True,
)
def beat_msp_near() -> Measurement:
    """Pair by seed."""
    gains = _gains_over_msp("near")
    winners = gains.columns[(gains > 0).all()]
    detail = "; ".join(
        f"{name} {gains[name].min():+.1f} to {gains[name].max():+.1f} points" for name in winners
    )
    return Measurement(len(winners), detail)


@claim(
    "ood",
    "features-see-far",
    "Mahalanobis minus MSP on far outliers, AUROC points, the least of 5 seeds and 3 kinds",
    reported=True,
)
def features_see_far() -> Measurement:
    """Pair by seed and kind."""
    gains = {kind: _gains_over_msp(kind)["mahalanobis"] for kind in ("textures", "faces", "noise")}
    detail = "; ".join(
        f"{kind} {each.min():+.1f} to {each.max():+.1f}" for kind, each in gains.items()
    )
    return Measurement(min(each.min() for each in gains.values()), detail)


@claim(
    "ood",
    "newer-is-not-better",
    "rank correlation of a detector's year and its AUROC over 5 seeds, the highest of 4 kinds "
    "of outliers",
    reported=True,
)
def newer_is_not_better() -> Measurement:
    """Correlate the mean over seeds, kind by kind."""
    found = {}
    for kind, rows in _ranking().groupby("outliers", sort=False):
        means = rows.groupby("detector").agg(year=("year", "first"), auroc=("auroc", "mean"))
        found[kind] = float(spearmanr(means.year, means.auroc).statistic)
    detail = ", ".join(f"{kind} {value:+.2f}" for kind, value in found.items())
    return Measurement(max(found.values()), f"{detail}; 17 detectors, 2016 to 2023")


@claim(
    "ood",
    "seed-spread",
    "standard deviation of AUROC over 5 seeds, median of the 17 detectors, near outliers",
    reported=True,
    unit="points",
)
def seed_spread() -> Measurement:
    """Compare the spread with the distance between neighbours in the ranking."""
    near = _ranking().query("outliers == 'near'").groupby("detector").auroc
    spread, means = 100 * near.std(ddof=1), (100 * near.mean()).sort_values()
    middle = means.iloc[4:13]
    detail = (
        f"{spread.min():.1f} to {spread.max():.1f}; the means run from {means.iloc[0]:.1f} to "
        f"{means.iloc[-1]:.1f}, the middle nine from {middle.iloc[0]:.1f} to {middle.iloc[-1]:.1f}"
    )
    return Measurement(float(spread.median()), detail)


@cache
def _caches() -> list[FeatureCache]:
    return [feature_cache(seed) for seed in SEEDS]


@cache
def _ranking() -> pd.DataFrame:
    return rank(_caches())


def _gains_over_msp(kind: str) -> pd.DataFrame:
    """Return AUROC points above MSP, one row a seed, one column a detector."""
    rows = _ranking()
    table = rows[rows.outliers == kind].pivot(index="seed", columns="detector", values="auroc")
    return 100 * table.drop(columns="msp").sub(table["msp"], axis=0)
