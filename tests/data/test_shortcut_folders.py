"""The published layout, on miniatures: what is written is read, and what is wrong is said."""

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from internlab.data.shortcuts import BiasedSplits, load
from internlab.data.shortcuts.folders import read_folder, write_folder
from internlab.data.shortcuts.layouts import LAYOUTS, percentage_of

SIZES = {"train": 400, "validation": 200, "balanced": 100, "test": 100}
FACES = {"train": 40, "validation": 40, "balanced": 8, "test": 20}


@pytest.fixture(scope="module")
def digits() -> BiasedSplits:
    return load("coloured-mnist", 0.95, 0, sizes=SIZES)


@pytest.fixture(scope="module")
def faces() -> BiasedSplits:
    return load("portraits", 0.9, 0, sizes=FACES)


@pytest.fixture
def folder(digits, tmp_path) -> Path:
    write_folder(digits, tmp_path)
    return tmp_path / "cmnist"


def read(folder: Path, percentage: str = "5pct", **more) -> BiasedSplits:
    return read_folder(folder.parent, dataset=folder.name, percentage=percentage, **more)


def contents(part) -> list[tuple]:
    return sorted(
        (image.tobytes(), label, bias)
        for image, label, bias in zip(part.images, part.labels, part.biases, strict=True)
    )


@pytest.mark.parametrize("dataset", ["cmnist", "cifar10c"])
def test_what_is_written_is_read(digits, tmp_path, dataset):
    assert write_folder(digits, tmp_path, dataset=dataset) == tmp_path / dataset / "5pct"
    splits = read_folder(tmp_path, dataset=dataset, percentage="5pct")
    for name, part in digits.parts.items():
        assert contents(part) == contents(splits.parts[name])
    assert splits.ratio == 0.95 and splits.name == dataset
    assert len(splits.class_names) == 10


def test_of_bffhq_only_conflicting_pictures_are_tested_on(faces, tmp_path):
    assert write_folder(faces, tmp_path) == tmp_path / "bffhq" / "10pct"
    splits = read_folder(tmp_path, dataset="bffhq", percentage="10pct")
    assert contents(splits.test) == contents(faces.test.take(~faces.test.aligned))
    assert contents(splits.train) == contents(faces.train)


def test_the_names_are_the_published_ones(folder, faces):
    """By hand, as the code that is published looks for them."""
    assert len(list(folder.glob("5pct/align/*/*_*_*.png"))) == 380
    assert len(list(folder.glob("5pct/conflict/*/*"))) == 20
    assert len(list(folder.glob("5pct/valid/*.png"))) == 200
    assert len(list(folder.glob("test/*/*"))) == 100
    for path in folder.glob("5pct/conflict/*/*"):
        label, bias = path.stem.split("_")[-2:]
        assert path.parent.name == label != bias
    write_folder(faces, folder.parent)
    beside = folder.parent / "bffhq"
    assert len(list(beside.glob("valid/*.png"))) == 40 and len(list(beside.glob("test/*"))) == 20
    assert sorted(each.name for each in (beside / "10pct").iterdir()) == ["align", "conflict"]


def test_a_folder_as_it_is_downloaded_is_read(tmp_path):
    """A miniature made by hand, with files of the operating system between."""
    for place, names in {
        "0.5pct/align/0": ["1_0_0", "2_0_0", "3_0_0"],
        "0.5pct/align/1": ["4_1_1", "5_1_1", "6_1_1"],
        "0.5pct/conflict/0": ["7_0_1"],
        "0.5pct/conflict/1": ["8_1_0", "9_1_0"],
        "valid": ["1_0_0", "2_1_1"],
        "test": ["1_0_0", "2_0_1", "3_1_0", "4_1_1"],
    }.items():
        inside = tmp_path / "bffhq" / place
        inside.mkdir(parents=True)
        for name in names:
            Image.new("RGB", (12, 12), (10 * int(name[0]), 0, 0)).save(inside / f"{name}.png")
        (inside / ".DS_Store").write_bytes(b"x")
        (inside / "._1_0_0.png").write_bytes(b"x")
    splits = read_folder(tmp_path, dataset="bffhq")
    assert len(splits.train) == 9 and splits.ratio == pytest.approx(6 / 9)
    assert splits.test.images[:, 0, 0, 0].tolist() == [20, 30]
    assert splits.balanced is None and list(splits.parts) == ["train", "validation", "test"]
    assert splits.side == 12
    assert read_folder(tmp_path, dataset="bffhq", side=8).side == 8


