"""Class statistics: one pass, merged exactly, defined for every class, and shrunken."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.ood.dense.standardised import StandardizedMaxLogit
from internlab.ood.dense.statistics import ClassStatistics, Moments, shrink
from internlab.ood.detectors import MaxLogit
from internlab.ood.outputs import Outputs


def _logits(seed, count=3, classes=4, height=5, width=6):
    return torch.randn(count, classes, height, width, generator=torch.Generator().manual_seed(seed))


def _slowly(logits):
    """Return count, mean and sd by predicted class, pixel by pixel."""
    found = {}
    for image in logits.double().numpy():
        for row in image.transpose(1, 2, 0).reshape(-1, logits.shape[1]):
            found.setdefault(int(np.argmax(row)), []).append(row.max())
    return {c: (len(v), np.mean(v), np.std(v, ddof=1)) for c, v in found.items()}


def test_a_case_by_hand():
    logits = torch.tensor([[4.0, 0.0], [2.0, 1.0], [0.0, 5.0], [-3.0, 1.0]])
    statistics = ClassStatistics(2).add(logits)
    assert statistics.count.tolist() == [2, 2]
    assert statistics.mean.tolist() == [3.0, 3.0]
    assert statistics.sd.tolist() == pytest.approx([2**0.5, 8**0.5])


def test_it_agrees_with_a_slow_count_of_every_pixel():
    logits = _logits(0)
    statistics = ClassStatistics(4).add(logits)
    for c, (count, mean, sd) in _slowly(logits).items():
        assert statistics.count[c] == count
        assert statistics.mean[c].item() == pytest.approx(mean, rel=1e-12)
        assert statistics.sd[c].item() == pytest.approx(sd, rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(1, 59), max_size=4), st.floats(-1e3, 1e3))
def test_how_the_pixels_are_dealt_into_batches_does_not_matter(seed, cuts, offset):
    rows = torch.randn(60, 3, generator=torch.Generator().manual_seed(seed)).double() + offset
    once = ClassStatistics(3).add(rows)
    bits = ClassStatistics(3)
    edges = [0, *sorted(set(cuts)), 60]
    for start, end in pairwise(edges):
        bits.add(rows[start:end])
    assert torch.equal(once.count, bits.count)
    assert torch.allclose(once.mean, bits.mean, rtol=1e-10)
    assert torch.allclose(once.sd, bits.sd, rtol=1e-8)


def test_a_class_that_is_never_predicted_is_judged_as_an_average_pixel():
    logits = torch.tensor([[4.0, 0.0, -9.0], [2.0, 1.0, -9.0], [0.0, 5.0, -9.0], [0.0, 7.0, -9.0]])
    statistics = ClassStatistics(3).add(logits)
    assert statistics.count[2] == 0
    assert statistics.mean[2] == 4.5
    assert statistics.sd[2].item() == pytest.approx(1.0)  # squares 2 + 2 of 4 pixels
    assert torch.isfinite(StandardizedMaxLogit(statistics).score(Outputs(-logits))).all()


def test_a_class_with_one_pixel_or_one_value_has_no_spread_of_its_own():
    logits = torch.tensor([[4.0, 0.0], [2.0, 1.0], [0.0, 5.0]])
    statistics = ClassStatistics(2).add(logits)
    assert statistics.mean[1].item() == pytest.approx(11 / 3)
    assert statistics.sd[1].item() == pytest.approx((2 / 3) ** 0.5)
    same = torch.tensor([[4.0, 0.0], [2.0, 1.0], [0.0, 0.1], [0.0, 0.1], [0.0, 0.1]])
    assert ClassStatistics(2).add(same).sd[1] > 0.1


def test_nothing_to_standardise_is_refused():
    with pytest.raises(ValueError, match="No logits were added"):
        ClassStatistics(2).moments()
    with pytest.raises(ValueError, match="no spread"):
        ClassStatistics(2).add(torch.tensor([[1.0, 0.0]] * 3)).moments()
    with pytest.raises(ValueError, match="NaN or infinite"):
        ClassStatistics(2).add(torch.tensor([[1.0, float("nan")]]))
    with pytest.raises(ValueError, match=r"\(N, 3\)"):
        ClassStatistics(3).add(torch.zeros(4, 2))
    with pytest.raises(ValueError, match="at least one"):
        ClassStatistics(0)


def test_standardised_scores_have_mean_0_and_spread_1_in_every_class():
    logits = _logits(3, count=6)
    scores = StandardizedMaxLogit().fit(Outputs(logits)).score(Outputs(logits))
    predicted = logits.argmax(1)
    for c in range(4):
        own = scores[predicted == c]
        assert own.mean().abs() < 1e-5
        assert own.std().item() == pytest.approx(1.0, abs=1e-5)


def test_a_higher_score_is_a_lower_max_logit_within_a_class():
    statistics = ClassStatistics(3).add(_logits(0, classes=3))
    logits = torch.tensor([[5.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    sure, unsure = StandardizedMaxLogit(statistics).score(Outputs(logits))
    assert unsure > sure


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 50), st.floats(-20, 20))
def test_the_scale_of_the_logits_does_not_matter(seed, scale, offset):
    logits = _logits(seed).double()
    plain = StandardizedMaxLogit().fit(Outputs(logits)).score(Outputs(logits))
    moved = scale * logits + offset
    again = StandardizedMaxLogit().fit(Outputs(moved)).score(Outputs(moved))
    assert torch.allclose(plain, again, atol=1e-7)


def test_vectors_and_maps_get_the_same_score():
    logits = _logits(5)
    rows = logits.movedim(1, -1).reshape(-1, 4)
    fitted = StandardizedMaxLogit().fit(Outputs(logits))
    assert torch.equal(fitted.score(Outputs(rows)), fitted.score(Outputs(logits)).flatten())


def test_it_must_be_fitted_and_to_the_same_classes():
    with pytest.raises(ValueError, match="not been fitted"):
        StandardizedMaxLogit().score(Outputs(torch.zeros(2, 3)))
    statistics = ClassStatistics(4).add(_logits(0))
    with pytest.raises(ValueError, match="3 classes and statistics of 4"):
        StandardizedMaxLogit(statistics).score(Outputs(torch.zeros(2, 3)))


def _moments(count, mean, sd):
    return Moments(torch.tensor(count), torch.tensor(mean).double(), torch.tensor(sd).double())


def test_shrinking_by_hand():
    # Shares 0.9 and 0.1, so at strength 0.1 the classes keep 0.9 and 0.5 of their own.
    shrunken = shrink(_moments([90, 10], [5.0, 3.0], [1.0, 3.0]), 0.1)
    pooled = (0.9 * 1 + 0.1 * 9) ** 0.5
    assert shrunken.mean.tolist() == pytest.approx([0.9 * 5 + 0.1 * 4.8, 0.5 * 3 + 0.5 * 4.8])
    assert shrunken.sd.tolist() == pytest.approx([0.9 + 0.1 * pooled, 1.5 + 0.5 * pooled])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 10**6), st.floats(-5, 9), st.floats(0.1, 4)),
        min_size=2,
        max_size=8,
    ),
    st.floats(0, 100),
)
def test_shrinking_moves_every_class_towards_all_pixels_and_rare_ones_most(classes, strength):
    count, mean, sd = (list(column) for column in zip(*classes, strict=True))
    own = _moments(count, mean, sd)
    shrunken = shrink(own, strength)
    share = own.count / own.count.sum()
    target = (share * own.mean).sum()
    before, after = (own.mean - target).abs(), (shrunken.mean - target).abs()
    assert (after <= before + 1e-9).all()
    assert (shrunken.sd > 0).all()
    kept = after / before.clamp_min(1e-12)
    rarest, commonest = int(share.argmin()), int(share.argmax())
    if min(before[rarest], before[commonest]) > 1e-6:
        assert kept[rarest] <= kept[commonest] + 1e-6


def test_no_shrinking_is_the_published_method_and_much_of_it_is_the_max_logit():
    outputs = Outputs(_logits(7, count=6).double())
    statistics = ClassStatistics(4).add(outputs.logits)
    plain, none = StandardizedMaxLogit(statistics), StandardizedMaxLogit(statistics, strength=0)
    assert torch.equal(plain.score(outputs), none.score(outputs))
    most = StandardizedMaxLogit(statistics, strength=1e9).score(outputs).flatten()
    assert torch.equal(most.argsort(), MaxLogit().score(outputs).flatten().argsort())


@pytest.mark.parametrize("strength", [-0.1, float("nan"), float("inf")])
def test_a_strength_that_makes_no_sense_is_refused(strength):
    with pytest.raises(ValueError, match="strength"):
        shrink(_moments([1, 2], [0.0, 1.0], [1.0, 1.0]), strength)


@pytest.mark.parametrize(
    ("mean", "sd", "says"),
    [
        ([0.0, 1.0], [1.0, 0.0], "Class 1 has mean 1 and sd 0"),
        ([0.0, 1.0], [float("nan"), 1.0], "Class 0 has mean 0 and sd nan"),
        ([float("inf"), 1.0], [1.0, 1.0], "Class 0 has mean inf"),
        ([0.0], [1.0, 1.0], r"shapes \(2,\), \(1,\), \(2,\)"),
    ],
)
def test_moments_that_nothing_can_be_divided_by_are_refused(mean, sd, says):
    with pytest.raises(ValueError, match=says):
        Moments(torch.ones(2, dtype=torch.int64), torch.tensor(mean), torch.tensor(sd))
