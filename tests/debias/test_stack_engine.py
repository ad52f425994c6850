"""Runs side by side: their numbers, networks, batches and training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from random_runs import random_splits, without_bias_labels

from internlab.debias.methods import METHODS, Method, Needs
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import (
    Problem,
    Recipe,
    RunGenerators,
    Runs,
    StackedConvNet,
    StackedMlp,
    recipe_for,
    train,
)
from internlab.debias.stack.batches import shuffled, take, weighted

RECIPE = Recipe("mlp", steps=8, learning_rate=0.01, batch_size=32)


class Plain(Method):
    """The shortest method there is."""

    name = title = paper = url = "plain"
    year = 2026

    def losses(self, batch):
        return cross_entropy(self.network(batch.images), batch.labels).mean(dim=1)


def runs_of(*seeds: int, **options) -> Runs:
    return Runs.of([random_splits(seed, **options) for seed in seeds])


def problem_of(runs: Runs, needs: Needs = Needs.NOTHING, recipe: Recipe = RECIPE) -> Problem:
    return Problem(runs, recipe, "a test", needs)


def test_a_run_draws_the_same_numbers_beside_any_others():
    for draw in (
        lambda rng: rng.uniform(3, 2),
        lambda rng: rng.normal(4),
        lambda rng: rng.beta(2, 2, 5),
        lambda rng: rng.permutation(7),
        lambda rng: rng.integers(9, 6),
    ):
        together = draw(RunGenerators([5, 6, 7], "a"))
        assert torch.equal(draw(RunGenerators([6], "a"))[0], together[1])
        assert not torch.equal(draw(RunGenerators([6], "b"))[0], together[1])
        assert not torch.equal(together[0], together[1])


@pytest.mark.parametrize("kind", [StackedMlp, StackedConvNet])
@pytest.mark.parametrize("side", [5, 8])
def test_a_member_is_the_same_network_of_torchs_own_layers(kind, side):
    network = kind(side, 3, RunGenerators([1, 2], "n"))
    images = torch.rand(2, 7, side, side, 3)
    logits = network(images)
    assert logits.shape == (2, 7, 3)
    assert network.features(images).shape == (2, 7, network.width)
    for run in (0, 1):
        alone = network.member(run)(images[run].movedim(-1, 1))
        assert torch.allclose(alone, logits[run], atol=1e-6)
    assert not torch.allclose(logits[0], network(images.flip(0))[1])


def test_a_head_may_read_the_features_twice():
    network = StackedMlp(5, 3, RunGenerators([1], "n"), feature_multiple=2)
    z = network.features(torch.rand(1, 4, 5, 5, 3))
    assert network.head(torch.cat([z, z], dim=2)).shape == (1, 4, 3)


def test_all_parameters_fill_whole_registers():
    # Else a fused optimiser rounds the end of one run in another way than the middle of a stack.
    for network in (
        StackedMlp(5, 3, RunGenerators([1], "n")),
        StackedConvNet(5, 3, RunGenerators([1], "n")),
    ):
        assert all(each.shape[1] % 16 == 0 for each in network.parameters())


@pytest.mark.parametrize("shared", [False, True])
def test_take_picks_images_run_by_run(shared):
    values = torch.rand(3, 5, 2, 2, 3)
    if shared:
        values = values[:1].expand(3, 5, 2, 2, 3)
    index = torch.tensor([[0, 4], [1, 1], [3, 2]])
    expected = torch.stack([values[run][index[run]] for run in range(3)])
    assert torch.equal(take(values, index), expected)
    assert torch.equal(take(values[..., 0, 0, 0], index), expected[..., 0, 0, 0])


def test_a_pass_shows_every_image_once():
    seen = torch.cat(list(shuffled(RunGenerators([1, 2], "b"), 20, 5, 4)), dim=1)
    assert seen.sort(dim=1).values.tolist() == [list(range(20))] * 2
    later = torch.cat(list(shuffled(RunGenerators([1, 2], "b"), 20, 6, 4)), dim=1)
    assert all(len(set(each.tolist())) == 18 for each in later[:, :18])


def test_images_are_drawn_in_proportion_to_their_weights():
    weights = torch.tensor([[0.0, 1.0, 3.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    drawn = torch.cat(list(weighted(RunGenerators([1, 2], "b"), weights, 50, 80)), dim=1)
    counts = torch.bincount(drawn[0], minlength=4) / drawn.shape[1]
    assert counts[0] == counts[3] == 0
    assert float(counts[2]) == pytest.approx(0.75, abs=0.03)
    assert set(drawn[1].tolist()) == {0}


@pytest.mark.parametrize(
    "weights, says", [([1.0, -1.0], "negative"), ([1.0, float("nan")], "NaN"), ([0.0, 0.0], "0")]
)
def test_bad_sampling_weights_are_refused(weights, says):
    with pytest.raises(ValueError, match=says):
        next(weighted(RunGenerators([1], "b"), torch.tensor([weights]), 4, 1))


@pytest.mark.parametrize("network", ["mlp", "cnn"])
def test_training_is_that_of_a_plain_loop_in_torch(network):
    runs = runs_of(3, 4)
    recipe = replace(RECIPE, network=network)
    trained = train(Plain(), runs, recipe)
    fresh = problem_of(runs, recipe=recipe)
    alone = fresh.network("main").member(1)
    optimiser = torch.optim.Adam(alone.parameters(), lr=recipe.learning_rate)
    for batch in fresh.batches("training", recipe.steps):
        loss = F.cross_entropy(alone(batch.images[1].movedim(-1, 1)), batch.labels[1])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    images = runs.test.images
    expected = alone(images[1].movedim(-1, 1) / 255)
    assert torch.allclose(trained.logits(images)[1], expected, atol=1e-4)


def test_training_learns_and_scores():
    runs = runs_of(3, 4, ratio=0.98, train=600)
    trained = train(Plain(), runs, replace(RECIPE, steps=60))
    assert trained.failures == (None, None) and trained.cpu_seconds > 0
    for scores in trained.scores("test"):
        assert scores.aligned > 0.9 > scores.conflicting + 0.2
    assert trained.predictions(runs.test.images).shape == (2, 90)
    shared = trained.logits(runs.test.images[0])
    assert torch.equal(shared[0], trained.logits(runs.test.images)[0])


def test_watching_changes_nothing():
    runs = runs_of(3, 4)
    plain = train(Plain(), runs, RECIPE)
    watched = train(Plain(), runs, RECIPE, watch=(0, 3, 8), watch_on="balanced")
    images = runs.test.images
    assert torch.equal(plain.logits(images), watched.logits(images))
    assert [moment.step for moment in watched.history] == [0, 3, 8]
    assert plain.history == ()
    last, now = watched.history[-1].scores[0], watched.scores("balanced")[0]
    assert (last.unbiased, last.follow_rate) == (now.unbiased, now.follow_rate)


def test_what_a_method_records_is_averaged_over_both_sides():
    runs = runs_of(3, 4)

    class Recording(Plain):
        def record(self, batch):
            conflicting = runs.train.conflicting.gather(1, batch.index)
            return {"weight": 1.0 + conflicting.float(), "run": torch.tensor([7.0, 8.0])}

    record = train(Recording(), runs, RECIPE, watch=(8,)).history[0].record
    assert record["weight/aligned"].tolist() == [1, 1]
    assert record["weight/conflicting"].tolist() == [2, 2]
    assert record["run"].tolist() == [7, 8]


def test_a_loss_that_is_no_number_marks_its_run_and_no_other():
    runs = runs_of(3, 4, 5)

    class Bursting(Plain):
        def losses(self, batch):
            each = super().losses(batch)
            return each * torch.tensor([1.0, float("inf") if batch.step == 4 else 1.0, 1.0])

    sound, burst = train(Plain(), runs, RECIPE), train(Bursting(), runs, RECIPE)
    assert burst.failures == (None, "the loss became inf in step 5 of training", None)
    images = runs.test.images
    for run in (0, 2):
        assert torch.equal(sound.logits(images)[run], burst.logits(images)[run])
    assert burst.logits(images)[1].isnan().all()
    assert (burst.predictions(images)[1] == -1).all()
    assert burst.scores()[1] is None and burst.scores()[0] is not None


def test_losses_averaged_over_runs_are_refused():
    class Mixing(Plain):
        def losses(self, batch):
            return super().losses(batch).mean()

    with pytest.raises(ValueError, match="one number for each of 2 runs"):
        train(Mixing(), runs_of(3, 4), RECIPE)


@pytest.mark.parametrize("where", ["batch", "problem", "groups"])
def test_bias_labels_that_were_not_declared_are_not_given(where):
    class Peeking(Plain):
        def prepare(self, problem):
            super().prepare(problem)
            if where != "batch":
                getattr(problem, {"problem": "biases", "groups": "groups"}[where])

        def losses(self, batch):
            return super().losses(batch) + batch.biases.float().mean(dim=1)

    with pytest.raises(ValueError, match=r"plain asked .* declared NOTHING"):
        train(Peeking(), runs_of(3), RECIPE)


def test_the_balanced_set_is_not_given_undeclared():
    with pytest.raises(ValueError, match="balanced set"):
        _ = problem_of(runs_of(3)).balanced
    assert len(problem_of(runs_of(3), Needs.BALANCED_SET).balanced) == 60


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_refused_labels_that_nobody_has_given(name):
    kind, runs = METHODS[name], without_bias_labels(runs_of(3))
    if kind.needs & (Needs.TRAINING_BIAS_LABELS | Needs.BALANCED_SET):
        with pytest.raises(ValueError, match=f"{kind.title} (needs|trains).* none"):
            train(kind(), runs, RECIPE)
    else:
        assert train(kind(), runs, RECIPE).failures == (None,)


def test_runs_without_a_balanced_set_train_all_methods_but_those_that_need_it():
    whole = runs_of(3, 4)
    runs = Runs.of([random_splits(3), replace(random_splits(4), balanced=None)])
    assert runs.balanced is None and without_bias_labels(runs).balanced is None
    assert torch.equal(runs.test.images, whole.test.images)
    trained, same = train(Plain(), runs, RECIPE), train(Plain(), whole, RECIPE)
    assert torch.equal(trained.logits(runs.test.images), same.logits(whole.test.images))
    with pytest.raises(ValueError, match=r"DFR trains on a small balanced set .* have none"):
        train(METHODS["dfr"](), runs, RECIPE)
    with pytest.raises(ValueError, match=r"no balanced set .* train, validation, test"):
        trained.scores("balanced")
    with pytest.raises(ValueError, match="no balanced set"):
        train(Plain(), runs, RECIPE, watch=(1,), watch_on="balanced")
    assert trained.scores("validation")[0] is not None


def test_runs_of_other_sizes_do_not_stack():
    with pytest.raises(ValueError, match="shapes"):
        Runs.of([random_splits(1), random_splits(2, side=7)])
    with pytest.raises(ValueError, match="No run"):
        Runs.of([])


def test_labels_out_of_range_are_refused():
    good = random_splits(1)
    wrong = replace(good, class_names=good.class_names[:2])
    with pytest.raises(ValueError, match=r"labels of the train images run from 0 to 2"):
        Runs.of([wrong])


def test_a_test_set_that_is_the_same_is_held_once():
    first = random_splits(1)
    runs = Runs.of([first, replace(random_splits(2), test=first.test)])
    assert runs.test.images.stride(0) == 0 and len(runs) == 2
    assert not np.array_equal(runs.train.images[0], runs.train.images[1])


@pytest.mark.parametrize(
    "options, says",
    [
        ({"network": "mpl"}, "Did you mean 'mlp'"),
        ({"steps": 0}, "0 steps"),
        ({"learning_rate": float("nan")}, "Learning rate"),
        ({"learning_rate": 0.0}, "Learning rate"),
        ({"batch_size": 1}, "at least 2"),
    ],
)
def test_a_recipe_out_of_range_is_refused(options, says):
    with pytest.raises(ValueError, match=says):
        Recipe(**options)


def test_a_step_or_split_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="step 9"):
        train(Plain(), runs_of(3), RECIPE, watch=(9,))
    with pytest.raises(ValueError, match="No split 'tets'"):
        train(Plain(), runs_of(3), RECIPE).scores("tets")


def test_every_data_set_has_a_recipe():
    from internlab.data.shortcuts import DATA_SETS

    assert all(recipe_for(name).steps >= 100 for name in DATA_SETS)
    assert recipe_for("my folder").network == "cnn"
