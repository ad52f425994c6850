"""What all figures of the track share: colours, width, and where to draw."""

from __future__ import annotations

from typing import Any

from internlab.notebook_ui import COLOURS

ALIGNED, CONFLICTING = COLOURS["network"], COLOURS["bad"]
WIDTH = 7.2  # inches; its text stays readable at half the size, on a phone


def one_axis(axis: Any, height: float = 3.6) -> tuple[Any, Any]:
    """Return figure and axis, new ones if there is none; shown once, by being a cell's result."""
    if axis is not None:
        return axis.figure, axis
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(WIDTH, height))
    plt.close(figure)
    return figure, axis
