"""A folder of participants' labs becomes a table, whatever lies in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from internlab.progress import bounded, catalogue, examples, room, submissions
from internlab.progress.command import main
from internlab.progress.limits import Limits
from internlab.progress.outcome import Outcome, Told
from internlab.progress.room import Cache, obstacle, run_room, tallies
from internlab.progress.submissions import Submission, of_room, own

KNOWN = catalogue.labs()
LAB = examples.LAB


@pytest.fixture(autouse=True)
def _own_places(tmp_path, monkeypatch):
    """Keep the cache and the page of a test to the test."""
    original = bounded.cache_dir
    monkeypatch.setattr(room, "cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setenv("INTERNLAB_NOTES", str(tmp_path / "notes"))
    assert original().is_dir()


def _touch(path, text="{}"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_catalogue_is_what_the_modules_say():
    import importlib

    for stem, lab in KNOWN.items():
        imported = importlib.import_module(lab.module).lab
        assert (imported.name, tuple(imported.exercises)) == (lab.name, lab.exercises)
        assert imported.solution == f"solutions/{stem}.ipynb"
    labs = {path.stem for path in (bounded.project_root() / "labs").glob("[0-9]*.ipynb")}
    assert labs <= set(KNOWN)


def test_folders_flat_files_and_nbgraders_layout_are_understood(tmp_path):
    _touch(tmp_path / "room" / "ana" / "labs" / f"{LAB}.ipynb")
    _touch(tmp_path / "room" / f"bo__{LAB} (1).ipynb")
    (tmp_path / "room" / "cy").mkdir()
    _touch(tmp_path / "room" / "ana" / "notes.ipynb")
    _touch(tmp_path / "room" / "readme.txt")
    _touch(tmp_path / "room" / "loose.ipynb")
    found = of_room(tmp_path / "room", KNOWN)
    assert found.participants == ("ana", "bo", "cy")
    assert [(s.participant, s.lab) for s in found.submissions] == [("ana", LAB), ("bo", LAB)]
    assert len(found.left_out) == 2

    _touch(tmp_path / "course" / "submitted" / "dee" / LAB / f"{LAB}.ipynb")
    found = of_room(tmp_path / "course", KNOWN)
    assert [(s.participant, s.lab) for s in found.submissions] == [("dee", LAB)]


def test_of_two_copies_the_one_with_the_labs_name_is_taken_and_the_other_named(tmp_path):
    _touch(tmp_path / "ana" / f"{LAB}-Copy1.ipynb")
    _touch(tmp_path / "ana" / f"{LAB}.ipynb")
    _touch(tmp_path / "ana" / ".ipynb_checkpoints" / f"{LAB}.ipynb")
    found = of_room(tmp_path, KNOWN)
    assert [s.path.name for s in found.submissions] == [f"{LAB}.ipynb"]
    assert found.left_out == (f"ana: {LAB}-Copy1.ipynb is a second copy of a lab",)


def test_no_link_is_followed(tmp_path):
    _touch(tmp_path / "elsewhere" / f"{LAB}.ipynb")
    folder = tmp_path / "room"
    (folder / "ana").mkdir(parents=True)
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "ana" / "more").symlink_to(tmp_path / "elsewhere")
    found = of_room(folder, KNOWN)
    assert found.participants == ("ana",) and found.submissions == ()
    assert found.left_out == ("linked: a symbolic link",)


def test_a_wrong_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match="is not a folder"):
        of_room(tmp_path / "nowhere", KNOWN)
    for number in range(4):
        (tmp_path / f"p{number}").mkdir()
    with pytest.raises(ValueError, match="Is it the right folder"):
        of_room(tmp_path, KNOWN, most=3)


def test_own_labs_are_those_of_the_kit(tmp_path):
    _touch(tmp_path / f"{LAB}.ipynb")
    _touch(tmp_path / "mine.ipynb")
    assert [s.lab for s in own(tmp_path, KNOWN)] == [LAB]


def _outcome(*labels):
    names = KNOWN[LAB].exercises
    return Outcome({name: Told(label) for name, label in zip(names, labels, strict=True)})


def test_the_obstacle_is_where_most_are_stuck_not_where_most_are_blank(tmp_path):
    rows = [
        _outcome("PASS", "NOT YET", "NOT YET", "TODO", *["TODO"] * 4),
        _outcome("PASS", "STOPPED", "PASS", "TODO", *["NOT REACHED"] * 4),
        _outcome("PASS", "PASS", "NOT YET", "TODO", *["MISSING"] * 4),
    ]
    outcomes = {Submission(f"p{i}", LAB, tmp_path): row for i, row in enumerate(rows)}
    counted = tallies(outcomes, KNOWN)[LAB]
    assert [tally.stuck for tally in counted[:4]] == [0, 2, 2, 0]
    assert obstacle(counted).exercise == KNOWN[LAB].exercises[1]
    assert obstacle(counted[:1]) is None


class _Counted:
    """Stands for a run; counts how often it is made."""

    def __init__(self, monkeypatch):
        self.runs = []
        monkeypatch.setattr(bounded, "run_lab", self)

    def __call__(self, path, lab, *_):
        self.runs.append(path)
        return Outcome({name: Told("TODO") for name in lab.exercises})


def test_a_notebook_is_run_again_only_if_something_changed(tmp_path, monkeypatch, protection):
    counted = _Counted(monkeypatch)
    path = tmp_path / "ana" / f"{LAB}.ipynb"
    _touch(path, "{}")
    one = [Submission("ana", LAB, path)]

    def go(limits=Limits(), fresh=False, protection=protection):  # noqa: B008
        cache = Cache(limits, protection, fresh=fresh)
        outcomes, interrupted = run_room(one, KNOWN, protection, limits, cache, jobs=1)
        assert len(outcomes) == 1 and not interrupted
        return len(counted.runs)

    assert go() == 1
    assert go() == 1
    assert go(fresh=True) == 2
    assert go(limits=Limits(wall_s=1)) == 3
    assert go(protection=replace(protection, layers=())) == 4
    path.write_text('{"cells": []}')
    assert go() == 5
    monkeypatch.setattr(room, "code_hash", lambda: "another kit")
    assert go() == 6
    for kept in (tmp_path / "cache" / "progress").iterdir():
        kept.write_text('{"exercises": 3')
    assert go() == 7


def test_a_lab_that_could_not_be_contained_is_not_run_not_kept_and_harms_no_other(
    tmp_path, monkeypatch, protection
):
    def refuse(path, lab, *_):
        if "ana" in str(path):
            raise bounded.CannotContain("no process left")
        return Outcome({name: Told("PASS") for name in lab.exercises})

    monkeypatch.setattr(bounded, "run_lab", refuse)
    both = [Submission(who, LAB, tmp_path / who / "x.ipynb") for who in ("ana", "bo")]
    for each in both:
        _touch(each.path, f'{{"of": "{each.participant}"}}')
    cache = Cache(Limits(), protection)
    outcomes, _ = run_room(both, KNOWN, protection, Limits(), cache, jobs=2)
    assert outcomes[both[0]].problem == "not run: no process left"
    assert outcomes[both[1]].passed == 8
    assert cache.get(cache.key(both[0])) is None


def test_the_command_shows_the_room_and_its_status_says_how_it_ended(tmp_path, capsys):
    folder = tmp_path / "room"
    examples.write(examples.answered(answers=["profile"]), folder / "ana" / f"{LAB}.ipynb")
    page = tmp_path / "page.html"
    assert main([str(folder), "--html", str(page), "--lab", "12"]) == 0
    shown = capsys.readouterr()
    assert "ana" in shown.out and "Obstacle: none" in shown.out
    assert "[1/1] ana" in shown.err
    assert page.read_text(encoding="utf-8").count("PASS") >= 1

    _touch(folder / "bo" / f"{LAB}.ipynb", "{broken")
    assert main([str(folder), "--html", str(page), "--hide-names"]) == 3
    shown = capsys.readouterr()
    assert "bo, lab 12: no notebook" in shown.out
    text = page.read_text(encoding="utf-8")
    assert ">ana<" not in text and "participant 2" in text


def test_wrong_arguments_are_named_with_status_2(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere")]) == 2
    assert main([str(tmp_path)]) == 2
    assert main(["--lab", "99"]) == 2
    assert main(["--jobs", "0"]) == 2
    errors = " ".join(capsys.readouterr().err.split())
    for says in ("is not a folder", "Expected a folder per participant", "no lab begins", "--jobs"):
        assert says in errors


def test_a_room_is_refused_where_files_could_be_changed(tmp_path, monkeypatch, capsys):
    _touch(tmp_path / "room" / "ana" / f"{LAB}.ipynb")
    nothing = bounded.Protection((), 0, False, ("landlock: old kernel",))
    monkeypatch.setattr(bounded, "available", lambda: nothing)
    assert main([str(tmp_path / "room")]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "could change any file of this user" in said and "old kernel" in said


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Windows are others")
def test_ctrl_c_keeps_the_finished_rows_and_ends_the_others(tmp_path):
    folder, page = tmp_path / "room", tmp_path / "page.html"
    examples.write(examples.answered(), folder / "ana" / f"{LAB}.ipynb")
    code = examples.HOSTILE["sleep for ever"]
    endless = examples.with_first_cell(examples.blank(), code)
    examples.write(endless, folder / "bo" / f"{LAB}.ipynb")
    script = (
        "import sys; from pathlib import Path; from internlab.progress import room\n"
        f"room.cache_dir = lambda: Path({str(tmp_path / 'cache')!r})\n"
        "from internlab.progress.command import main\n"
        f"sys.exit(main([{str(folder)!r}, '--html', {str(page)!r}, '--jobs', '2']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "INTERNLAB_NOTES": str(tmp_path)},
    )
    line = process.stderr.readline()
    assert "[1/2] ana" in line
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "1 of 2 labs were finished" in " ".join(err.split())
    assert "ana" in out
    assert "Stopped early: 1 of 2" in page.read_text(encoding="utf-8")
    assert len(list((tmp_path / "cache" / "progress").glob("*.json"))) == 1


def test_a_stored_outcome_is_read_back_and_a_damaged_one_refused():
    outcome = _outcome("PASS", *["TODO"] * 7)
    assert Outcome.from_json(json.loads(json.dumps(outcome.as_json()))) == outcome
    for damaged in ({}, {"exercises": {"x": {"label": "GREAT"}}}, {"exercises": 3}):
        with pytest.raises(ValueError):
            Outcome.from_json(damaged)


def test_the_file_left_out_is_named_without_control_characters(tmp_path):
    _touch(tmp_path / "ana" / "x\x1b[2J.ipynb")
    assert submissions.of_room(tmp_path, KNOWN).left_out == (
        "ana: x?[2J.ipynb is no lab of the kit",
    )
