"""Figures of a scene, what the network calls it, and where a score says that this is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from internlab.data.streets import ANOMALY, CLASSES, PALETTE, VOID
from internlab.ood.dense.rarity import HIGHEST

NIGHT, PAPER, OUTLINE = "#14151a", "#f4f4f2", "#ffffff"
WIDTH = 7.2  # inches; its text stays readable at half the size, on a phone
COLOURS_OF_RARITY = "inferno"


def painted(labels: np.ndarray, image: np.ndarray | None = None, share: float = 0.72) -> np.ndarray:
    """Return labels as colours, over the image's light and shade if there is one.

    Parameters
    ----------
    labels : array
        (H, W) integer. Anomaly is white, void is black.
    image : array, optional
        (H, W, 3) uint8.
    share : float
        Of the class colour, in [0, 1]; the rest is the image in grey.

    Returns
    -------
    array
        (H, W, 3) uint8.

    Raises
    ------
    ValueError
        If a label is no class, not anomaly and not void.
    """
    labels = np.asarray(labels)
    known = (labels >= 0) & (labels < len(PALETTE)) | np.isin(labels, (ANOMALY, VOID))
    if not known.all():
        raise ValueError(
            f"Got a pixel of label {labels[~known][0]}, which has no colour. Expected 0 to "
            f"{len(PALETTE) - 1}, {ANOMALY} (anomaly) or {VOID} (void)."
        )
    colours = np.zeros((256, 3))
    colours[: len(PALETTE)], colours[ANOMALY], colours[VOID] = PALETTE, 255, 0
    flat = colours[labels]
    if image is None:
        return flat.astype(np.uint8)
    grey = image.mean(axis=2, keepdims=True)
    return (share * flat + (1 - share) * grey).round().clip(0, 255).astype(np.uint8)


def scene_figure(
    image: np.ndarray,
    labels: np.ndarray,
    prediction: np.ndarray,
    maps: Mapping[str, np.ndarray],
    *,
    headline: str = "",
) -> Any:
    """Draw the scene large, then labels and prediction, then one map for each score.

    Parameters
    ----------
    image : array
        (H, W, 3) uint8.
    labels, prediction : array
        (H, W) integer. The anomaly of the labels is outlined in every panel.
    maps : mapping of str to array
        From the name of a score to its `rarity`, (H, W), 0 to 3.
    headline : str
        Over everything.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib.pyplot as plt

    from internlab.picture import PictureFigure

    rows = -(-len(maps) // 2)
    half = WIDTH / 2 * image.shape[0] / image.shape[1]
    title, names, bar = 0.37, 0.4, 0.56
    heights = [0.42 if headline else 0.02, 2 * half, half + title, names]
    heights += [*[half + title] * rows, bar]
    figure = plt.figure(
        figsize=(WIDTH, sum(heights)), facecolor=NIGHT, FigureClass=PictureFigure, dpi=150
    )
    figure.set_layout_engine("none")
    panels = _Panels(figure, heights, labels == ANOMALY)
    if headline:
        panels.text(0, headline, size=17, weight="bold")
    panels.draw(1, None, image, "", smooth=True)
    panels.draw(2, 0, painted(labels), "labels")
    panels.draw(2, 1, painted(prediction, image), "the network says")
    _name_classes(panels, 3, [c for c in range(len(CLASSES)) if (prediction == c).any()])
    for number, (name, values) in enumerate(maps.items()):
        shown = plt.get_cmap(COLOURS_OF_RARITY)(np.asarray(values) / HIGHEST)[..., :3]
        panels.draw(4 + number // 2, number % 2, shown, name, smooth=True)
    _rarity_bar(panels, 4 + rows)
    plt.close(figure)
    return figure


class _Panels:
    """Rows of a figure, placed by hand so that pictures of one width line up to the pixel."""

    def __init__(self, figure: Any, heights: Sequence[float], anomaly: np.ndarray) -> None:
        self.figure, self.heights, self.anomaly = figure, heights, anomaly
        self.total = sum(heights)

    def axes(self, row: int, left: float, width: float, height: float) -> Any:
        """Return bare axes at the bottom of a row; `height` in inches, the rest in shares."""
        below = sum(self.heights[row + 1 :])
        axes = self.figure.add_axes((left, below / self.total, width, height / self.total))
        axes.axis("off")
        return axes

    def text(self, row: int, text: str, **options: Any) -> None:
        """Write a row of text, smaller if it is too long for the width."""
        axes = self.axes(row, 0, 1, self.heights[row])
        line = axes.text(0.012, 0.5, text, va="center", ha="left", color=PAPER, **options)
        room = 0.95 * WIDTH * self.figure.dpi
        line.set_size(line.get_size() * min(1, room / line.get_window_extent().width))

    def draw(
        self, row: int, column: int | None, picture: np.ndarray, title: str, smooth: bool = False
    ) -> None:
        """Draw a picture over the whole width, or in one of two columns."""
        gap = 0.006
        left, width = (0.0, 1.0) if column is None else (column * (0.5 + gap / 2), 0.5 - gap / 2)
        height = WIDTH * width * picture.shape[0] / picture.shape[1]
        axes = self.axes(row, left, width, height)
        axes.imshow(picture, interpolation="bicubic" if smooth else "nearest", aspect="auto")
        if self.anomaly.any():
            line = 2.0 if column is None else 1.1
            axes.contour(self.anomaly, [0.5], colors=OUTLINE, linewidths=line)
        if title:
            axes.text(
                0.024, 1.04, title, color=PAPER, size=15, va="bottom", transform=axes.transAxes
            )


def _name_classes(panels: _Panels, row: int, classes: Sequence[int]) -> None:
    axes = panels.axes(row, 0, 1, panels.heights[row])
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(0, 1)
    at = 0.09
    for number in classes:
        colour = PALETTE[number] / 255
        axes.plot(at + 0.06, 0.5, "s", color=colour, markersize=9, markeredgecolor="#888888")
        name = axes.text(at + 0.16, 0.47, CLASSES[number], color=PAPER, size=12.5, va="center")
        at += 0.26 + name.get_window_extent().width / panels.figure.dpi


def _rarity_bar(panels: _Panels, row: int) -> None:
    import matplotlib.pyplot as plt

    text = panels.axes(row, 0, 0.3, panels.heights[row])
    text.text(0.04, 0.5, "ordinary pixels\nthat score as high", color=PAPER, size=12.5, va="center")
    bar = panels.axes(row, 0.3, 0.68, panels.heights[row])
    ramp = plt.get_cmap(COLOURS_OF_RARITY)(np.linspace(0, 1, 256))[None, :, :3]
    bar.imshow(ramp, extent=(0, HIGHEST, 0.58, 0.86), aspect="auto")
    bar.set_ylim(0, 1)
    for power, name in enumerate(("all", "1 in 10", "1 in 100", "1 in 1,000")):
        side = {0: "left", 3: "right"}.get(power, "center")
        bar.text(power, 0.47, name, color=PAPER, size=12.5, ha=side, va="top")
