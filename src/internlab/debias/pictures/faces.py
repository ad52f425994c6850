"""Faces: the same one with either hair, and where a network looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from internlab.debias.pictures.layout import WIDTH
from internlab.notebook_ui import COLOURS


def swapped_faces(
    short: Sequence[np.ndarray],
    long: Sequence[np.ndarray],
    probabilities: np.ndarray,
    *,
    names: tuple[str, str] = ("A", "B"),
    labels: Sequence[int] | None = None,
    rows: tuple[str, str] = ("short hair", "long hair"),
) -> Any:
    """Draw faces twice, with either hair, and under each what the network makes of it.

    Parameters
    ----------
    short, long : sequence of array
        (H, W, 3) uint8, the same N faces with short and with long hair.
    probabilities : array
        (N, 2) of the *second* class, for short and for long hair, in [0, 1].
    names : tuple of str
        Of the two classes.
    labels : sequence of int, optional
        (N,) the true class, written over each face.
    rows : tuple of str
        What differs between the two rows.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are not as many faces and probabilities.
    """
    import matplotlib.pyplot as plt

    from internlab.picture import PictureFigure

    probabilities = np.asarray(probabilities, dtype=float)
    count = len(short)
    if len(long) != count or probabilities.shape != (count, 2):
        raise ValueError(
            f"Got {count} faces with short hair, {len(long)} with long, and probabilities of shape "
            f"{probabilities.shape}. Expected as many of both and (faces, 2)."
        )
    each = WIDTH / count
    figure, axes = plt.subplots(
        4,
        count,
        figsize=(WIDTH, 2 * each * 1.02 + 1.3),
        height_ratios=[each, 0.3, each, 0.3],
        FigureClass=PictureFigure,
        squeeze=False,
        dpi=100,
    )
    figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.02, hspace=0.02, wspace=0.02)
    for column in range(count):
        for row, faces in enumerate((short, long)):
            face, bar = axes[2 * row, column], axes[2 * row + 1, column]
            face.imshow(faces[column], interpolation="bicubic")
            face.set_xticks([])
            face.set_yticks([])
            face.grid(False)
            face.spines[:].set_visible(False)
            _probability_bar(bar, probabilities[column, row], names)
        if labels is not None:
            axes[0, column].set_title(f"face family {names[labels[column]]}", fontsize=10)
    for row, name in enumerate(rows):
        axes[2 * row, 0].set_ylabel(name)
    plt.close(figure)
    return figure


def attribution_overlay(
    images: Sequence[np.ndarray],
    maps: np.ndarray,
    titles: Sequence[str],
    *,
    masks: np.ndarray | None = None,
    columns: int | None = None,
    rows: Sequence[str] | None = None,
) -> Any:
    """Draw each image beside itself under its attribution map, with a region outlined.

    Parameters
    ----------
    images : sequence of array
        N of (H, W, 3) uint8; may be larger than the maps.
    maps : array
        (N, h, w), not negative; each is scaled by its own maximum.
    titles : sequence of str
        One over each image.
    masks : array, optional
        (N, h, w) bool, outlined.
    columns : int, optional
        Images in a row; default all, at most four.
    rows : sequence of str, optional
        What the images of each row have in common, written beside it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are not as many names as rows.
    """
    import matplotlib.pyplot as plt

    from internlab.picture import PictureFigure

    columns = columns or min(len(images), 4)
    count = -(-len(images) // columns)
    if rows is not None and len(rows) != count:
        raise ValueError(f"{len(rows)} names for {count} rows of images; expected one for each.")
    each = WIDTH / columns
    lines = max((title.count("\n") + 1 for title in titles), default=1)
    figure, axes = plt.subplots(
        2 * count,
        columns,
        figsize=(WIDTH, count * (2 * each + 0.2 + 0.2 * lines)),
        FigureClass=PictureFigure,
        squeeze=False,
        dpi=100,
    )
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.grid(False)
        axis.spines[:].set_visible(False)
    for row, name in enumerate(rows or ()):
        for axis in axes[2 * row : 2 * row + 2, 0]:
            axis.set_ylabel(name)
    for number, (image, values, title) in enumerate(zip(images, maps, titles, strict=True)):
        row, column = 2 * (number // columns), number % columns
        plain, over = axes[row, column], axes[row + 1, column]
        height, width = np.shape(values)
        extent = (-0.5, width - 0.5, height - 0.5, -0.5)
        grey = np.repeat(np.mean(image, axis=2, keepdims=True), 3, axis=2) / 255
        plain.imshow(image, extent=extent, interpolation="bicubic")
        over.imshow(grey, extent=extent, interpolation="bicubic")
        top = np.max(values)
        shown = np.asarray(values) / top if top > 0 else np.zeros((height, width))
        over.imshow(shown, cmap="inferno", alpha=0.25 + 0.55 * shown, interpolation="bilinear")
        if masks is not None and masks[number].any():
            over.contour(masks[number], [0.5], colors="white", linewidths=1.2)
        plain.set_title(title, loc="left", fontsize=10)
    plt.close(figure)
    return figure


def _probability_bar(axis: Any, probability: float, names: tuple[str, str]) -> None:
    """Draw the probabilities of two classes as one bar, with the larger one written out."""
    axis.barh([0], [1 - probability], color=COLOURS["network"])
    axis.barh([0], [probability], left=[1 - probability], color="#e69f00")
    axis.set_xlim(0, 1)
    axis.set_ylim(-0.5, 0.5)
    axis.axis("off")
    second = int(probability > 0.5)
    axis.text(
        0.97 if second else 0.03,
        -0.02,
        f"{names[second]} {max(probability, 1 - probability):.0%}",
        color="black" if second else "white",
        ha="right" if second else "left",
        va="center",
        fontsize=10,
        weight="bold",
    )
