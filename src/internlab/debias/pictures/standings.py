"""Methods from best to worst, with their spread over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from internlab.debias.pictures.layout import one_axis
from internlab.notebook_ui import COLOURS

LETTERS_IN_A_LINE = 96  # of a legend, over the whole width


def ranking(
    scores: Mapping[str, Sequence[float]],
    *,
    what: str = "unbiased accuracy in percent",
    groups: Mapping[str, str] | None = None,
    reference: str | None = None,
    title: str = "",
    axis: Any = None,
) -> Any:
    """Draw methods from best to worst: a dot for each seed, a bar for mean and spread.

    Parameters
    ----------
    scores : mapping of str to sequence of float
        The name of a method to its values, one a seed.
    what : str
        What the values are, with their unit.
    groups : mapping of str to str, optional
        The name of a method to a group, such as what it needs; a group has a colour.
    reference : str, optional
        A method whose mean is drawn as a dotted line.
    title : str
        Over the figure.
    axis : matplotlib axis, optional
        To draw into; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no method, or one without a finite value.
    """
    values = {name: np.asarray(each, dtype=float) for name, each in scores.items()}
    empty = [name for name, each in values.items() if not np.isfinite(each).any()]
    if not values or empty:
        raise ValueError(
            f"Nothing to rank: {', '.join(empty) or 'no method was given'} without a finite value. "
            "Leave out methods all of whose runs failed."
        )
    figure, axis = one_axis(axis, height=(1.05 if groups else 0.8) + 0.34 * len(values))
    order = sorted(values, key=lambda name: np.nanmean(values[name]))
    kinds = list(dict.fromkeys((groups or {}).get(name, "") for name in reversed(order)))
    palette = [COLOURS[name] for name in ("network", "bad", "good", "tensorrt", "grey")]
    named: set[str] = set()
    for place, name in enumerate(order):
        kind = (groups or {}).get(name, "")
        colour = palette[kinds.index(kind) % len(palette)]
        each = values[name][np.isfinite(values[name])]
        axis.plot(each, np.full(each.size, place), "o", color=colour, alpha=0.35, markersize=5)
        axis.errorbar(
            each.mean(),
            place,
            xerr=each.std(ddof=1) if each.size > 1 else 0,
            fmt="D",
            color=colour,
            markersize=6,
            capsize=3,
            label=kind if kind and kind not in named else None,
        )
        named.add(kind)
    if reference is not None:
        axis.axvline(np.nanmean(values[reference]), color=COLOURS["grey"], linestyle=":", zorder=0)
    axis.set_yticks(range(len(order)), order)
    axis.set_ylim(-0.6, len(order) - 0.4)
    seeds = {np.size(each) for each in values.values()}
    same = seeds.pop() if len(seeds) == 1 else None
    spread = "dots: seeds" if same is None else f"dots: {same} seed{'s' * (same != 1)}"
    axis.set_xlabel(f"{what} ({spread}; bar: mean and standard deviation)")
    axis.set_title(title, loc="left", pad=6 + _legend_above(axis, [kind for kind in kinds if kind]))
    return figure


def _legend_above(axis: Any, kinds: Sequence[str]) -> float:
    """Name the groups above the plot, where they hide nothing; return the height, in points."""
    if not kinds:
        return 0.0
    handles, labels = axis.get_legend_handles_labels()
    of_kind = dict(zip(labels, handles, strict=True))
    columns = max(1, min(len(kinds), LETTERS_IN_A_LINE // max(len(kind) + 6 for kind in kinds)))
    axis.legend(
        [of_kind[kind] for kind in kinds],
        kinds,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=columns,
        fontsize=9,
        borderpad=0,
        borderaxespad=0.4,
    )
    return 16.0 * -(-len(kinds) // columns)
