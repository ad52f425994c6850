"""The splits: areas apart, tiles that depend on their name alone, and a cache that heals."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest

from internlab.data import buildings
from internlab.data.buildings import CARD, SPLITS, Tiles, area, building_tiles, draw_split

SMALL = {"dry-1": 2, "wet-1": 1}


def equal(one, other):
    return all(np.array_equal(vars(one)[name], vars(other)[name]) for name in vars(one))


@pytest.fixture
def small_split(tmp_path, monkeypatch):
    """A cache of its own, in which the validation split has three tiles."""
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path))
    monkeypatch.setitem(SPLITS, "validation", SMALL)
    return tmp_path


# Splits


def test_no_area_is_in_two_splits():
    for one, other in itertools.combinations(SPLITS, 2):
        assert not set(SPLITS[one]) & set(SPLITS[other])


def test_validation_asks_what_the_test_asks_and_the_wrong_split_does_not():
    climates = {
        split: {name.partition("-")[0] for name in areas} for split, areas in SPLITS.items()
    }
    assert climates["validation"] == climates["test"]
    assert climates["mild"] == climates["train"]
    assert not climates["train"] & climates["test"]


@pytest.mark.parametrize("split", SPLITS)
def test_a_split_is_what_the_card_says(split):
    tiles = building_tiles(split)
    count = sum(SPLITS[split].values())
    assert len(tiles) == count and f"{count} " in CARD.split
    assert tiles.images.shape == (count, 64, 64, 3) and tiles.images.dtype == np.uint8
    assert tiles.masks.shape == (count, 64, 64) and tiles.masks.dtype == np.uint8
    assert set(np.unique(tiles.masks)) == {0, 1}
    found, counts = np.unique(tiles.areas, return_counts=True)
    assert dict(zip(found.tolist(), counts.tolist(), strict=True)) == SPLITS[split]


@pytest.mark.parametrize("split", SPLITS)
def test_some_pixels_are_building_and_most_are_not(split):
    tiles = building_tiles(split)
    assert 0.03 < tiles.masks.mean() < 0.12
    for name in SPLITS[split]:
        assert tiles.masks[tiles.areas == name].any()


def test_no_tile_is_drawn_twice():
    images = np.concatenate([building_tiles(split).images for split in SPLITS])
    assert len({image.tobytes() for image in images}) == len(images)


@pytest.mark.parametrize(
    ("split", "building", "level"),
    [
        ("train", 60408, 88.65),
        ("validation", 17335, 104.87),
        ("mild", 15494, 87.64),
        ("test", 24305, 103.90),
    ],
)
def test_the_frozen_tiles_are_the_ones_that_were_measured(split, building, level):
    """A change to the drawing that moves these wants a new version of the cache and new claims."""
    tiles = building_tiles(split)
    assert tiles.masks.sum() == pytest.approx(building, rel=0.002)
    assert tiles.images.mean() == pytest.approx(level, abs=0.1)
    # The cache is not all that is right: the first tile is drawn anew.
    first = next(iter(SPLITS[split]))
    drawn = draw_split({first: 1})
    assert (drawn.masks[0] != tiles.masks[0]).mean() < 0.002
    assert np.abs(drawn.images[0].astype(int) - tiles.images[0]).max() <= 1


@pytest.mark.parametrize("split", ["Train", "", "tests", None])
def test_an_unknown_split_is_refused(split):
    with pytest.raises(ValueError, match=r"No split .*train, validation, mild, test"):
        building_tiles(split)


# Areas and tiles


def test_a_name_always_means_the_same_place():
    one, again = area("dry-2"), area("dry-2")
    assert one.name == "dry-2" and np.array_equal(one.ground, again.ground)
    for other in ("dry-3", "wet-2"):
        assert not np.array_equal(one.ground, area(other).ground)


@pytest.mark.parametrize("name", ["dry", "dry-", "cold-1", "dry-x", "dry-1-2", "", "-1", "dry--1"])
def test_an_unknown_area_is_refused(name):
    with pytest.raises(ValueError, match=r"No area .*temperate, dry, wet"):
        area(name)
    with pytest.raises(ValueError, match="No area"):
        draw_split({name: 1})


def test_a_tile_is_the_same_whatever_else_is_drawn():
    alone, more = draw_split({"dry-21": 2}), draw_split({"wet-21": 1, "dry-21": 4})
    assert more.areas.tolist() == ["wet-21", *["dry-21"] * 4]
    np.testing.assert_array_equal(more.images[1:3], alone.images)
    np.testing.assert_array_equal(more.masks[1:3], alone.masks)


def test_the_same_split_is_drawn_again():
    assert equal(draw_split(SMALL), draw_split(SMALL))


@pytest.mark.parametrize("count", [0, -2])
def test_an_area_without_a_tile_is_refused(count):
    with pytest.raises(ValueError, match=f"{count} tiles of dry-1; expected at least 1"):
        draw_split({"dry-1": count})


def test_a_split_without_an_area_is_refused():
    with pytest.raises(ValueError, match="no area"):
        draw_split({})


@pytest.mark.parametrize("count", [1, 2, 7, 12])
def test_thinned_tiles_are_spread_over_the_areas(count):
    tiles = Tiles(np.arange(12), np.arange(12), np.repeat(["a", "b", "c"], 4))
    thin = tiles.thinned(count)
    assert len(thin) == count and len(set(thin.images.tolist())) == count
    np.testing.assert_array_equal(thin.images, thin.masks)
    np.testing.assert_array_equal(thin.areas, tiles.areas[thin.images])
    assert len(set(thin.areas.tolist())) == min(count, 3) or count == 2


def test_thinning_to_more_than_there_are_changes_nothing():
    tiles = draw_split({"dry-1": 2})
    assert tiles.thinned(5) is tiles


# The cache


def test_a_split_is_drawn_once_and_then_read(small_split, monkeypatch):
    first = building_tiles("validation")
    assert equal(first, draw_split(SMALL))
    monkeypatch.setattr(buildings, "draw_split", lambda tiles: pytest.fail("drawn again"))
    again = building_tiles("validation")
    assert equal(again, first)
    assert [path.suffix for path in small_split.iterdir()] == [".npz"]


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_bytes(path):
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(byte ^ 0xFF for byte in content[middle : middle + 64])
    path.write_bytes(content)


def leave_out_the_masks(path):
    with np.load(path) as stored:
        kept = {name: stored[name] for name in ("images", "areas")}
    np.savez(path, **kept)


def npy():
    content = io.BytesIO()
    np.save(content, np.zeros(3))
    return content.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        truncate,
        flip_bytes,
        leave_out_the_masks,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"not an archive"),
        lambda path: path.write_bytes(npy()),
    ],
    ids=["truncated", "flipped", "without masks", "empty", "text", "npy"],
)
def test_a_damaged_cache_is_drawn_again(small_split, damage):
    wanted = building_tiles("validation")
    (path,) = small_split.iterdir()
    damage(path)
    assert equal(building_tiles("validation"), wanted)
    # What was drawn again is stored again.
    with np.load(path) as stored:
        np.testing.assert_array_equal(stored["masks"], wanted.masks)


def test_a_cache_of_other_tiles_is_not_mistaken_for_the_split(small_split):
    building_tiles("validation")
    (path,) = small_split.iterdir()
    np.savez(path, **vars(draw_split({"dry-1": 1})))
    assert len(building_tiles("validation")) == 3


def test_an_interrupted_drawing_leaves_nothing_behind(small_split, monkeypatch):
    def full_disk(*arguments, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError):
        building_tiles("validation")
    assert list(small_split.iterdir()) == []
