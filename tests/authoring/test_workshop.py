"""The workshop: bundles that hold what a room needs and no answers, plans that add up."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
import yaml

from authoring.build import sources
from authoring.solutions import BEGIN, END
from authoring.workshop import bundle, guide, rehearsal
from internlab.files import project_root

ROOT = project_root()
SOURCES = sources(ROOT)
LESSONS = {source.name: source for source in SOURCES if source.kind == "lesson"}
LABS = {source.name: source for source in SOURCES if source.kind == "lab"}
PLANS = guide.plans()


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    (folder / "torch-1-py3-none-any.whl").write_bytes(b"wheel")
    return folder


@pytest.fixture(scope="module")
def participants(wheels):
    return bundle.participants(ROOT, wheels, [])


def text_of(what: bytes | Path) -> str:
    return (what if isinstance(what, bytes) else what.read_bytes()).decode("utf-8", "replace")


# The participants' bundle


def test_participants_get_all_that_a_first_day_needs(participants):
    expected = {f"notebooks/{name}.ipynb" for name in LESSONS}
    expected |= {f"labs/{name}.ipynb" for name in LABS}
    expected |= {"README.md", "Makefile", "LICENSE", "environment.yml", "constraints.txt"}
    expected |= {"tools/bootstrap.py", "tools/start_lab.py", "data/passages.yaml"}
    expected |= {"src/internlab/exercises.py", "wheels/torch-1-py3-none-any.whl"}
    assert expected <= set(participants)


def test_participants_get_no_answers(participants):
    folders = {name.split("/")[0] for name in participants}
    assert not folders & {"solutions", "tests", "authoring", "notes", ".git", ".github"}
    blocks = {
        block.strip()
        for lab in LABS.values()
        for cell in lab.cells
        for block in re.findall(f"{BEGIN}\n(.*?){END}", cell.source, re.DOTALL)
    }
    assert len(blocks) > 50
    for name in LABS:
        notebook = json.loads(text_of(participants[f"labs/{name}.ipynb"]))
        code = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
        assert code.count("# YOUR CODE HERE") >= 4
        assert not [block for block in blocks if len(block) > 60 and block in code]


def test_no_cache_and_no_answers_of_this_clone_travel_along(participants):
    assert not [n for n in participants if n.startswith("data/cache/") or "__pycache__" in n]
    assert all(isinstance(participants[f"labs/{name}.ipynb"], bytes) for name in LABS)


def test_downloads_come_as_a_cache(tmp_path):
    (tmp_path / "images.whl").write_bytes(b"data")
    content = bundle.participants(ROOT, None, [tmp_path / "images.whl"])
    assert content["data/cache/images.whl"] == tmp_path / "images.whl"


def test_the_python_that_the_wheels_are_for_is_the_only_one_it_takes(participants):
    text = text_of(participants["pyproject.toml"])
    assert re.search(r'^requires-python = ">=3\.(\d+),<3\.(\d+)"$', text, re.MULTILINE)
    assert bundle.made_for() in text_of(participants["README.md"])
    online = bundle.participants(ROOT, None, [])
    assert online["pyproject.toml"] == ROOT / "pyproject.toml"
    assert "a network for the set-up" in text_of(online["README.md"])


def test_every_command_of_the_bundle_finds_its_files(participants):
    makefile = text_of(participants["Makefile"])
    for name in re.findall(r"(tools/\w+\.py)", makefile):
        assert name in participants
    for name in re.findall(r"-m (internlab\.\w+)", makefile):
        path = f"src/{name.replace('.', '/')}"
        assert f"{path}.py" in participants or f"{path}/__main__.py" in participants


def test_the_same_tree_gives_the_same_bundle(participants, tmp_path):
    small = {
        name: participants[name] for name in ("README.md", "labs/10_train_super_resolution.ipynb")
    }
    for name in ("a.zip", "b.zip"):
        bundle.write(small, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {bundle.FOLDER}


def test_a_bundle_is_written_whole_or_not_at_all(tmp_path):
    with pytest.raises(FileNotFoundError):
        bundle.write({"a.txt": b"a", "b.txt": tmp_path / "missing"}, tmp_path / "bundle.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_clone_is_refused(tmp_path):
    with pytest.raises(RuntimeError, match="clone of the kit"):
        bundle.participants(tmp_path, None, [])


# The instructor's


def test_the_instructor_gets_the_solutions_and_the_guide():
    content = bundle.instructors(ROOT, {"guide.md": "text"})
    assert set(content) == {f"solutions/{name}.ipynb" for name in LABS} | {"guide/guide.md"}


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_a_plan_adds_up_and_its_lessons_fit(plan):
    assert plan.total == plan.minutes
    for _, parts in plan.days:
        for part in parts:
            assert not (part.lesson and part.lab)
            if part.lesson:
                assert part.minutes >= LESSONS[part.lesson].minutes * 2 / 3, part
            if part.lab:
                all_of_them = guide.exercises(LABS[part.lab])
                assert set(part.exercises) <= set(all_of_them)
                share = (len(part.exercises) or len(all_of_them)) / len(all_of_them)
                assert part.minutes >= LABS[part.lab].minutes * share * 2 / 3, part


def test_there_are_plans_of_half_a_day_one_day_and_three_days():
    assert [(plan.minutes, len(plan.days)) for plan in PLANS] == [(240, 1), (480, 1), (1440, 3)]


def test_a_plan_that_does_not_add_up_is_refused(tmp_path, monkeypatch):
    text = (guide.HERE / "plans.yaml").read_text(encoding="utf-8")
    plan = yaml.safe_load(text)
    plan["one-day"]["days"][0]["parts"][0]["minutes"] += 1
    (tmp_path / "plans.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    monkeypatch.setattr(guide, "HERE", tmp_path)
    with pytest.raises(ValueError, match="'one-day' take 481 minutes"):
        guide.plans()


def test_every_lesson_has_advice_and_the_guide_holds_it():
    known = guide.advice()
    assert set(known) == set(LESSONS)
    text = guide.as_markdown(ROOT)
    for name, each in known.items():
        assert each.show and len(each.wrong) >= 2, name
        for people, ask in each.wrong:
            assert ask.endswith("?"), f"{name}: {ask}"
            assert f"| {people} | {ask} |" in text
    for lab in LABS.values():
        assert guide.exercises(lab)
        assert all(f"`{exercise}`" in text for exercise in guide.exercises(lab))


def test_the_guide_is_one_page_without_anything_from_elsewhere():
    page = guide.as_html("# Title\n\n| a | b |\n|---|---|\n| 1 | <script> |\n")
    assert "<td>1</td>" in page and "<script>" not in page
    assert not re.search(r"""(src|href)=["']http""", page)


# The rehearsal


@pytest.mark.parametrize(
    ("lines", "went_well"),
    [
        (["TODO a: blank", "TODO b: blank"], True),
        (["TODO a: blank", "NOT YET b: no"], False),
        ([], False),
    ],
)
def test_a_blank_lab_has_to_say_todo(tmp_path, lines, went_well):
    outputs = [{"output_type": "display_data", "data": {"text/plain": [line]}} for line in lines]
    path = tmp_path / "lab.ipynb"
    path.write_text(json.dumps({"cells": [{"outputs": outputs}]}), encoding="utf-8")
    step = rehearsal._blank(rehearsal.Step("lab", True, "", 1.0), path)
    assert step.went_well is went_well
