"""Scores by groups of class and bias."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from internlab.debias.groups import align_conflict, group_scores


def test_a_worked_case():
    labels = [0, 0, 0, 0, 1, 1]
    biases = [0, 0, 0, 1, 1, 0]
    given_class = [0, 0, 1, 1, 1, 0]
    scores = group_scores(labels, biases, given_class, 2, 2)
    # Groups: (0, 0) two of three, (0, 1) wrong, (1, 1) right, (1, 0) wrong.
    assert scores.table.tolist() == [[2 / 3, 0], [0, 1]]
    assert scores.counts.tolist() == [[3, 1], [1, 1]]
    assert scores.unbiased == pytest.approx((2 / 3 + 0 + 1 + 0) / 4)
    assert scores.aligned == pytest.approx(3 / 4)
    assert scores.conflicting == 0
    assert scores.follow_rate == 1
    assert scores.worst_group is None


def test_a_group_without_an_image_does_not_count():
    scores = group_scores([0, 1, 1], [0, 1, 1], [0, 1, 0], 2, 2)
    assert scores.unbiased == pytest.approx(3 / 4)
    assert math.isnan(scores.table[0, 1]) and math.isnan(scores.follow_rate)
    assert math.isnan(scores.conflicting)


def test_following_the_bias_is_not_the_same_as_being_wrong():
    scores = group_scores([0, 0, 1], [1, 1, 1], [2, 1, 1], 3, 3)
    assert (scores.conflicting, scores.follow_rate) == (0, 0.5)


@pytest.mark.parametrize("smallest, reported", [(99, False), (100, True)])
def test_the_worst_group_is_reported_where_all_groups_are_large(smallest, reported):
    biases = np.repeat([0, 1], [400, smallest])
    scores = group_scores(np.zeros_like(biases), biases, biases, 1 + 1, 2)
    assert scores.worst_group is None  # the groups of class 1 are empty
    labels = np.concatenate([np.zeros_like(biases), np.ones(400, int)])
    both = np.concatenate([biases, np.repeat([0, 1], 200)])
    scores = group_scores(labels, both, np.zeros_like(labels), 2, 2)
    assert (scores.worst_group == 0.0) is reported


@given(arrays(np.int64, st.tuples(st.just(3), st.integers(1, 40)), elements=st.integers(0, 3)))
def test_against_loops(drawn):
    labels, biases, given_class = drawn
    scores = group_scores(labels, biases, given_class, 4, 4)
    accuracies = []
    for y in range(4):
        for b in range(4):
            chosen = [i for i in range(len(labels)) if (labels[i], biases[i]) == (y, b)]
            if chosen:
                accuracies.append(sum(given_class[i] == y for i in chosen) / len(chosen))
    assert scores.unbiased == pytest.approx(sum(accuracies) / len(accuracies))
    odd = [i for i in range(len(labels)) if labels[i] != biases[i]]
    if odd:
        followed = sum(given_class[i] == biases[i] for i in odd) / len(odd)
        assert scores.follow_rate == pytest.approx(followed)


@pytest.mark.parametrize(
    "labels, biases, predictions, says",
    [
        ([0, 2], [0, 1], [0, 0], "labels run from 0 to 2"),
        ([0, 1], [0, -1], [0, 0], "biases run from -1"),
        ([0, 1], [0, 1], [0, -1], "predictions run from -1"),
        ([0, 1], [0, 1], [0], "1 predictions"),
        ([], [], [], "No image"),
        ([0.0, 1.0], [0, 1], [0, 1], "whole numbers"),
    ],
)
def test_bad_input_is_refused(labels, biases, predictions, says):
    with pytest.raises(ValueError, match=says):
        group_scores(labels, biases, predictions, 2, 2)


def test_the_align_conflict_score_is_high_only_if_both_are():
    assert align_conflict(0.8, 0.8) == pytest.approx(0.8)
    assert align_conflict(0.99, 0.1) < 0.2
    assert align_conflict(0.0, 0.0) == 0
    assert math.isnan(align_conflict(0.9, math.nan))
