"""The README's table of lessons says what the lessons say of themselves."""

from __future__ import annotations

import re

import pytest

from authoring.source import read
from internlab.files import project_root

LESSONS = sorted(project_root().glob("authoring/lessons/*.py"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_has_a_row_with_its_title_and_minutes(path):
    lesson = read(path)
    number = path.stem.split("_")[0]
    row = f"| [{number} {lesson.title}](notebooks/{path.stem}.ipynb) | {lesson.minutes} |"
    assert row in (project_root() / "README.md").read_text(encoding="utf-8")
    said = re.search(r"^\*(\d+) minutes\.", lesson.cells[0].source, re.MULTILINE)
    assert said and int(said[1]) == lesson.minutes
