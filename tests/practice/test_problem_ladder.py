"""The ladder: what it solves works, nothing can be added to it, and it measures little."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.practice.reading import Demand, walk
from internlab.practice.reading.digit_tasks import DEMANDS, EASY_DIGITS, scores, task

FIVE = [Demand(name, "hard", "easy") for name in "abcde"]


def measured(solvable):
    """Return a measurement by which just the subsets of some sets of demands are solvable."""
    return lambda kept: [1.0, 1.1] if any(kept <= each for each in solvable) else [0.0, 0.1]


def test_down_and_up_again():
    # Without b everything works; the first one given up is a, which can come back.
    found = walk(FIVE, measured([frozenset("acde")]), 0.5)
    assert [step.move for step in found.steps] == [
        "everything asked",
        "relaxed: a",
        "relaxed: b",
        "back: a",
    ]
    assert found.solved == frozenset("acde")
    assert found.obstacles == ("b",)


def test_a_task_that_works_at_once_is_left_alone():
    found = walk(FIVE, measured([frozenset("abcde")]), 0.5)
    assert len(found.steps) == 1
    assert found.solved == frozenset("abcde")
    assert found.obstacles == ()


def test_a_ladder_with_no_working_rung_says_so():
    found = walk(FIVE, measured([]), 0.5)
    assert found.solved is None
    assert found.obstacles == tuple("abcde")
    assert len(found.steps) == 6


def test_what_cannot_tell_does_not_count_as_working():
    found = walk(FIVE[:1], lambda kept: [0.0, 2.0], 0.5)
    assert found.solved is None


sets = st.frozensets(st.sampled_from("abcde"))


@given(st.lists(sets, max_size=4), st.permutations(FIVE))
def test_the_answer_cannot_be_raised_by_one_demand(solvable, order):
    measure = measured(solvable)
    found = walk(order, measure, 0.5)
    works = {
        frozenset(kept)
        for count in range(6)
        for kept in combinations("abcde", count)
        if measure(frozenset(kept))[0] == 1.0
    }
    assert len(found.steps) <= 2 * len(order) + 1
    if found.solved is None:
        assert not works
        return
    assert found.solved in works
    assert not any(found.solved | {name} in works for name in set("abcde") - found.solved)
    assert set(found.obstacles) == set("abcde") - found.solved


def test_demands_need_names_of_their_own():
    for demands in ([], [FIVE[0], FIVE[0]]):
        with pytest.raises(ValueError, match="name"):
            walk(demands, measured([]), 0.5)


def test_each_demand_makes_the_digits_harder():
    easy = scores(frozenset(), range(4)).mean()
    for demand in DEMANDS:
        assert scores(frozenset({demand.name}), range(4)).mean() < easy - 0.01, demand.name


def test_a_task_is_what_its_demands_say():
    x, y, test_x, test_y = task(frozenset(), 0)
    assert x.shape == (160, 256)
    assert test_x.shape == (400, 256)
    assert set(y) == set(test_y) == set(EASY_DIGITS)
    assert all((y == digit).sum() == 40 for digit in EASY_DIGITS)
    assert not x.reshape(-1, 16, 16)[:, :4].any(), "in the middle: nothing at the edge"

    x, y, _, _ = task(frozenset({"ten digits", "few images", "anywhere"}), 0)
    assert x.shape == (60, 256)
    assert set(y) == set(range(10))
    assert x.reshape(-1, 16, 16)[:, :4].any()

    _, clean, _, truth = task(frozenset(), 3)
    _, given_labels, _, same = task(frozenset({"labels unchecked"}), 3)
    changed = np.mean(clean != given_labels)
    assert 0.02 < changed < 0.2
    assert (truth == same).all(), "the test is always labelled right"

    # By lot one of the four digits comes out right, so fewer labels are wrong than were drawn.
    wrong = [
        np.mean(task(frozenset(), seed)[1] != task(frozenset({"labels unchecked"}), seed)[1])
        for seed in range(20)
    ]
    assert np.mean(wrong) == pytest.approx(1 / 8 * 3 / 4, abs=0.015)

    with pytest.raises(ValueError, match="No demand"):
        task(frozenset({"colour"}), 0)
    with pytest.raises(ValueError, match="images of each digit"):
        task(frozenset(), 0, each=1000)
