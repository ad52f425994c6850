"""Thresholds on clear images, used on others."""

from __future__ import annotations

import numpy as np
import pytest

from internlab.ood.protocol.shift import flagged_share, image_scores, threshold_for


def test_the_threshold_flags_its_share_of_what_it_was_taken_from():
    clear = np.random.default_rng(0).normal(0, 1, (5, 40, 40))
    threshold = threshold_for(clear, 0.05)
    assert flagged_share(clear, threshold) == pytest.approx(0.05, abs=1e-3)


def test_a_shift_of_all_pixels_flags_more_of_them():
    clear = np.random.default_rng(0).normal(0, 1, (5, 40, 40))
    threshold = threshold_for(clear)
    assert flagged_share(clear + 1, threshold) > 0.2
    assert flagged_share(clear - 9, threshold) == 0


def test_an_image_is_scored_by_its_mean_pixel():
    maps = np.stack([np.zeros((4, 4)), np.eye(4)])
    assert image_scores(maps).tolist() == [0, 0.25]


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        threshold_for(np.zeros(3), 5)
    with pytest.raises(ValueError, match="NaN"):
        flagged_share(np.array([0, np.nan]), 1)
    with pytest.raises(ValueError, match="maps"):
        image_scores(np.zeros(3))
