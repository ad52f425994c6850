"""The drawn faces: hair is all that changes with hair, and the family is what it is said to be."""

from dataclasses import replace

import numpy as np
import pytest

from internlab.data.shortcuts import (
    draw_face_parameters,
    draw_portrait,
    hair_region,
    load,
    portrait_faces,
    portraits,
)
from internlab.data.shortcuts.faces import BROW_THICKNESS, CHIN, JAW

SIZES = {"train": 40, "validation": 40, "balanced": 8, "test": 40}


@pytest.fixture(scope="module")
def faces():
    rng = np.random.default_rng(5)
    return [draw_face_parameters(family, rng) for family in (0, 1) * 100]


def test_hair_changes_hair_and_leaves_the_face(faces):
    for face in faces[:20]:
        region = hair_region(face, 64)
        assert 0.05 < region.mean() < 0.5
        # The face within the cheeks stays: brows, eyes, mouth and chin.
        pixels = np.arange(64) + 0.5
        across = (pixels - face.x * 64) / (face.half_width * 64)
        down = (pixels - face.y * 64) / (face.half_height * 64)
        inside = (across / 0.62) ** 2 + (down[:, None] / 0.95) ** 2 < 1
        assert inside.sum() > 300 and not region[inside].any()


def test_long_hair_falls_and_short_hair_does_not(faces):
    for face in faces[:20]:
        long = draw_portrait(face, "long", 64).astype(int)
        beside = round((face.x - 1.22 * face.half_width) * 64), round(face.y * 64 + 12)
        assert np.abs(long[beside[1], beside[0]] - face.hair).max() < 45
        short = draw_portrait(face, "short", 64)
        assert (short[beside[1], beside[0]] == face.background).all()


def test_a_face_is_drawn_the_same_every_time(faces):
    for hair in ("short", "long"):
        assert np.array_equal(draw_portrait(faces[0], hair), draw_portrait(faces[0], hair))


def test_a_picture_at_another_size_is_the_same_picture(faces):
    for face in faces[:8]:
        large = draw_portrait(face, "long", 128).reshape(32, 4, 32, 4, 3).mean(axis=(1, 3))
        difference = np.abs(large - draw_portrait(face, "long", 32))
        assert difference.mean() < 4


def test_the_families_differ_in_what_they_are_said_to(faces):
    for name, table in (("jaw", JAW), ("chin", CHIN), ("brow_thickness", BROW_THICKNESS)):
        for family in (0, 1):
            values = [getattr(face, name) for face in faces if face.family == family]
            mean, spread = table[family]
            assert np.mean(values) == pytest.approx(mean, abs=0.4 * spread), name
    stubble = [np.mean([face.stubble > 0 for face in faces if face.family == f]) for f in (0, 1)]
    assert stubble[0] == 0 and 0.4 < stubble[1] < 0.8


def test_nothing_else_differs_between_the_families():
    one, other = (draw_face_parameters(family, np.random.default_rng(9)) for family in (0, 1))
    same = {"family": 1, "stubble": 0.0}
    for name in ("jaw", "chin", "brow_thickness", "brow_arch"):
        same[name] = getattr(other, name)
        assert getattr(one, name) != getattr(other, name)
    assert replace(one, **same) == replace(other, stubble=0.0)


def test_a_portrait_of_a_set_is_the_face_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path))
    portraits._drawn.cache_clear()
    splits = load("portraits", 0.9, 2, sizes=SIZES)
    for part in ("train", "test"):
        images = splits.parts[part]
        for index, face in enumerate(portrait_faces(part, 2, 6)):
            assert face.family == images.labels[index]
            hair = "long" if images.biases[index] == 0 else "short"
            assert np.array_equal(images.images[index], draw_portrait(face, hair))
    assert splits.bias_names == ("long hair", "short hair")
    portraits._drawn.cache_clear()


def test_more_faces_are_drawn_to_those_that_were_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path))
    portraits._drawn.cache_clear()
    few = load("portraits", 0.9, 0, sizes=SIZES).test.images
    drawn = []
    monkeypatch.setattr(
        portraits, "draw_portrait", lambda *given: drawn.append(given) or draw_portrait(*given)
    )
    portraits._drawn.cache_clear()
    assert np.array_equal(load("portraits", 0.8, 0, sizes=SIZES).test.images, few)
    assert not drawn
    load("portraits", 0.9, 0, sizes=SIZES | {"test": 48})
    assert len(drawn) == 2 * 8
    (tmp_path / "portraits-test-0.npz").write_bytes(b"PK half a file")
    portraits._drawn.cache_clear()
    assert np.array_equal(load("portraits", 0.9, 0, sizes=SIZES).test.images, few)
    portraits._drawn.cache_clear()


@pytest.mark.parametrize(
    ("hair", "side", "said"),
    [
        ("curly", 32, "hair is 'curly'; expected 'short' or 'long'"),
        ("long", 8, "side is 8; expected 16 to 512 pixels"),
        ("long", 2048, "side is 2048"),
    ],
)
def test_a_portrait_that_cannot_be_drawn_is_refused(faces, hair, side, said):
    with pytest.raises(ValueError, match=said):
        draw_portrait(faces[0], hair, side)


def test_there_are_two_families():
    with pytest.raises(ValueError, match="family is 2; expected 0"):
        draw_face_parameters(2, np.random.default_rng(0))


def test_what_is_no_face_and_no_part_is_named():
    with pytest.raises(TypeError, match="face is 3; expected a Face"):
        draw_portrait(3, "long")
    with pytest.raises(ValueError, match="no part 'tset'; expected one of train"):
        portrait_faces("tset", 0, 3)
    with pytest.raises(ValueError, match="size is -3"):
        portrait_faces("test", 0, -3)
