"""The stand-in of lab 20 shows what its text says: pairs can tell what two groups cannot."""

from __future__ import annotations

import numpy as np
import pytest

from internlab.hpo.exercises.baseline_given import validation_iou


def runs(colour, seeds):
    return np.array([validation_iou(colour, seed) for seed in seeds])


def standard_errors_from_zero(gains):
    return gains.mean() / (gains.std(ddof=1) / np.sqrt(len(gains)))


@pytest.mark.parametrize("count", [5, 8, 30])
def test_pairs_can_tell(count):
    assert standard_errors_from_zero(runs(0.5, range(count)) - runs(0.0, range(count))) > 3


def test_two_groups_of_eight_with_seeds_of_their_own_cannot_tell():
    without, with_colour = runs(0.0, range(8)), runs(0.5, range(8, 16))
    error = np.sqrt((without.var(ddof=1) + with_colour.var(ddof=1)) / 8)
    assert abs(with_colour.mean() - without.mean()) < 2 * error


def test_areas_differ_more_than_the_strength_does():
    gain = (runs(0.5, range(200)) - runs(0.0, range(200))).mean()
    assert runs(0.0, range(200)).std() > 1.5 * gain > 0


def test_a_run_is_the_same_again_and_an_iou():
    assert validation_iou(0.5, 3) == validation_iou(0.5, 3)
    assert all(0 <= validation_iou(colour, seed) <= 1 for colour in (0, 1) for seed in range(99))


@pytest.mark.parametrize("colour", [-0.1, 1.5, float("nan")])
def test_a_strength_outside_0_to_1_is_refused(colour):
    with pytest.raises(ValueError, match="expected 0 to 1"):
        validation_iou(colour, 0)
