"""Counts by image and bin give the metrics of any set of images."""

from __future__ import annotations

import numpy as np
import pytest

from internlab.ood.metrics import evaluate
from internlab.ood.protocol.image_counts import ImageCounts

OUTLIER, VOID = 254, 255


def drawn(seed, images=7, size=16, levels=None):
    rng = np.random.default_rng(seed)
    labels = rng.choice([0, 1, OUTLIER, VOID], (images, size, size), p=[0.5, 0.4, 0.05, 0.05])
    score = rng.normal(1.0 * (labels == OUTLIER), 1, labels.shape)
    return labels, (score if levels is None else (score * levels).round())


def exact(labels, score, images):
    labels, score = labels[images], score[images]
    counted = labels != VOID
    return evaluate(labels[counted] == OUTLIER, score[counted])


@pytest.mark.parametrize("levels", [None, 3])
@pytest.mark.parametrize("seed", range(3))
def test_with_a_bin_for_each_outlier_average_precision_is_exact(seed, levels):
    labels, score = drawn(seed, levels=levels)
    counts = ImageCounts.of(labels, score, bins=10_000)
    everything = np.arange(len(labels))
    # Chosen images: bins that are empty in them are no thresholds of theirs.
    for images in (everything, np.array([0, 3]), np.array([5])):
        right, got = exact(labels, score, images), counts.scores(images)
        assert got.average_precision == pytest.approx(right.average_precision, abs=1e-12)
        assert got.fpr95 == pytest.approx(right.fpr95, abs=1e-12)
        assert (got.base_rate, got.pixels) == (right.base_rate, right.pixels)


def test_coarse_bins_cost_little():
    labels, score = drawn(0, images=20, size=48)
    right = exact(labels, score, slice(None)).average_precision
    for bins in (50, 200):
        got = ImageCounts.of(labels, score, bins=bins).scores().average_precision
        assert abs(got - right) <= 1.1 / bins


def test_many_sets_at_once_agree_with_one_at_a_time():
    labels, score = drawn(1)
    counts = ImageCounts.of(labels, score, bins=64)
    sets = np.array([[1, 1, 0, 0, 0, 0, 0], [0, 0, 1, 1, 1, 1, 1], [1] * 7], dtype=bool)
    one_by_one = [counts.scores(each).average_precision for each in sets]
    assert counts.average_precisions(sets) == pytest.approx(one_by_one)


def test_a_set_without_an_outlier_has_none():
    labels, score = drawn(0, images=2)
    labels[1] = 0
    counts = ImageCounts.of(labels, score)
    assert np.isnan(counts.average_precisions(np.array([[False, True]])))[0]
    with pytest.raises(ValueError, match="no outlier"):
        counts.scores(np.array([1]))


def test_a_region_leaves_pixels_out():
    labels, score = drawn(2)
    region = labels != VOID
    region[:, :8] = False
    got = ImageCounts.of(labels, score, region=region, bins=10_000).scores()
    right = evaluate(labels[region] == OUTLIER, score[region])
    assert got.average_precision == pytest.approx(right.average_precision)


def test_what_cannot_be_counted_is_refused():
    labels, score = drawn(0)
    with pytest.raises(ValueError, match="first axis"):
        ImageCounts.of(labels[0], score[0])
    with pytest.raises(ValueError, match="NaN"):
        ImageCounts.of(labels, np.where(labels == OUTLIER, np.nan, score))
    with pytest.raises(ValueError, match="No pixel"):
        ImageCounts.of(np.zeros_like(labels), score)


def test_no_bin_at_all_is_refused():
    labels = np.full((1, 2, 2), OUTLIER)
    with pytest.raises(ValueError, match="0 bins"):
        ImageCounts.of(labels, np.zeros((1, 2, 2)), bins=0)
