"""The sets with a shortcut: shares, splits, one test for all, and what is refused."""

import re

import numpy as np
import pytest

from internlab.data.shortcuts import DATA_SETS, DEFAULT_SIZES, BiasedImages, load, mnist
from internlab.data.shortcuts.coloured import COLOURS
from internlab.data.shortcuts.coloured import paint as colour
from internlab.data.shortcuts.corrupted import PICTURES, _pictures, corrupt
from internlab.data.shortcuts.corrupted import _crops as crops_of
from internlab.data.shortcuts.textured import paint as lay_on_texture

SMALL = {"train": 400, "validation": 200, "balanced": 100, "test": 100}


@pytest.fixture(scope="module", params=DATA_SETS)
def pair(request):
    """A set at two ratios."""
    return [load(request.param, ratio, 3, sizes=SMALL) for ratio in (0.9, 0.95)]


def as_set(images: np.ndarray) -> list[bytes]:
    return [image.tobytes() for image in images]


def test_the_share_of_aligned_images_is_the_ratio(pair):
    for splits in pair:
        for part in (splits.train, splits.validation):
            classes = len(splits.class_names)
            for label in range(classes):
                members = part.labels == label
                assert (~part.aligned[members]).sum() == round(members.sum() * (1 - splits.ratio))


def test_every_group_is_as_frequent_where_there_is_no_bias(pair):
    for part in (pair[0].balanced, pair[0].test):
        groups = len(pair[0].class_names) ** 2
        assert np.ptp(np.bincount(part.groups, minlength=groups)) <= 1


def test_all_sets_look_alike_to_a_program(pair):
    splits = pair[0]
    assert len(splits.class_names) == len(splits.bias_names) == splits.train.bias_count
    for name, part in splits.parts.items():
        assert part.images.shape == (SMALL[name], splits.side, splits.side, 3)
        assert part.images.dtype == np.uint8 and part.images.max() > 100
        assert part.labels.dtype == part.biases.dtype == np.int64
        assert len(part) == SMALL[name]


def test_a_higher_ratio_changes_nothing_but_images_that_get_aligned(pair):
    lower, higher = (splits.train for splits in pair)
    changed = lower.biases != higher.biases
    assert np.array_equal(lower.labels, higher.labels)
    assert (higher.aligned & ~lower.aligned)[changed].all() and changed.any()
    assert np.array_equal(lower.images[~changed], higher.images[~changed])
    for part in ("balanced", "test"):
        assert np.array_equal(pair[0].parts[part].images, pair[1].parts[part].images)


def test_seeds_share_the_test_and_nothing_else(pair):
    name = pair[0].name
    other, again = (load(name, 0.9, seed, sizes=SMALL) for seed in (4, 3))
    for part, images in pair[0].parts.items():
        assert np.array_equal(images.images, again.parts[part].images)
        same = np.array_equal(images.images, other.parts[part].images)
        assert same == (part == "test"), part


def test_no_image_serves_twice(pair):
    images = np.concatenate([part.images for part in pair[0].parts.values()])
    assert len(set(as_set(images))) > 0.995 * len(images)


def test_the_card_has_a_size_only_where_something_is_fetched(pair):
    card = pair[0].card
    assert bool(card.size_bytes) == bool(card.sha256) == ("mnist" in card.origin.lower())
    if pair[0].name == "portraits":
        assert "not people" in card.what


