"""Every notebook runs at the tier in force; labs say TODO, solutions say PASS.

Running without an error is not enough: a solution that prints NOT YET runs without an error too.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from authoring.execute import MAX_BYTES, machine_paths, run
from authoring.source import read
from internlab import passages
from internlab.files import project_root

ROOT = project_root()
# The smoke tier, unless a GPU runner asks for its own.
TIER = os.environ.get("INTERNLAB_TIER", "smoke")
LESSONS = sorted(ROOT.glob("authoring/lessons/*.py"))
LABS = sorted(ROOT.glob("authoring/labs/*.py"))


def _fresh(source_path: Path, folder: str):
    """Build the notebook from its source, so that a learner's own answers are not what is run."""
    from authoring.build import targets

    return targets(read(source_path), ROOT)[ROOT / folder / f"{source_path.stem}.ipynb"]


def _feedback(notebook) -> list[str]:
    """Return the lines that check() showed."""
    return [
        output.data["text/plain"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "display_data"
        and output.data["text/plain"].startswith(("PASS ", "TODO ", "NOT YET "))
    ]


def _check_count(notebook) -> int:
    return sum(
        line.startswith("check(")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for line in cell.source.split("\n")
    )


def test_there_are_lessons_and_labs():
    assert LESSONS and LABS
    assert {path.stem for path in LABS} <= {path.stem for path in LESSONS}


@pytest.mark.parametrize("source", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs(source, cpu_seconds):
    notebook = _fresh(source, "notebooks")
    with cpu_seconds(f"notebooks/{source.stem}"):
        run(notebook, ROOT / "notebooks", tier=TIER, timeout=1800)
    assert machine_paths(notebook) == []


@pytest.mark.parametrize("source", LABS, ids=lambda path: path.stem)
def test_a_blank_lab_runs_to_the_end_and_says_todo(source, cpu_seconds):
    notebook = _fresh(source, "labs")
    with cpu_seconds(f"labs/{source.stem}"):
        run(notebook, ROOT / "labs", tier=TIER, timeout=1800)
    lines = _feedback(notebook)
    assert len(lines) == _check_count(notebook)
    assert all(line.startswith("TODO ") for line in lines), lines


@pytest.mark.parametrize("source", LABS, ids=lambda path: path.stem)
def test_a_solution_passes_everywhere(source, cpu_seconds):
    notebook = _fresh(source, "solutions")
    with cpu_seconds(f"solutions/{source.stem}"):
        run(notebook, ROOT / "solutions", tier=TIER, timeout=1800)
    lines = _feedback(notebook)
    assert len(lines) == _check_count(notebook)
    assert all(line.startswith("PASS ") for line in lines), lines


@pytest.mark.parametrize("source", LESSONS + LABS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_notebook_opens_with_the_passages_it_names(source):
    parsed = read(source)
    assert parsed.passages, "a notebook without a passage has no reason to be here"
    known = passages.load()
    assert set(parsed.passages) <= set(known)
    code = [cell.source for cell in parsed.cells if cell.cell_type == "code"]
    card = next(text for text in code if "passages.card(" in text)
    assert code.index(card) <= 1, "the card opens the notebook"
    for passage_id in parsed.passages:
        assert f'"{passage_id}"' in card


@pytest.mark.parametrize("source", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_opens_a_note_before_it_runs_and_closes_it(source):
    code = [cell.source for cell in read(source).cells if cell.cell_type == "code"]
    opened = next(i for i, text in enumerate(code) if "notes.open(" in text)
    closed = max(i for i, text in enumerate(code) if ".close(" in text and "learned=" in text)
    assert opened <= 4, "the expectation is written down before anything runs"
    assert closed > opened


@pytest.mark.parametrize("source", LESSONS + LABS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_no_cell_is_longer_than_a_screen(source):
    for cell in read(source).cells:
        assert cell.source.count("\n") < 45, cell.source[:80]


@pytest.mark.parametrize("source", LESSONS, ids=lambda path: path.stem)
def test_a_committed_lesson_has_its_outputs_and_none_of_this_machines_paths(source):
    path = ROOT / "notebooks" / f"{source.stem}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert path.stat().st_size < MAX_BYTES
    assert machine_paths(notebook) == []
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells), "run: python -m authoring.build --execute"
    errors = [o for cell in cells for o in cell.outputs if o.output_type == "error"]
    assert errors == []
