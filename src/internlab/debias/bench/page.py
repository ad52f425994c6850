"""Pieces of a page of HTML that needs no other file, and tables as CSV."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from internlab.files import atomic_write

LOOK = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;font-size:14px;margin:1em 0;display:block;overflow-x:auto}"
    "td,th{border-bottom:1px solid #ccc;padding:2px 10px;text-align:left}"
    "pre{background:#f4f4f4;padding:8px;white-space:pre-wrap}img{max-width:100%}"
)


def page(title: str, parts: Sequence[str]) -> str:
    """Return a whole page from its parts, each already HTML."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{LOOK}</style>\n" + "\n".join(parts) + "\n</html>\n"
    )


def paragraph(text: str) -> str:
    """Return plain text as a paragraph."""
    return f"<p>{html.escape(text)}</p>"


def html_table(table: pd.DataFrame) -> str:
    """Return a table; what is missing is left empty."""
    return table.to_html(index=False, border=0, na_rep="")


def image(path: Path, says: str) -> str:
    """Return a PNG as part of the page itself."""
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{html.escape(says)}" src="data:image/png;base64,{data}">'


def write_csv(table: pd.DataFrame, path: Path) -> Path:
    """Write a table in one step and return its path."""
    with atomic_write(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
    return path
