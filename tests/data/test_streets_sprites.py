"""The sprites: what ships, what a damaged file says, and ordinary objects as a control."""

from __future__ import annotations

import hashlib
import shutil

import numpy as np
import pytest
from PIL import Image

from internlab.data.streets import SPRITES_CARD, Sprite, load_sprites, ordinary, sprites
from internlab.data.streets.sprites import KINDS, sprite_folder


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the sprites that a test may damage."""
    folder = tmp_path / "sprites"
    shutil.copytree(sprite_folder(), folder)
    monkeypatch.setattr(sprites, "sprite_folder", lambda: folder)
    return folder


# What ships


@pytest.mark.parametrize("kind", KINDS)
def test_every_sprite_of_a_kind_ships(kind):
    found = load_sprites(kind)
    assert list(found) == list(KINDS[kind])
    assert {path.stem for path in (sprite_folder() / kind).iterdir()} == set(KINDS[kind])
    for name, sprite in found.items():
        assert sprite.name == name and sprite.height_m == KINDS[kind][name]
        assert 0.4 < sprite.height_m < 3
        solid = sprite.rgba[..., 3] > 127
        edges = (solid[0], solid[-1], solid[:, 0], solid[:, -1])
        assert all(edge.any() for edge in edges), f"{name} is not cut off at its edges"
        assert not sprite.rgba.flags.writeable


def test_the_files_are_those_of_the_card():
    files = sorted(sprite_folder().glob("*/*.png"))
    content = b"".join(path.read_bytes() for path in files)
    assert len(content) == SPRITES_CARD.size_bytes
    assert hashlib.sha256(content).hexdigest() == SPRITES_CARD.sha256
    assert SPRITES_CARD.what.startswith(f"{len(files)} pictures")


def test_the_licence_ships_beside_them():
    text = (sprite_folder() / "LICENCE.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text and "Noto Color Emoji" in text
    for name in KINDS["photos"]:
        assert f"{name}.png" in text


# Damage


def test_an_unknown_kind_is_refused_with_a_suggestion():
    with pytest.raises(ValueError, match=r"'animal'\. Did you mean 'animals'\?"):
        load_sprites("animal")


def test_a_missing_file_is_named_with_what_to_do(copied):
    (copied / "animals" / "cow.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"data/ood/sprites/animals/cow\.png.*git checkout"):
        load_sprites("animals")
    assert "box" in load_sprites("objects")


@pytest.mark.parametrize("content", [b"", b"no picture", "cut"])
def test_a_damaged_file_is_named_with_what_to_do(copied, content):
    path = copied / "objects" / "ball.png"
    path.write_bytes(path.read_bytes()[:900] if content == "cut" else content)
    with pytest.raises(ValueError, match=r"objects/ball\.png is damaged.*git checkout"):
        load_sprites("objects")


def test_a_file_without_alpha_is_refused(copied):
    Image.new("RGB", (9, 9)).save(copied / "photos" / "coffee.png")
    with pytest.raises(ValueError, match=r"coffee\.png is damaged: its mode is RGB"):
        load_sprites("photos")


# A sprite of your own


@pytest.mark.parametrize(
    ("rgba", "height", "message"),
    [
        (np.zeros((4, 4, 3), np.uint8), 1.0, r"shape \(4, 4, 3\).*expected \(h, w, 4\)"),
        (np.ones((4, 4, 4)), 1.0, "type float64"),
        (np.zeros((4, 4, 4), np.uint8), 1.0, "transparent everywhere"),
        (np.full((4, 4, 4), 255, np.uint8), 0.0, "0.0 m tall; expected a positive"),
        (np.full((4, 4, 4), 255, np.uint8), float("nan"), "nan m tall"),
        ([[1]], 1.0, "shape"),
    ],
)
def test_a_sprite_that_cannot_be_pasted_is_refused(rgba, height, message):
    with pytest.raises(ValueError, match=message):
        Sprite("mine", rgba, height)


# Ordinary objects


def test_odd_seeds_give_cars_and_even_seeds_people():
    for seed in range(6):
        sprite = ordinary(seed)
        assert sprite.name == ("car" if seed % 2 else "person")
        low, high = (1.3, 1.75) if seed % 2 else (1.5, 2.0)
        assert low < sprite.height_m < high
        height, width = sprite.rgba.shape[:2]
        assert (width > height) == bool(seed % 2)
        assert (sprite.rgba[..., 3] == 255).mean() > 0.2


def test_ordinary_objects_look_alike_for_a_seed_and_differ_between_seeds():
    assert np.array_equal(ordinary(3).rgba, ordinary(3).rgba)
    assert not np.array_equal(ordinary(3).rgba, ordinary(5).rgba)
    with pytest.raises(ValueError, match="seed is -1"):
        ordinary(-1)
