"""Each of the three results shows its flaw to one measurement, and looks honest without it."""

import numpy as np
import pytest

from internlab.practice import flaws
from internlab.practice.exercises.significance_given import FLAWS, hand_in
from internlab.practice.significance import over_seeds
from internlab.practice.small_net import Recipe, split, train


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_copies_of_a_digit_lie_on_both_sides_and_flatter(seed):
    log = flaws.copies(seed).log
    known = set(log.source[log.part == "train"])
    assert log.source[log.part == "test"].isin(known).all()
    honest = flaws.split_and_augment(np.random.default_rng(seed))
    assert not set(honest.source[honest.part == "test"]) & set(
        honest.source[honest.part == "train"]
    )
    assert len(honest) == len(log) == 900 and (honest.part == "test").sum() == 180
    assert log.right.mean() - honest.right.mean() > 0.15


@pytest.mark.parametrize("seed", range(5))
def test_the_model_that_wins_in_the_field_loses_in_every_light(seed):
    log = flaws.two_cameras(seed).log
    whole = log.groupby("model").right.mean()
    within = log.groupby(["light", "model"]).right.mean().unstack()
    assert whole["B"] > whole["A"]
    assert within.loc["day", "A"] > within.loc["day", "B"]
    if seed == 0:  # the one of the lesson; 150 photos by night leave the sign to chance in others
        assert within.loc["night", "A"] > within.loc["night", "B"]


def test_the_reported_seed_is_the_best_of_twenty_and_nothing_is_there():
    result = flaws.new_sampler()
    gains = (result.log["new sampler"] - result.log["plain"]).to_numpy()
    assert f"Seed {gains.argmax()};" in result.report
    assert gains.max() > 0.015
    test = over_seeds(gains)
    assert test.low < 0 < test.high


def test_the_code_in_the_report_is_the_code_that_ran():
    for result in flaws.all_three().values():
        shown = result._repr_markdown_()
        assert result.report in shown and result.code.startswith("def ")


def test_handed_in_results_have_one_flaw_at_most():
    rng = np.random.default_rng(0)
    for kind in FLAWS * 5:
        result = hand_in(kind, rng)
        assert (result.overlap > 0) == (kind == "leak")
        assert (abs(result.nights["A"] - result.nights["B"]) > 0.1) == (kind == "confounder")
        assert (result.report["seeds"] != sorted(set(result.log.seed))) == (kind == "picked seed")
        if kind != "confounder":
            assert abs(result.nights["A"] - result.nights["B"]) < 0.05


def test_a_seed_trains_the_same_network_in_any_company():
    together = train(Recipe(steps=40, shift=True), [3, 8, 5])
    alone = train(Recipe(steps=40, shift=True), [8])
    assert (together[1] == alone[0]).all()
    assert not (together[0] == together[1]).all()


def test_training_learns_and_the_test_is_no_part_of_the_pool():
    pool, _, test, labels = split()
    assert len(pool) == 797 and len(test) == len(labels) == 1000
    assert not {each.tobytes() for each in pool} & {each.tobytes() for each in test}
    assert train(Recipe(), [0]).mean() > 0.85 > train(Recipe(steps=3), [0]).mean()


def test_recipes_that_cannot_be_trained_are_refused():
    with pytest.raises(ValueError, match="50 to 797"):
        train(Recipe(images=2000), [0])
    with pytest.raises(ValueError, match="no seed"):
        train(Recipe(), [])
