"""Rules choose by what they may look at, at an equal budget."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.debias.bench import (
    FAIR,
    RULES,
    Checkpoint,
    Record,
    Run,
    Scores,
    best_of,
    choose,
    draw_settings,
    settings_of,
)
from internlab.debias.bench.together import RATE
from internlab.debias.methods import METHODS


def scored(average=0.9, unbiased=0.5, aligned=0.9, conflicting=0.4, smallest=0.1) -> Scores:
    return Scores(average, unbiased, aligned, conflicting, None, 0.2, smallest)


def record(q, seed, *, validation=None, balanced=None, test=0.5, best=None, failure="") -> Record:
    scores = {
        "validation": validation or scored(),
        "balanced": balanced or scored(),
        "test": scored(unbiased=test),
    }
    history = (Checkpoint(50, scored(unbiased=best or test)), Checkpoint(100, scores["test"]))
    run = Run("lff", "coloured-mnist", 0.98, seed, settings_of({"q": q}))
    if failure:
        return Record(run, f"{q}-{seed}", failure)
    return Record(run, f"{q}-{seed}", "", scores, history)


# One setting is the best by each rule and by no other.
BEST = {
    "validation average": dict(validation=scored(average=0.99)),
    "balanced unbiased": dict(balanced=scored(unbiased=0.8)),
    "balanced worst group": dict(balanced=scored(smallest=0.4)),
    "align-conflict": dict(validation=scored(aligned=0.8, conflicting=0.7)),
    "test maximum": dict(test=0.9),
    "maximum over epochs": dict(best=0.95),
}
RECORDS = [record(q, seed, **values) for q, values in enumerate(BEST.values()) for seed in range(3)]


@pytest.mark.parametrize("name", RULES)
def test_each_rule_takes_the_setting_that_is_best_by_it(name):
    choice = choose(RECORDS, name)
    assert dict(choice.settings)["q"] == list(BEST).index(name)
    assert choice.tried == len(BEST) and set(choice.reported) == {0, 1, 2}


def test_only_the_traps_report_what_the_test_set_chose():
    assert [name for name in RULES if name not in FAIR] == ["test maximum", "maximum over epochs"]
    assert all(choose(RECORDS, name).mean == pytest.approx(0.5) for name in FAIR)
    assert choose(RECORDS, "test maximum").mean == pytest.approx(0.9)
    assert choose(RECORDS, "maximum over epochs").mean == pytest.approx(0.95)


@pytest.mark.parametrize("name", FAIR)
def test_a_fair_rule_does_not_see_the_test_set(name):
    changed = [
        Record(
            each.run,
            each.key,
            "",
            {**each.scores, "test": scored(unbiased=(place * 0.37) % 1)},
            each.history,
        )
        for place, each in enumerate(RECORDS)
    ]
    assert choose(changed, name).settings == choose(RECORDS, name).settings


def test_one_lucky_seed_does_not_choose():
    lucky = [record(1, s, balanced=scored(unbiased=(0.9, 0.3, 0.3)[s])) for s in range(3)]
    steady = [record(2, s, balanced=scored(unbiased=0.6)) for s in range(3)]
    assert dict(choose(lucky + steady, "balanced unbiased").settings)["q"] == 2


def test_of_equal_settings_the_first_is_taken():
    assert dict(choose([record(3, 0), record(1, 0)], "balanced unbiased").settings)["q"] == 3


def test_a_setting_with_a_failed_seed_is_tried_and_not_taken():
    failed = [record(1, 0, balanced=scored(unbiased=0.99)), record(1, 1, failure="nan")]
    fine = [record(2, 0), record(2, 1)]
    choice = choose(failed + fine, "balanced unbiased")
    assert dict(choice.settings)["q"] == 2 and choice.tried == 2


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ([], "Records of nothing"),
        ([record(1, 0), record(2, 1)], "Seed 1 is missing"),
        ([record(1, 0, failure="the loss became nan")], "the loss became nan"),
        ([record(1, 0, balanced=scored(unbiased=math.nan))], "has no value"),
    ],
)
def test_what_cannot_be_chosen_from_says_why(records, says):
    with pytest.raises(ValueError, match=says):
        choose(records, "balanced unbiased")


def test_several_methods_are_not_mixed():
    other = Record(Run("erm", "coloured-mnist", 0.98, 0), "x", "", record(1, 0).scores)
    with pytest.raises(ValueError, match="expected one method"):
        choose([record(1, 0), other], "balanced unbiased")


def test_a_mistyped_rule_is_suggested():
    with pytest.raises(ValueError, match="Did you mean 'align-conflict'"):
        choose(RECORDS, "align conflict")


@pytest.mark.parametrize("name", METHODS)
def test_every_method_can_be_built_with_every_drawn_setting(name):
    method = METHODS[name]
    for settings in draw_settings(method, 6):
        values = {key: value for key, value in settings if key != RATE}
        assert set(values) == set(method.hyperparameters)
        for key, value in values.items():
            each = method.hyperparameters[key]
            assert each.low <= value <= each.high or value == each.default


def test_a_budget_is_the_same_for_all_and_a_longer_one_begins_with_a_shorter():
    drawn = {name: draw_settings(method, 8) for name, method in METHODS.items()}
    assert {len(set(each)) for each in drawn.values()} == {8}
    # The learning rates are the same in the same order.
    assert len({tuple(dict(one)[RATE] for one in each) for each in drawn.values()}) == 1
    for name, method in METHODS.items():
        assert draw_settings(method, 3) == drawn[name][:3]
        assert dict(drawn[name][0]) == {**method().values, RATE: 1}
    assert draw_settings(METHODS["lff"], 8, seed=1)[1:] != drawn["lff"][1:]


def test_no_budget_is_no_budget():
    with pytest.raises(ValueError, match="at least 1"):
        draw_settings(METHODS["erm"], 0)


@given(st.integers(2, 6), st.data())
def test_best_of_is_the_mean_over_all_subsets(count, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    values, reported = rng.random((2, count))
    tried = data.draw(st.integers(1, count))
    picks = [list(pick) for pick in itertools.combinations(range(count), tried)]
    by_hand = np.mean([reported[pick[int(np.argmax(values[pick]))]] for pick in picks])
    assert best_of(values, reported, tried) == pytest.approx(by_hand)


def test_best_of_one_is_the_mean_and_of_all_is_the_choice():
    values, reported = np.array([0.1, 0.9, 0.5]), np.array([3.0, 1.0, 2.0])
    assert best_of(values, reported, 1) == pytest.approx(2)
    assert best_of(values, reported, 3) == 1
    with pytest.raises(ValueError, match="4 of 3"):
        best_of(values, reported, 4)
