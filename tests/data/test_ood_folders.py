"""Readers of published data sets, on miniatures that have the published layout."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from internlab.data.ood_folders import (
    cityscapes,
    list_cityscapes,
    list_lost_and_found,
    list_segment_me,
    list_static,
    list_streethazards,
    read_cityscapes,
    read_fishyscapes,
    read_segment_me,
    read_streethazards,
    streethazards,
)
from internlab.data.streets import ANOMALY, VOID

PHOTO = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array, np.uint8)).save(path)
    return path


def ids(*values):
    """A map of 4 x 6 with these ids in its first row, the last one everywhere else."""
    labels = np.full((4, 6), values[-1], np.uint8)
    labels[0, : len(values)] = values
    return labels


@pytest.fixture
def city(tmp_path):
    root = tmp_path / "cityscapes"
    for name in ("frankfurt/frankfurt_000000_000294", "lindau/lindau_000001_000019"):
        save(root / "leftImg8bit" / "val" / f"{name}_leftImg8bit.png", PHOTO)
        maps = root / "gtFine" / "val"
        save(maps / f"{name}_gtFine_labelIds.png", ids(7, 26, 3, 33, 0))
        save(maps / f"{name}_gtFine_color.png", PHOTO)
        save(maps / f"{name}_gtFine_instanceIds.png", ids(1))
    return root


@pytest.fixture
def static(tmp_path):
    root = tmp_path / "fishyscapes-3.0.0"
    for number, name in enumerate(("frankfurt_000000_000294", "lindau_000001_000019")):
        save(root / f"{number:04}_{name}_labels.png", ids(0, 1, 255, 0))
        overlay = np.full((4, 6, 3), 40, np.int16)
        overlay[0, 0] = -300
        overlay[0, 1] = 300
        np.savez(root / f"{number:04}_{name}_rgb.npz", rgb=overlay)
    return root


@pytest.fixture
def lost(tmp_path):
    root, images = tmp_path / "fishyscapes_lostandfound", tmp_path / "LostAndFound"
    for number, (part, scene, frame) in enumerate(
        [("train", "04_Maurener_Weg_8", "000000_000030"), ("test", "02_Hanns", "000001_000080")]
    ):
        save(root / f"{number:04}_{scene}_{frame}_labels.png", ids(1, 0, 255))
        save(images / "leftImg8bit" / part / scene / f"{scene}_{frame}_leftImg8bit.png", PHOTO)
    # The base set has more pictures than the validation set names.
    save(images / "leftImg8bit" / "train" / "05_Other" / "05_Other_0_0_leftImg8bit.png", PHOTO)
    return root, images


@pytest.fixture
def hazards(tmp_path):
    root = tmp_path / "streethazards"
    for place in ("train/{}/training/t1/00001", "train/{}/training/t2/00001", "test/{}/test/t5/7"):
        save(root / (place.format("images") + ".png"), PHOTO)
        save(root / (place.format("annotations") + ".png"), ids(0, 1, 8, 13, 14, 11))
    return root


@pytest.fixture(params=["anomaly", "obstacle"])
def track(request, tmp_path):
    kind = {"anomaly": "jpg", "obstacle": "webp"}[request.param]
    root = tmp_path / f"dataset_{request.param.capitalize()}Track"
    for name in ("validation0000", "validation0001", "hidden0000"):
        save(root / "images" / f"{name}.{kind}", PHOTO)
        if name.startswith("validation"):
            save(root / "labels_masks" / f"{name}_labels_semantic.png", ids(0, 1, 255, 0))
            save(root / "labels_masks" / f"{name}_labels_semantic_color.png", PHOTO)
    return tmp_path, request.param


# Cityscapes


def test_cityscapes_is_listed_by_name(city):
    pairs = list_cityscapes(city)
    assert [pair.name for pair in pairs] == ["frankfurt_000000_000294", "lindau_000001_000019"]
    assert all(pair.image.is_file() and pair.labels.is_file() for pair in pairs)


def test_ids_of_the_archive_become_train_ids(city):
    image, labels = read_cityscapes(list_cityscapes(city)[0])
    assert np.array_equal(image, PHOTO) and image.dtype == labels.dtype == np.uint8
    assert labels[0, :5].tolist() == [0, 13, VOID, 18, VOID]
    names = [cityscapes.CLASSES[label] for label in labels[0, [0, 1, 3]]]
    assert names == ["road", "car", "bicycle"] and len(cityscapes.CLASSES) == 19


def test_maps_of_train_ids_are_preferred(city):
    save(
        city / "gtFine/val/lindau/lindau_000001_000019_gtFine_labelTrainIds.png",
        ids(0, 18, 255),
    )
    _, labels = read_cityscapes(list_cityscapes(city)[1])
    assert labels[0, :3].tolist() == [0, 18, VOID]


def test_the_folders_of_the_archives_may_stay(city):
    for half in ("leftImg8bit", "gtFine"):
        (city / f"{half}_trainvaltest").mkdir()
        shutil.move(city / half, city / f"{half}_trainvaltest" / half)
    assert len(list_cityscapes(city)) == 2


@pytest.mark.parametrize(
    ("half", "message"),
    [("leftImg8bit", "images of Cityscapes"), ("gtFine", "label maps of Cityscapes")],
)
def test_a_missing_half_of_cityscapes_is_named(city, half, message):
    shutil.rmtree(city / half)
    with pytest.raises(FileNotFoundError, match=rf"no folder {half}/val.*{message}.*It has:"):
        list_cityscapes(city)


def test_pictures_without_their_other_half_are_counted(city):
    next((city / "leftImg8bit").glob("*/lindau/*")).unlink()
    with pytest.raises(FileNotFoundError, match="1 of 2 pictures have no image, first lindau_0000"):
        list_cityscapes(city)


def test_pictures_without_a_label_map_are_counted(city):
    next((city / "gtFine").glob("*/frankfurt/*labelIds.png")).unlink()
    with pytest.raises(FileNotFoundError, match="1 of 2 pictures have no label map, first frankf"):
        list_cityscapes(city)


def test_an_empty_half_is_named(city):
    shutil.rmtree(city / "gtFine" / "val")
    (city / "gtFine" / "val").mkdir()
    with pytest.raises(FileNotFoundError, match="Cityscapes, part val has no label map"):
        list_cityscapes(city)


def test_an_unknown_part_or_a_folder_that_is_none(city, tmp_path):
    with pytest.raises(ValueError, match=r"No part 'vall'.*Did you mean 'val'"):
        list_cityscapes(city, "vall")
    with pytest.raises(FileNotFoundError, match="nowhere is no folder"):
        list_cityscapes(tmp_path / "nowhere")


def test_a_map_with_another_size_or_an_unknown_id_is_refused(city):
    pair = list_cityscapes(city)[0]
    save(pair.labels, np.zeros((4, 5)))
    with pytest.raises(ValueError, match=r"image is 4 x 6 pixels, its label map 4 x 5"):
        read_cityscapes(pair)
    save(pair.labels, ids(7, 40))
    with pytest.raises(ValueError, match=r"id 40, which.*expected 0 to 33, 255"):
        read_cityscapes(pair)


def test_a_coloured_map_and_a_damaged_file_are_named(city):
    pair = list_cityscapes(city)[0]
    save(pair.labels, PHOTO)
    with pytest.raises(ValueError, match=r"mode RGB; expected 8-bit ids.*people to look at"):
        read_cityscapes(pair)
    pair.image.write_bytes(pair.image.read_bytes()[:45])
    with pytest.raises(ValueError, match=r"leftImg8bit\.png is no image or is damaged"):
        read_cityscapes(pair)


# Fishyscapes


def test_static_adds_its_overlay_to_the_city(static, city):
    pairs = list_static(static, city)
    assert [pair.name[:5] for pair in pairs] == ["0000_", "0001_"]
    image, labels = read_fishyscapes(pairs[1])
    expected = PHOTO.astype(int) + 40
    expected[0, 0], expected[0, 1] = 0, 255  # clipped, not wrapped
    assert np.array_equal(image, expected) and image.dtype == np.uint8
    assert labels[0, :4].tolist() == [0, ANOMALY, VOID, 0] and labels.dtype == np.uint8


def test_static_needs_no_labels_of_cityscapes(static, city):
    shutil.rmtree(city / "gtFine")
    assert len(list_static(static, city)) == 2


def test_what_static_lacks_is_named(static, city):
    overlay = next(static.glob("0001*rgb.npz"))
    overlay.rename(static / "elsewhere")
    with pytest.raises(FileNotFoundError, match=r"1 of 2 pictures have no overlay.*first 0001"):
        list_static(static, city)
    (static / "elsewhere").rename(overlay)
    next((city / "leftImg8bit").glob("*/lindau/*")).unlink()
    with pytest.raises(FileNotFoundError, match=r"images from Cityscapes: 1 of 2.*0001_lindau"):
        list_static(static, city)
    shutil.rmtree(city / "leftImg8bit")
    with pytest.raises(FileNotFoundError, match="no folder leftImg8bit/val"):
        list_static(static, city)


def test_a_folder_without_label_maps_is_named(city, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no label map \(NNNN_NAME_labels\.png\)"):
        list_static(city, city)
    with pytest.raises(FileNotFoundError, match="nowhere is no folder"):
        list_static(tmp_path / "nowhere", city)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no overlay or is damaged"),
        (b"PK", "no overlay or is damaged"),
        ({"depth": np.zeros(3)}, "expected an npz file with an array rgb"),
        ({"rgb": np.zeros((4, 5, 3))}, r"shape \(4, 5, 3\), its image \(4, 6, 3\)"),
    ],
)
def test_a_damaged_overlay_is_named(static, city, content, message):
    pair = list_static(static, city)[0]
    if isinstance(content, bytes):
        pair.overlay.write_bytes(content)
    else:
        np.savez(pair.overlay, **content)
    with pytest.raises(ValueError, match=message):
        read_fishyscapes(pair)


def test_lost_and_found_finds_its_images_in_both_parts(lost):
    pairs = list_lost_and_found(*lost)
    assert [pair.name[:4] for pair in pairs] == ["0000", "0001"]
    assert [pair.image.parent.parent.name for pair in pairs] == ["train", "test"]
    image, labels = read_fishyscapes(pairs[0])
    assert np.array_equal(image, PHOTO) and pairs[0].overlay is None
    assert labels[0, :3].tolist() == [ANOMALY, 0, VOID]


def test_lost_and_found_without_its_images(lost):
    labels, images = lost
    shutil.rmtree(images / "leftImg8bit" / "test")
    with pytest.raises(FileNotFoundError, match=r"Lost and Found: 1 of 2 pictures have no image"):
        list_lost_and_found(labels, images)
    shutil.rmtree(images / "leftImg8bit")
    with pytest.raises(FileNotFoundError, match="no folder leftImg8bit"):
        list_lost_and_found(labels, images)


# StreetHazards


def test_street_hazards_counts_from_one_and_has_its_anomaly_last(hazards):
    (pair,) = list_streethazards(hazards)
    image, labels = read_streethazards(pair)
    assert np.array_equal(image, PHOTO)
    assert labels[0].tolist() == [VOID, 0, 7, 12, ANOMALY, 10]
    assert streethazards.CLASSES[7] == "road" and streethazards.CLASSES[10] == "car"
    assert len(streethazards.CLASSES) == 13


def test_towns_may_repeat_names(hazards):
    assert [p.name for p in list_streethazards(hazards, "training")] == ["t1/00001", "t2/00001"]


def test_what_street_hazards_lacks_is_named(hazards):
    with pytest.raises(ValueError, match=r"'traning'.*Did you mean 'training'"):
        list_streethazards(hazards, "traning")
    with pytest.raises(FileNotFoundError, match=r"no folder train/images/validation"):
        list_streethazards(hazards, "validation")
    shutil.rmtree(hazards / "test" / "annotations")
    with pytest.raises(FileNotFoundError, match=r"no folder test/annotations/test.*label maps"):
        list_streethazards(hazards)


def test_an_id_beyond_the_anomaly_is_unknown(hazards):
    (pair,) = list_streethazards(hazards)
    save(pair.labels, ids(15))
    with pytest.raises(ValueError, match=r"id 15.*expected 0 to 14, 255"):
        read_streethazards(pair)


# SegmentMeIfYouCan


def test_only_pictures_with_public_labels_are_listed(track):
    folder, name = track
    pairs = list_segment_me(folder, name)
    assert [pair.name for pair in pairs] == ["validation0000", "validation0001"]
    image, labels = read_segment_me(pairs[0])
    assert image.shape == PHOTO.shape and image.dtype == np.uint8
    assert labels[0, :4].tolist() == [0, ANOMALY, VOID, 0]


def test_what_a_track_lacks_is_named(track):
    folder, name = track
    root = next(folder.iterdir())
    next((root / "images").glob("validation0001*")).unlink()
    with pytest.raises(FileNotFoundError, match=r"have no image, first validation0001"):
        list_segment_me(folder, name)
    shutil.rmtree(root / "labels_masks")
    with pytest.raises(FileNotFoundError, match=r"labels_masks.*public label maps"):
        list_segment_me(folder, name)


def test_an_unknown_track_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"'obstacles'.*Did you mean 'obstacle'"):
        list_segment_me(tmp_path, "obstacles")
