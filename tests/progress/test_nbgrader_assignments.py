"""nbgrader takes the labs as they are: the release looks like the lab, and the points are right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from internlab.files import project_root
from internlab.progress import assignment, catalogue, examples

LAB = "22_survive_and_scale"
needs_nbgrader = pytest.mark.skipif(
    find_spec("nbgrader") is None, reason="nbgrader is not installed: pip install '.[nbgrader]'"
)


def _sources(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"]]


def test_every_lab_can_be_an_assignment_and_keeps_its_cells(tmp_path):
    for stem, lab in catalogue.labs().items():
        if not (project_root() / "labs" / f"{stem}.ipynb").is_file():
            continue
        kit = examples.blank(stem)
        graded = assignment.with_grades(kit, lab)
        assert graded["cells"][: len(kit["cells"])] == kit["cells"]
        ids = [cell["id"] for cell in graded["cells"]]
        assert len(set(ids)) == len(ids)
        grades = [c for c in graded["cells"] if "nbgrader" in c["metadata"]]
        assert len(grades) == len(lab.exercises)


def test_a_source_is_written_once_and_never_from_an_answered_lab(tmp_path, monkeypatch):
    path = assignment.write_source("22", tmp_path)
    assert path == tmp_path / "source" / LAB / f"{LAB}.ipynb"
    with pytest.raises(FileExistsError, match="exists already"):
        assignment.write_source(LAB, tmp_path)
    with pytest.raises(ValueError, match="no single lab"):
        assignment.write_source("2", tmp_path)

    root = tmp_path / "kit"
    examples.write(examples.answered(LAB, answers=["retry"]), root / "labs" / f"{LAB}.ipynb")
    monkeypatch.setattr(assignment, "project_root", lambda: root)
    with pytest.raises(ValueError, match="not blank: retry would be given away"):
        assignment.write_source(LAB, tmp_path / "other")


@needs_nbgrader
def test_generate_and_autograde_give_full_points_zero_and_in_between(tmp_path):
    course = tmp_path / "course"
    course.mkdir()
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'kit'\nc.CourseDirectory.root = '.'\n"
    )
    assert assignment.main([LAB, str(course)]) == 0
    _nbgrader(course, "generate_assignment", LAB)
    release = json.loads((course / "release" / LAB / f"{LAB}.ipynb").read_text(encoding="utf-8"))
    kit = examples.blank(LAB)
    # What a learner sees: the lab, cell by cell, and at the end cells that say what they are for.
    assert _sources(release)[: len(kit["cells"])] == _sources(kit)
    assert not any("require" in source for source in _sources(release))

    examples.write(_fill(release, examples.answered(LAB)), _submitted(course, "right"))
    examples.write(release, _submitted(course, "blank"))
    # A lab from the kit itself, answered in part, without any of nbgrader's cells.
    examples.write(
        examples.answered(LAB, answers=["best", "retry"]),
        tmp_path / "room" / "two" / f"{LAB}.ipynb",
    )
    assert assignment.main([LAB, str(course), "--collect", str(tmp_path / "room")]) == 0
    _nbgrader(course, "autograde", LAB)

    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        found = {s.student_id: (s.score, s.max_score) for s in book.assignment_submissions(LAB)}
    assert found == {"right": (7.0, 7.0), "blank": (0.0, 7.0), "two": (2.0, 7.0)}


def _fill(release, answered):
    filled = json.loads(json.dumps(release))
    for cell, other in zip(filled["cells"], answered["cells"], strict=False):
        cell["source"] = other["source"]
    return filled


def _submitted(course: Path, who: str) -> Path:
    return course / "submitted" / who / LAB / f"{LAB}.ipynb"


def _nbgrader(course: Path, command: str, name: str) -> None:
    places = {f"JUPYTER_{kind}_DIR": str(course / f".{kind}") for kind in ("CONFIG", "RUNTIME")}
    environment = {
        **os.environ,
        **places,
        "HOME": str(course),
        "INTERNLAB_NOTES": str(course / "notes"),
        "INTERNLAB_TIER": "smoke",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", command, name],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3000:]
