"""The tables of a benchmark: one row a run, one row a cell, one row a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from internlab.debias.bench.paired import Paired, compare, holm
from internlab.debias.bench.plan import describe
from internlab.debias.bench.record import SPLITS, Record

MEASURES = (
    "unbiased",
    "aligned",
    "conflicting",
    "follow_rate",
    "worst_group",
    "average",
    "smallest_group",
)
CELL = ["method", "data", "ratio", "settings"]


def tidy(records: Iterable[Record]) -> pd.DataFrame:
    """Return one row a run: what it was, how it ended, its scores on every split.

    Returns
    -------
    DataFrame
        ``method``, ``data``, ``ratio``, ``seed``, ``settings`` (in words), one column
        ``split_measure`` each, such as ``test_unbiased`` (0 to 1, NaN where it is not measured),
        ``cpu_seconds``, ``failure`` ("" for a run with a result), and ``note`` (see `Record`).
    """
    rows = []
    for record in records:
        row = {
            "method": record.run.method,
            "data": record.run.data,
            "ratio": record.run.ratio,
            "seed": record.run.seed,
            "settings": describe(record.run.settings),
        }
        for split in SPLITS:
            scores = record.scores.get(split)
            for measure in MEASURES:
                value = getattr(scores, measure) if scores else None
                row[f"{split}_{measure}"] = math.nan if value is None else value
        row["cpu_seconds"] = record.cpu_seconds
        row["failure"] = record.failure
        row["note"] = record.note
        rows.append(row)
    return pd.DataFrame(rows)


def summary(runs: pd.DataFrame, measure: str = "test_unbiased") -> pd.DataFrame:
    """Return one row a method, data set, ratio and setting: mean and spread over its seeds.

    Parameters
    ----------
    runs : DataFrame
        From `tidy`.
    measure : str
        The column to rank by.

    Returns
    -------
    DataFrame
        The cell, ``seeds`` with a result, ``failed``, ``mean`` and ``sd`` (n - 1; NaN for one
        seed), ``lowest`` and ``highest`` of the measure, means of the other test scores,
        ``cpu_seconds`` for one run, and ``note``: what is to be known of so many of its seeds, or
        "". Best first within a data set and ratio.
    """
    rows = []
    for cell, group in runs.groupby(CELL, sort=False):
        done = group[group.failure == ""]
        values = done[measure].to_numpy(float)
        rows.append(
            {
                **dict(zip(CELL, cell, strict=True)),
                "seeds": len(done),
                "failed": len(group) - len(done),
                "mean": values.mean() if values.size else math.nan,
                "sd": values.std(ddof=1) if values.size > 1 else math.nan,
                "lowest": values.min(initial=math.inf) if values.size else math.nan,
                "highest": values.max(initial=-math.inf) if values.size else math.nan,
                **{
                    name: done[f"test_{name}"].mean() if len(done) else math.nan
                    for name in ("aligned", "conflicting", "follow_rate", "worst_group")
                },
                "cpu_seconds": group.cpu_seconds.mean(),
                "note": _notes(done),
            }
        )
    table = pd.DataFrame(rows)
    order = table.groupby(["data", "ratio"], sort=False).ngroup()
    return (
        table.assign(order=order)
        .sort_values(["order", "mean"], ascending=[True, False], kind="stable")
        .drop(columns="order")
        .reset_index(drop=True)
    )


def _notes(done: pd.DataFrame) -> str:
    if "note" not in done:
        return ""
    said = done.note[done.note != ""].value_counts(sort=False)
    return "; ".join(f"{note} ({count} of {len(done)})" for note, count in said.items())


def by_seed(
    runs: pd.DataFrame, method: str, data: str, ratio: float, measure: str = "test_unbiased"
) -> dict[int, float]:
    """Return the results of a method's runs by seed; failed ones are left out.

    Parameters
    ----------
    runs : DataFrame
        Of `tidy`, or the recorded grid.
    method, data : str
        The names of a method and of a data set.
    ratio : float
        Share of bias-aligned training images.
    measure : str
        The column to take, by default unbiased test accuracy, 0 to 1.

    Raises
    ------
    ValueError
        If the method was run with several settings, so that a seed would have several results.
    """
    chosen = runs[
        (runs.method == method)
        & (runs.data == data)
        & np.isclose(runs.ratio, ratio)
        & (runs.failure == "")
    ]
    if chosen.seed.duplicated().any():
        raise ValueError(
            f"{method} has several settings on {data} {ratio:g}; choose one of them first, by a "
            "rule that does not look at the test set."
        )
    return dict(zip(chosen.seed.tolist(), chosen[measure].tolist(), strict=True))


def against(
    runs: pd.DataFrame, baseline: str, measure: str = "test_unbiased"
) -> tuple[pd.DataFrame, dict[tuple[str, str, float], Paired]]:
    """Compare every method with a baseline, seed by seed.

    A method that shares fewer than two seeds with the baseline is left out.

    Parameters
    ----------
    runs : DataFrame
        Of `tidy`, or the recorded grid.
    baseline : str
        The name of the method that the others are compared with.
    measure : str
        The column to compare, by default unbiased test accuracy, 0 to 1.

    Returns
    -------
    tuple
        A table: ``method``, ``data``, ``ratio``, ``seeds``, ``difference`` and its ``low`` and
        ``high`` (95 %), ``won`` (seeds), ``t_test`` and ``sign_flip`` (p), and ``holm`` (the t-test
        corrected for all comparisons on this data set and ratio); and the comparisons themselves.
    """
    rows, found = [], {}
    for (data, ratio), group in runs.groupby(["data", "ratio"], sort=False):
        base = by_seed(group, baseline, data, ratio, measure)
        here = []
        for method in group.method.unique():
            if method == baseline:
                continue
            own = by_seed(group, method, data, ratio, measure)
            shared = sorted(set(own) & set(base))
            if len(shared) < 2:
                continue
            pair = compare({s: own[s] for s in shared}, {s: base[s] for s in shared})
            found[method, data, ratio] = pair
            here.append(
                {
                    "method": method,
                    "data": data,
                    "ratio": ratio,
                    "seeds": len(shared),
                    "difference": pair.mean,
                    "low": pair.interval[0],
                    "high": pair.interval[1],
                    "won": pair.won,
                    "t_test": pair.t_test,
                    "sign_flip": pair.sign_flip,
                }
            )
        for row, corrected in zip(here, holm([r["t_test"] for r in here]), strict=True):
            rows.append({**row, "holm": corrected})
    return pd.DataFrame(rows), found
