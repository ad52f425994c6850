"""The report of a benchmark: tidy tables, figures, and one page that says what was found."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from internlab.debias.bench.grid import Outcome
from internlab.debias.bench.page import html_table, image, page, paragraph, write_csv
from internlab.debias.bench.record import ONE_CLASS
from internlab.debias.bench.table import against, summary, tidy
from internlab.debias.methods import Method, Needs
from internlab.files import atomic_write

RUNS, SUMMARY, CHOSEN, PAGE = "runs.csv", "summary.csv", "chosen.csv", "report.html"
WRITTEN = (RUNS, SUMMARY, CHOSEN, PAGE)


@dataclass(frozen=True)
class Report:
    """The tables of a benchmark, and where they were written.

    Parameters
    ----------
    runs, cells : DataFrame
        One row a run, one row a method, data set, ratio and setting.
    files : tuple of Path
        What was written.
    """

    runs: pd.DataFrame
    cells: pd.DataFrame
    files: tuple[Path, ...]


def write_report(
    outcome: Outcome, folder: Path, methods: dict[str, type[Method]], command: str
) -> Report:
    """Write the tables, the figures and the page of a grid with one setting a method.

    Parameters
    ----------
    outcome : Outcome
        From `run_grid`.
    folder : Path
        The results folder.
    methods : dict
        The classes by name; they say what each needs.
    command : str
        What to type to get the same again.
    """
    runs = tidy(outcome.records)
    cells = summary(runs)
    files = [write_csv(runs, folder / RUNS), write_csv(cells, folder / SUMMARY)]
    needs = {name: in_words(method.needs) for name, method in methods.items()}
    figures = []
    for (data, ratio), group in runs.groupby(["data", "ratio"], sort=False):
        name = f"{_slug(data)}-{ratio:.4g}.png"
        if _draw(group, needs, f"{data}, {ratio:.4g} aligned", folder / name):
            figures.append((f"{data}, {ratio:.4g} aligned", folder / name))
    files += [path for _, path in figures]
    parts = [
        "<h1>Benchmark</h1>",
        paragraph(what_was_run(outcome, runs)),
        f"<pre>{html.escape(command)}</pre>",
        *failures(runs),
    ]
    for (data, ratio), group in cells.groupby(["data", "ratio"], sort=False):
        parts.append(f"<h2>{html.escape(str(data))}, {ratio:.4g} of training images aligned</h2>")
        parts += [
            image(path, "Methods from best to worst")
            for title, path in figures
            if title == f"{data}, {ratio:.4g} aligned"
        ]
        parts.append(html_table(_shown(group, needs)))
        parts += [paragraph(told) for told in only_conflicting(group.aligned, group.conflicting)]
    parts += _comparisons(runs)
    parts.append(paragraph(CAUTION))
    with atomic_write(folder / PAGE) as path:
        path.write_text(page("Benchmark", parts), encoding="utf-8")
    return Report(runs, cells, (*files, folder / PAGE))


CAUTION = (
    "Means with their standard deviation over seeds. The baseline is compared seed by seed: both "
    "methods of a seed saw the same images. With n seeds the sign-flip test cannot give less than "
    "2 / 2^n (0.25 for three, 0.03 for six), and p (Holm) is corrected for all comparisons of a "
    "table. Settings are each method's defaults; what they were chosen on is no test set of this "
    "page. A note says in how many seeds the network has one answer for all images: the results of "
    "the seeds with a note are those of a class, not of a method, and they count in the mean. "
    "Methods that were given bias labels and those that were not do not answer the same question."
)


def only_conflicting(aligned: pd.Series, conflicting: pd.Series) -> list[str]:
    """Return a sentence on a test set without aligned images, as BFFHQ's; for others none.

    Parameters
    ----------
    aligned, conflicting : Series
        Accuracies on these test images of one data set; NaN without such images or a result.
    """
    if aligned.notna().any() or conflicting.isna().all():
        return []
    return ["The test set holds conflicting images only; unbiased is the mean over their groups."]


def in_words(needs: Needs) -> str:
    """Return what a method needs, for a table."""
    words = {
        Needs.TRAINING_BIAS_LABELS: "bias labels of all training images",
        Needs.BALANCED_SET: "a small balanced set",
        Needs.KIND_OF_BIAS: "the kind of bias",
    }
    return ", ".join(words[each] for each in needs) or "nothing"


def shown_in_terminal(cells: pd.DataFrame) -> str:
    """Return the ranking as text."""
    lines = []
    for (data, ratio), group in cells.groupby(["data", "ratio"], sort=False):
        lines.append(f"\n{data}, {ratio:.4g} of training images aligned (percent on the test set)")
        width = max(len(name) for name in group.method)
        lines.append(f"  {'':{width}}  unbiased      aligned  conflicting  follow  CPU-s/run")
        for row in group.itertuples():
            if not row.seeds:
                lines.append(f"  {row.method:{width}}  failed")
                continue
            spread = "    " if math.isnan(row.sd) else f"±{100 * row.sd:<4.1f}"
            lines.append(
                f"  {row.method:{width}}  {100 * row.mean:5.1f} {spread}  "
                f"{_percent(row.aligned):>7}  {_percent(row.conflicting):>11}  "
                f"{_percent(row.follow_rate):>6}  {row.cpu_seconds:9.1f}"
                + (f"  ({row.failed} failed)" if row.failed else "")
                + (f"  {row.note}" if row.note else "")
            )
        lines += [f"  {told}" for told in only_conflicting(group.aligned, group.conflicting)]
    return "\n".join(lines)


def what_was_run(outcome: Outcome, runs: pd.DataFrame) -> str:
    """Return how many runs of how much, and what they took."""
    return (
        f"{_count(len(runs), 'run')}: {_count(runs.method.nunique(), 'method')}, "
        f"{_count(runs.data.nunique(), 'data set')}, {_count(runs.ratio.nunique(), 'ratio')}, "
        f"{_count(runs.seed.nunique(), 'seed')}. They took {outcome.cpu_seconds:.0f} CPU-seconds."
    )


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.0f}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def failures(runs: pd.DataFrame) -> list[str]:
    """Return the parts of a page that list failed runs; none if no run failed."""
    failed = runs[runs.failure != ""]
    if failed.empty:
        return []
    table = failed[["method", "data", "ratio", "seed", "settings", "failure"]]
    return [f"<h2>{_count(len(failed), 'run')} failed</h2>", html_table(table)]


def _shown(cells: pd.DataFrame, needs: dict[str, str]) -> pd.DataFrame:
    percent = cells[["aligned", "conflicting", "follow_rate", "worst_group"]].mul(100).round(1)
    shown = pd.DataFrame(
        {
            "method": cells.method,
            "needs": cells.method.map(needs),
            "seeds": cells.seeds,
            "unbiased accuracy %": [
                "failed"
                if math.isnan(mean)
                else f"{100 * mean:.1f}"
                + (" (one seed)" if math.isnan(sd) else f" ± {100 * sd:.1f}")
                for mean, sd in zip(cells["mean"], cells.sd, strict=True)
            ],
            "aligned": percent.aligned,
            "conflicting": percent.conflicting,
            "follow rate": percent.follow_rate,
            "worst group": percent.worst_group,
            "CPU-s a run": cells.cpu_seconds.round(1),
            "note": cells.note.replace("", None),
        }
    )
    return shown.dropna(axis="columns", how="all")


def _comparisons(runs: pd.DataFrame) -> list[str]:
    if runs.method.nunique() < 2:
        return []
    baseline = "erm" if (runs.method == "erm").any() else runs.method.iloc[0]
    table, _ = against(runs, baseline)
    if table.empty:
        few = f"No method shares two seeds with a result with {baseline}: give --seeds 3 or more."
        return [paragraph(few)]
    shown = pd.DataFrame(
        {
            "data": table.data,
            "ratio": table.ratio,
            "method": table.method,
            "points above " + baseline: [
                f"{100 * d:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
                for d, low, high in zip(table.difference, table.low, table.high, strict=True)
            ],
            "better in": [f"{w} of {n}" for w, n in zip(table.won, table.seeds, strict=True)],
            "p (t)": table.t_test.map("{:.3f}".format),
            "p (sign flip)": table.sign_flip.map("{:.3f}".format),
            "p (Holm)": table.holm.map("{:.3f}".format),
        }
    )
    return [f"<h2>Against {html.escape(baseline)}, seed by seed</h2>", html_table(shown)]


def _draw(runs: pd.DataFrame, needs: dict[str, str], title: str, path: Path) -> bool:
    import matplotlib

    from internlab.debias.pictures.standings import ranking
    from internlab.notebook_ui import style

    done = runs[runs.failure == ""]
    if done.empty:
        return False
    names = done.method.map(_labels(done))
    with matplotlib.rc_context():
        style()
        figure = ranking(
            {n: (100 * g.test_unbiased).tolist() for n, g in done.groupby(names, sort=False)},
            groups={
                n: f"needs {needs.get(m, 'nothing')}"
                for n, m in zip(names, done.method, strict=True)
            },
            reference=next(iter(names[done.method == "erm"]), None),
            title=title,
        )
        with atomic_write(path) as temporary:
            figure.savefig(temporary)
    import matplotlib.pyplot as plt

    plt.close(figure)
    return True


def _labels(done: pd.DataFrame) -> dict[str, str]:
    """Return what each method is called in a figure: with its seeds of one answer for all images.

    Parameters
    ----------
    done : DataFrame
        Runs with a result, of one data set and ratio.
    """
    labels = {}
    for method, group in done.groupby("method", sort=False):
        marked = (group.note == ONE_CLASS).sum()
        labels[method] = f"{method} (one class, {marked} of {len(group)})" if marked else method
    return labels


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name).strip("-")
