"""Importance finds what matters where the trials can show it, and says when they cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from internlab.hpo.analysis.importance import NOISE, _one_forest, encode, importance, stands_out
from internlab.hpo.tuning.space import Choice, LogUniform, Uniform, sample

SPACE = {
    "lr": LogUniform(1e-4, 1e-1),
    "decay": LogUniform(1e-6, 1e-1),
    "width": Choice((8, 12, 16)),
    "dice": Uniform(0, 1),
}


def trials(count, seed):
    """The learning rate matters much, the width a little, the others not at all."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame([sample(SPACE, rng) for _ in range(count)])
    table["iou"] = 0.5 - 0.1 * (np.log10(table["lr"]) + 2.5) ** 2 + 0.01 * table["width"]
    table["iou"] += rng.normal(0, 0.02, count)
    return table


def test_hyperparameters_become_numbers_on_their_own_scale():
    table = pd.DataFrame(
        {"lr": [1e-4, 1e-2], "decay": [1e-6, 1e-3], "width": [16, 8], "dice": [0.2, 0.4]}
    )
    assert encode(table, SPACE) == pytest.approx(np.array([[-4, -6, 2, 0.2], [-2, -3, 0, 0.4]]))
    with pytest.raises(ValueError, match=r"width=10, which is not among \(8, 12, 16\)"):
        encode(table.assign(width=10), SPACE)


def test_many_trials_show_what_matters_and_only_that():
    table = importance(trials(200, 0), SPACE, "iou", np.random.default_rng(0), resamples=30)
    assert table["hyperparameter"].tolist()[:2] == ["lr", "width"]
    assert stands_out(table) == {
        "lr": True, "width": True, "decay": False, "dice": False, NOISE: False
    }  # fmt: skip
    assert table["importance"].is_monotonic_decreasing
    for low, middle, high in (
        ("low", "importance", "high"),
        ("chance_low", "chance", "chance_high"),
    ):
        assert (table[low] <= table[middle]).all() and (table[middle] <= table[high]).all()
    # Shuffled results have nothing to find: the interval of chance holds 0.
    assert (table["chance_low"] < 0).all() and (table["chance_high"] > 0).all()


def test_sixteen_trials_cannot_rank_hyperparameters():
    claimed = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        table = importance(trials(16, seed), SPACE, "iou", rng, resamples=25, trees=20)
        claimed += [name for name, above in stands_out(table).items() if above]
    # The width does matter here, and a plain ranking would put something above the noise each time.
    assert set(claimed) <= {"lr"}


def test_the_same_generator_gives_the_same_table():
    first, second = (
        importance(trials(12, 0), SPACE, "iou", np.random.default_rng(1), resamples=3, trees=5)
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second)


def test_the_importance_of_one_forest_is_that_of_scikit_learn():
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance

    table = trials(120, 3)
    features, target = encode(table, SPACE), table["iou"].to_numpy()
    drawn = np.arange(60)
    rng = np.random.default_rng(0)
    ours = np.mean([_one_forest(features, target, drawn, 30, rng) for _ in range(12)], axis=0)
    theirs = np.mean(
        [
            permutation_importance(
                RandomForestRegressor(30, random_state=seed).fit(features[:60], target[:60]),
                features[60:],
                target[60:],
                scoring="neg_mean_absolute_error",
                n_repeats=3,
                random_state=seed,
            ).importances_mean
            for seed in range(6)
        ],
        axis=0,
    )
    assert ours == pytest.approx(theirs, abs=0.006)
    assert theirs[0] > 0.03


def test_a_trial_without_a_value_is_left_out():
    table = trials(12, 0)
    failed = pd.concat([table, table.iloc[:2].assign(iou=np.nan)], ignore_index=True)
    made = [
        importance(each, SPACE, "iou", np.random.default_rng(1), resamples=2, trees=3)
        for each in (table, failed)
    ]
    pd.testing.assert_frame_equal(*made)


def test_too_little_to_go_on_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="7 trials have a value of iou; expected at least 8"):
        importance(trials(7, 0), SPACE, "iou", rng)
    with pytest.raises(ValueError, match=r"no column score\. They have lr, decay"):
        importance(trials(20, 0), SPACE, "score", rng)
