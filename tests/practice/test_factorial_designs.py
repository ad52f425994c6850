"""Effects by hand, by least squares, and by the variance that theory gives."""

import numpy as np
import pytest

from internlab.practice.factorial import (
    design,
    effects,
    kept,
    one_at_a_time,
    variance_of_effect,
)


def test_every_combination_once_and_all_off_first():
    runs = design(3)
    assert runs.shape == (8, 3) and len({tuple(row) for row in runs}) == 8
    assert runs[0].tolist() == [-1, -1, -1]
    assert (runs.T @ runs == 8 * np.eye(3)).all()


def test_two_factors_by_hand():
    found = effects(np.array([10.0, 12.0, 13.0, 19.0]), ("a", "b"))  # none, b, a, both
    assert found == {"a": 5.0, "b": 4.0, "a x b": 2.0}


def test_the_effects_are_twice_the_coefficients_of_least_squares():
    rng = np.random.default_rng(0)
    results, runs = rng.normal(size=(16, 3)), design(4)
    found = effects(results, "abcd")
    columns = [np.ones(16)]
    for name in found:
        columns.append(runs[:, ["abcd".index(each) for each in name.split(" x ")]].prod(axis=1))
    fitted = np.linalg.lstsq(np.stack(columns, axis=1), results.mean(axis=1))[0]
    assert len(found) == 15
    assert list(found.values()) == pytest.approx(2 * fitted[1:])


def test_one_at_a_time_looks_at_no_combination():
    results = np.array([10.0, 12.0, 13.0, np.nan])
    assert one_at_a_time(results, ("a", "b")) == {"a": 3.0, "b": 2.0}


def test_ideas_that_harm_alone_and_help_together_are_found_by_all_combinations_only():
    # none, c, b, b c, a, a c, a b, a b c
    ways = kept(np.array([80.0, 82, 70, 71, 75, 76, 90, 93]), "abc")
    assert ways["one at a time"] == (("c",), 82.0)
    assert ways["one after another"] == (("c",), 82.0)
    assert ways["all combinations"] == (("a", "b", "c"), 93.0)


def test_one_after_another_builds_on_what_it_kept():
    ways = kept(np.array([80.0, 85, 86, 84]), "ab")  # each helps alone, not on top of the other
    assert ways["one at a time"] == (("a", "b"), 84.0)
    assert ways["one after another"] == (("a",), 86.0)


@pytest.mark.parametrize("factors", [2, 3, 4])
def test_the_variance_of_an_effect_is_what_the_formula_says(factors):
    rng, runs = np.random.default_rng(factors), 2**factors * (factors + 1)
    full, single = variance_of_effect(factors, runs)
    assert single / full == (factors + 1) / 2
    signs = np.tile(design(factors)[:, -1], runs // 2**factors)
    noise = rng.normal(size=(20_000, runs))
    drawn = noise[:, signs > 0].mean(axis=1) - noise[:, signs < 0].mean(axis=1)
    alone = noise.reshape(20_000, factors + 1, -1).mean(axis=2)
    assert drawn.var() == pytest.approx(full, rel=0.05)
    assert (alone[:, 1] - alone[:, 0]).var() == pytest.approx(single, rel=0.05)


def test_a_result_for_each_combination_is_asked_for():
    with pytest.raises(ValueError, match="Expected 8"):
        effects(np.ones(7), "abc")
    with pytest.raises(ValueError, match="1 to 12"):
        design(0)
