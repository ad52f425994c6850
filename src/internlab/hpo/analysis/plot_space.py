"""Figures over the hyperparameters: parallel coordinates, and importance with its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from internlab.hpo.analysis.importance import NOISE, SHARE
from internlab.hpo.analysis.plot_base import BEST, COLOURS, done, need_columns, subplots
from internlab.hpo.tuning.space import Choice, LogUniform, Range, Space

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def plot_parallel(
    trials: pd.DataFrame,
    space: Space,
    metric: str,
    *,
    label: str | None = None,
) -> Figure:
    """Draw each trial as a line through its hyperparameters, coloured by what it reached.

    An axis is a range of the space: logarithmic for a log-uniform one, with named places for a
    choice. The lowest axis is the metric. The axes lie across, one below the other, so that names
    and numbers are readable on a phone.

    Parameters
    ----------
    trials : DataFrame
        One row per trial, with a column for each name in `space` and for `metric`. Trials without
        a value are left out.
    space : mapping of str to range
        The order of the axes, their scale and their ends.
    metric : str
        The column that gives the colour; higher is drawn on top.
    label : str, optional
        Words for the metric.

    Raises
    ------
    ValueError
        If a column is missing or no trial has a value.
    """
    import matplotlib.pyplot as plt

    need_columns(trials, [*space, metric])
    trials = trials[np.isfinite(trials[metric].astype(float))].sort_values(metric)
    if trials.empty:
        raise ValueError(f"No trial has a value of {metric}; there is nothing to draw.")
    score = trials[metric].to_numpy(float)
    low, high = float(score.min()), float(score.max())
    width = high - low or 1.0
    names = [*space, metric]
    places = np.column_stack(
        [
            *([place(each, value) for value in trials[name]] for name, each in space.items()),
            (score - low) / width if high > low else np.full(len(score), 0.5),
        ]
    )
    figure, axis = subplots(height=0.55 * len(names) + 0.6)
    axis.grid(False)
    colours = plt.get_cmap("viridis_r")(0.1 + 0.9 * (score - low) / width)
    down = np.arange(len(names))
    for row, colour in zip(places, colours, strict=True):
        axis.plot(row, down, color=colour, alpha=0.8, linewidth=1.2, marker=".", markersize=4)
    axis.plot(places[-1], down, color=BEST, linewidth=2.5, label="the best trial; darker is better")
    ticks = [_ticks(each) for each in space.values()] + [[(0, f"{low:.3f}"), (1, f"{high:.3f}")]]
    for level, marks in enumerate(ticks):
        axis.axhline(level, color="#444444", linewidth=1, zorder=1)
        for at, text in marks:
            axis.plot([at], [level], marker="|", color="#444444", markersize=8, zorder=1)
            axis.annotate(
                text,
                (at, level),
                (0, 5),
                textcoords="offset points",
                ha="center",
                fontsize=10,
                bbox={"boxstyle": "square,pad=0.05", "color": "white", "alpha": 0.75},
                zorder=4,
            )
    words = [*space, label or metric]
    axis.set_yticks(down, [word.replace("_", " ") for word in words])
    axis.set_xticks([])
    axis.set_xlim(-0.06, 1.06)
    axis.set_ylim(len(names) - 0.7, -0.6)
    for side in axis.spines.values():
        side.set_visible(False)
    axis.tick_params(length=0)
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), borderaxespad=0)
    return done(figure)


def plot_importance(table: pd.DataFrame, *, metric: str = "validation IoU") -> Figure:
    """Draw each importance with its interval, above what the same gives with shuffled results.

    Parameters
    ----------
    table : DataFrame
        From `internlab.hpo.analysis.importance.importance`.
    metric : str
        Words for the unit.
    """
    from matplotlib.lines import Line2D

    columns = ["hyperparameter", "importance", "low", "high", "chance", "chance_low", "chance_high"]
    need_columns(table, columns)
    figure, axis = subplots(height=0.45 * len(table) + 1.5)
    names = []
    for level, row in enumerate(table.itertuples()):
        axis.plot(
            [row.chance_low, row.chance_high], [level + 0.17] * 2, color="#bbbbbb", linewidth=6
        )
        axis.plot([row.low, row.high], [level - 0.13] * 2, color=COLOURS["random"], linewidth=2)
        axis.plot([row.importance], [level - 0.13], "o", color=COLOURS["random"])
        made_up = " (made up)" if row.hyperparameter == NOISE else ""
        names.append(row.hyperparameter.replace("_", " ") + made_up)
    axis.axvline(0, color="black", linewidth=1)
    handles = [
        Line2D([], [], marker="o", color=COLOURS["random"], label=f"{SHARE:.0%} of resamples"),
        Line2D([], [], color="#bbbbbb", linewidth=6, label="the same, results shuffled"),
    ]
    axis.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2, borderaxespad=0
    )
    axis.set_yticks(range(len(table)), names)
    axis.set_ylim(len(table) - 0.5, -0.5)
    axis.set_xlabel(f"rise of the prediction error ({metric})\nwhen the values are mixed up")
    return done(figure)


def place(each: Range, value: Any) -> float:
    """Return where a value lies on its range: 0 at the lower end, 1 at the upper one."""
    if isinstance(each, Choice):
        if value not in each.values:
            raise ValueError(f"A trial has the value {value!r}, which is not among {each.values}.")
        count = len(each.values)
        return each.values.index(value) / (count - 1) if count > 1 else 0.5
    scale = np.log if isinstance(each, LogUniform) else float
    low, high = scale(each.low), scale(each.high)
    return float((scale(float(value)) - low) / (high - low))


def _ticks(each: Range) -> list[tuple[float, str]]:
    """Return places and words: every choice, the powers of ten, or the ends and the middle."""
    if isinstance(each, Choice):
        return [(place(each, value), str(value)) for value in each.values]
    if isinstance(each, LogUniform):
        first, last = np.ceil(np.log10(each.low) - 1e-9), np.floor(np.log10(each.high) + 1e-9)
        powers = np.arange(first, last + 1)
        if len(powers) >= 2:
            shown = powers[:: -(-len(powers) // 6)]
            return [(place(each, 10.0**power), f"$10^{{{power:.0f}}}$") for power in shown]
        middle = float(np.sqrt(each.low * each.high))
    else:
        middle = (each.low + each.high) / 2
    return [(place(each, value), f"{value:.3g}") for value in (each.low, middle, each.high)]
