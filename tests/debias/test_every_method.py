"""What must hold for every method: runs that do not notice each other, and what it declares."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from random_runs import random_splits

from internlab.debias.methods import METHODS, Hyperparameter
from internlab.debias.stack import Problem, Recipe, Runs, train

SPLITS = [random_splits(seed, ratio=ratio) for seed, ratio in ((1, 0.7), (2, 0.9), (3, 0.8))]


def recipe(network: str) -> Recipe:
    return Recipe(network, steps=10, learning_rate=0.01, batch_size=32)


@pytest.mark.parametrize("network", ["mlp", "cnn"])
@pytest.mark.parametrize("name", METHODS)
def test_a_run_is_the_same_alone_and_beside_others(name, network):
    images = torch.from_numpy(SPLITS[0].test.images)
    together = train(METHODS[name](), Runs.of(SPLITS), recipe(network)).logits(images)
    assert not torch.equal(together[0], together[1])
    for run in (0, 2):
        alone = train(METHODS[name](), Runs.of(SPLITS[run : run + 1]), recipe(network))
        assert torch.equal(alone.logits(images)[0], together[run])


@pytest.mark.parametrize("name", METHODS)
def test_a_run_of_nan_leaves_its_neighbours_untouched(name, monkeypatch):
    images = torch.from_numpy(SPLITS[0].test.images)
    runs = Runs.of(SPLITS)
    sound = train(METHODS[name](), runs, recipe("mlp")).logits(images)
    make = Problem.network

    def poisoned(self, *arguments, **options):
        network = make(self, *arguments, **options)
        with torch.no_grad():
            next(network.parameters())[1] = float("nan")
        return network

    monkeypatch.setattr(Problem, "network", poisoned)
    trained = train(METHODS[name](), runs, recipe("mlp"), watch=(5,))
    assert "the loss became nan in step 1 of" in trained.failures[1]
    assert trained.failures[0] is None and trained.failures[2] is None
    found = trained.logits(images)
    assert found[1].isnan().all()
    assert torch.equal(found[0], sound[0]) and torch.equal(found[2], sound[2])


@pytest.mark.parametrize("name", METHODS)
def test_what_a_method_leaves_open_is_drawn_within_its_range(name):
    kind, rng = METHODS[name], np.random.default_rng(0)
    for each in kind.hyperparameters.values():
        assert each.low <= each.default <= each.high
        drawn = [each.draw(rng) for _ in range(50)]
        assert all(each.low <= value <= each.high for value in drawn)
        assert max(drawn) > min(drawn)
    settings = {key: each.draw(rng) for key, each in kind.hyperparameters.items()}
    assert kind(**settings).values == settings
    assert kind().values == {key: each.default for key, each in kind.hyperparameters.items()}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_says_where_it_comes_from(name):
    kind = METHODS[name]
    assert kind.name == name and kind.title and kind.paper and kind.url.startswith("https://")
    assert 1980 < kind.year <= 2026
    assert "References" in kind.__doc__ and kind.paper.split(":")[0] in " ".join(
        kind.__doc__.replace("-\n    ", "-").split()
    )


def test_hyperparameters_that_are_not_there_or_no_numbers_are_refused():
    with pytest.raises(ValueError, match="Did you mean 'step_size'"):
        METHODS["group_dro"](stepsize=0.1)
    with pytest.raises(ValueError, match="It has: none"):
        METHODS["erm"](q=0.7)
    with pytest.raises(ValueError, match="expected a number"):
        METHODS["gce"](q="0.7")
    with pytest.raises(ValueError, match="finite"):
        METHODS["gce"](q=float("nan"))
    with pytest.raises(ValueError, match="whole"):
        Hyperparameter(3, 1, 9).check("members", 2.5)


def test_whole_numbers_are_drawn_whole_and_on_both_ends():
    drawn = {Hyperparameter(3, 1, 4).draw(np.random.default_rng(seed)) for seed in range(60)}
    assert drawn == {1, 2, 3, 4}
