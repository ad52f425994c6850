"""What a method has not declared, it cannot reach: by no attribute of what it is handed."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from random_runs import random_splits
from torch import Tensor

from internlab.debias.methods.base import Method, Needs
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Problem, Recipe, Runs, train

RECIPE = Recipe("mlp", steps=2, learning_rate=0.01, batch_size=20)


def reachable(thing, seen: set[int]) -> list[Tensor]:
    """Return every tensor to which attributes and containers lead, private ones too."""
    if id(thing) in seen:
        return []
    seen.add(id(thing))
    if isinstance(thing, Tensor):
        return [thing]
    if isinstance(thing, dict):
        inner = list(thing.values())
    elif isinstance(thing, (list, tuple)):
        inner = list(thing)
    elif hasattr(thing, "__dict__") and not isinstance(thing, type):
        inner = list(vars(thing).values())
    else:
        inner = []
    return [tensor for each in inner for tensor in reachable(each, seen)]


def holds(tensors: list[Tensor], wanted: Tensor) -> bool:
    return any(each.shape == wanted.shape and torch.equal(each, wanted) for each in tensors)


@pytest.mark.parametrize("needs", [Needs.NOTHING, Needs.KIND_OF_BIAS, *Needs])
def test_only_what_is_declared_can_be_reached(needs):
    runs = Runs.of([random_splits(1), random_splits(2)])
    problem = Problem(runs, RECIPE, "a test", needs)
    batch = next(iter(problem.batches("training", 1)))
    tensors = reachable([problem, batch], set())
    assert holds(tensors, runs.train.labels), "the search sees what is there"
    assert holds(tensors, runs.train.biases) is (Needs.TRAINING_BIAS_LABELS in needs)
    assert holds(tensors, runs.balanced.biases) is (Needs.BALANCED_SET in needs)
    assert holds(tensors, runs.balanced.images) is (Needs.BALANCED_SET in needs)
    shown = runs.train.biases.gather(1, batch.index)
    assert holds(tensors, shown) is (Needs.TRAINING_BIAS_LABELS in needs)
    for split in (runs.validation, runs.test):
        for part in dataclasses.astuple(split):
            assert not holds(tensors, part)


@pytest.mark.parametrize("where", ["biases", "labels"])
def test_a_method_that_reads_the_runs_behind_its_problem_is_stopped(where):
    class Cheating(Method):
        name = title = "cheat"

        def prepare(self, problem):
            super().prepare(problem)
            self.stolen = getattr((problem.runs.train, problem.runs.test)[where == "labels"], where)

        def losses(self, batch):
            return cross_entropy(self.network(batch.images), batch.labels).mean(dim=1)

    with pytest.raises(AttributeError, match="runs"):
        train(Cheating(), Runs.of([random_splits(1)]), RECIPE)


def test_declaring_more_once_the_problem_is_made_opens_nothing():
    problem = Problem(Runs.of([random_splits(1)]), RECIPE, "a test", Needs.NOTHING)
    problem.needs = Needs.TRAINING_BIAS_LABELS | Needs.BALANCED_SET
    with pytest.raises(ValueError, match="declared NOTHING"):
        _ = problem.biases
    with pytest.raises(ValueError, match="declared NOTHING"):
        _ = problem.balanced