@pytest.mark.parametrize("name", DATA_SETS)
def test_the_card_states_the_sizes_that_are_used(name):
    card = load(name, 0.9, 0, sizes=SMALL).card
    stated = [int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*\d{2}", card.split)]
    if name != "textured-digits":  # It refers to coloured MNIST.
        assert set(DEFAULT_SIZES[name].values()) <= set(stated)


def test_a_digit_is_drawn_in_its_colour():
    strokes = np.zeros((200, 28, 28), np.uint8)
    strokes[:, 10:18, 10:18] = 255
    biases = np.arange(200) % 10
    images = colour(strokes, biases, np.random.default_rng(0))
    assert images.shape == (200, 14, 14, 3)
    assert (images[:, :4] == 0).all()
    ink = images[:, 6, 6].astype(float)
    for bias, expected in enumerate(COLOURS.values()):
        assert ink[biases == bias].mean(axis=0) == pytest.approx(expected, abs=13)
    # A colour varies, and is still told from the others.
    distance = np.linalg.norm(ink[:, None] - np.array(list(COLOURS.values())), axis=2)
    assert (distance.argmin(axis=1) == biases).mean() > 0.95
    assert ink[biases == 0].std(axis=0).max() > 4


def test_textures_have_the_same_brightness():
    images = lay_on_texture(
        np.zeros((500, 28, 28), np.uint8), np.arange(500) % 10, np.random.default_rng(0)
    )
    means = images.reshape(50, 10, -1).mean(axis=(0, 2))
    assert np.ptp(means) < 12
    assert (images[..., 0] == images[..., 2]).all()


def test_crops_of_two_parts_share_no_pixel(monkeypatch):
    from internlab.data.shortcuts import corrupted

    # Pictures whose pixels say in which column they are: a crop tells where it was cut out.
    columns = [np.zeros((*picture.shape[:2], 3), np.uint8) for picture in _pictures()]
    for column in columns:
        column[:] = (np.arange(column.shape[1]) * 255 / column.shape[1])[:, None]
        column[::2] = np.minimum(column[::2] + 1, 255)
    monkeypatch.setattr(corrupted, "_pictures", lambda: tuple(columns))
    monkeypatch.setattr(corrupted, "_LEAST_SPREAD", 1e-6)
    labels = np.arange(700) % len(PICTURES)
    ranges = {}
    for part in ("train", "validation", "test"):
        crops = crops_of(part, labels, np.random.default_rng(0))
        ranges[part] = {int(value) for value in np.unique(crops)}
    shares = {part: np.array(sorted(values)) / 255 for part, values in ranges.items()}
    # A picture of 384 columns rounds to 1/384, and every other row is 1/255 brighter.
    near = 0.008
    assert shares["test"].min() > 0.29 - near and shares["test"].max() < 0.57 + near
    assert shares["validation"].min() > 0.84 - near
    train = shares["train"]
    assert not ((train > 0.29 + near) & (train < 0.57 - near)).any()
    assert train.max() < 0.84 + near


@pytest.mark.parametrize("name", ["coloured-mnist", "textured-digits", "corrupted-textures"])
def test_an_image_shows_the_class_that_its_label_says(name):
    """The mean image of each class, which knows no bias, finds the class of most test images."""
    splits = load(name, 0.9, 0, sizes={"train": 2000, "validation": 200, "test": 500})
    flat = [part.images.reshape(len(part), -1) / 255 for part in (splits.train, splits.test)]
    kinds = range(len(splits.class_names))
    means = np.stack([flat[0][splits.train.labels == kind].mean(axis=0) for kind in kinds])
    nearest = np.linalg.norm(flat[1][:, None] - means, axis=2).argmin(axis=1)
    assert (nearest == splits.test.labels).mean() > 2.5 / len(kinds)


def test_each_corruption_changes_a_picture_in_its_own_way():
    picture = np.random.default_rng(0).integers(60, 200, (8, 8, 3), np.uint8)
    image = np.kron(picture, np.ones((4, 4, 1), np.uint8))
    images = np.repeat(image[None], 7, axis=0)
    first = corrupt(images, np.arange(7), np.random.default_rng(1))
    again = corrupt(images, np.arange(7), np.random.default_rng(1))
    assert np.array_equal(first, again)
    assert len(set(as_set(np.concatenate([first, image[None]])))) == 8
    assert first[5].std() < 0.7 * image.std()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "colored-mnist"}, "no set 'colored-mnist'.* Did you mean 'coloured-mnist'"),
        ({"ratio": 1}, "ratio is 1; expected"),
        ({"ratio": 98}, "ratio is 98; expected"),
        ({"seed": -1}, "seed is -1; expected 0 or more"),
        ({"sizes": {"tests": 5}}, "sizes names 'tests'.* Did you mean 'test'"),
        ({"sizes": 100}, "sizes is 100; expected a dictionary from part to number"),
        ({"sizes": {"test": 0}}, "size of test is 0; expected a whole number of 1 or more"),
        ({"sizes": {"test": 2.5}}, r"size of test is 2\.5"),
        ({"sizes": {"train": 100}}, "none of them bias-conflicting at ratio 0.98"),
        (
            {"name": "corrupted-textures", "ratio": 0.995},
            "class 0 of the validation part has 58 images, none of them bias-conflicting",
        ),
        ({"sizes": {"balanced": 50}}, "a group would have none"),
        ({"sizes": {"train": 90_000}}, "Take smaller sizes"),
    ],
)
def test_what_is_refused(given, said, capsys):
    arguments = {"name": "coloured-mnist", "ratio": 0.98, "seed": 0} | given
    if arguments.get("sizes") == {"train": 90_000} and mnist.handwritten_digits().is_fallback:
        pytest.skip("MNIST (15.5 MB) could not be fetched, is there a network?")
    with pytest.raises(ValueError, match=said):
        load(**arguments)


