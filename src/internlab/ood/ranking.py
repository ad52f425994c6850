"""Which detector ranks outliers best: every detector, every kind of outlier, every seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from internlab.ood.detectors import DETECTORS, Detector, make
from internlab.ood.feature_cache import VALIDATION, FeatureCache
from internlab.ood.metrics import evaluate

# What is tried for each setting when it is chosen on validation. Settings that need the network
# to run again (ODIN's step, dropout, the number of members) stay as they are.
GRID: dict[str, list[dict[str, Any]]] = {
    "mahalanobis": [{"ridge": r} for r in (1e-9, 1e-6, 1e-4, 1e-2, 1.0)],
    "relative_mahalanobis": [{"ridge": r} for r in (1e-9, 1e-6, 1e-4, 1e-2, 1.0)],
    "knn": [{"k": k} for k in (1, 2, 5, 10, 20, 50)],
    "vim": [{"dimensions": d} for d in (4, 8, 16, 32, 48)],
    "react": [{"quantile": q} for q in (0.8, 0.9, 0.95, 0.99)],
    "dice": [{"sparsity": p} for p in (0.3, 0.5, 0.7, 0.9)],
    "ash": [{"pruned": p} for p in (0.2, 0.4, 0.65, 0.9)],
    "mc_dropout": [{"measure": m} for m in ("information", "entropy", "confidence")],
    "ensemble": [{"measure": m} for m in ("entropy", "information", "confidence")],
}


def fitted(cache: FeatureCache, name: str, settings: Mapping[str, Any] | None = None) -> Detector:
    """Return a detector, fitted on the training digits (KL matching: on validation, as published).

    Parameters
    ----------
    cache : FeatureCache
        Of one seed.
    name : str
        A key of `DETECTORS`.
    settings : mapping, optional
        What the class takes; default its own.
    """
    part = VALIDATION if name == "kl_matching" else "train"
    return make(name, cache.head, **(settings or {})).fit(cache.read_by(name)[part])


def chosen_settings(cache: FeatureCache, name: str) -> dict[str, Any]:
    """Return the settings of `GRID` with the highest mean AUROC over the validation outliers.

    Neither a test digit nor an outlier of the test is read. Detectors without a grid keep what
    they are given by default: {}.
    """
    grid = GRID.get(name, [{}])
    worth = [
        np.mean(
            [
                row["auroc"]
                for row in _rows(cache, name, each, VALIDATION, cache.validation_outliers)
            ]
        )
        for each in grid
    ]
    return grid[int(np.argmax(worth))]


def rank(
    caches: Iterable[FeatureCache],
    detectors: Sequence[str] = tuple(DETECTORS),
    *,
    choose: bool = True,
) -> pd.DataFrame:
    """Score every detector on every kind of outlier for every seed.

    Parameters
    ----------
    caches : iterable of FeatureCache
        One a seed.
    detectors : sequence of str
        Keys of `DETECTORS`.
    choose : bool
        Choose settings on validation; otherwise each keeps its defaults.

    Returns
    -------
    DataFrame
        One row each: seed, detector, title, year, settings, outliers, auroc, fpr95 (both in
        [0, 1]).
    """
    rows = []
    for cache in caches:
        for name in detectors:
            settings = chosen_settings(cache, name) if choose else {}
            rows += _rows(cache, name, settings, "test", cache.outliers)
    return pd.DataFrame(rows)


def summary(ranking: pd.DataFrame, value: str = "auroc") -> pd.DataFrame:
    """Return mean and standard deviation over seeds, in percent, by detector and outliers.

    Returns
    -------
    DataFrame
        One row a detector, with its title and year; for each kind of outlier the columns
        ``(kind, "mean")`` and ``(kind, "sd")``. Sorted by the mean over kinds, best first.
    """
    grouped = (100 * ranking[value]).groupby(
        [ranking["detector"], ranking["title"], ranking["year"], ranking["outliers"]], sort=False
    )
    table = grouped.agg(mean="mean", sd=lambda values: values.std(ddof=1)).unstack("outliers")
    table = table.swaplevel(axis=1)[[*dict.fromkeys(ranking["outliers"])]]
    order = table.xs("mean", axis=1, level=1).mean(axis=1).sort_values(ascending=value == "fpr95")
    return table.loc[order.index]


def _rows(
    cache: FeatureCache,
    name: str,
    settings: Mapping[str, Any],
    familiar: str,
    kinds: Sequence[str],
) -> list[dict[str, Any]]:
    detector = fitted(cache, name, settings)
    outputs = cache.read_by(name)
    inlying = detector.score(outputs[familiar]).double().numpy()
    rows = []
    for kind in kinds:
        outlying = detector.score(outputs[kind]).double().numpy()
        is_outlier = np.repeat([False, True], [len(inlying), len(outlying)])
        worth = evaluate(is_outlier, np.concatenate([inlying, outlying]))
        rows.append(
            {
                "seed": cache.seed,
                "detector": name,
                "title": detector.title,
                "year": detector.year,
                "settings": ", ".join(f"{key} {value}" for key, value in settings.items()),
                "outliers": kind,
                "auroc": worth.auroc,
                "fpr95": worth.fpr95,
            }
        )
    return rows
