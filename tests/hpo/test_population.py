"""Population-based training: each rule of a step, and what the population then finds."""

import numpy as np
import pytest

from internlab.hpo import population
from internlab.hpo.population import (
    FACTORS,
    LEARNING_RATES,
    Member,
    exploit_and_explore,
    loss_of,
    noisy_descent,
    one_epoch,
    train_decaying,
    train_population,
)
from internlab.hpo.tuning.trial import PlainTrial


def _members(count: int = 8, lr: float = 1e-3) -> list[Member]:
    return [
        Member(np.full(200, float(i)), lr * (1 + i / 10), loss=float(i), schedule=[lr])
        for i in range(count)
    ]


def test_the_worst_quarter_becomes_copies_and_the_others_stay():
    members = _members()
    before = [(m.weights.copy(), m.lr, m.loss) for m in members]
    exploit_and_explore(members, np.random.default_rng(0))
    for member, (weights, lr, loss) in zip(members[:6], before[:6], strict=True):
        np.testing.assert_array_equal(member.weights, weights)
        assert (member.lr, member.loss) == (lr, loss)
    for member in members[6:]:
        model = members[int(member.weights[0])]
        assert model in members[:2]
        assert any(np.isclose(member.lr, model.lr * factor) for factor in FACTORS)
        assert member.schedule == model.schedule


def test_a_copy_shares_nothing_with_its_model():
    members = _members()
    exploit_and_explore(members, np.random.default_rng(0))
    members[-1].weights += 100
    members[-1].schedule.append(1.0)
    assert all(m.weights.max() < 100 and len(m.schedule) == 1 for m in members[:6])


def test_learning_rates_stay_inside_the_space():
    rng = np.random.default_rng(0)
    for start in (LEARNING_RATES.low, LEARNING_RATES.high):
        members = _members(lr=start)
        for member in members:
            member.lr = start
        for _ in range(20):
            exploit_and_explore(members, rng)
        assert all(LEARNING_RATES.low <= m.lr <= LEARNING_RATES.high for m in members)


def test_both_directions_are_tried():
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(20):
        members = _members()
        exploit_and_explore(members, rng)
        seen |= {round(members[-1].lr / members[int(members[-1].weights[0])].lr, 6)}
    assert seen == set(FACTORS)


def test_a_large_rate_is_better_far_away_and_a_small_one_near():
    rng = np.random.default_rng(0)
    far, near = np.ones(200), np.full(200, 0.01)
    large, small = 1e-2, 1e-3
    assert loss_of(one_epoch(far, large, rng)) < loss_of(one_epoch(far, small, rng))
    assert loss_of(one_epoch(near, large, rng)) > loss_of(one_epoch(near, small, rng))


def test_a_diverged_member_is_the_worst_and_not_nan():
    assert loss_of(np.full(200, np.nan)) == np.inf
    assert loss_of(np.full(200, np.inf)) == np.inf


def test_equal_work_and_the_same_seed_the_same_result():
    runs = [train_population(3), train_population(3, every=None), train_decaying(3)]
    assert all(run.lrs.shape == (60, 8) and run.schedule.shape == (60,) for run in runs)
    assert train_population(3).loss == runs[0].loss
    # Without an exchange nobody changes its learning rate.
    assert (runs[1].lrs == runs[1].lrs[0]).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_population_beats_constant_rates_by_a_falling_schedule(seed):
    trained = train_population(seed)
    assert trained.loss < 0.7 * train_population(seed, every=None).loss
    assert trained.schedule[-1] < trained.schedule[0] / 3


def test_the_best_weights_come_from_the_schedule_that_is_shown(monkeypatch):
    monkeypatch.setattr(population, "NOISE", 0.0)  # then the schedule alone decides
    trained = train_population(0, epochs=12)
    weights = np.ones(200)
    for lr in trained.schedule:
        weights = one_epoch(weights, lr, np.random.default_rng(0))
    assert loss_of(weights) == pytest.approx(trained.loss, rel=1e-9)


def test_as_an_objective_every_epoch_has_noise_of_its_own():
    rows = PlainTrial().run(noisy_descent, lr=0.0, epochs=2)
    assert rows[0]["loss"] == rows[1]["loss"] == loss_of(np.ones(200))
    weights, losses = np.ones(200), []
    for epoch in (1, 2):
        weights = one_epoch(weights, 0.01, np.random.default_rng((5, epoch)))
        losses.append(loss_of(weights))
    rows = PlainTrial().run(noisy_descent, lr=0.01, epochs=2, seed=5)
    assert [row["loss"] for row in rows] == losses


def test_as_an_objective_it_resumes_exactly(tmp_path):
    whole = PlainTrial().run(noisy_descent, epochs=6)
    PlainTrial(tmp_path).run(noisy_descent, epochs=3)
    rest = PlainTrial(tmp_path).run(noisy_descent, epochs=6)
    assert [row["loss"] for row in rest] == [row["loss"] for row in whole[3:]]
