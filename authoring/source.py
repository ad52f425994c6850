"""Read a lesson or lab source: a percent script with a YAML header in comments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import jupytext
import yaml
from nbformat import NotebookNode

HEADER_KEYS = {"title", "minutes", "passages", "smoke_seconds"}
# Cells that only the tests of the feedback run; no learner sees them.
VARIANT_TAGS = {"wrong", "alternative"}


@dataclass(frozen=True)
class Source:
    """A parsed source: the header's facts and the cells of the percent script."""

    path: Path
    title: str
    minutes: int
    passages: tuple[str, ...]
    smoke_seconds: int
    cells: tuple[NotebookNode, ...]

    @property
    def kind(self) -> str:
        """``"lesson"`` or ``"lab"``, from the folder the source lies in."""
        return {"lessons": "lesson", "labs": "lab"}[self.path.parent.name]

    @property
    def name(self) -> str:
        """The stem that source and notebook share, such as ``10_train_super_resolution``."""
        return self.path.stem


def read(path: Path) -> Source:
    """Parse a source file.

    Raises
    ------
    ValueError
        If the header is missing or incomplete, naming the keys.
    """
    text = path.read_text(encoding="utf-8")
    match = re.match(r"# ---\n((?:#.*\n)+?)# ---\n", text)
    if not match:
        raise ValueError(f"{path.name}: expected a header between two '# ---' lines at the top.")
    header = yaml.safe_load(re.sub(r"^# ?", "", match.group(1), flags=re.MULTILINE))
    if set(header) != HEADER_KEYS:
        raise ValueError(
            f"{path.name}: the header has {sorted(header)}, expected {sorted(HEADER_KEYS)}."
        )
    notebook = jupytext.reads(text[match.end() :], fmt="py:percent")
    return Source(
        path=path,
        title=header["title"],
        minutes=header["minutes"],
        passages=tuple(header["passages"]),
        smoke_seconds=header["smoke_seconds"],
        cells=tuple(notebook.cells),
    )


def tags(cell: NotebookNode) -> set[str]:
    """Return a cell's tags."""
    return set(cell.metadata.get("tags", []))


def is_variant(cell: NotebookNode) -> bool:
    """Say whether a cell holds a wrong or an alternative answer for the tests."""
    return bool(tags(cell) & VARIANT_TAGS)
