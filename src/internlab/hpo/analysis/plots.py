"""The figures of a search: progress against cost, configurations, learning curves, importance.

Every function takes results and returns a matplotlib figure that is readable at the width of a
phone. Call `notebook_ui.style()` once before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from internlab.hpo.analysis.accounting import BestSoFar, on_grid
from internlab.hpo.analysis.plot_base import (
    BEST,
    COLOURS,
    GREY,
    colours_of,
    done,
    need_columns,
    subplots,
)
from internlab.hpo.analysis.plot_space import plot_importance, plot_parallel
from internlab.hpo.analysis.replay import TradeOff

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = [
    "plot_best_so_far",
    "plot_curves",
    "plot_importance",
    "plot_parallel",
    "plot_trade_off",
]


def plot_best_so_far(
    searches: Mapping[str, BestSoFar | Sequence[BestSoFar]],
    *,
    metric: str = "validation IoU",
    seconds: str = "CPU-seconds",
    budget: float | None = None,
    target: float | None = None,
    references: Mapping[str, float] | None = None,
    share: float = 0.8,
) -> Figure:
    """Draw the best value found against the seconds spent, a line for each way to search.

    Parameters
    ----------
    searches : mapping of str to BestSoFar or sequence of BestSoFar
        Of several (one a seed or an ordering) the median is drawn, with a band that holds `share`
        of them. A line begins where all have a value and ends where the last one ended; one that
        ended earlier keeps its best.
    metric, seconds : str
        Words for the axes.
    budget : float, optional
        Drawn as a vertical line: where searches are compared.
    target : float, optional
        Drawn as a horizontal line.
    references : mapping of str to float, optional
        More horizontal lines, such as the value of the default.
    share : float
        0 to 1; the rest lies in equal parts below and above the band.

    Raises
    ------
    ValueError
        If there is no search, or one of them never found a value.
    """
    if not searches:
        raise ValueError("There is no search to draw; expected at least one.")
    groups = {
        name: [found] if isinstance(found, BestSoFar) else list(found)
        for name, found in searches.items()
    }
    bands = {name: _band(name, group, share) for name, group in groups.items()}
    counts = {len(group) for group in groups.values()} - {1}
    figure, axis = subplots()
    for name, colour in colours_of(searches).items():
        spent, low, middle, high = bands[name]
        dot = "o" if len(spent) == 1 else None
        axis.step(spent, middle, where="post", color=colour, label=name, linewidth=2, marker=dot)
        if len(groups[name]) > 1:
            axis.fill_between(spent, low, high, step="post", color=colour, alpha=0.2, linewidth=0)
    for name, value in (references or {}).items():
        axis.axhline(
            value, color=COLOURS.get(name.lower(), GREY), linestyle="--", linewidth=1, label=name
        )
    if target is not None:
        axis.axhline(target, color="black", linestyle=":", linewidth=1, label=f"target {target:g}")
    if budget is not None:
        axis.axvline(budget, color="black", linestyle="-.", linewidth=1, label=f"budget {budget:g}")
    axis.set_xlim(left=0)
    axis.set_xlabel(f"spent ({seconds})")
    axis.set_ylabel(f"best {metric} so far")
    if counts:
        each = f"{min(counts)}" if len(counts) == 1 else f"{min(counts)} to {max(counts)}"
        axis.set_title(f"median of {each} searches; the band holds {share:.0%}", loc="left")
    axis.legend(loc="lower right")
    return done(figure)


def plot_curves(
    curves: pd.DataFrame,
    metric: str,
    *,
    stopped: Sequence[Any] | None = None,
    highlight: Any = None,
    rungs: Sequence[int] = (),
    label: str | None = None,
) -> Figure:
    """Draw learning curves; one that was stopped ends in a cross, one that finished in a dot.

    Parameters
    ----------
    curves : DataFrame
        Columns trial, iteration and `metric`.
    metric : str
        The column to draw.
    stopped : sequence, optional
        The trials that were stopped; by default those shorter than the longest.
    highlight : optional
        A trial to draw in colour; by default the one with the highest last value.
    rungs : sequence of int
        Iterations at which trials were judged, drawn as vertical lines.
    label : str, optional
        Words for the vertical axis; by default the name of the column.

    Raises
    ------
    ValueError
        If a column is missing or there is no curve.
    """
    from matplotlib.lines import Line2D

    need_columns(curves, ["trial", "iteration", metric])
    curves = curves[curves[metric].notna()].sort_values("iteration")
    groups = dict(list(curves.groupby("trial", sort=False)))
    if not groups:
        raise ValueError(f"No trial has a value of {metric}; there is no curve to draw.")
    last = {trial: rows["iteration"].iloc[-1] for trial, rows in groups.items()}
    if stopped is None:
        stopped = [trial for trial in groups if last[trial] < max(last.values())]
    if highlight is None:
        highlight = max(groups, key=lambda trial: groups[trial][metric].iloc[-1])
    figure, axis = subplots()
    for rung in rungs:
        axis.axvline(rung, color=GREY, linestyle=":", linewidth=1)
    for trial, rows in groups.items():
        ends = trial in set(stopped)
        best = trial == highlight
        colour = BEST if best else (GREY if ends else COLOURS["random"])
        axis.plot(
            rows["iteration"],
            rows[metric],
            color=colour,
            linewidth=2.5 if best else 1,
            alpha=1 if best else 0.7,
            marker="x" if ends else "o",
            markevery=[len(rows) - 1],
            markersize=7 if ends else 4,
            zorder=3 if best else 2,
        )
    handles = [Line2D([], [], color=BEST, linewidth=2.5, label=str(highlight))]
    if len(groups) > len(set(stopped)):
        handles += [Line2D([], [], color=COLOURS["random"], marker="o", label="finished")]
    if len(stopped):
        handles += [Line2D([], [], color=GREY, marker="x", markersize=7, label="stopped")]
    axis.legend(handles=handles, loc="best")
    axis.set_xlabel("iteration (epochs)")
    axis.set_ylabel(label or metric.replace("_", " "))
    axis.set_xlim(left=0)
    return done(figure)


def plot_trade_off(schedulers: Mapping[str, TradeOff], *, within: float = 0.02) -> Figure:
    """Draw what each scheduler spends against how often it keeps the best run.

    Parameters
    ----------
    schedulers : mapping of str to TradeOff
        From `internlab.hpo.analysis.replay.trade_off`.
    within : float
        How much lower the best value may be and still count as kept.
    """
    figure, axis = subplots()
    axis.plot([1], [1], "s", markersize=9, color="black", label="full training")
    colours = colours_of(schedulers)
    for name, found in schedulers.items():
        point = [found.mean_cost_ratio], [found.kept(within)]
        axis.plot(*point, "o", markersize=9, color=colours[name], label=name)
    axis.legend(loc="lower right")
    axis.set_xlim(0, 1.1)
    axis.set_ylim(bottom=min([0.5, *(0.95 * each.kept(within) for each in schedulers.values())]))
    axis.set_xlabel("CPU-seconds spent (share of full training, mean)")
    axis.set_ylabel(f"best kept within {within:g}\n(share of orders)")
    return done(figure)


def _band(
    name: str, group: Sequence[BestSoFar], share: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return budgets, lower edge, median and upper edge of several searches."""
    # Every budget at which one of them changes; no more than a figure can show.
    spent = np.unique(np.concatenate([search.spent for search in group]))
    if len(spent) > 500:
        spent = np.linspace(spent[0], spent[-1], 500)
    found = on_grid(group, spent)
    seen = np.isfinite(found).all(axis=0)
    if not seen.any():
        raise ValueError(
            f"A search named {name!r} has no trial with a value. Leave it out, and say so."
        )
    tail = (1 - share) / 2
    low, middle, high = np.quantile(found[:, seen], [tail, 0.5, 1 - tail], axis=0)
    return spent[seen], low, middle, high