def test_without_a_network_small_digits_stand_in(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path))
    monkeypatch.setenv("INTERNLAB_OFFLINE", "1")
    mnist.handwritten_digits.cache_clear()
    try:
        splits = load("coloured-mnist", 0.95, 0)
        load("textured-digits", 0.95, 0)
        rare = load("coloured-mnist", 0.99, 0)
    finally:
        mnist.handwritten_digits.cache_clear()
    assert splits.is_fallback
    for part in (rare.train, rare.validation):  # too few for 99 %, and no lesson stops at that
        assert np.bincount(part.labels[~part.aligned], minlength=10).tolist() == [1] * 10
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "Fallback: 1,797 small digits" in said
    assert np.bincount(splits.test.groups).tolist() == [5] * 100
    assert [len(part) for part in splits.parts.values()] == [900, 100, 200, 500]


def test_a_damaged_store_of_digits_is_read_again(monkeypatch, tmp_path, capsys):
    (tmp_path / "mnist-1.npz").write_bytes(b"PK half a file")
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path))
    monkeypatch.setenv("INTERNLAB_OFFLINE", "1")
    mnist.handwritten_digits.cache_clear()
    try:
        assert mnist.handwritten_digits().is_fallback
    finally:
        mnist.handwritten_digits.cache_clear()


def test_mnist_is_mnist():
    digits = mnist.handwritten_digits()
    if digits.is_fallback:
        pytest.skip("MNIST (15.5 MB) could not be fetched, is there a network?")
    # The counts that everybody knows.
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(digits.train_labels).tolist() == counts
    assert np.bincount(digits.test_labels).sum() == 10_000
    assert digits.train_images.mean() == pytest.approx(33.318, abs=0.01)


def small(count: int = 4, **changed) -> dict:
    given = {
        "images": np.zeros((count, 8, 8, 3), np.uint8),
        "labels": np.arange(count, dtype=np.int64) % 2,
        "biases": np.zeros(count, np.int64),
        "bias_count": 2,
    }
    return given | changed


def test_groups_and_alignment_of_a_small_example():
    images = BiasedImages(**small())
    assert images.aligned.tolist() == [True, False, True, False]
    assert images.groups.tolist() == [0, 2, 0, 2]
    taken = images.take(~images.aligned)
    assert len(taken) == 2 and taken.groups.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"images": np.zeros((4, 3, 8, 8), np.uint8)}, "images have shape"),
        ({"images": np.zeros((4, 8, 8, 3), np.float32)}, "and uint8"),
        ({"labels": np.zeros(3, np.int64)}, "labels have shape"),
        ({"biases": np.zeros(4, np.int32)}, "biases have shape .* int64"),
        ({"labels": np.array([0, 1, 2, 1])}, "labels hold 2; expected 0 to 1"),
        ({"biases": np.array([0, 1, -1, 1])}, "biases hold -1; expected 0 to 1"),
    ],
)
def test_images_that_do_not_fit_together_are_refused(changed, said):
    with pytest.raises(ValueError, match=said):
        BiasedImages(**small(**changed))
