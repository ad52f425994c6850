"""Error rates of attack detection: by hand, against a loop, against scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from internlab.practice.antispoofing import metrics

KINDS = np.array(["live"] * 4 + ["paper"] * 4 + ["mask"] * 2)
SCORES = np.array([0.1, 0.2, 0.3, 0.9, 0.8, 0.7, 0.6, 0.2, 0.4, 0.95])


def test_a_case_that_can_be_counted():
    rates = metrics.apcer(SCORES, KINDS, 0.5)
    assert rates == {"mask": 0.5, "paper": 0.25}
    assert metrics.worst(rates) == ("mask", 0.5)
    assert metrics.bpcer(SCORES, KINDS, 0.5) == 0.25
    assert metrics.balanced_error(SCORES, KINDS, 0.5) == pytest.approx((0.25 + 0.375) / 2)


def test_a_score_at_the_threshold_is_an_attack():
    assert metrics.apcer([0.5], ["paper"], 0.5) == {"paper": 0.0}
    assert metrics.bpcer([0.5], ["live"], 0.5) == 1.0


def test_a_fixed_apcer_holds_for_every_species():
    threshold = metrics.threshold_at_apcer(SCORES, KINDS, 0.25)
    assert threshold == 0.4  # one of four papers may be missed, none of two masks
    assert metrics.bpcer_at_apcer(SCORES, KINDS, 0.25) == 0.25
    assert metrics.bpcer_at_apcer(SCORES, KINDS, 0.0) == 0.75


scored = st.integers(0, 2**32 - 1).map(
    lambda seed: (
        np.random.default_rng(seed).integers(0, 12, 60) / 4,
        np.append(
            np.random.default_rng(seed).choice(["live", "paper", "mask", "screen"], 58),
            ["live", "paper"],
        ),
    )
)


@settings(max_examples=60, deadline=None)
@given(scored, st.floats(-1, 4))
def test_rates_agree_with_scikit_learn_and_a_loop(given_scores, threshold):
    scores, kinds = given_scores
    called = scores >= threshold
    for species, rate in metrics.apcer(scores, kinds, threshold).items():
        mine = kinds == species
        table = confusion_matrix(np.ones(mine.sum(), bool), called[mine], labels=[False, True])
        assert rate == pytest.approx(table[1, 0] / table[1].sum(), abs=1e-12)
        missed = sum(
            1 for s, k in zip(scores, kinds, strict=True) if k == species and s < threshold
        )
        assert rate == pytest.approx(missed / mine.sum(), abs=1e-12)
    table = confusion_matrix(kinds != "live", called, labels=[False, True])
    assert metrics.bpcer(scores, kinds, threshold) == pytest.approx(table[0, 1] / table[0].sum())


@settings(max_examples=60, deadline=None)
@given(scored, st.sampled_from([0, 0.05, 0.1, 0.25, 0.5]))
def test_the_threshold_at_an_apcer_is_the_best_that_keeps_it(given_scores, limit):
    scores, kinds = given_scores
    found = metrics.threshold_at_apcer(scores, kinds, limit)
    assert max(metrics.apcer(scores, kinds, found).values()) <= limit
    best = min(
        metrics.bpcer(scores, kinds, each)
        for each in np.append(np.unique(scores), 10)
        if max(metrics.apcer(scores, kinds, each).values()) <= limit
    )
    assert metrics.bpcer_at_apcer(scores, kinds, limit) == best


@settings(max_examples=40, deadline=None)
@given(scored)
def test_the_curve_holds_the_rates_at_each_threshold_and_trades_one_for_the_other(given_scores):
    scores, kinds = given_scores
    curve = metrics.det(scores, kinds)
    for threshold, missed, refused in zip(
        curve.thresholds[:-1], curve.apcer, curve.bpcer, strict=False
    ):
        assert missed == max(metrics.apcer(scores, kinds, threshold).values())
        assert refused == pytest.approx(metrics.bpcer(scores, kinds, threshold))
    assert (np.diff(curve.apcer) >= 0).all() and (np.diff(curve.bpcer) <= 0).all()
    assert curve.apcer[-1] == 1 and curve.bpcer[-1] == 0


def test_the_matcher_helps_against_one_goal_and_is_the_aim_of_the_other():
    scores = np.array([0.1, 0.2, 0.9, 0.3])
    matches = np.array([True, False, True, True])
    assert metrics.impersonation_rate(scores, matches, 0.5) == 0.5
    assert metrics.evasion_rate(scores, matches, 0.5) == 0.25
    both = metrics.impersonation_rate(scores, matches, 0.5) + metrics.evasion_rate(
        scores, matches, 0.5
    )
    assert both == metrics.apcer(scores, ["mask"] * 4, 0.5)["mask"]


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_upper_bound_is_that_of_scipy(counts):
    test = binomtest(*counts, alternative="less")
    assert metrics.at_most(*counts) == pytest.approx(test.proportion_ci(0.95, "exact").high)


def test_none_of_thirty_still_allows_one_in_ten():
    assert metrics.at_most(0, 30) == pytest.approx(1 - 0.05 ** (1 / 30))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: metrics.apcer([0.1], ["live"], 0.5), "No frame is an attack"),
        (lambda: metrics.bpcer([0.1], ["paper"], 0.5), "No frame is 'live'"),
        (lambda: metrics.bpcer([0.1, 0.2], ["live"], 0.5), "one score and one kind"),
        (lambda: metrics.bpcer([math.nan], ["live"], 0.5), "not finite"),
        (lambda: metrics.threshold_at_apcer([1.0], ["paper"], 5), "limit is 5"),
        (lambda: metrics.worst({}), "No species"),
        (lambda: metrics.at_most(0, 0), "at least one trial"),
        (lambda: metrics.at_most(3, 2), "3 of 2"),
        (lambda: metrics.evasion_rate([0.1], [1], 0.5), "expected bool"),
        (lambda: metrics.evasion_rate([], np.array([], bool), 0.5), "at least one attack"),
    ],
)
def test_bad_input_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