def test_without_a_balanced_folder_nothing_stands_in_for_it(folder, tmp_path):
    shutil.rmtree(folder / "5pct" / "balanced")
    splits = read(folder)
    assert splits.balanced is None
    again = write_folder(splits, tmp_path / "again")
    assert not (again / "balanced").exists() and read(again.parent).balanced is None


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("5pct/align", "no folder align, which holds the align half. It has: balanced, conflict"),
        ("5pct/conflict", "no folder conflict, which holds the conflict half"),
        ("5pct/valid", "no folder valid, which holds the pictures to validate on"),
        ("test", "no folder test, which holds the pictures to test on"),
        ("5pct", "no folder 5pct. Expected a share of conflicting images; it has: test"),
        (".", "no folder cmnist. Expected the folder that holds cmnist/5pct; it has: nothing"),
        ("5pct/conflict/3", "no picture of class 3; expected some of each of 10 classes"),
    ],
)
def test_what_is_missing_is_named(folder, gone, said):
    shutil.rmtree(folder / gone)
    with pytest.raises(FileNotFoundError, match=said):
        read(folder)


def test_an_empty_half_is_a_missing_half(folder):
    for each in (folder / "5pct" / "conflict").iterdir():
        shutil.rmtree(each)
    with pytest.raises(FileNotFoundError, match="conflict has no picture"):
        read(folder)


def test_another_percentage_is_refused_with_those_there_are(folder):
    with pytest.raises(FileNotFoundError, match=r"no folder 2pct.* it has: 5pct, test"):
        read(folder, "2pct")


@pytest.mark.parametrize(
    ("place", "name", "said"),
    [
        ("5pct/align/3", "1_3_4.png", "lies in align, but its label is 3 and its bias 4"),
        ("5pct/conflict/3", "1_3_3.png", "lies in conflict.* expected different numbers"),
        ("5pct/align/3", "1_10_10.png", "has the label 10; expected 0 to 9"),
        ("5pct/valid", "1_3_12.png", "has the bias 12; expected 0 to 9"),
        ("test/3", "1_11_1.png", "has the label 11; expected 0 to 9"),
        ("5pct/valid", "picture.png", "does not say what it is; expected a name that ends in"),
        ("5pct/valid", "a_-1_2.png", "does not say what it is"),
    ],
)
def test_a_picture_in_the_wrong_place_is_named(folder, place, name, said):
    Image.new("RGB", (14, 14)).save(folder / place / name)
    with pytest.raises(ValueError, match=re.escape(name) + ".*" + said):
        read(folder)


def test_a_picture_of_another_size_is_refused_or_resized(folder):
    Image.new("RGB", (20, 20)).save(folder / "5pct" / "valid" / "x_1_1.png")
    with pytest.raises(ValueError, match="20 x 20 pixels; expected 14 x 14 like the others"):
        read(folder)
    assert read(folder, side=14).validation.images.shape == (201, 14, 14, 3)
    with pytest.raises(ValueError, match="side is 0; expected 1 pixel or more"):
        read(folder, side=0)


def test_a_damaged_picture_is_named(folder):
    path = next((folder / "test" / "4").iterdir())
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match=f"{path.name} is no image or is damaged"):
        read(folder)


def test_an_unknown_layout_is_refused(folder):
    with pytest.raises(ValueError, match=r"no layout 'cmnis'.* Did you mean 'cmnist'"):
        read_folder(folder.parent, dataset="cmnis")


def test_nothing_is_overwritten(folder, digits):
    with pytest.raises(FileExistsError, match="cmnist is there already"):
        write_folder(digits, folder.parent)


def test_a_failed_writing_leaves_nothing(digits, tmp_path, monkeypatch):
    saved = []

    def fail_later(image, path):
        saved.append(path)
        if len(saved) == 50:
            raise OSError("no space")

    monkeypatch.setattr(Image.Image, "save", fail_later)
    with pytest.raises(OSError, match="no space"):
        write_folder(digits, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_set_with_another_number_of_classes_has_no_layout(faces, tmp_path):
    with pytest.raises(ValueError, match="portraits has 2 classes, the layout of cmnist 10"):
        write_folder(faces, tmp_path, dataset="cmnist")


def test_percentages_are_named_as_published():
    ratios = (0.995, 0.99, 0.98, 0.95)
    assert [percentage_of(ratio) for ratio in ratios] == ["0.5pct", "1pct", "2pct", "5pct"]


def test_the_cards_say_that_the_kit_has_none_of_it():
    for layout in LAYOUTS.values():
        assert layout.card.size_bytes == 0 and "A folder of yours" in layout.card.origin
