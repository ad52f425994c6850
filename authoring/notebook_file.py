"""The text of a notebook file."""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode


def as_text(notebook: NotebookNode) -> str:
    """Return a notebook as the text of its file; the same notebook gives the same bytes."""
    return nbformat.writes(notebook, version=4) + "\n"
