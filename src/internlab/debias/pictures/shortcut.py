"""How a shortcut forms, and whom it hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from internlab.debias.pictures.layout import ALIGNED, CONFLICTING, WIDTH, one_axis
from internlab.notebook_ui import COLOURS


def two_curves(
    steps: np.ndarray,
    aligned: np.ndarray,
    conflicting: np.ndarray,
    *,
    what: str = "accuracy",
    title: str = "",
    chance: float | None = None,
    axis: Any = None,
) -> Any:
    """Draw a quantity of aligned and of conflicting images over the training steps.

    The line is the mean over runs and the band reaches from the lowest to the highest run; runs
    that failed are left out.

    Parameters
    ----------
    steps : array
        (T,) training steps.
    aligned, conflicting : array
        (R, T) or (T,), for each run and step; NaN where nothing was measured.
    what : str
        Name of the quantity, for the axis.
    title : str
        Over the figure.
    chance : float, optional
        What guessing would give, drawn as a dotted line.
    axis : matplotlib axis, optional
        To draw into; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the curves do not have one value for each step.
    """
    figure, axis = one_axis(axis)
    steps = np.asarray(steps)
    means: dict[str, tuple[float, str]] = {}
    for name, values, colour in (
        ("aligned", aligned, ALIGNED),
        ("conflicting", conflicting, CONFLICTING),
    ):
        values = np.atleast_2d(np.asarray(values, dtype=float))
        if values.shape[1] != steps.size:
            raise ValueError(
                f"The {name} curve has shape {values.shape} for {steps.size} steps. Expected "
                "(runs, steps): one value for each step."
            )
        # A failed run is NaN throughout; the others are drawn without it.
        known = np.ma.masked_invalid(values)
        mean = known.mean(0).filled(np.nan)
        low, high = known.min(0).filled(np.nan), known.max(0).filled(np.nan)
        axis.fill_between(steps, low, high, color=colour, alpha=0.2, linewidth=0)
        axis.plot(steps, mean, color=colour, linewidth=2, label=name)
        if np.isfinite(mean).any():
            means[name] = mean[np.isfinite(mean)][-1], colour
    _name_at_the_end(axis, steps[-1], means)
    if chance is not None:
        axis.axhline(chance, color=COLOURS["grey"], linestyle=":")
        axis.annotate(
            "chance ", (steps[-1], chance), color="#666666", va="bottom", ha="right", fontsize=9
        )
    axis.set_ylim(bottom=0)
    axis.set_xlabel("training step")
    axis.set_ylabel(what)
    axis.set_title(title, loc="left")
    return figure


def confusion_by_bias(
    labels: np.ndarray,
    biases: np.ndarray,
    predictions: np.ndarray,
    class_names: Sequence[str],
    bias_names: Sequence[str],
    *,
    colours: Sequence[Any] | None = None,
    axes: Sequence[Any] | None = None,
) -> Any:
    """Draw what conflicting images are called, by what they are and by what their bias says.

    Parameters
    ----------
    labels, biases, predictions : array
        (N,) integer. Only images whose bias does not fit their class are counted.
    class_names, bias_names : sequence of str
        Of the K classes and of as many biases.
    colours : sequence of colour, optional
        One a bias, drawn as a square beside its row.
    axes : sequence of two matplotlib axes, optional
        To draw into; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If no image is conflicting, or the numbers of names differ.
    """
    labels, biases, predictions = map(np.asarray, (labels, biases, predictions))
    count = len(class_names)
    if len(bias_names) != count:
        raise ValueError(
            f"Got {count} classes and {len(bias_names)} biases. Expected as many of one as of the "
            "other: bias k points to class k."
        )
    among = biases != labels
    if not among.any():
        raise ValueError("No image is conflicting. Expected some whose bias is not their class.")
    if axes is None:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 3.9))
        plt.close(figure)
    for axis, rows, names, title in (
        (axes[0], labels[among], class_names, "by what they are"),
        (axes[1], biases[among], bias_names, "by what their bias says"),
    ):
        table = np.zeros((count, count))
        np.add.at(table, (rows, predictions[among]), 1)
        share = table / np.maximum(table.sum(1, keepdims=True), 1)
        axis.imshow(share, cmap="Greys", vmin=0, vmax=1)
        axis.set_xticks(range(count), class_names)
        axis.set_yticks(range(count), names)
        if colours is not None and axis is axes[1]:
            _colour_ticks(axis, colours)
        axis.grid(False)
        axis.set_xlabel("the network says")
        on_diagonal = table.trace() / table.sum()
        axis.set_title(f"{title}\n{on_diagonal:.0%} on the diagonal", loc="left")
    return axes[0].figure


def _name_at_the_end(axis: Any, step: float, ends: Mapping[str, tuple[float, str]]) -> None:
    """Write each curve's name behind its end, apart from each other where the ends meet."""
    values = [value for value, _ in ends.values()] or [0.0]
    low, high = axis.get_ylim()
    meet = np.ptp(values) < 0.08 * (high - low)
    for name, (value, colour) in ends.items():
        side = ("bottom" if value >= max(values) else "top") if meet else "center"
        axis.annotate(f" {name}", (step, value), color=colour, va=side, annotation_clip=False)


def _colour_ticks(axis: Any, colours: Sequence[Any]) -> None:
    """Put a square of each bias's colour in front of its row."""
    for row, colour in enumerate(colours):
        axis.plot(
            -0.055,
            row,
            "s",
            color=np.asarray(colour) / 255 if np.max(colour) > 1 else colour,
            markersize=8,
            markeredgecolor="#999999",
            markeredgewidth=0.6,
            clip_on=False,
            transform=axis.get_yaxis_transform(),
        )
    axis.tick_params(axis="y", length=0, pad=20)
