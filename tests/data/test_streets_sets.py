"""The frozen sets: seeds apart, kinds of anomalies apart, and a cache that grows and heals."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from internlab.data import streets
from internlab.data.streets import (
    ANOMALY,
    CARD,
    SETS,
    VOID,
    StreetSet,
    draw_street,
    load_sprites,
    ordinary,
    sets,
    small_animals,
    stored,
    street_set,
)
from internlab.data.streets.sprites import KINDS

SIZE = {"height": 32, "width": 64}


def equal(one: StreetSet, other: StreetSet) -> bool:
    arrays = ("images", "labels", "seeds", "names")
    same = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)
    return same and one.domain == other.domain


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of its own for each test."""
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def drawn(monkeypatch):
    """The seeds that were drawn, in order."""
    seeds = []

    def counting(seed, **options):
        seeds.append(seed)
        return draw_street(seed, **options)

    monkeypatch.setattr(sets, "draw_street", counting)
    return seeds


# What a set holds


def test_no_scene_is_in_two_parts_but_for_the_repeated_weather():
    seeds = {name: set(range(r.first_seed, r.first_seed + r.count)) for name, r in SETS.items()}
    for one, other in itertools.combinations(SETS, 2):
        repeated = {one, other} <= {"test", "fog", "night"} or {one, other} == {
            "animals",
            "fog-animals",
        }
        assert bool(seeds[one] & seeds[other]) == repeated, (one, other)


def test_animals_are_for_tests_and_objects_for_validation_alone():
    pasted = {name: recipe.pasted for name, recipe in SETS.items()}
    assert {name for name, kind in pasted.items() if kind == "objects"} == {"validation-objects"}
    animals = {name for name, kind in pasted.items() if kind == "animals"}
    assert animals == {"animals", "fog-animals", "fresh-animals"}
    assert pasted["train"] == pasted["validation"] == ""
    for one, other in itertools.combinations(KINDS.values(), 2):
        assert not set(one) & set(other)


def test_the_card_tells_the_numbers():
    for name, number in (("train", 600), ("validation", 60), ("test", 60), ("animals", 120)):
        assert SETS[name].count == number and f"{number} " in CARD.split


@pytest.mark.parametrize("name", SETS)
def test_a_scene_of_a_set_is_what_its_recipe_says(name):
    recipe = SETS[name]
    found = street_set(name, 3, **SIZE)
    assert found.images.shape == (3, 32, 64, 3) and found.labels.shape == (3, 32, 64)
    assert found.seeds.tolist() == [recipe.first_seed + i for i in range(3)]
    assert found.domain == recipe.domain and len(found) == 3
    sprites = {
        "": [None] * 3,
        "ordinary": [ordinary(int(seed)) for seed in found.seeds],
    }.get(recipe.pasted)
    sprites = sprites or list(load_sprites(recipe.pasted).values())[:3]
    assert found.names.tolist() == [sprite.name if sprite else "" for sprite in sprites]
    for number, sprite in enumerate(sprites):
        scene = draw_street(
            recipe.first_seed + number, **SIZE, domain=recipe.domain, anomaly=sprite
        )
        assert np.array_equal(found.images[number], scene.image)
        assert np.array_equal(found.labels[number], scene.labels)
        assert (scene.labels == ANOMALY).any() == (sprite is not None)


def test_weather_repeats_the_same_scenes():
    clear, fog, night = (street_set(name, 2, **SIZE) for name in ("test", "fog", "night"))
    assert np.array_equal(clear.labels, fog.labels) and np.array_equal(clear.labels, night.labels)
    animals, in_fog = street_set("animals", 2, **SIZE), street_set("fog-animals", 2, **SIZE)
    assert np.array_equal(animals.labels, in_fog.labels)
    assert np.array_equal(animals.names, in_fog.names)


def test_the_default_size_is_the_default_of_a_scene():
    assert np.array_equal(street_set("validation", 1).images[0], draw_street(100_000).image)


# Small animals


def test_small_animals_are_the_half_with_the_fewest_pixels():
    pixels = [9, 4, 7, 2, 4]
    labels = np.zeros((5, 1, 10), np.uint8)
    for row, number in zip(labels, pixels, strict=True):
        row[0, :number] = ANOMALY
    labels[0, 0, 9] = VOID  # does not count
    names = np.array(list("abcde"))
    scenes = StreetSet(labels[..., None].repeat(3, -1), labels, np.arange(5), names, "clear")
    small = small_animals(scenes)
    assert small.names.tolist() == ["b", "d"] and small.seeds.tolist() == [1, 3]
    assert small.domain == "clear" and small.images.shape == (2, 1, 10, 3)
    assert small_animals(scenes.take(slice(0, 4))).names.tolist() == ["b", "d"]


# The cache


def test_the_first_scenes_are_a_prefix_of_the_set(drawn):
    few, more = street_set("photos", 2, **SIZE), street_set("photos", 5, **SIZE)
    assert equal(few, more.take(slice(0, 2)))
    first = SETS["photos"].first_seed
    assert drawn == [first + i for i in range(5)]  # the first two were not drawn again


def test_what_is_stored_is_read_and_not_drawn(drawn, cache):
    full = street_set("test", 4, **SIZE)
    assert len(drawn) == 4 and len(list(cache.iterdir())) == 1
    assert equal(street_set("test", 4, **SIZE), full)
    assert equal(street_set("test", 2, **SIZE), full.take(slice(0, 2)))
    assert len(drawn) == 4


