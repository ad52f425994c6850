"""Accuracy against cost, the two scores of a label map, and the cost of a late change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, jaccard_score

from internlab.practice.handover import lifecycle, scores
from internlab.practice.handover.front import defensible, front

OPTIONS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=9)


def test_a_front_of_four_by_hand():
    assert front([1, 2, 2, 3], [0.6, 0.8, 0.7, 0.7]).tolist() == [True, True, False, False]
    assert front([1, 1], [0.5, 0.5]).tolist() == [True, True]


@given(OPTIONS)
def test_the_front_is_its_definition(options):
    cost, score = np.array(options).T
    kept = front(cost, score)
    for i, (c, s) in enumerate(options):
        beaten = any(b <= c and t >= s and (b, t) != (c, s) for b, t in options)
        assert kept[i] != beaten
    assert kept.any()


def test_options_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="a number of each"):
        front([1, 2], [1])


def test_luck_is_not_worth_its_cost():
    rng = np.random.default_rng(0)
    scenes = rng.normal(0, 1, 2000)
    drawn = {
        "cheap": scenes,
        "same": scenes + rng.normal(0.02, 0.1, 2000),
        "better": scenes + rng.normal(0.5, 0.1, 2000),
        "worse and dear": scenes - 1,
    }
    assert defensible([1, 2, 3, 4], drawn) == {
        "cheap": True,
        "same": False,
        "better": True,
        "worse and dear": False,
    }
    # The difference is paired: unpaired, the spread of the scenes would hide the gain.
    unpaired = drawn | {"better": drawn["better"][::-1]}
    assert not defensible([1, 2, 3, 4], unpaired)["better"]


def test_the_order_of_the_options_does_not_matter():
    drawn = {"b": np.ones(10), "a": np.zeros(10)}
    assert defensible([2, 1], drawn) == {"b": True, "a": True}
    assert defensible([1, 2], drawn) == {"b": True, "a": False}


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_mean_iou_agrees_with_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    labels, answers = rng.integers(0, 4, (2, 8, 9))
    labels[:4, :2] = np.arange(4)[:, None]
    matrix = scores.confusion(labels, answers, 4)
    assert (matrix == confusion_matrix(labels.ravel(), answers.ravel(), labels=range(4))).all()
    theirs = jaccard_score(labels.ravel(), answers.ravel(), average="macro")
    assert scores.miou(matrix) == pytest.approx(theirs)
    assert scores.miou(np.stack([matrix, 2 * matrix])) == pytest.approx([theirs, theirs])


def test_what_has_no_class_is_not_counted():
    labels, answers = np.array([[0, 1, 255]]), np.array([[0, 0, 1]])
    assert scores.confusion(labels, answers, 2).tolist() == [[1, 0], [1, 0]]


def test_a_person_counts_once_and_half_is_enough():
    labels, answers = np.zeros((8, 20), int), np.zeros((8, 20), int)
    labels[0:4, 0:4] = labels[0:4, 6:10] = labels[6:8, 12:14] = 1  # 16, 16 and 4 pixels
    answers[0:4, 0:2] = 1  # exactly half of the first
    answers[0:1, 6:10] = 1  # a quarter of the second
    assert scores.found(labels, answers, 1) == [True, False]
    assert scores.found(labels, answers, 1, smallest=1) == [True, False, False]
    assert scores.found(np.zeros((4, 4), int), np.ones((4, 4), int), 1) == []


def test_a_sure_first_stage_costs_its_own_share():
    stages = (lifecycle.Stage("a", 4, 1.0), lifecycle.Stage("b", 8, 0.3))
    assert lifecycle.expected_cost(stages, 0.5) == 2
    found_at, cost = lifecycle.simulate(50, np.random.default_rng(0), stages)
    assert (found_at == 0).all() and (cost == 2).all()


def test_what_nobody_notices_the_customer_does():
    stages = tuple(lifecycle.Stage(str(k), k, 0.0) for k in (1, 2, 3))
    assert lifecycle.expected_cost(stages, 1) == 6
    found_at, cost = lifecycle.simulate(50, np.random.default_rng(0), stages, 1)
    assert (found_at == 3).all() and (cost == 6).all()


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.floats(0.1, 9), st.floats(0, 1)), min_size=1, max_size=6),
    st.floats(0.01, 1),
)
def test_the_simulation_agrees_with_the_closed_form(stages, touched):
    stages = tuple(lifecycle.Stage("", effort, notices) for effort, notices in stages)
    found_at, cost = lifecycle.simulate(20_000, np.random.default_rng(1), stages, touched)
    error = max(cost.std() / np.sqrt(len(cost)), 1e-9)
    assert abs(cost.mean() - lifecycle.expected_cost(stages, touched)) < 5 * error
    paid = lifecycle.cost_if_found(stages, touched)
    assert np.allclose(cost, paid[np.minimum(found_at, len(stages) - 1)])
