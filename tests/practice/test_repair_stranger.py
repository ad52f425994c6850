"""The captured environment, the stranger who has nothing else, the Dockerfile, log and command."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from internlab.practice.repair import docker
from internlab.practice.repair.__main__ import main
from internlab.practice.repair.capture import Environment, capture, read
from internlab.practice.repair.log import RepairLog
from internlab.practice.repair.place import copy_broken
from internlab.practice.repair.repairs import copy_with, mend
from internlab.practice.repair.runs import train
from internlab.practice.repair.stranger import Verdict, play

ON_CPU = ("--seed", "0", "--device", "cpu", "--epochs", "2")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return copy_with(tmp_path_factory.mktemp("repaired") / "work")


@pytest.fixture(scope="module")
def captured(place):
    return capture(place, *ON_CPU)


def test_it_is_captured_what_the_run_used_and_no_more(captured):
    assert set(captured.packages) == {"numpy", "pulsekit"}
    assert set(captured.wheels) == {"pulsekit"}
    modules = {"backend.py", "evaluate.py", "model.py", "pulses.py", "train.py"}
    assert set(captured.files) == {*modules, "data/parcels.csv"}


def test_the_stranger_gets_the_same_number_exactly(place, captured):
    verdict = play(captured, place.repository, place.index)
    assert verdict.same and verdict.number == captured.number
    assert str(verdict).startswith("the same number")


def without(facts, name):
    return {key: value for key, value in facts.items() if key != name}


LACKS = {
    "package": (lambda c: replace(c, packages=without(c.packages, "numpy")), "numpy"),
    "package of the index": (
        lambda c: replace(c, packages=without(c.packages, "pulsekit")),
        "pulsekit",
    ),
    "module": (lambda c: replace(c, files=without(c.files, "model.py")), "model"),
    "table": (lambda c: replace(c, files=without(c.files, "data/parcels.csv")), "parcels.csv"),
    "Python": (lambda c: replace(c, python="3.9.0"), "Python 3.9.0 is asked for"),
    "version": (lambda c: replace(c, packages={**c.packages, "numpy": "1.23.0"}), "numpy 1.23.0"),
    "other bytes": (
        lambda c: replace(c, files={**c.files, "model.py": "0" * 64}),
        "not the one that was captured",
    ),
    "no such file": (lambda c: replace(c, files={**c.files, "more.py": "0" * 64}), "not there"),
    "other wheel": (lambda c: replace(c, wheels={"pulsekit": "0" * 64}), "HASHES"),
    "outside": (lambda c: replace(c, files={"../../etc/x": "0" * 64}), "outside the repository"),
}


@pytest.mark.parametrize("lack", LACKS)
def test_the_stranger_says_what_is_missing(place, captured, lack):
    poorer, says = LACKS[lack]
    verdict = play(poorer(captured), place.repository, place.index)
    assert not verdict.same and verdict.number is None
    assert says in verdict.obstacle


def test_another_number_is_not_the_same():
    verdict = Verdict(number=1.0, expected=1.0 + 1e-15)
    assert not verdict.same and str(verdict).startswith("another number")


def test_an_unused_seed_is_caught_by_the_stranger(tmp_path):
    place = copy_with(tmp_path / "work", "seed")
    verdict = play(capture(place, *ON_CPU), place.repository, place.index)
    assert verdict.number is not None and not verdict.same


def test_a_file_that_was_not_given_does_not_count_as_had(tmp_path):
    place = copy_with(tmp_path / "work", "path")
    own = (place.repository / "data" / "parcels.csv").as_posix()
    path = place.repository / "pulses.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("/home/jiwon/work/tinyshift/Data/Parcels.csv", own), "utf-8")
    captured = capture(place, *ON_CPU)
    verdict = play(captured, place.repository, place.index)
    assert "a file that was not given" in verdict.obstacle


@pytest.mark.skipif(os.name == "nt", reason="LC_ALL does not choose the encoding on Windows")
def test_text_that_only_some_machines_read_is_caught(tmp_path):
    place = copy_with(tmp_path / "work", "encoding")
    table = place.repository / "data" / "parcels.csv"
    table.write_bytes(table.read_bytes().decode("cp949").encode("utf-8"))
    verdict = play(capture(place, *ON_CPU), place.repository, place.index)
    assert "'ascii' codec" in verdict.obstacle


def test_a_capture_is_read_as_it_was_written(tmp_path, captured):
    path = tmp_path / "environment.json"
    captured.write(path)
    assert read(path) == captured
    facts = json.loads(path.read_text())
    del facts["wheels"]
    path.write_text(json.dumps(facts))
    with pytest.raises(ValueError, match="missing: wheels"):
        read(path)
    path.write_text("{")
    with pytest.raises(ValueError, match="no JSON"):
        read(path)


def test_without_a_number_there_is_nothing_to_capture(tmp_path):
    with pytest.raises(ValueError, match=r"no number to capture.*FileNotFoundError"):
        capture(copy_broken(tmp_path / "work"), *ON_CPU)


PLAIN = Environment(
    command=("train.py", "--seed", "0"),
    number=1.0,
    python="3.12.1",
    machine="",
    packages={"numpy": "2.4.6"},
    wheels={},
    files={"train.py": "", "data/a.csv": ""},
)
SPOILT = {
    "FROM python:latest": ("FROM python:3.12.1-slim", "expected python:3.12.1"),
    "FROM python:3.12.10": ("FROM python:3.12.1-slim", "expected python:3.12.1"),
    "RUN pip install numpy": (
        "RUN python -m pip install --no-cache-dir numpy==2.4.6",
        "numpy 2.4.6 is captured",
    ),
    "COPY . .": ("COPY --chown=intern train.py ./", "whole folder"),
    "USER root": ("USER intern", "as root"),
    "CMD python train.py": ('CMD ["python", "train.py", "--seed", "0"]', "CMD"),
    "COPY x y": ("COPY --chown=intern data/a.csv ./data/", "not copied: data/a.csv"),
    "COPY train.py ./\nRUN pip install numpy==2.4.6": (
        "RUN python -m pip install --no-cache-dir numpy==2.4.6",
        "installs them all again",
    ),
}


def test_the_dockerfile_has_none_of_the_known_problems(captured):
    assert docker.problems(docker.dockerfile(captured), captured) == []


@pytest.mark.parametrize("new", SPOILT)
def test_a_spoilt_dockerfile_is_seen(new):
    old, says = SPOILT[new]
    text = docker.dockerfile(PLAIN)
    assert text.count(old) == 1
    found = docker.problems(text.replace(old, new), PLAIN)
    assert len(found) == 1 and says in found[0]


def test_a_package_of_our_own_is_installed_as_a_file(captured):
    text = docker.dockerfile(captured)
    (wheel,) = [word for word in text.split() if word.endswith(".whl")][1:]
    (problem,) = docker.problems(
        text.replace(f" {wheel}\nCOPY", " pulsekit==1.4.0\nCOPY"), captured
    )
    assert "its own wheel" in problem


def test_without_a_user_it_is_root():
    text = docker.dockerfile(PLAIN).replace("USER intern\n", "")
    assert docker.problems(text, PLAIN) == ["The program runs as root."]


def test_an_instruction_over_two_lines_is_one():
    steps = docker.instructions("# no\nFROM a\nrun x \\\n  y\n")
    assert [(step.word, step.rest) for step in steps] == [("FROM", "a"), ("RUN", "x    y")]


def test_the_log_takes_the_change_from_the_files(tmp_path):
    place = copy_broken(tmp_path / "work")
    log = RepairLog(tmp_path / "log.md", place)
    run = train(place, *ON_CPU)
    with pytest.raises(ValueError, match="Nothing has changed"):
        log.add("path", symptom="an error", cause="a path", runs=[run])
    mend(place, "seed")
    with pytest.raises(ValueError, match="what was seen"):
        log.add("seed", symptom=" ", cause="a path", runs=[run])
    log.add("seed", symptom="two numbers", cause="not used", runs=[run])
    text = (tmp_path / "log.md").read_text(encoding="utf-8")
    assert "## 1. Seed" in text and "+    rng = np.random.default_rng(args.seed)" in text
    assert "no number (FileNotFoundError" in text


def test_the_command_from_start_to_stranger(tmp_path, capsys):
    folder, file = str(tmp_path / "mine"), str(tmp_path / "environment.json")
    assert main(["start", folder]) == 0
    assert main(["start", folder]) == 2
    assert main(["check", folder, "--only", "api"]) == 1
    assert main(["run", folder]) == 1
    copy_with(tmp_path / "mine")
    assert main(["check", folder, "--only", "api"]) == 0
    assert main(["run", folder]) == 0
    assert "within the stated" in capsys.readouterr().out
    assert main(["capture", folder, "--file", file]) == 0
    assert main(["stranger", folder, "--file", file]) == 0
    assert "the same number" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "nowhere")]) == 2
    assert "Begin with" in capsys.readouterr().err