def test_sizes_and_sets_are_stored_apart(drawn):
    for _ in range(2):
        for name in ("test", "fog"):
            street_set(name, 1, **SIZE)
            street_set(name, 1, height=32, width=32)
    assert len(drawn) == 4


@pytest.mark.parametrize("damage", [b"", b"not a zip", None])
def test_a_damaged_file_is_drawn_afresh(damage, cache):
    before = street_set("night", 2, **SIZE)
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:-200] if damage is None else damage)
    assert equal(street_set("night", 2, **SIZE), before)
    assert equal(street_set("night", 2, **SIZE), before)


def test_a_file_with_other_arrays_is_drawn_afresh(cache):
    before = street_set("test", 1, **SIZE)
    (file,) = cache.iterdir()
    np.savez(file, images=np.zeros((9, 32, 64, 3)), labels=np.zeros((9, 32, 64)))
    assert equal(street_set("test", 1, **SIZE), before)


@pytest.mark.parametrize(
    "change", [{"first_seed": 200_001}, {"domain": "night"}, {"pasted": "objects"}]
)
def test_scenes_of_another_recipe_are_drawn_afresh(change, drawn, monkeypatch):
    before = street_set("test", 2, **SIZE)
    monkeypatch.setitem(SETS, "test", replace(SETS["test"], **change))
    assert not np.array_equal(street_set("test", 2, **SIZE).images, before.images)
    assert len(drawn) == 4


def test_scenes_with_another_look_of_a_sprite_are_drawn_afresh(drawn, monkeypatch):
    street_set("animals", 1, **SIZE)
    darker = {n: replace(s, rgba=s.rgba // 2 + 127) for n, s in load_sprites("animals").items()}
    monkeypatch.setattr(sets, "load_sprites", lambda kind: darker)
    street_set("animals", 1, **SIZE)
    assert len(drawn) == 2


def test_scenes_of_other_code_are_drawn_afresh(drawn, monkeypatch):
    street_set("test", 2, **SIZE)
    monkeypatch.setattr(stored, "drawing_code", lambda: "of another day")
    street_set("test", 2, **SIZE)
    assert len(drawn) == 4


def test_the_drawing_code_is_every_file_that_draws(tmp_path, monkeypatch):
    folder = Path(stored.__file__).parent
    for path in folder.glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(stored, "__file__", str(tmp_path / "stored.py"))
    before = stored.drawing_code.__wrapped__()
    assert before == stored.drawing_code()
    for name, counts in (("weather.py", True), ("plants.py", True), ("sets.py", False)):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write("# another line")
        after = stored.drawing_code.__wrapped__()
        assert (after != before) == counts
        before = after


def test_an_interrupted_drawing_keeps_what_it_has_and_goes_on(monkeypatch, cache):
    expected = street_set("train", 4, **SIZE)
    (file,) = cache.iterdir()
    file.unlink()
    calls = []

    def interrupted(seed, **options):
        calls.append(seed)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return draw_street(seed, **options)

    monkeypatch.setattr(sets, "draw_street", interrupted)
    with pytest.raises(KeyboardInterrupt):
        street_set("train", 4, **SIZE)
    assert [path.name for path in cache.iterdir()] == [file.name]  # nothing half-written
    assert equal(street_set("train", 4, **SIZE), expected)
    assert calls == [0, 1, 2, 2, 3]


def test_an_error_at_the_first_scene_is_the_one_that_is_seen(monkeypatch, cache):
    def broken(seed, **options):
        raise MemoryError("no room")

    monkeypatch.setattr(sets, "draw_street", broken)
    with pytest.raises(MemoryError, match="no room"):
        street_set("train", 1, **SIZE)
    assert not list(cache.iterdir())


def test_long_drawing_is_announced_once_and_short_drawing_is_not(monkeypatch, capsys):
    monkeypatch.setattr(sets, "_WORTH_A_LINE", 3)
    street_set("test", 2, **SIZE)
    assert capsys.readouterr().out == ""
    street_set("test", 6, **SIZE)
    assert "Drawing 4 street scenes (test), once" in capsys.readouterr().out
    street_set("test", 6, **SIZE)
    assert capsys.readouterr().out == ""


# Bad arguments


def test_an_unknown_set_is_refused_with_a_suggestion():
    with pytest.raises(ValueError, match=r"'animal'\. Did you mean 'animals'\?.*train, validation"):
        street_set("animal")


@pytest.mark.parametrize("count", [0, -1, 61])
def test_a_count_that_the_set_does_not_have_is_refused(count):
    with pytest.raises(ValueError, match=f"count is {count}; set 'test' has 1 to 60 scenes"):
        street_set("test", count)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 1.5}, TypeError, "count is 1.5; expected a whole number of scenes"),
        ({"count": 1, "height": -5}, ValueError, "height is -5 pixels; expected at least 32"),
        ({"count": 1, "width": 64.0}, TypeError, "width is 64.0; expected a whole number"),
    ],
)
def test_a_size_that_no_scene_has_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        street_set("train", **arguments)


def test_the_public_names_are_all_there():
    for name in streets.__all__:
        assert getattr(streets, name) is not None
