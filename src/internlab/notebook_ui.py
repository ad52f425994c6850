"""The few display helpers that notebooks share: figure style, colours, tables, source code."""

from __future__ import annotations

import html
import inspect
import os
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

# Okabe and Ito's palette (2008), readable with every common colour vision. A thing keeps its
# colour through all lessons.
COLOURS = {
    "bicubic": "#7f7f7f",
    "network": "#0072b2",
    "reference": "#000000",
    "torch": "#d55e00",
    "onnxruntime": "#0072b2",
    "openvino": "#009e73",
    "tensorrt": "#cc79a7",
    "good": "#009e73",
    "bad": "#d55e00",
    "grey": "#999999",
}

# Inches; wide enough for three crops, small enough that a notebook of pictures stays light.
PICTURE_WIDTH = 7.2


def style() -> None:
    """Set the look of figures, and quiet the libraries; call it once at the top of a notebook."""
    import logging

    import matplotlib
    from cycler import cycler

    matplotlib.rcParams.update(
        {
            # Sized for a phone: 6.4 inches at 11 points keeps text readable when it is halved.
            "figure.figsize": (6.4, 3.6),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "savefig.dpi": 100,
            "font.size": 11,
            "axes.titlesize": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#dddddd",
            "legend.frameon": False,
            "image.interpolation": "nearest",
            "axes.prop_cycle": cycler(
                color=["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]
            ),
        }
    )
    # A progress bar that rewrites its line reads well live and badly in a committed output.
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    for name in ("pytorch_lightning", "lightning.pytorch", "torch.onnx"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"pytorch_lightning\..*")


def show_source(thing: Callable[..., Any] | type) -> Any:
    """Return the real source of a library function or class, for display with highlighting.

    A lesson that shows the source cannot drift apart from the library it explains.
    """
    from IPython.display import Markdown

    # A fenced block is highlighted by JupyterLab and by GitHub alike, and stays small.
    return Markdown(f"```python\n{textwrap.dedent(inspect.getsource(thing)).rstrip()}\n```")


class Table:
    """Rows as a plain table: HTML in a notebook, aligned text elsewhere."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], caption: str) -> None:
        self.rows = [dict(row) for row in rows]
        self.caption = caption

    def _repr_html_(self) -> str:
        columns = list(self.rows[0]) if self.rows else []
        cell = "padding:2px 10px;text-align:{};border-bottom:1px solid #bbbbbb"
        head = "".join(
            f'<th style="{cell.format("left")}">{html.escape(str(name))}</th>' for name in columns
        )
        body = ""
        for row in self.rows:
            cells = ""
            for name in columns:
                value = row.get(name, "")
                side = "right" if isinstance(value, (int, float, np.number)) else "left"
                shown = html.escape(_as_text(value))
                cells += f'<td style="{cell.format(side)}">{shown}</td>'
            body += f"<tr>{cells}</tr>"
        caption = html.escape(self.caption)
        # Above the table, not a <caption>: that would be broken into lines as narrow as the table.
        title = f'<div style="margin-top:4px">{caption}</div>' if caption else ""
        return f"{title}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def __repr__(self) -> str:
        if not self.rows:
            return self.caption or "(no rows)"
        columns = list(self.rows[0])
        lines = [columns] + [[_as_text(row.get(name, "")) for name in columns] for row in self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
        text = "\n".join(
            "  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True))
            for line in lines
        )
        return f"{self.caption}\n{text}" if self.caption else text


def table(rows: Any, caption: str | None = None) -> Table:
    """Return rows (mappings with the same keys) or a DataFrame as a plain table for display.

    Numbers are shown with four significant digits and set to the right.
    """
    if hasattr(rows, "to_dict"):
        rows = rows.to_dict("records")
    return Table(rows, caption or "")


def images(
    arrays: Sequence[np.ndarray],
    titles: Sequence[str],
    columns: int | None = None,
    zoom: float | None = None,
    limits: tuple[float, float] | None = None,
) -> Any:
    """Draw images side by side and return the figure, which a notebook shows as a JPEG.

    Parameters
    ----------
    arrays : sequence of array
        Each (H, W, 3) uint8, or float in [0, 1]; or (H, W), drawn in grey.
    titles : sequence of str
        One above each image.
    columns : int, optional
        Images in a row; default all, at most four.
    zoom : float, optional
        Screen pixels for an image pixel; by default the row is filled.
    limits : pair of float, optional
        Values of black and white in grey images, so that several can be compared; by default the
        minimum and maximum of each.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib.pyplot as plt

    from internlab.picture import PictureFigure

    count = len(arrays)
    columns = columns or min(count, 4)
    rows = -(-count // columns)
    height, width = np.asarray(arrays[0]).shape[:2]
    each = width * zoom / 100 if zoom else PICTURE_WIDTH / columns
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(each * columns, (each * height / width + 0.35) * rows),
        FigureClass=PictureFigure,
    )
    for axis in np.ravel(axes):
        axis.axis("off")
    for axis, array, title in zip(np.ravel(axes), arrays, titles, strict=False):
        grey = np.ndim(array) == 2
        low, high = limits if grey and limits else (None, None)
        axis.imshow(array, cmap="gray" if grey else None, vmin=low, vmax=high)
        axis.set_title(title, loc="left")
    # Shown once by being the cell's result, not a second time by the inline backend.
    plt.close(figure)
    return figure


def _as_text(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    return str(value)
