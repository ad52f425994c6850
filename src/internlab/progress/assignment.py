"""A lab as an nbgrader assignment: ``python -m internlab.progress.assignment 40_shortcut COURSE``.

Every cell of the lab stays as the learner knows it. One read-only cell for each exercise is added
at the end; its content is hidden until nbgrader grades, and it asks what the lab's own check said
last. nbgrader runs submissions in the account of whoever grades, without any containment: grade
on a machine that may be lost, or look at `internlab.progress` first.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
import sys
from pathlib import Path
from typing import Any

from internlab.command import run_command
from internlab.files import atomic_write, project_root
from internlab.progress import catalogue
from internlab.progress.catalogue import KitLab
from internlab.progress.cells import CHECK, NotANotebook, read_notebook
from internlab.progress.limits import Limits
from internlab.progress.outcome import plain
from internlab.progress.submissions import of_room

_BLANK = "# YOUR CODE HERE"


def with_grades(notebook: dict[str, Any], lab: KitLab, points: float = 1.0) -> dict[str, Any]:
    """Return a copy of a lab with a heading and one graded cell for each exercise at its end.

    Parameters
    ----------
    notebook : dict
        A notebook in format 4, as JSON: blank for a source, answered for a submission.
    lab : KitLab
    points : float
        For each exercise.
    """
    graded = copy.deepcopy(notebook)
    heading = {
        "cell_type": "markdown",
        "id": _cell_id("heading"),
        "metadata": {},
        "source": "## For the grader\n\nLeave these cells as they are. One point for each exercise "
        "whose last check says PASS.",
    }
    graded["cells"] += [heading, *(_graded_cell(name, lab, points) for name in lab.exercises)]
    return graded


def write_source(name: str, course: Path, points: float = 1.0) -> Path:
    """Write ``source/NAME/NAME.ipynb`` of an nbgrader course; return its path.

    Parameters
    ----------
    name : str
        The lab, such as ``"40_shortcut"``, or its number.
    course : Path
        The folder of the course, with ``nbgrader_config.py`` or about to get one.
    points : float
        For each exercise.

    Raises
    ------
    ValueError
        If there is no such lab, or the kit's copy in ``labs/`` holds answers.
    FileExistsError
        If the source is there already.
    """
    lab = _lab_named(name)
    notebook = json.loads((project_root() / "labs" / f"{lab.file_name}.ipynb").read_text("utf-8"))
    answered = sorted(set(lab.exercises) - _blank_exercises(notebook))
    if answered:
        raise ValueError(
            f"labs/{lab.file_name}.ipynb is not blank: {', '.join(answered)} would be given away. "
            "Take a fresh copy of the lab (git checkout, or make notebooks)."
        )
    path = course / "source" / lab.file_name / f"{lab.file_name}.ipynb"
    if path.exists():
        raise FileExistsError(f"{path} exists already. Move it away if it should be made anew.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as temporary:
        text = json.dumps(with_grades(notebook, lab, points), indent=1, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return path


def collect(name: str, room: Path, course: Path) -> list[Path]:
    """Copy participants' labs into ``submitted/`` of a course, with the graded cells where missing.

    So a lab that was answered in the kit, without nbgrader, is graded like any other.

    Parameters
    ----------
    name : str
        The lab, such as ``"40_shortcut"``, or its number.
    room : Path
        As `internlab.progress.submissions.of_room` takes it.
    course : Path
        The folder of the course.

    Returns
    -------
    list of Path
        The files written. A submission that is there already is left as it is.

    Raises
    ------
    ValueError
        If there is no such lab or room, or a file is no notebook, naming whose.
    """
    lab = _lab_named(name)
    written = []
    for submission in of_room(room, catalogue.labs()).submissions:
        if submission.lab != lab.file_name:
            continue
        path = course / "submitted" / submission.participant / lab.file_name
        path /= f"{lab.file_name}.ipynb"
        if path.exists():
            continue
        try:
            notebook = read_notebook(submission.path, Limits().notebook_mb)
        except NotANotebook as error:
            raise ValueError(f"{plain(submission.participant, 60)}: {error}") from error
        ids = {_cell_id(each) for each in lab.exercises}
        if not ids & {str(cell.get("id")) for cell in notebook["cells"]}:
            notebook = with_grades(notebook, lab)
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as temporary:
            temporary.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return written


def _graded_cell(name: str, lab: KitLab, points: float) -> dict[str, Any]:
    code = [
        f"# For `{name}`. nbgrader fills this cell in when it grades.",
        "### BEGIN HIDDEN TESTS",
        f"from {lab.module} import check",
        "",
        f"check.__self__.require({name!r})",
        "### END HIDDEN TESTS",
    ]
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _cell_id(name),
        "metadata": {
            "deletable": False,
            "editable": False,
            "nbgrader": {
                "grade": True,
                "grade_id": _cell_id(name),
                "locked": True,
                "points": points,
                "schema_version": 3,
                "solution": False,
                "task": False,
            },
        },
        "outputs": [],
        "source": "\n".join(code),
    }


def _cell_id(name: str) -> str:
    return "grade-" + re.sub(r"[^A-Za-z0-9_-]", "-", name)


def _blank_exercises(notebook: dict[str, Any]) -> set[str]:
    sources = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    return {name for code in sources if _BLANK in code for name in CHECK.findall(code)}


def _lab_named(name: str) -> KitLab:
    found = [lab for stem, lab in catalogue.labs().items() if stem.startswith(name) and name]
    if len(found) != 1:
        raise ValueError(f"no single lab {name!r}. Expected one of {', '.join(catalogue.labs())}.")
    return found[0]


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m internlab.progress.assignment``; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m internlab.progress.assignment",
        description="Write a lab as the source of an nbgrader assignment. Then: nbgrader "
        "generate_assignment NAME, and later nbgrader autograde NAME. With --collect, copy labs "
        "that were answered without nbgrader into the course's submitted/.",
    )
    parser.add_argument("lab", help="such as 40_shortcut")
    parser.add_argument("course", type=Path, help="folder of the nbgrader course")
    parser.add_argument("--points", type=float, default=1.0, help="for each exercise (default: 1)")
    parser.add_argument("--collect", type=Path, metavar="FOLDER", help="participants' labs")
    parser.set_defaults(run=_run)
    return run_command(parser.parse_args(arguments), _status_of)


def _run(options: argparse.Namespace) -> int:
    if options.collect:
        written = collect(options.lab, options.collect, options.course)
        count = len(written)
        print(f"Collected {count} submission{'s' * (count != 1)}.")
        print("Grading runs them in your account, uncontained: nbgrader autograde.")
        return 0
    path = write_source(options.lab, options.course, options.points)
    print(f"Wrote {path}")
    print(f"Next, in {options.course}: nbgrader generate_assignment {path.stem}")
    return 0


def _status_of(error: Exception) -> tuple[int, str] | None:
    return (2, str(error)) if isinstance(error, (ValueError, OSError)) else None


if __name__ == "__main__":
    sys.exit(main())
