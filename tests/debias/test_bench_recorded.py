"""The recorded grid is what today's code would record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from internlab.data.shortcuts.mnist import handwritten_digits
from internlab.debias.bench import Conditions, default_settings, find_methods, plan_runs, together
from internlab.debias.bench.page import write_csv
from internlab.debias.bench.record_grid import table_of
from internlab.debias.bench.recorded import load_grid, stale
from internlab.debias.bench.sources import Source
from internlab.debias.stack import RECIPES


def test_the_shipped_grid_would_be_recorded_the_same_today():
    grid = load_grid()
    # One ratio and seed of each data set: images take time to make, and the code is the same.
    rows = grid[(grid.ratio == 0.98) & (grid.seed == 0)]
    if handwritten_digits().is_fallback:  # Without a network other digits stand in.
        rows = rows[rows.data.isin(["portraits", "corrupted-textures"])]
    assert len(rows) >= 2 * 19
    other = stale(rows)
    assert not other, (
        f"{len(other)} of {len(rows)} recorded runs have changed since, the first is {other[0]}. "
        "Record again: python -m internlab.debias.bench.record_grid"
    )


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
    assert set(miniature.steps) == {3} and (miniature.note == "").all()


def test_versions_of_libraries_make_nothing_stale(miniature, monkeypatch):
    for library in ("torch", "numpy", "sklearn"):
        monkeypatch.setattr(f"{library}.__version__", "0.0")
    assert stale(miniature) == []


def test_a_changed_recipe_method_or_image_is_noticed(miniature, monkeypatch):
    with monkeypatch.context() as other:
        batches = replace(RECIPES["textured-digits"], batch_size=32)
        other.setitem(RECIPES, "textured-digits", batches)
        assert len(stale(miniature)) == 2
    with monkeypatch.context() as other:
        code = Source.code.fget
        other.setattr(Source, "code", property(lambda s: code(s) + "x" * (s.name == "dfr")))
        assert [each.method for each in stale(miniature)] == ["dfr"]
    with monkeypatch.context() as other:
        other.setattr(together, "_identity", lambda *what: "other images")
        assert len(stale(miniature)) == 2
    with monkeypatch.context() as other:
        other.setattr(together, "VERSION", together.VERSION + 1)
        assert len(stale(miniature)) == 2
    assert stale(miniature) == []


def test_a_method_that_is_gone_and_a_grid_without_keys_are_stale(miniature):
    assert [each.method for each in stale(miniature.replace({"dfr": "gone"}))] == ["gone"]
    assert len(stale(miniature.assign(key=""))) == 2
