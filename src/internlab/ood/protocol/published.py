"""Results that others have published, each with its source, never in a column with ours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from internlab.data.cards import DataCard
from internlab.files import data_dir, sha256_of
from internlab.spelling import did_you_mean

COLUMNS = (
    "method",
    "detector",
    "benchmark",
    "metric",
    "percent",
    "outlier_data",
    "extra_training",
    "source",
    "checked",
)
METRICS = ("AP", "AUROC", "FPR95")


def published_path() -> Path:
    """Return where the cited numbers are: ``data/ood/published.csv``."""
    return data_dir() / "ood" / "published.csv"


@cache
def load_published(path: Path | None = None) -> pd.DataFrame:
    """Return the cited numbers, one a row.

    Parameters
    ----------
    path : Path, optional
        By default the file that ships with the kit.

    Returns
    -------
    DataFrame
        ``method`` as its authors call it; ``detector``, the kit's name for it or ""; ``benchmark``;
        ``metric``, AP, AUROC or FPR95; ``percent``; whether it uses ``outlier_data`` and
        ``extra_training`` (yes or no); ``source``; and how the digits were ``checked``.

    Raises
    ------
    ValueError
        If a column or a source is missing, or a number is no percentage.
    """
    path = path or published_path()
    table = pd.read_csv(path, keep_default_na=False)
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise ValueError(
            f"{path.name} lacks {', '.join(missing)}; restore it from version control."
        )
    for number, row in enumerate(table.itertuples(), start=2):
        if not row.source or not row.checked or row.metric not in METRICS:
            raise ValueError(
                f"Line {number} of {path.name} ({row.method}, {row.benchmark}) needs a source, a "
                f"word on how it was checked, and a metric among {', '.join(METRICS)}."
            )
        if not 0 <= float(row.percent) <= 100:
            raise ValueError(
                f"Line {number} of {path.name} says {row.percent}; expected 0 to 100 per cent."
            )
    return table


def beside(
    ours: Mapping[str, float], title: str, benchmarks: Mapping[str, str], *, only_ours: bool = False
) -> pd.DataFrame:
    """Return published and own numbers for the same methods, in separate columns.

    The two are of different images, so they say nothing about each other's height. What can be
    compared is the order of the methods within a column.

    Parameters
    ----------
    ours : mapping
        From the kit's detector name to our number in per cent.
    title : str
        What ours were measured on, and with which metric.
    benchmarks : mapping
        From benchmark to metric, such as ``{"Fishyscapes Static": "AP"}``.
    only_ours : bool
        Leave out methods that we have no number for.

    Returns
    -------
    DataFrame
        ``method``, one column "published: ..." a benchmark, one column "ours: ...". A number that
        nobody measured is "".

    Raises
    ------
    ValueError
        If a benchmark has no such metric.
    """
    table = load_published()
    rows: dict[str, dict[str, float | str]] = {}
    names: dict[str, str] = {}
    for benchmark, metric in benchmarks.items():
        found = table[(table.benchmark == benchmark) & (table.metric == metric)]
        if found.empty:
            known = sorted({f"{b} {m}" for b, m in zip(table.benchmark, table.metric, strict=True)})
            raise ValueError(
                f"Nothing is cited for {benchmark!r}, {metric!r}."
                f"{did_you_mean(f'{benchmark} {metric}', known)} There are {', '.join(known)}."
            )
        for row in found.itertuples():
            # A method is known by the kit's name for it, or else by its authors'.
            key = row.detector or row.method
            names.setdefault(key, row.method)
            rows.setdefault(key, {})[benchmark] = float(row.percent)
    own = f"ours: {title}"
    lines = []
    for key in [*rows, *(name for name in ours if name not in rows)]:
        if only_ours and key not in ours:
            continue
        line: dict[str, float | str] = {"method": names.get(key, key)}
        for benchmark, metric in benchmarks.items():
            line[f"published: {benchmark}, {metric} %"] = rows.get(key, {}).get(benchmark, "")
        line[own] = ours.get(key, "")
        lines.append(line)
    return pd.DataFrame(lines)


def card() -> DataCard:
    """Return what a reader should know about the cited numbers."""
    path = published_path()
    return DataCard(
        name="Published results",
        what=f"{len(load_published())} cited numbers: AP and FPR95 on the Fishyscapes test sets, "
        "AUROC on OpenOOD v1.5 with CIFAR-10.",
        origin="Collected by hand; the column `source` says from where, `checked` how the digits "
        "were made sure of.",
        licence="Facts with their sources; the collection is MIT, like the kit.",
        size_bytes=path.stat().st_size,
        sha256=sha256_of(path),
        split="None: nothing here may be mixed into a column of our own numbers.",
    )
