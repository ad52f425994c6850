"""A participant's file is read without trust, and what looks odd in it is named."""

from __future__ import annotations

import json
import os

import pytest

from internlab.progress import bounded, catalogue, cells, examples
from internlab.progress.cells import NotANotebook, read_code
from internlab.progress.outcome import plain

BROKEN = {
    "broken JSON": ("{broken", "no notebook"),
    "empty": ("", "no notebook"),
    "a list": ("[1, 2]", "no list of cells"),
    "an old format": ('{"worksheets": []}', "no list of cells"),
    "cells that are no records": ('{"cells": [3]}', "not a record"),
    "a source that is no text": ('{"cells": [{"cell_type": "code", "source": [1]}]}', "not text"),
    "nested deeply": ("[" * 200_000, "nested too deeply"),
    "a page": ("<!DOCTYPE html><title>login</title>", "no notebook"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named(name, tmp_path):
    text, says = BROKEN[name]
    path = tmp_path / "x.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotANotebook, match=says):
        read_code(path, limit_mb=1)


def test_a_file_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_bytes(b"\xff\xfe\x00PK")
    with pytest.raises(NotANotebook, match="no notebook"):
        read_code(path, limit_mb=1)


def test_a_link_a_pipe_and_a_large_file_are_not_opened(tmp_path):
    examples.write(examples.blank(), tmp_path / "there.ipynb")
    link, pipe, large = (tmp_path / f"{name}.ipynb" for name in ("link", "pipe", "large"))
    link.symlink_to(tmp_path / "there.ipynb")
    os.mkfifo(pipe)
    with large.open("wb") as file:
        file.truncate(100_000_000)
    for path, says in ((link, "symbolic link"), (pipe, "regular file"), (large, "100 MB large")):
        with pytest.raises(NotANotebook, match=says):
            read_code(path, limit_mb=20)


def test_a_source_may_be_text_or_lines_and_hold_half_a_character(tmp_path):
    notebook = {
        "cells": [
            {"cell_type": "code", "source": ["a = 1\n", "b = 2"]},
            {"cell_type": "markdown", "source": "words"},
            {"cell_type": "code", "source": "x = '\ud800'"},
        ]
    }
    path = examples.write(notebook, tmp_path / "x.ipynb")
    assert read_code(path, limit_mb=1) == ["a = 1\nb = 2", "x = '?'"]


def test_a_broken_file_costs_its_own_row_only(run, lab):
    outcome = run("{broken")
    assert {told.label for told in outcome.exercises.values()} == {"MISSING"}
    assert "no notebook" in outcome.problem
    assert list(outcome.exercises) == list(lab.exercises)


def test_a_file_that_overwhelms_the_parser_costs_its_own_row_only(run):
    nested = "x = " + "(" * 50_000 + ")" * 50_000
    outcome = run(examples.with_first_cell(examples.answered(), nested))
    assert outcome.passed == 8


@pytest.mark.parametrize("name", examples.FORGED)
def test_a_forged_pass_is_none_and_is_remarked_upon(name, run, lab):
    code = examples.FORGED[name].replace("{exercises!r}", repr(list(lab.exercises)))
    code = code.replace("{lab!r}", repr(lab.name))
    outcome = run(examples.with_first_cell(examples.blank(), code))
    assert outcome.passed == 0
    assert outcome.remarks


def test_an_honest_lab_has_no_remark(run):
    for notebook in (examples.answered(), examples.blank()):
        assert run(notebook).remarks == ()


def test_no_solution_of_the_kit_looks_odd():
    for stem, lab in catalogue.labs().items():
        kit, solution = (
            bounded.project_root() / folder / f"{stem}.ipynb" for folder in ("labs", "solutions")
        )
        if solution.is_file():
            given = cells.remarks_on(read_code(solution, 20), lab, read_code(kit, 20))
            assert given == [], stem


def test_what_looks_odd_is_named(lab, tmp_path):
    kit = ["check('profile', tile_profile)"]
    remarks = cells.remarks_on(
        [
            "check('profile', lambda *sizes: 3)",
            "import ctypes",
            "import os\nos._exit(0)",
            "text = open('solutions/x')",
            "from internlab.ood.exercises.dog import check",
            "%timeit 1\nlab.judge",
        ],
        lab,
        kit,
    )
    text = "\n".join(remarks)
    for says in (
        "the check of profile was changed to check('profile', lambda",
        "cell 2 reaches below Python (ctypes)",
        "cell 3 ends the process",
        "cell 4 names the folder of solutions",
        "cell 5 takes check from internlab.ood.exercises.dog",
        "cell 6 reaches into the checks (judge)",
    ):
        assert says in text
    assert cells.remarks_on(kit, lab, kit) == []


def test_another_labs_cells_and_a_missing_check_are_named(run, lab):
    outcome = run(examples.answered("22_survive_and_scale"))
    assert {told.label for told in outcome.exercises.values()} == {"MISSING"}
    assert "checks of another lab, hpo.survive" in outcome.problem
    notebook = examples.answered()
    text = json.dumps(notebook).replace('check(\\"plan\\", plan)', "")
    outcome = run(json.loads(text))
    assert outcome.exercises["plan"].label == "MISSING"
    assert outcome.passed == len(lab.exercises) - 1


def test_a_cell_that_raises_is_not_yet_with_what_it_raised(run):
    notebook = examples.answered()
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if 'check("plan"' in source:
            cell["source"] = "def plan(:\n" + source
        if 'check("cause"' in source:
            cell["source"] = "1 / 0\n" + source
    outcome = run(notebook)
    assert outcome.exercises["plan"].label == "NOT YET"
    assert "SyntaxError" in outcome.exercises["plan"].text
    assert "ZeroDivisionError" in outcome.exercises["cause"].text
    assert outcome.passed == 6 and outcome.problem == ""


def test_an_answer_that_never_returns_is_stopped_and_the_next_one_runs(run, short_cells):
    notebook = examples.answered()
    for cell in notebook["cells"]:
        if 'check("plan"' in "".join(cell["source"]):
            cell["source"] = (
                "def plan(*given, **named):\n    while True:\n        pass\ncheck('plan', plan)"
            )
    outcome = run(notebook, limits=short_cells)
    assert outcome.exercises["plan"].label == "STOPPED"
    assert outcome.exercises["plan"].text.endswith("does a loop end?")
    assert outcome.passed == 7


def test_magics_display_and_input_do_no_harm(run):
    code = (
        "%matplotlib inline\n%timeit -n1 -r1 1\n!echo hello\n"
        "from IPython.display import display\ndisplay(3)\nget_ipython()"
    )
    notebook = examples.with_first_cell(examples.answered(), code)
    notebook = examples.with_first_cell(notebook, "input('name?')")
    outcome = run(notebook)
    assert outcome.passed == 8 and outcome.problem == ""
    # A cell without an exercise that fails is worth a word all the same.
    assert len(outcome.remarks) == 1
    assert outcome.remarks[0].startswith("code cell 2 raised EOFError")


def test_a_text_of_a_participant_becomes_one_harmless_line():
    assert plain("a\x1b[2Jb\u202ec\nd\te") == "a?[2Jb?c d e"
    assert plain("김민수 é") == "김민수 é"
    assert len(plain("x" * 10_000, 50)) == 50


def test_the_cells_see_the_tier_of_the_caller(run, monkeypatch):
    monkeypatch.setenv("INTERNLAB_TIER", "cpu")
    assert bounded.tier() == "cpu"
    monkeypatch.delenv("INTERNLAB_TIER")
    assert bounded.tier() == "smoke"
