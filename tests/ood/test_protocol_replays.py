"""How much of a public gain is real, over many boards."""

from __future__ import annotations

import numpy as np
import pytest

from internlab.ood.protocol.image_counts import ImageCounts
from internlab.ood.protocol.replays import Replays, replay

OUTLIER = 254


@pytest.fixture(scope="module")
def labels():
    drawn = np.zeros((24, 12, 12), np.uint8)
    drawn[:, 5:8, 5:8] = OUTLIER
    return drawn


def submissions(labels, count, quality):
    """Draw submissions; each image has luck of its own with each of them."""
    rng = np.random.default_rng(0)
    luck = rng.normal(0, 0.5, (count, len(labels), 1, 1))
    better = np.linspace(0, quality, count)[:, None, None, None]
    noise = rng.normal(0, 1, (count, *labels.shape))
    scores = noise + (1 + better + luck) * (labels == OUTLIER)
    return [ImageCounts.of(labels, score) for score in scores]


def test_public_and_hidden_are_scored_on_complementary_images(labels):
    entries = submissions(labels, 3, 0.0)
    found = replay(entries, 6, 5, np.random.default_rng(3))
    assert found.public.shape == found.hidden.shape == (5, 3)
    order = np.random.default_rng(3).permuted(np.tile(np.arange(24), (5, 1)), axis=1)
    public = order[0] < 6
    assert public.sum() == 6
    right = entries[2].scores(public).average_precision
    assert found.public[0, 2] == pytest.approx(right)
    assert found.hidden[0, 2] == pytest.approx(entries[2].scores(~public).average_precision)


def test_where_all_are_equally_good_a_public_gain_is_luck(labels):
    found = replay(submissions(labels, 40, 0.0), 5, 200, np.random.default_rng(0))
    few, many = (found.gains(tries, np.random.default_rng(1)) for tries in (3, 39))
    assert many.public.mean() > few.public.mean() > 0.02
    assert many.vanished.mean() > few.vanished.mean() > 0
    assert many.kept < 0.5


def test_where_some_are_better_the_gain_stays(labels):
    found = replay(submissions(labels, 40, 4.0), 12, 100, np.random.default_rng(0))
    gains = found.gains(39, np.random.default_rng(1))
    assert gains.public.mean() > 0.2
    assert gains.kept > 0.8


def test_the_start_is_always_entered_so_no_public_gain_is_negative(labels):
    found = replay(submissions(labels, 8, 0.0), 6, 50, np.random.default_rng(0))
    assert np.all(found.gains(1, np.random.default_rng(1)).public >= 0)


def test_a_choice_made_elsewhere_is_judged_the_same_way():
    found = Replays(np.array([[0.1, 0.4], [0.2, 0.1]]), np.array([[0.3, 0.5], [0.3, 0.2]]))
    gains = found.of_choice(1)
    assert gains.public.tolist() == pytest.approx([0.3, -0.1])
    assert gains.hidden.tolist() == pytest.approx([0.2, -0.1])
    assert gains.vanished.tolist() == pytest.approx([0.1, 0.0])
    assert gains.kept == pytest.approx(0.05 / 0.1)
    assert np.isnan(found.of_choice(0).kept)


def test_what_cannot_be_replayed_is_refused(labels):
    entries = submissions(labels, 3, 0.0)
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="at least two"):
        replay(entries[:1], 6, 5, rng)
    with pytest.raises(ValueError, match="one hidden image"):
        replay(entries, 24, 5, rng)
    with pytest.raises(ValueError, match="expected 1 to 2"):
        replay(entries, 6, 5, rng).gains(3, rng)


def test_a_board_without_an_anomaly_in_one_part_is_refused(labels):
    labels = labels.copy()
    labels[1:][labels[1:] == OUTLIER] = 0
    entries = submissions(labels, 2, 0.0)
    with pytest.raises(ValueError, match="without outliers, which are in 1 of 24 images"):
        replay(entries, 6, 20, np.random.default_rng(0))
