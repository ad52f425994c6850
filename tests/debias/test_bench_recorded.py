"""The recorded grid is what today's code would record."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version

import pytest

from internlab.data.shortcuts import DATA_SETS
from internlab.data.shortcuts.mnist import handwritten_digits
from internlab.debias.bench import Conditions, default_settings, find_methods, plan_runs, together
from internlab.debias.bench.page import write_csv
from internlab.debias.bench.record_grid import table_of
from internlab.debias.bench.recorded import load_grid, stale
from internlab.debias.bench.sources import Source
from internlab.debias.bench.together import identity_of
from internlab.debias.stack import RECIPES
from internlab.files import project_root

AGAIN = "Record again: python -m internlab.debias.bench.record_grid"
# They draw or read the images of the four sets.
DRAWING = ("albumentations", "numpy", "opencv-python-headless", "pillow", "scikit-image", "scipy")


def test_the_shipped_grid_would_be_recorded_the_same_today():
    grid = load_grid()
    assert len(grid) > 300
    other = stale(grid)
    assert not other, f"{len(other)} of {len(grid)} rows have changed since: {other[0]}. {AGAIN}"


@pytest.mark.parametrize("data", DATA_SETS)
def test_the_shipped_grid_is_of_the_images_that_are_made_today(data):
    if handwritten_digits().is_fallback and data in ("coloured-mnist", "textured-digits"):
        pytest.skip("MNIST could not be fetched: other digits stand in for it")
    rows = load_grid().query("data == @data and ratio == 0.98 and seed == 0")
    run = plan_runs({"erm": [()]}, [data], [0.98], 1)[0]
    if set(rows.images) != {identity_of(run, Conditions())}:
        pinned = (project_root() / "constraints.txt").read_text()
        others = [name for name in DRAWING if f"{name}=={version(name)}" not in pinned]
        if others:
            pytest.skip(f"images differ, and so do the versions here of {', '.join(others)}")
        pytest.fail(f"{data} is drawn in another way than when it was recorded. {AGAIN}")


@pytest.fixture(scope="module")
def miniature(tmp_path_factory):
    """A grid of two methods and three steps, recorded as the shipped one is, and read again."""
    folder = tmp_path_factory.mktemp("grid")
    sources = find_methods(["erm", "dfr"])
    settings = {name: [default_settings(each.load())] for name, each in sources.items()}
    plan = plan_runs(settings, ["textured-digits"], [0.9], 1)
    table = table_of([(plan, Conditions(steps=3))], sources, folder)
    return load_grid(write_csv(table, folder / "grid.csv"))


def test_a_grid_just_recorded_is_not_stale(miniature):
    assert stale(miniature) == []
    run = plan_runs({"erm": [()]}, ["textured-digits"], [0.9], 1)[0]
    assert set(miniature.images) == {identity_of(run, Conditions())}
    assert set(miniature.steps) == {3} and (miniature.note == "").all()


def test_versions_of_libraries_and_images_make_nothing_stale(miniature, monkeypatch):
    monkeypatch.setattr(together, "_identity", lambda *what: "other images")
    for library in ("torch", "numpy", "sklearn"):
        monkeypatch.setattr(f"{library}.__version__", "0.0")
    assert stale(miniature) == []


def test_a_changed_recipe_or_method_is_noticed(miniature, monkeypatch):
    with monkeypatch.context() as other:
        batches = replace(RECIPES["textured-digits"], batch_size=32)
        other.setitem(RECIPES, "textured-digits", batches)
        assert len(stale(miniature)) == 2
    with monkeypatch.context() as other:
        code = Source.code.fget
        other.setattr(Source, "code", property(lambda s: code(s) + "x" * (s.name == "dfr")))
        assert [each.method for each in stale(miniature)] == ["dfr"]
    with monkeypatch.context() as other:
        other.setattr(together, "VERSION", together.VERSION + 1)
        assert len(stale(miniature)) == 2
    assert stale(miniature) == []


def test_a_method_that_is_gone_and_a_grid_without_keys_are_stale(miniature):
    assert [each.method for each in stale(miniature.replace({"dfr": "gone"}))] == ["gone"]
    assert len(stale(miniature.assign(key=""))) == 2
