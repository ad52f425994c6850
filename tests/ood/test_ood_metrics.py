"""The ranking metrics: worked cases, properties, and agreement with independent code."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from internlab.data.wheels import DataUnavailable
from internlab.ood.metrics import (
    auroc,
    average_precision,
    base_rate,
    best_f1,
    evaluate,
    fpr_at_tpr,
    precision_recall,
    roc,
)
from internlab.ood.metrics.traps import (
    auroc_by_torchmetrics,
    fpr95_of_inliers,
    scaled_to_unit,
    trapezoidal_average_precision,
)
from internlab.ood.reference import pytorch_ood


@st.composite
def labelled_scores(draw, ties: bool = True):
    """Labels with both kinds, and scores of any sign and size, often equal."""
    count = draw(st.integers(2, 60))
    is_outlier = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    assume(is_outlier.any() and not is_outlier.all())
    values = st.integers(-4, 4) if ties else st.floats(-1e6, 1e6, width=32)
    score = np.array(draw(st.lists(values, min_size=count, max_size=count)), dtype=float)
    return is_outlier, score


def test_worked_case():
    # From the top: outlier, inlier, outlier, inlier.
    is_outlier, score = np.array([1, 0, 1, 0]), np.array([4.0, 3.0, 2.0, 1.0])
    assert auroc(is_outlier, score) == 3 / 4
    assert average_precision(is_outlier, score) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert fpr_at_tpr(is_outlier, score) == 1 / 2
    assert fpr_at_tpr(is_outlier, score, tpr=0.5) == 0
    assert base_rate(is_outlier) == 1 / 2
    assert best_f1(is_outlier, score) == (pytest.approx(4 / 5), 2.0)
    assert evaluate(is_outlier, score).as_row() == {
        "auroc": 0.75,
        "average_precision": pytest.approx(5 / 6),
        "fpr95": 0.5,
        "base_rate": 0.5,
        "pixels": 4,
    }


def test_thirty_eight_of_forty_are_95_percent():
    is_outlier = np.arange(80) < 40
    score = np.where(is_outlier, 10.0, 0.0)
    score[:2] = -10
    assert fpr_at_tpr(is_outlier, score) == 0
    score[2] = -10
    assert fpr_at_tpr(is_outlier, score) == 1


@given(labelled_scores())
def test_agrees_with_scikit_learn(case):
    is_outlier, score = case
    assert auroc(is_outlier, score) == pytest.approx(roc_auc_score(is_outlier, score), abs=1e-12)
    expected = average_precision_score(is_outlier, score)
    assert average_precision(is_outlier, score) == pytest.approx(expected, abs=1e-12)
    fpr, tpr, _ = roc_curve(is_outlier, score, drop_intermediate=False)
    assert fpr_at_tpr(is_outlier, score) == fpr[np.argmax(tpr >= 0.95)]
    ours = roc(is_outlier, score)
    assert np.allclose(ours[0], fpr)
    assert np.allclose(ours[1], tpr)


@given(labelled_scores())
def test_agrees_with_counting_pairs(case):
    is_outlier, score = case
    difference = score[is_outlier][:, None] - score[~is_outlier]
    pairs = np.mean((difference > 0) + 0.5 * (difference == 0))
    assert auroc(is_outlier, score) == pytest.approx(pairs, abs=1e-12)


def test_agrees_with_pytorch_ood():
    try:
        reference = pytorch_ood("metrics.functional")
    except DataUnavailable as error:
        pytest.skip(str(error))
    rng = np.random.default_rng(0)
    for decimals in (0, 1, 8):
        is_outlier = rng.random(3000) < 0.1
        score = np.round(rng.normal(0, 2, 3000) + 2 * is_outlier, decimals)
        scores = torch.from_numpy(score)
        labels = torch.from_numpy(np.where(is_outlier, -1, 0))
        assert auroc(is_outlier, score) == pytest.approx(float(reference.auroc(scores, labels)))
        expected = float(reference.fpr_at_tpr(scores, labels))
        assert fpr_at_tpr(is_outlier, score) == pytest.approx(expected)
        trapezoid = float(reference.aupr(scores, labels))
        assert trapezoidal_average_precision(is_outlier, score) == pytest.approx(trapezoid)


@given(labelled_scores(ties=False), st.sampled_from([np.arctan, np.cbrt, lambda s: 3 * s - 7]))
def test_a_rising_map_changes_nothing(case, rising):
    is_outlier, score = case
    mapped = rising(score)
    assume(np.unique(mapped).size == np.unique(score).size)
    assert evaluate(is_outlier, mapped) == evaluate(is_outlier, score)


@given(labelled_scores(), st.randoms())
def test_the_order_of_pixels_changes_nothing(case, random):
    is_outlier, score = case
    order = list(range(score.size))
    random.shuffle(order)
    assert evaluate(is_outlier[order], score[order]) == evaluate(is_outlier, score)


@given(labelled_scores())
def test_turning_labels_and_scores_round_keeps_auroc(case):
    is_outlier, score = case
    assert auroc(~is_outlier, -score) == pytest.approx(auroc(is_outlier, score))
    assert auroc(is_outlier, -score) == pytest.approx(1 - auroc(is_outlier, score))


@given(labelled_scores())
def test_a_score_that_knows_nothing(case):
    is_outlier, score = case
    found = evaluate(is_outlier, np.full_like(score, 3.5))
    assert found.average_precision == pytest.approx(found.base_rate)
    assert found.auroc == 0.5
    assert found.fpr95 == 1


@given(labelled_scores())
def test_average_precision_is_the_area_under_the_drawn_steps(case):
    recall, precision, threshold = precision_recall(*case)
    assert np.all(np.diff(threshold) < 0)
    area = np.sum(np.diff(recall, prepend=0) * precision)
    assert average_precision(*case) == pytest.approx(area)


def test_any_shape_and_kind_of_array():
    is_outlier = np.array([[True, False], [False, True]])
    score = np.array([[4.0, 3.0], [1.0, 2.0]])
    expected = evaluate(is_outlier.ravel(), score.ravel())
    assert evaluate(is_outlier, score) == expected
    assert evaluate(is_outlier.astype(np.uint8), score.astype(np.float16)) == expected
    assert evaluate(torch.from_numpy(is_outlier), torch.from_numpy(score)) == expected
    assert evaluate(is_outlier.tolist(), score.astype(int).tolist()) == expected


def test_infinite_scores_are_the_ends_of_the_order():
    is_outlier = np.array([True, True, False, False])
    assert auroc(is_outlier, [np.inf, 0, 0, -np.inf]) == pytest.approx(3.5 / 4)


@pytest.mark.parametrize("metric", [auroc, average_precision, fpr_at_tpr, best_f1, evaluate])
@pytest.mark.parametrize(
    ("is_outlier", "score", "says"),
    [
        ([0, 0], [1.0, 2.0], "There is no outlier among 2 inliers"),
        ([1, 1, 1], [1.0, 2.0, 3.0], "There is no inlier among 3 outliers"),
        ([0, 1], [1.0, np.nan], "1 of 2 scores are NaN"),
        ([0, 1, 1], [1.0, 2.0], r"is_outlier has shape \(3,\), score has \(2,\)"),
        ([0, 254], [1.0, 2.0], "is_outlier holds 254"),
        ([0.2, 0.9], [1.0, 0.0], "is_outlier holds 0.2"),
        ([], [], "nothing to rank"),
        ([0, 1], [1j, 2.0], "of type complex128, which has no order"),
        ([0, 1], ["a", "b"], "which has no order"),
    ],
)
def test_bad_input_is_refused(metric, is_outlier, score, says):
    with pytest.raises(ValueError, match=says):
        metric(is_outlier, score)


@pytest.mark.parametrize("tpr", [0, 1.01, 95, float("nan")])
def test_tpr_is_a_share(tpr):
    with pytest.raises(ValueError, match="expected a share"):
        fpr_at_tpr([0, 1], [0.0, 1.0], tpr)


def test_trap_of_the_sigmoid():
    rng = np.random.default_rng(0)
    is_outlier = rng.random(5000) < 0.1
    score = rng.normal(100, 10, 5000) + 15 * is_outlier
    right = auroc(is_outlier, score)
    assert right > 0.8
    # Everything near 100 becomes exactly 1.
    assert auroc_by_torchmetrics(is_outlier, score) == pytest.approx(0.5, abs=0.01)
    mended = auroc_by_torchmetrics(is_outlier, scaled_to_unit(score))
    assert mended == pytest.approx(right, abs=1e-5)


def test_trap_of_the_trapezoid():
    is_outlier = np.arange(1000) % 100 == 0
    constant = np.zeros(1000)
    assert trapezoidal_average_precision(is_outlier, constant) == pytest.approx(0.505)
    assert average_precision(is_outlier, constant) == pytest.approx(0.01)


def test_trap_of_the_direction():
    # One inlier in ten is above all outliers: it costs one direction and not the other.
    is_outlier = np.arange(40) >= 20
    score = np.where(is_outlier, 1.0, 0.0) + np.arange(40) / 1000
    score[:2] = 9
    assert fpr_at_tpr(is_outlier, score) == pytest.approx(0.1)
    assert fpr95_of_inliers(is_outlier, score) == 1
