"""The report of a tuning: what each selection rule chooses, and what is then reported."""

from __future__ import annotations

import html
from pathlib import Path

import pandas as pd

from internlab.command import wrapped
from internlab.debias.bench.grid import Outcome
from internlab.debias.bench.page import html_table, page, paragraph, write_csv
from internlab.debias.bench.plan import describe
from internlab.debias.bench.report import (
    CHOSEN,
    PAGE,
    RUNS,
    Report,
    failures,
    only_conflicting,
    what_was_run,
)
from internlab.debias.bench.selection import RULES, choose
from internlab.debias.bench.table import tidy
from internlab.files import atomic_write

HALVES = (
    "Of a balanced set, the methods that are given one train on half, and what the rules look at "
    "is the other half."
)


def write_tuning(outcome: Outcome, folder: Path, defaults: dict, command: str) -> Report:
    """Write the tables and the page of a grid with several settings a method.

    For each method, data set and ratio the page says what each selection rule chooses, and what is
    then reported. `defaults` are each method's settings before tuning, for short descriptions.
    """
    runs = tidy(outcome.records)
    chosen = choices(outcome, defaults)
    files = [write_csv(runs, folder / RUNS), write_csv(chosen, folder / CHOSEN)]
    parts = [
        "<h1>Tuning</h1>",
        paragraph(what_was_run(outcome, runs)),
        f"<pre>{html.escape(command)}</pre>",
        *failures(runs),
    ]
    for (data, ratio), group in chosen.groupby(["data", "ratio"], sort=False):
        parts.append(f"<h2>{html.escape(str(data))}, {ratio:.4g} of training images aligned</h2>")
        wide = group.pivot(index="method", columns="rule", values="reported_mean")
        wide = wide.reindex(columns=list(RULES)).mul(100).round(1)
        wide = wide.rename(columns={n: f"{n} (a trap)" for n, r in RULES.items() if r.is_trap})
        parts.append(html_table(wide.dropna(axis="columns", how="all").reset_index()))
        parts += [paragraph(told) for told in _told(runs, group)]
        parts.append(html_table(_shown_choices(group)))
    parts.append(
        paragraph(
            "Test accuracy over groups in percent. Every method was tried with the same number of "
            "settings, its default among them. The rules marked as traps look at the test set; "
            "what they gain over the others is not there on new images. " + HALVES
        )
    )
    with atomic_write(folder / PAGE) as path:
        path.write_text(page("Tuning", parts), encoding="utf-8")
    return Report(runs, chosen, (*files, folder / PAGE))


def choices(outcome: Outcome, defaults: dict) -> pd.DataFrame:
    """Return what each rule chooses for each method, data set and ratio."""
    groups: dict[tuple, list] = {}
    for record in outcome.records:
        groups.setdefault(record.run.cell[:3], []).append(record)
    rows = []
    for (method, data, ratio), records in groups.items():
        for rule in RULES.values():
            try:
                choice = choose(records, rule)
            except ValueError:
                continue  # Every setting failed; the page says why.
            values = list(choice.reported.values())
            rows.append(
                {
                    "method": method,
                    "data": data,
                    "ratio": ratio,
                    "rule": rule.name,
                    "settings": describe(choice.settings, but=defaults.get(method, ())),
                    "tried": choice.tried,
                    "rule_value": choice.value,
                    "reported_mean": choice.mean,
                    "reported_sd": pd.Series(values).std(ddof=1),
                }
            )
    columns = "method data ratio rule settings tried rule_value reported_mean reported_sd".split()
    return pd.DataFrame(rows, columns=columns)


def rules_without_value(chosen: pd.DataFrame) -> list[str]:
    """Return a sentence for what the rules need that chose nothing on a data set, if any did."""
    lacking: dict[str, list[str]] = {}
    for name, rule in RULES.items():
        if name not in set(chosen.rule):
            lacking.setdefault(rule.looks_at, []).append(name)
    return [f"Not there to choose by, {needs}: {', '.join(n)}." for needs, n in lacking.items()]


def choices_in_terminal(report: Report) -> str:
    """Return what is reported for the choice of each rule, as text."""
    parts = []
    for (data, ratio), group in report.cells.groupby(["data", "ratio"], sort=False):
        wide = group.pivot(index="rule", columns="method", values="reported_mean")
        parts += [
            f"\n{data}, {ratio:.4g} of training images aligned (unbiased percent on the test)",
            (100 * wide.reindex(group.rule.unique())).round(1).to_string(),
            *map(wrapped, _told(report.runs, group)),
        ]
    return "\n".join(parts)


def _told(runs: pd.DataFrame, chosen: pd.DataFrame) -> list[str]:
    """Return what is to be known of the choices on one data set and ratio."""
    here = runs[runs.data.isin(chosen.data) & runs.ratio.isin(chosen.ratio)]
    return [
        *only_conflicting(here.test_aligned, here.test_conflicting),
        *rules_without_value(chosen),
    ]


def _shown_choices(chosen: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "method": chosen.method,
            "rule": chosen.rule,
            "chose, of those tried": [
                f"{settings} (of {tried})"
                for settings, tried in zip(chosen.settings, chosen.tried, strict=True)
            ],
        }
    )
