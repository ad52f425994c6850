"""Accuracies that others have published, each with its source, never in a column with ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from internlab.data.cards import DataCard
from internlab.files import data_dir, sha256_of
from internlab.spelling import did_you_mean

COLUMNS = (
    "method",
    "kit",
    "dataset",
    "conflicting_percent",
    "percent",
    "sd",
    "source",
    "checked",
)


def published_path() -> Path:
    """Return where the cited numbers are: ``data/debias/published.csv``."""
    return data_dir() / "debias" / "published.csv"


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
        ``method`` as its authors call it; ``kit``, the kit's name for it or ""; ``dataset``;
        ``conflicting_percent`` of the training images; ``percent``, the accuracy; its ``sd`` or
        NaN; ``source``; and how the digits were ``checked``.

    Raises
    ------
    ValueError
        If a column, a source or a word on the check is missing, or a number is no percentage.
    """
    path = path or published_path()
    table = pd.read_csv(path, keep_default_na=False, na_values={"sd": [""]})
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise ValueError(
            f"{path.name} lacks {', '.join(missing)}; restore it from version control."
        )
    for number, row in enumerate(table.itertuples(), start=2):
        if not row.source or not row.checked:
            raise ValueError(
                f"Line {number} of {path.name} ({row.method}, {row.dataset}) needs a source and a "
                "word on how it was checked."
            )
        if not (0 <= float(row.percent) <= 100 and 0 < float(row.conflicting_percent) < 100):
            raise ValueError(
                f"Line {number} of {path.name} says {row.percent} % at {row.conflicting_percent} % "
                "of conflicting images; expected percentages."
            )
    return table


def beside(
    ours: Mapping[str, float],
    title: str,
    cited: Sequence[tuple[str, float]],
    *,
    only_ours: bool = False,
) -> pd.DataFrame:
    """Return published and own accuracies of the same methods, in columns of their own.

    The two are of different images and networks, so heights say nothing about each other. What can
    be compared is the order of the methods within a column.

    Parameters
    ----------
    ours : mapping
        From the kit's name of a method to our accuracy in per cent.
    title : str
        What ours were measured on.
    cited : sequence of (str, float)
        Published data sets and percentages of conflicting images, such as ``("BFFHQ", 0.5)``.
    only_ours : bool
        Leave out methods that we have no number for.

    Returns
    -------
    DataFrame
        ``method``, one column "published: ..." each, and a column "ours: ...". A number that nobody
        measured is "".

    Raises
    ------
    ValueError
        If nothing is cited for a data set and percentage.
    """
    table = load_published()
    names: dict[str, str] = {}
    rows: dict[str, dict[str, float]] = {}
    columns = []
    for dataset, percent in cited:
        found = table[(table.dataset == dataset) & (table.conflicting_percent == percent)]
        if found.empty:
            known = dict.fromkeys(
                f"{name} at {each:g} %"
                for name, each in zip(table.dataset, table.conflicting_percent, strict=True)
            )
            raise ValueError(
                f"Nothing is cited for {dataset} at {percent:g} %."
                f"{did_you_mean(f'{dataset} at {percent:g} %', known)} There are "
                f"{', '.join(known)}."
            )
        column = f"published: {dataset}, {percent:g} % conflicting"
        columns.append(column)
        for row in found.itertuples():
            # A method is known by the kit's name for it, or else by its authors'.
            key = row.kit or row.method
            names.setdefault(key, row.method)
            rows.setdefault(key, {})[column] = float(row.percent)
    lines = []
    for key in [*rows, *(name for name in ours if name not in rows)]:
        if only_ours and key not in ours:
            continue
        line: dict[str, float | str] = {"method": names.get(key, key)}
        line |= {column: rows.get(key, {}).get(column, "") for column in columns}
        line[f"ours: {title}"] = ours.get(key, "")
        lines.append(line)
    return pd.DataFrame(lines)


def card() -> DataCard:
    """Return what a reader should know about the cited numbers."""
    path = published_path()
    return DataCard(
        name="Published results",
        what=f"{len(load_published())} cited accuracies on Corrupted CIFAR-10, BFFHQ and Colored "
        "MNIST, at 0.5 to 5 % of bias-conflicting training images.",
        origin="Collected by hand; the column `source` says from where, `checked` how the digits "
        "were made sure of. Most were read in a later paper that reprints them.",
        licence="Facts with their sources; the collection is MIT, like the kit.",
        size_bytes=path.stat().st_size,
        sha256=sha256_of(path),
        split="None: nothing here may be mixed into a column of our own numbers.",
    )
