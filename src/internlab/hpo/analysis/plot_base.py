"""What the figures of a search share: colours, size, and a check of columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# A way to search keeps its colour through all lessons (Okabe and Ito's palette).
COLOURS = {
    "default": "#000000",
    "full training": "#0072b2",
    "random": "#0072b2",
    "grid": "#56b4e9",
    "asha": "#d55e00",
    "median stopping": "#cc79a7",
    "tpe": "#e69f00",
    "tpe + asha": "#009e73",
    "optuna": "#cc79a7",
    "population": "#cc79a7",
}
OTHERS = ("#56b4e9", "#e69f00", "#cc79a7", "#009e73", "#d55e00", "#0072b2")
GREY = "#999999"
BEST = "#d55e00"


def colours_of(names: Iterable[str]) -> dict[str, str]:
    """Return a colour for each name: its own if it has one, else one that is still free."""
    names = list(names)
    chosen = {name: COLOURS[name.lower()] for name in names if name.lower() in COLOURS}
    free = [colour for colour in OTHERS if colour not in chosen.values()] or list(OTHERS)
    unknown = [name for name in names if name not in chosen]
    chosen |= {name: free[i % len(free)] for i, name in enumerate(unknown)}
    return {name: chosen[name] for name in names}


def need_columns(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Check that a table has columns, or raise a ValueError that names those it has."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ValueError(
            f"The table has no column {', '.join(missing)}. It has "
            f"{', '.join(map(str, frame.columns))}."
        )


def subplots(height: float | None = None) -> tuple[Figure, Axes]:
    """Return a figure of the width that `notebook_ui.style` sets; `height` in inches."""
    import matplotlib.pyplot as plt

    size = (plt.rcParams["figure.figsize"][0], height) if height else None
    return plt.subplots(figsize=size)


def done(figure: Figure) -> Figure:
    """Return a figure that a notebook shows once."""
    import matplotlib.pyplot as plt

    # Shown once by being the cell's result, not a second time by the inline backend.
    plt.close(figure)
    return figure
