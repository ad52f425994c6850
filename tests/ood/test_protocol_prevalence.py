"""Average precision at other base rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from internlab.ood.metrics import auroc, average_precision
from internlab.ood.protocol.prevalence import average_precision_at, thinned


def drawn(seed, pixels=4000, share=0.1):
    rng = np.random.default_rng(seed)
    is_outlier = rng.random(pixels) < share
    return is_outlier, rng.normal(1.5 * is_outlier, 1).round(2)


def test_a_case_by_hand():
    # At the threshold 3: TPR 1/2, FPR 0. At 2: TPR 1/2, FPR 1/2. At 1: TPR 1, FPR 1/2.
    is_outlier, score = [True, False, True, False], [3.0, 2.0, 1.0, 0.0]
    b = 0.2
    by_hand = 0.5 * 1.0 + 0.5 * (b * 1.0 / (b * 1.0 + (1 - b) * 0.5))
    assert average_precision_at(is_outlier, score, b) == pytest.approx(by_hand)


@given(st.integers(0, 1000))
def test_at_the_datas_own_base_rate_it_is_the_plain_one(seed):
    is_outlier, score = drawn(seed, pixels=300)
    is_outlier[:2] = [True, False]
    again = average_precision_at(is_outlier, score, float(is_outlier.mean()))
    assert again == pytest.approx(average_precision(is_outlier, score))


@given(st.integers(0, 1000), st.floats(0.001, 0.5))
def test_fewer_anomalies_never_raise_it(seed, rate):
    is_outlier, score = drawn(seed, pixels=300)
    is_outlier[:2] = [True, False]
    rarer = average_precision_at(is_outlier, score, rate / 2)
    assert rarer <= average_precision_at(is_outlier, score, rate) + 1e-12


def test_a_score_that_knows_nothing_gets_the_base_rate():
    is_outlier = np.arange(10) < 3
    assert average_precision_at(is_outlier, np.zeros(10), 0.01) == pytest.approx(0.01)


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.3])
def test_it_agrees_with_pixels_that_were_really_thinned(rate):
    is_outlier, score = drawn(0, pixels=60_000)
    rng = np.random.default_rng(1)
    found = [
        average_precision_score(is_outlier[kept], score[kept])
        for kept in (thinned(is_outlier, rate, rng) for _ in range(20))
    ]
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - average_precision_at(is_outlier, score, rate)) < 5 * error + 0.002


def test_thinning_gives_the_base_rate_and_leaves_auroc_alone():
    is_outlier, score = drawn(2, pixels=60_000)
    rng = np.random.default_rng(0)
    for rate in (0.02, 0.4):
        kept = thinned(is_outlier, rate, rng)
        assert np.all(np.diff(kept) > 0)
        assert is_outlier[kept].mean() == pytest.approx(rate, rel=0.01)
        assert auroc(is_outlier[kept], score[kept]) == pytest.approx(
            auroc(is_outlier, score), abs=0.02
        )


@pytest.mark.parametrize("rate", [0, 1, -0.1, 2])
def test_a_base_rate_is_a_share(rate):
    is_outlier, score = drawn(0, pixels=100)
    with pytest.raises(ValueError, match="share between 0 and 1"):
        average_precision_at(is_outlier, score, rate)


def test_what_cannot_be_thinned_is_refused():
    with pytest.raises(ValueError, match="nothing of one kind"):
        thinned(np.arange(20) < 2, 0.001, np.random.default_rng(0))
    with pytest.raises(ValueError, match="no outlier"):
        average_precision_at(np.zeros(5, bool), np.zeros(5), 0.1)
