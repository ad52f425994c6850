"""Image lists of OpenOOD: what a line says, and what is wrong with one."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from internlab.data.ood_folders import list_openood, read_openood

PHOTO = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


@pytest.fixture
def images(tmp_path):
    root = tmp_path / "images_classic"
    for name in ("cifar10/test/airplane/0001.png", "texture/banded/banded_0002.png"):
        (root / name).parent.mkdir(parents=True)
        Image.fromarray(PHOTO).save(root / name)
    return root


@pytest.fixture
def write(tmp_path):
    def writer(text):
        path = tmp_path / "benchmark_imglist" / "cifar10" / "test_texture.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return writer


def test_a_line_is_a_path_and_a_label(images, write):
    path = write("cifar10/test/airplane/0001.png 0\ntexture/banded/banded_0002.png -1\n\n")
    listed = list_openood(path, images)
    assert [each.label for each in listed] == [0, -1]
    image, label = read_openood(listed[1])
    assert np.array_equal(image, PHOTO) and label == -1


def test_a_label_may_stand_in_a_dictionary(images, write):
    path = write("cifar10/test/airplane/0001.png {'label': 7, 'sc_label': -1}")
    assert list_openood(path, images)[0].label == 7


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cifar10/test/airplane/0001.png", "line 2: .*has no label"),
        ("cifar10/test/airplane/0001.png one", "line 2: the label 'one' is no whole number"),
        ("cifar10/test/airplane/0001.png 1.5", "line 2: the label '1.5' is no whole number"),
        ("cifar10/test/airplane/0001.png True", "the label 'True'"),
        ("cifar10/test/airplane/0001.png {'class': 1}", "no whole number"),
        ("/cifar10/test/airplane/0001.png 1", "line 2: the path .* leaves the folder"),
        ("../secret.png 1", "leaves the folder"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(images, write, line, message):
    path = write(f"cifar10/test/airplane/0001.png 0\n{line}\n")
    with pytest.raises(ValueError, match=message):
        list_openood(path, images)


def test_missing_pictures_are_counted(images, write):
    path = write("cifar10/test/airplane/0001.png 0\nsvhn/9.png -1\nsvhn/10.png -1\n")
    with pytest.raises(FileNotFoundError, match=r"2 of 3 pictures are not in .*first svhn/9\.png"):
        list_openood(path, images)


def test_an_empty_list_and_missing_halves_are_named(images, write, tmp_path):
    with pytest.raises(ValueError, match="lists no picture"):
        list_openood(write("\n"), images)
    with pytest.raises(FileNotFoundError, match=r"no file\. Expected an image list"):
        list_openood(tmp_path / "none.txt", images)
    with pytest.raises(FileNotFoundError, match=r"no folder\. Expected the folder"):
        list_openood(write("a.png 0"), tmp_path / "nowhere")


def test_a_damaged_picture_is_named(images, write):
    (images / "cifar10/test/airplane/0001.png").write_bytes(b"broken")
    (listed,) = list_openood(write("cifar10/test/airplane/0001.png 0"), images)
    with pytest.raises(ValueError, match=r"0001\.png is no image or is damaged"):
        read_openood(listed)


def test_a_list_in_another_encoding_is_refused(images, write):
    path = write("")
    path.write_bytes("é.png 1".encode("latin-1"))
    with pytest.raises(ValueError, match=r"test_texture.txt is no text in UTF-8 \(byte 0\)"):
        list_openood(path, images)


def test_a_label_that_python_cannot_hold_is_refused(images, write):
    with pytest.raises(ValueError, match=r"line 1: the label .* is no whole number"):
        list_openood(write("a.png {[1]: 2}"), images)


def test_a_long_label_is_not_shown_whole(images, write):
    with pytest.raises(ValueError, match="is no whole number") as caught:
        list_openood(write("a.png " + "x" * 5000), images)
    assert len(str(caught.value)) < 300
