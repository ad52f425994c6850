"""Splits: every frame tested once, and groups kept together where that is asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.practice.antispoofing import detector, splits


@given(st.integers(4, 60), st.integers(2, 4), st.integers(0, 999))
def test_random_folds_are_of_even_size(count, folds, seed):
    found = splits.random_folds(count, np.random.default_rng(seed), folds)
    sizes = np.bincount(found, minlength=folds)
    assert found.size == count and sizes.max() - sizes.min() <= 1 and sizes.size == folds


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=40), st.integers(0, 999))
def test_no_group_is_in_two_folds(groups, seed):
    groups = np.array(groups + list("abcdef"))
    found = splits.folds_by(groups, np.random.default_rng(seed), 3)
    assert set(found) == {0, 1, 2}
    for name in set(groups):
        assert len(set(found[groups == name])) == 1


def test_random_folds_do_part_groups():
    found = splits.random_folds(40, np.random.default_rng(0))
    assert len(set(found[:10])) > 1


def test_too_few_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="3 groups for 4 folds"):
        splits.folds_by(["a", "b", "c", "c", "c"], rng)
    with pytest.raises(ValueError, match="folds is 1"):
        splits.random_folds(9, rng, 1)


class Remembers:
    """Scores a frame as an attack only if it was fitted on it."""

    def fit(self, inputs, attacks):
        self.seen = set(inputs[:, 0])
        return self

    def decision_function(self, inputs):
        return np.array([1.0 if each in self.seen else -1.0 for each in inputs[:, 0]])


def test_no_frame_is_scored_by_a_detector_that_saw_it():
    inputs = np.arange(20.0)[:, None]
    folds = splits.random_folds(20, np.random.default_rng(0))
    scores = detector.cross_scores(Remembers, inputs, np.zeros(20, bool), folds)
    assert (scores == -1).all()
