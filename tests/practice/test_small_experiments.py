"""The twelve experiments: real, seeded, and computed here once more where that is short."""

import numpy as np
import pytest
from scipy import stats

from internlab.practice.experiments import EXPERIMENTS
from internlab.practice.experiments.digits import halves

QUICK = [name for name in EXPERIMENTS if name != "training-mode"]


@pytest.mark.parametrize("name", QUICK)
def test_an_experiment_repeats_at_its_seed_and_differs_at_another(name):
    measure = EXPERIMENTS[name].measure
    first, *others = (measure(seed) for seed in (0, 1, 2, 3))
    assert first == measure(0)
    if name == "shuffled-pixels":  # a distance does not care about the order, at any seed
        assert {first, *others} == {0.0}
    else:
        assert len({first, *others}) > 1


def test_dropout_left_on_costs_something_and_leaves_the_global_generator_alone():
    import torch

    torch.manual_seed(7)
    before = torch.random.get_rng_state()
    loss = EXPERIMENTS["training-mode"].measure(0)
    assert torch.equal(before, torch.random.get_rng_state())
    assert 0 < loss < 0.1


def test_wrong_labels_are_a_vote_among_fifteen_neighbours():
    train, test, labels, wanted = halves(0)
    rng = np.random.default_rng(0)
    wrong = rng.permutation(len(labels))[: round(0.3 * len(labels))]
    noisy = labels.copy()
    noisy[wrong] = (noisy[wrong] + rng.integers(1, 10, wrong.size)) % 10
    assert (noisy != labels).mean() == pytest.approx(0.3, abs=0.001)
    squared = (test**2).sum(axis=1)[:, None] - 2 * test @ train.T + (train**2).sum(axis=1)
    nearest = noisy[np.argsort(squared, axis=1, kind="stable")[:, :15]]
    votes = np.stack([np.bincount(row, minlength=10) for row in nearest])
    ours = (votes.argmax(axis=1) == wanted).mean()
    assert EXPERIMENTS["wrong-labels"].measure(0) == pytest.approx(ours, abs=0.003)


def test_columns_of_noise_go_with_coins_only_where_the_choice_saw_them():
    # The same choice without the test in sight is right as often as a coin.
    assert EXPERIMENTS["coin-labels"].measure(0) > 0.75
    rng = np.random.default_rng(0)
    labels, columns = np.arange(50) % 2, rng.normal(size=(50, 5000))
    right = 0
    for left_out in range(50):
        train = np.arange(50) != left_out
        x, y = columns[train], labels[train]
        apart = np.abs(x[y == 1].mean(axis=0) - x[y == 0].mean(axis=0))
        chosen = np.argsort(apart)[-20:]
        distance = ((x[:, chosen] - columns[left_out, chosen]) ** 2).sum(axis=1)
        right += y[distance.argmin()] == labels[left_out]
    assert right < 35


def test_the_numbers_in_the_texts_of_best_of_twenty_are_those_of_the_binomial():
    one = stats.binom.sf(59, 100, 0.5)
    assert round(100 * one) == 3 and "about 3 of 100" in EXPERIMENTS["best-of-twenty"].know
    twenty = 1 - (1 - one) ** 20
    assert round(100 * twenty) == 44 and "about 44 in 100" in EXPERIMENTS["best-of-twenty"].why
    best = [EXPERIMENTS["best-of-twenty"].measure(seed) for seed in range(2000)]
    assert np.mean(np.array(best) >= 60) == pytest.approx(twenty, abs=0.04)


def test_the_winner_is_above_the_mean_half_the_time():
    over = [EXPERIMENTS["winner-again"].measure(seed) > 0 for seed in range(2000)]
    assert np.mean(over) == pytest.approx(0.5, abs=0.04)
    for seed in range(5):
        validation, test = np.random.default_rng(seed).binomial(200, 0.8, size=(2, 20))
        best = np.flatnonzero(validation == validation.max())
        assert EXPERIMENTS["winner-again"].measure(seed) in test[best] - test.mean()
