"""Write the notebooks from their sources: ``python -m authoring.build``.

Without an option the notebooks are written; lessons keep the outputs they have where the code is
unchanged. ``--check`` fails if a notebook is stale or was edited by hand. ``--execute`` runs the
lessons on the CPU tier and stores their outputs.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from authoring import solutions
from authoring.notebook_file import as_text
from authoring.source import Source, is_variant, read
from internlab.files import atomic_write, project_root

FOLDERS = ("notebooks", "labs", "solutions")
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def sources(root: Path) -> list[Source]:
    """Return every lesson and lab source, in order."""
    folder = root / "authoring"
    paths = sorted(folder.glob("lessons/*.py")) + sorted(folder.glob("labs/*.py"))
    return [read(path) for path in paths]


def targets(source: Source, root: Path) -> dict[Path, NotebookNode]:
    """Return the notebooks that a source makes, without outputs, by path."""
    shown = [cell for cell in source.cells if not is_variant(cell)]
    file_name = f"{source.name}.ipynb"
    if source.kind == "lesson":
        return {root / "notebooks" / file_name: _notebook(source, shown, "notebooks")}
    blank, full = [], []
    for cell in shown:
        is_code = cell.cell_type == "code"
        blank.append(_with_source(cell, solutions.blanked(cell.source) if is_code else cell.source))
        full.append(_with_source(cell, solutions.filled(cell.source) if is_code else cell.source))
    return {
        root / "labs" / file_name: _notebook(source, blank, "labs"),
        root / "solutions" / file_name: _notebook(source, full, "solutions"),
    }


def stale(root: Path, accept_committed: bool = False) -> list[str]:
    """Return one line for each notebook that does not follow from its source.

    Parameters
    ----------
    root : Path
        The kit's folder.
    accept_committed : bool
        Accept a notebook whose committed version follows from the source. A learner's answers in
        ``labs/`` are then no fault, and a stale notebook still is one.
    """
    found = []
    expected = {
        path: (source, notebook)
        for source in sources(root)
        for path, notebook in targets(source, root).items()
    }
    for path, (source, notebook) in expected.items():
        versions = [path.read_text(encoding="utf-8") if path.exists() else ""]
        if accept_committed:
            versions.append(_committed(path, root))
        if not any(_follows(notebook, version, source) for version in versions):
            fault = "its source has changed, or it was edited by hand" if versions[0] else "missing"
            found.append(f"{path.relative_to(root)}: {fault}")
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.ipynb")):
            # What a learner adds beside the kit's notebooks is not numbered like them.
            if path not in expected and path.name[:2].isdigit() and not accept_committed:
                found.append(f"{path.relative_to(root)}: no source makes it")
    return found


def build(root: Path, only: str = "") -> list[Path]:
    """Write the notebooks whose name starts with `only`; return the paths that changed."""
    changed = []
    for source in sources(root):
        if not source.name.startswith(only):
            continue
        for path, notebook in targets(source, root).items():
            old = path.read_text(encoding="utf-8") if path.exists() else ""
            if old and source.kind == "lesson":
                _adopt_outputs(notebook, nbformat.reads(old, as_version=4))
            text = as_text(notebook)
            if text != old:
                with atomic_write(path) as temporary:
                    temporary.write_text(text, encoding="utf-8")
                changed.append(path)
    return changed


def _notebook(source: Source, cells: list[NotebookNode], folder: str) -> NotebookNode:
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(KERNEL),
        language_info=NotebookNode(name="python"),
        internlab=NotebookNode(
            title=source.title,
            minutes=source.minutes,
            passages=list(source.passages),
            smoke_seconds=source.smoke_seconds,
        ),
    )
    for index, cell in enumerate(cells):
        make = nbformat.v4.new_code_cell if cell.cell_type == "code" else _new_markdown_cell
        # Two blank lines part functions in a script; in a cell they only push its end out of sight.
        new = make(re.sub(r"\n{3,}", "\n\n", cell.source).lstrip("\n"))
        # A position-bound id keeps a rebuild byte-identical and a diff as small as the change.
        key = f"{folder}/{source.name}/{index}"
        new.id = hashlib.sha1(key.encode("utf-8")).hexdigest()[:12]
        if cell.metadata.get("tags"):
            new.metadata["tags"] = list(cell.metadata["tags"])
        notebook.cells.append(new)
    return notebook


def _new_markdown_cell(text: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(text)


def _with_source(cell: NotebookNode, text: str) -> NotebookNode:
    changed = copy.deepcopy(cell)
    changed.source = text
    return changed


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _adopt_outputs(notebook: NotebookNode, existing: NotebookNode) -> None:
    """Take over outputs up to the first changed code cell.

    After a change nothing later can be trusted: its output may depend on the changed cell.
    """
    for new, old in zip(_code_cells(notebook), _code_cells(existing), strict=False):
        if new.source != old.source:
            return
        new.outputs = old.outputs
        new.execution_count = old.execution_count


def _follows(notebook: NotebookNode, text: str, source: Source) -> bool:
    """Say whether a notebook file is what its source makes; only lessons may hold outputs."""
    if not text:
        return False
    fresh = copy.deepcopy(notebook)
    if source.kind == "lesson":
        _adopt_outputs(fresh, nbformat.reads(text, as_version=4))
    return as_text(fresh) == text


def _committed(path: Path, root: Path) -> str:
    """Return a file as it was last committed, or "" where it never was."""
    name = path.relative_to(root).as_posix()
    try:
        done = subprocess.run(["git", "show", f"HEAD:{name}"], cwd=root, capture_output=True)
    except FileNotFoundError:
        # Without git, as from a downloaded archive, nothing is known to be committed.
        return ""
    return done.stdout.decode("utf-8") if done.returncode == 0 else ""


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m authoring.build``; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m authoring.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")
    parser.add_argument(
        "--accept-committed",
        action="store_true",
        help="with --check: a learner's own changes to a committed notebook are no fault",
    )
    parser.add_argument("--execute", action="store_true", help="run the lessons, keep the outputs")
    parser.add_argument("--only", default="", metavar="NAME", help="notebooks starting with NAME")
    options = parser.parse_args(arguments)
    root = project_root()
    if options.check:
        found = stale(root, options.accept_committed)
        for line in found:
            print(line)
        if found:
            print("Edit the source under authoring/ and run: python -m authoring.build")
            return 1
        print("Every notebook follows from its source.")
        return 0
    for path in build(root, options.only):
        print(f"wrote {path.relative_to(root)}")
    if options.execute:
        from authoring.execute import execute_lesson

        for source in sources(root):
            if source.kind == "lesson" and source.name.startswith(options.only):
                execute_lesson(root / "notebooks" / f"{source.name}.ipynb")
    return 0


if __name__ == "__main__":
    sys.exit(main())
