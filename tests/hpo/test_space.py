"""Spaces draw inside their bounds, on their scale, and refuse what the objective does not know."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from internlab.hpo.tuning.space import (
    BUILDING_SPACE,
    Choice,
    LogUniform,
    Uniform,
    check_space,
    from_mapping,
    grid,
    hyperparameters,
    sample,
    to_mapping,
)


def objective(trial, *, lr=1e-3, width=12, depth=2):
    """Nothing to do: only the signature is read."""


def test_the_same_seed_draws_the_same_configuration():
    first = [sample(BUILDING_SPACE, np.random.default_rng(3)) for _ in range(2)]
    assert first[0] == first[1]
    assert first[0] != sample(BUILDING_SPACE, np.random.default_rng(4))
    assert list(first[0]) == list(BUILDING_SPACE)


@given(
    low=st.floats(1e-6, 1e3),
    factor=st.floats(1.01, 1e4),
    seed=st.integers(0, 2**32 - 1),
)
def test_draws_stay_inside_their_bounds(low, factor, seed):
    rng = np.random.default_rng(seed)
    for kind in (Uniform, LogUniform):
        each = kind(low, low * factor)
        assert each.low <= each.sample(rng) <= each.high


def test_a_log_uniform_draw_is_uniform_in_the_logarithm():
    rng = np.random.default_rng(0)
    each = LogUniform(1e-4, 1e-1)
    drawn = np.log10([each.sample(rng) for _ in range(2000)])
    assert kstest(drawn, "uniform", args=(-4, 3)).pvalue > 0.01
    assert kstest(10**drawn, "uniform", args=(0, 0.1)).pvalue < 1e-6


def test_a_choice_draws_all_of_its_values_alike():
    rng = np.random.default_rng(0)
    drawn = [Choice(("a", "b", "c")).sample(rng) for _ in range(3000)]
    assert all(900 < drawn.count(value) < 1100 for value in "abc")


def test_a_grid_holds_every_combination_once():
    space = {"lr": LogUniform(1e-4, 1e-1), "dice": Uniform(0, 1), "width": Choice((8, 12))}
    configs = grid(space, 4)
    assert len(configs) == 4 * 4 * 2
    assert len({tuple(config.values()) for config in configs}) == 32
    rates = sorted({config["lr"] for config in configs})
    assert np.allclose(rates, [1e-4, 1e-3, 1e-2, 1e-1])
    with pytest.raises(ValueError, match="0 points"):
        grid(space, 0)


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        (Uniform, 1, 1),
        (Uniform, 2, 1),
        (Uniform, 0, math.inf),
        (Uniform, math.nan, 1),
        (LogUniform, 0, 1),
        (LogUniform, -1, 1),
    ],
)
def test_impossible_bounds_are_refused(kind, low, high):
    with pytest.raises(ValueError, match="expected"):
        kind(low, high)


def test_an_empty_choice_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Choice(())


def test_the_signature_of_an_objective_names_its_hyperparameters():
    assert hyperparameters(objective) == {"lr": 1e-3, "width": 12, "depth": 2}
    assert hyperparameters(lambda trial, **anything: None) is None
    with pytest.raises(ValueError, match="trial first"):
        hyperparameters(lambda *, lr: None)


def test_an_unknown_hyperparameter_is_named_with_what_was_meant():
    with pytest.raises(ValueError, match=r"'widht'.*Did you mean 'width'"):
        check_space({"widht": Choice((8, 12))}, objective)
    with pytest.raises(ValueError, match=r"'zzz'.*It has lr, width, depth"):
        check_space({"zzz": Choice((8, 12))}, objective)
    with pytest.raises(ValueError, match=r"'dept'.*Did you mean 'depth'"):
        check_space({"lr": LogUniform(1e-4, 1)}, objective, fixed={"dept": 3})


def test_what_cannot_be_searched_is_refused():
    with pytest.raises(ValueError, match="empty"):
        check_space({}, objective)
    with pytest.raises(ValueError, match=r"'lr' is \[1, 2\]"):
        check_space({"lr": [1, 2]}, objective)
    with pytest.raises(ValueError, match="lr: both searched and fixed"):
        check_space({"lr": Uniform(0, 1)}, objective, fixed={"lr": 1})
    with pytest.raises(ValueError, match=r"rate: .*no default"):
        check_space({"lr": Uniform(0, 1)}, lambda trial, lr, rate: None)
    check_space({"lr": Uniform(0, 1)}, lambda trial, **anything: None)


def test_a_space_is_read_back_as_it_was_written():
    assert from_mapping(to_mapping(BUILDING_SPACE)) == BUILDING_SPACE


@pytest.mark.parametrize(
    "entry",
    [
        3,
        [1, 2],
        {"normal": [0, 1]},
        {"uniform": [0, 1], "choice": [1]},
        {"uniform": [0]},
        {"uniform": ["a", "b"]},
        {"uniform": [1, 0]},
        {"loguniform": [0, 1]},
        {"choice": 5},
    ],
)
def test_a_range_that_cannot_be_read_is_named(entry):
    with pytest.raises(ValueError, match="'momentum'"):
        from_mapping({"momentum": entry})


def test_a_space_that_is_not_a_mapping_is_refused():
    with pytest.raises(ValueError, match="each line"):
        from_mapping(["lr"])
