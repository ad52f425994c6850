"""Settings of a dense detector."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from internlab.ood.dense.standardised import CleanUp, StandardizedMaxLogit, predicted_classes
from internlab.ood.dense.statistics import ClassStatistics, shrink
from internlab.ood.outputs import Outputs
from internlab.ood.protocol.settings import START, Setting, draw


@pytest.fixture(scope="module")
def logits():
    generator = torch.Generator().manual_seed(0)
    # Patches of one class, so that there are pixels away from every boundary.
    patches = 3 * torch.randn(6, 4, 3, 4, generator=generator)
    noise = 0.3 * torch.randn(6, 4, 36, 48, generator=generator)
    return patches.repeat_interleave(12, 2).repeat_interleave(12, 3) + noise


@pytest.fixture(scope="module")
def moments(logits):
    return ClassStatistics(4).add(logits).moments()


def test_the_start_is_standardised_max_logits_with_both_steps(logits, moments):
    sml = StandardizedMaxLogit(moments).score(Outputs(logits))
    expected = CleanUp()(sml, predicted_classes(logits)).numpy()
    np.testing.assert_allclose(START.score(logits, moments), expected, rtol=1e-5, atol=1e-5)


def test_full_energy_at_a_low_temperature_is_the_max_logit_on_another_scale(logits, moments):
    score = Setting(energy=1.0, temperature=0.001, width=0, dilation=0).score(logits, moments)
    slope, offset = np.polyfit(-logits.amax(1).flatten(), score.ravel(), 1)
    assert slope > 0
    np.testing.assert_allclose(score, -slope * logits.amax(1) + offset, atol=1e-3)


def test_an_offset_moves_the_pixels_of_its_class_and_no_other(logits, moments):
    plain = Setting(width=0, dilation=0).score(logits, moments)
    moved = Setting(width=0, dilation=0, offsets=(0.0, 2.0, 0.0, 0.0)).score(logits, moments)
    of_class = predicted_classes(logits).numpy() == 1
    np.testing.assert_allclose(moved[of_class] - plain[of_class], 2, atol=1e-5)
    np.testing.assert_array_equal(moved[~of_class], plain[~of_class])


def test_each_knob_changes_the_score(logits, moments):
    base = Setting()
    for change in ({"shrinkage": 0.2}, {"energy": 0.5}, {"width": 4}, {"dilation": 1}):
        assert not np.allclose(
            Setting(**change).score(logits, moments), base.score(logits, moments)
        )
    warm = Setting(energy=0.5, temperature=4.0).score(logits, moments)
    assert not np.allclose(warm, Setting(energy=0.5).score(logits, moments))


def test_drawn_settings_follow_the_generator_and_can_be_scored(logits, moments):
    first = [draw(np.random.default_rng(5)) for _ in range(2)]
    assert first[0] == first[1]
    rng = np.random.default_rng(0)
    for _ in range(8):
        setting = draw(rng, classes=4)
        assert len(setting.offsets) == 4
        assert np.isfinite(setting.score(logits, moments)).all()


def test_pure_energy_is_standardised_to_the_common_mean_and_spread(logits, moments):
    common = shrink(moments, 1e9)
    score = Setting(energy=1.0, width=0, dilation=0).score(logits, moments)
    expected = (common.mean[0] - logits.double().logsumexp(1)) / common.sd[0]
    np.testing.assert_allclose(score, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"energy": 5.0}, "energy is 5.0"),
        ({"temperature": 0.0}, "temperature"),
        ({"width": -1}, "width"),
        ({"shrinkage": float("nan")}, "shrinkage"),
    ],
)
def test_a_setting_out_of_range_is_named(change, match):
    with pytest.raises(ValueError, match=match):
        Setting(**change)


def test_offsets_of_another_number_of_classes_are_refused(logits, moments):
    with pytest.raises(ValueError, match="1 offsets for logits of 4 classes"):
        Setting(offsets=(0.5,)).score(logits, moments)
