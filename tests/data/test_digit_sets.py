"""The digits: splits without overlap, outliers that serve once, the same at every call."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from internlab.data.digit_sets import KNOWN, NEAR_TEST, NEAR_VALIDATION, digit_sets, stretched


def as_set(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


def test_every_digit_is_on_one_side():
    sets = digit_sets(0)
    parts = [sets.train, sets.validation, sets.test]
    total = sum(len(part) for part in parts)
    assert len(set.union(*(as_set(part.images) for part in parts))) == total
    assert [np.bincount(part.labels).tolist() for part in parts[:2]] == [[60] * 6, [30] * 6]
    assert np.bincount(sets.test.labels).min() > 80


def test_known_and_unknown_digits_are_all_ten_once():
    assert sorted(KNOWN + NEAR_VALIDATION + NEAR_TEST) == list(range(10))


def test_no_outlier_serves_twice():
    sets = digit_sets(0)
    groups = [
        *sets.outliers.values(),
        *sets.validation_outliers.values(),
        sets.exposure,
        sets.train.images,
        sets.test.images,
    ]
    assert len(set.union(*map(as_set, groups))) == sum(len(as_set(group)) for group in groups)


def test_the_seed_moves_the_digits_and_leaves_the_outliers():
    first, again, other = digit_sets(0), digit_sets(0), digit_sets(1)
    assert np.array_equal(first.train.images, again.train.images)
    assert not np.array_equal(first.train.images, other.train.images)
    for kind, images in first.outliers.items():
        assert np.array_equal(images, other.outliers[kind])


def test_all_images_look_alike_to_a_program():
    sets = digit_sets(3)
    for images in (*sets.outliers.values(), *sets.validation_outliers.values(), sets.exposure):
        assert images.dtype == np.float32
        assert images.shape[1:] == (8, 8)
        assert images.min() >= 0 and images.max() <= 1
    assert sets.train.labels.dtype == np.int64


def test_stretching_uses_the_whole_range_and_leaves_a_flat_image_black():
    images = np.array([[[0.2, 0.4], [0.3, 0.2]], [[0.5, 0.5], [0.5, 0.5]]])
    result = stretched(images)
    assert result[0].ravel().tolist() == pytest.approx([0, 1, 0.5, 0])
    assert (result[1] == 0).all()


def test_class_k_is_the_digit_known_k():
    digits = load_digits()
    target = {
        image.tobytes(): digit
        for image, digit in zip((digits.images / 16).astype(np.float32), digits.target, strict=True)
    }
    sets = digit_sets(0)
    for part in (sets.train, sets.validation, sets.test):
        expected = [target[image.tobytes()] for image in part.images]
        assert np.array_equal(np.array(KNOWN)[part.labels], expected)


def test_every_patch_and_face_uses_the_whole_range():
    sets = digit_sets(0)
    stretched_ones = (
        sets.outliers["textures"],
        sets.outliers["faces"],
        sets.validation_outliers["textures"],
        sets.exposure,
    )
    for images in stretched_ones:
        assert images.min(axis=(1, 2)).tolist() == [0] * len(images)
        assert images.max(axis=(1, 2)).tolist() == [1] * len(images)


def test_a_seed_that_is_none_is_refused():
    with pytest.raises(ValueError, match="seed is -1; expected 0 or more"):
        digit_sets(-1)
    with pytest.raises(TypeError, match=r"seed is 0\.5; expected a whole number"):
        digit_sets(0.5)
