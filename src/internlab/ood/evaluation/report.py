"""The table and the figure of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from internlab import notebook_ui as ui
from internlab.files import atomic_write
from internlab.ood.evaluation.run import Evaluation
from internlab.ood.metrics.thresholds import Thresholds

TABLE, FIGURE = "scores.csv", "curves.png"
# Okabe and Ito's palette, then two more for those who compare many methods.
METHOD_COLOURS = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"),
    *("#000000", "#8c6d31", "#7b4173", "#7f7f7f"),
)
# More points than a figure has pixels only make the file large.
POINTS = 1000


def rows(evaluation: Evaluation) -> list[dict[str, float | int | str]]:
    """Return one row a method, in the order in which they were named."""
    table = []
    for name, scores in evaluation.scores.items():
        best, threshold = evaluation.thresholds[name].best_f1()
        row = {"method": name, **scores.as_row(), "best_f1": best, "best_threshold": threshold}
        row["rank_error"] = evaluation.rank_error[name]
        if name in evaluation.components:
            found = evaluation.components[name]
            row |= {
                "component_f1": found.f1,
                "mean_siou": found.siou,
                "mean_ppv": found.ppv,
                "objects": found.objects,
                "flagged_components": found.flagged,
            }
        table.append(row)
    return table


def shown(evaluation: Evaluation) -> ui.Table:
    """Return the columns that people compare, as a table for a terminal or a notebook."""
    short = {
        "method": "method",
        "auroc": "AUROC",
        "average_precision": "AP",
        "fpr95": "FPR95",
        "best_f1": "best F1",
        "component_f1": "component F1",
        "mean_siou": "sIoU",
        "mean_ppv": "PPV",
    }
    first = next(iter(evaluation.scores.values()))
    caption = (
        f"{evaluation.images} images, {first.pixels} pixels, base rate {first.base_rate:.4g}: the "
        "AP of a score that knows nothing."
    )
    table = [{short[k]: v for k, v in row.items() if k in short} for row in rows(evaluation)]
    return ui.table(table, caption)


def write(evaluation: Evaluation, folder: Path) -> tuple[Path, Path]:
    """Write ``scores.csv`` and ``curves.png``, and return their paths."""
    table, picture = folder / TABLE, folder / FIGURE
    with atomic_write(picture) as temporary:
        draw_curves(evaluation.thresholds).savefig(temporary, dpi=150)
    with atomic_write(table) as temporary:
        pd.DataFrame(rows(evaluation)).to_csv(temporary, index=False)
    return table, picture


def draw_curves(methods: Mapping[str, Thresholds]) -> Figure:
    """Draw the precision-recall and ROC curves of some methods on the same pixels.

    Parameters
    ----------
    methods : mapping of Thresholds
        By name; one colour each.

    Returns
    -------
    matplotlib.figure.Figure
        The base rate, chance and 95 % TPR are drawn in.

    Raises
    ------
    ValueError
        If there is no method, or no outlier, or no inlier.
    """
    if not methods:
        raise ValueError("There is no curve to draw: expected at least one method.")
    ui.style()
    figure = Figure(figsize=(9.6, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for number, (name, counts) in enumerate(methods.items()):
        counts.need_both()
        colour = METHOD_COLOURS[number % len(METHOD_COLOURS)]
        line = {"color": colour, "lw": 1.8, "ls": "-" if number < len(METHOD_COLOURS) else "--"}
        recall, precision = _thin(counts.recall, counts.precision)
        label = f"{name} (AP {counts.average_precision():.3g}, AUROC {counts.auroc():.3g})"
        # A step sum is the area under steps: precision holds for the recall gained on the way.
        start = np.append(0, recall), np.append(precision[0], precision)
        left.plot(*start, drawstyle="steps-pre", label=label, **line)
        fpr, tpr = _thin(np.append(0, counts.false_positive_rate), np.append(0, counts.recall))
        right.plot(fpr, tpr, **line)
    base = counts.outliers / (counts.outliers + counts.inliers)
    grey = {"color": "#555555", "lw": 1.2}
    left.axhline(base, ls=":", label=f"knows nothing: base rate {base:.3g}", **grey)
    left.set(xlabel="recall (share of outliers flagged)", ylabel="precision")
    right.plot([0, 1], [0, 1], ls=":", **grey)
    right.axhline(0.95, ls="--", **grey)
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8}
    place = {"ha": "center", "va": "top", "color": "#555555", "size": 9, "bbox": behind}
    right.annotate("95 % TPR", (0.6, 0.93), **place)
    right.set(xlabel="false positive rate (share of inliers flagged)", ylabel="true positive rate")
    for axis in (left, right):
        axis.set(xlim=(0, 1), ylim=(0, 1.02))
        axis.grid(True, color="#dddddd")
    figure.legend(loc="outside lower center", ncols=min(2, len(methods) + 1), fontsize=9)
    return figure


def _thin(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of a curve that a figure can tell apart, the ends included."""
    way = np.cumsum(np.abs(np.diff(x, prepend=x[0])) + np.abs(np.diff(y, prepend=y[0])))
    kept = np.searchsorted(way, np.linspace(0, way[-1], POINTS))
    kept = np.unique(np.append(kept, [0, x.size - 1]).clip(0, x.size - 1))
    return x[kept], y[kept]
