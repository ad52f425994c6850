"""The study of lab 32's control: fixed before it is measured, and measured again to the end."""

import numpy as np
import pytest

from internlab.ood.exercises.trust import lab
from internlab.ood.exercises.trust_control import CONCLUSIONS, SEEDS
from internlab.ood.exercises.trust_given import measure


@pytest.fixture(scope="module")
def measured():
    return {seed: float(np.subtract(*measure(seed))) for seed in SEEDS}


def told(differences):
    """Return the feedback on the differences with every conclusion that can be drawn from them."""
    answers = [{"differences": differences, "conclusion": each} for each in CONCLUSIONS]
    return [lab.judge("control", answer) for answer in answers]


def test_one_conclusion_follows_from_the_study(measured):
    assert sorted(each.label for each in told(measured)) == ["NOT YET", "NOT YET", "PASS"]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("value", "says"),
    [(0.0123, "which run gave"), (np.nan, "a finite number"), (-np.inf, "a finite number")],
)
def test_no_seed_may_be_invented(measured, seed, value, says):
    for feedback in told(measured | {seed: value}):
        assert feedback.label == "NOT YET"
        assert f"seed {seed} " in feedback.text and says in feedback.text


@pytest.mark.parametrize("count", range(12))
def test_nobody_stops_early(measured, count):
    for feedback in told({seed: measured[seed] for seed in range(count)}):
        assert feedback.label == "NOT YET"
        assert "the study is seeds 0 to 11" in feedback.text


@pytest.mark.parametrize("seeds", [(84, 85, 86), range(13), range(-1, 11), range(1, 13), "abc"])
def test_nobody_brings_other_seeds(seeds):
    for feedback in told(dict.fromkeys(seeds, 0.1)):
        assert feedback.label == "NOT YET"
        assert "who chose yours" in feedback.text


def test_numpy_seeds_and_values_are_accepted(measured):
    given = {np.int64(seed): np.float64(value) for seed, value in measured.items()}
    assert "PASS" in [each.label for each in told(given)]
