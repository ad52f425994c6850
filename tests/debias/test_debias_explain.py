"""What an answer rests on: swaps, Grad-CAM against its formula, shares of heat; and curves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from random_runs import random_splits
from torch import nn

from internlab.data.shortcuts import draw_portrait, hair_region, portrait_faces
from internlab.debias import explain, stack
from internlab.debias.curves import curves_of, first_reaching, recorded
from internlab.debias.methods import METHODS

RECIPE = stack.Recipe("cnn", steps=12, learning_rate=0.01, batch_size=32)


@pytest.fixture(scope="module")
def trained():
    runs = stack.Runs.of([random_splits(seed) for seed in (1, 2)])
    return stack.train(METHODS["lff"](), runs, RECIPE, watch=range(0, 13, 4))


@pytest.fixture(scope="module")
def portrait_runs():
    """Two networks, hardly trained, on few random images of the portraits' size."""
    runs = stack.Runs.of([random_splits(seed, classes=2, side=32, train=60) for seed in (1, 2)])
    return stack.train(METHODS["erm"](), runs, stack.Recipe("cnn", steps=2, batch_size=16))


def _network(seed: int, classes: int = 3) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4, classes),
    )  # fmt: skip


def _deep_network() -> nn.Sequential:
    torch.manual_seed(4)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Conv2d(8, 8, 3, stride=2), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2),
    )  # fmt: skip


def _images(seed: int, count: int = 5, side: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def test_grad_cam_is_its_formula():
    network, images, targets = _network(0), _images(0), np.array([0, 1, 2, 1, 0])
    x = torch.from_numpy(images).float().div(255).movedim(-1, 1)
    activations = network[:2](x).detach().requires_grad_()
    logits = network[2:](activations)
    for k, target in enumerate(targets):
        spoken = logits[k, target] - logits[k].mean()
        (gradient,) = torch.autograd.grad(spoken, activations, retain_graph=True)
        coarse = (gradient[k].mean(dim=(1, 2), keepdim=True) * activations[k]).sum(0).relu()
        fine = nn.functional.interpolate(coarse[None, None], size=8, mode="bilinear")[0, 0]
        found = explain.grad_cam(network, images, targets)[k]
        np.testing.assert_allclose(found, fine.detach(), atol=1e-7)


def test_with_mean_pooling_the_maps_add_up_to_what_speaks_for_the_class():
    # No ReLU bites where all weights are positive: the sum over places is the pooled evidence.
    network, images = _network(1, classes=2), _images(1)
    with torch.no_grad():
        network[4].weight.copy_(torch.tensor([[1.0, 2, 3, 4], [-1, -2, -3, -4]]))
    x = torch.from_numpy(images).float().div(255).movedim(-1, 1)
    evidence = network[:4](x) @ torch.tensor([1.0, 2, 3, 4])
    heat = explain.grad_cam(network, images, np.zeros(5, int), layer=network[1])
    np.testing.assert_allclose(heat.mean(axis=(1, 2)), (evidence / 16).detach(), rtol=0.02)


def test_a_number_added_to_all_logits_changes_no_map():
    network, images, targets = _network(2), _images(2), np.array([0, 1, 2, 0, 1])
    before = explain.grad_cam(network, images, targets)
    with torch.no_grad():
        network[4].weight += torch.tensor([[1.0, -2, 3, 5]])
    np.testing.assert_allclose(explain.grad_cam(network, images, targets), before, atol=1e-6)


def test_maps_are_those_behind_the_activation():
    network = _network(0)
    assert explain.maps_of(network) == [network[1]]
    bare = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten())
    assert explain.maps_of(bare) == [bare[0]]
    with pytest.raises(ValueError, match="no convolution"):
        explain.maps_of(nn.Sequential(nn.Flatten(), nn.Linear(3, 2)))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_a_flat_map_has_the_share_of_the_area(seed):
    rng = np.random.default_rng(seed)
    masks = rng.random((3, 6, 7)) < rng.random()
    flat = np.full(masks.shape, rng.random() + 0.1)
    np.testing.assert_allclose(explain.share_on(flat, masks), masks.mean(axis=(1, 2)))
    maps = rng.random(masks.shape)
    np.testing.assert_allclose(explain.share_on(maps, masks) + explain.share_on(maps, ~masks), 1)


def test_an_empty_map_has_no_share():
    assert np.isnan(explain.share_on(np.zeros((1, 2, 2)), np.ones((1, 2, 2), bool)))[0]


def test_shares_of_what_is_no_share_are_refused():
    with pytest.raises(ValueError, match="below 0"):
        explain.share_on(np.full((1, 2, 2), -1.0), np.ones((1, 2, 2), bool))
    with pytest.raises(ValueError, match=r"\(N, H, W\) of both"):
        explain.share_on(np.ones((1, 2, 2)), np.ones((2, 2, 2), bool))


def test_the_heat_of_a_run_is_that_of_its_own_network(portrait_runs):
    faces = portrait_faces("test", 0, 4)
    images = np.stack([draw_portrait(face, "long") for face in faces])
    region = np.stack([hair_region(face) for face in faces])
    shares = explain.heat_shares(portrait_runs, images, region, convolution=1)
    answers = portrait_runs.predictions(torch.from_numpy(images))
    for run in (0, 1):
        network = portrait_runs.method.network.member(run)
        heat = explain.grad_cam(network, images, answers[run], layer=network[3])
        np.testing.assert_allclose(np.nanmean(explain.share_on(heat, region)), shares[run])


def test_the_last_convolution_is_explained_unless_another_is_asked_for():
    network, images = _deep_network(), _images(3, side=32)
    heat = explain.grad_cam(network, images, [0, 1, 0, 1, 0])
    last, second = (
        explain.grad_cam(network, images, [0, 1, 0, 1, 0], layer=network[at]) for at in (3, 1)
    )
    np.testing.assert_array_equal(heat, last)
    assert not np.allclose(last, second)


def test_a_swap_counts_the_answers_that_are_other_ones():
    before = np.array([[[0.6, 0.4], [0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]])
    after = np.array([[[0.4, 0.6], [0.6, 0.4], [0.1, 0.9], [0.8, 0.2]]])
    np.testing.assert_array_equal(explain.Swap(before, after).changed, [0.5])


def test_without_a_swap_nothing_changes(trained):
    images = trained.runs.test.images[0].numpy()
    swap = explain.swap_test(trained, images, images)
    assert swap.before.shape == (2, 90, 3) and not swap.changed.any()
    np.testing.assert_allclose(swap.before.sum(axis=2), 1)
    with pytest.raises(ValueError, match="same but for the swap"):
        explain.swap_test(trained, images, images[:-1])


def test_curves_hold_what_was_scored_at_each_step(trained):
    curves = curves_of(trained)
    assert curves.steps.tolist() == [0, 4, 8, 12]
    for run, scores in enumerate(trained.scores("test")):
        assert curves.unbiased[run, -1] == scores.unbiased
        assert curves.follow_rate[run, -1] == scores.follow_rate
        assert curves.gap[run, -1] == scores.aligned - scores.conflicting


def test_curves_hold_what_a_method_recorded(trained):
    steps, aligned, conflicting = recorded(trained, "weight")
    assert steps.tolist() == [4, 8, 12] and aligned.shape == conflicting.shape == (2, 3)
    last = trained.history[-1].record
    np.testing.assert_array_equal(aligned[:, -1], last["weight/aligned"])
    np.testing.assert_array_equal(conflicting[:, -1], last["weight/conflicting"])
    with pytest.raises(ValueError, match=r"LfF records no 'wait'.*weight"):
        recorded(trained, "wait")


def test_a_training_that_nobody_watched_has_no_curves(portrait_runs):
    with pytest.raises(ValueError, match="watch=range"):
        curves_of(portrait_runs)


def test_the_first_step_at_a_level_or_none():
    values = np.array([[0.1, 0.9, 0.5], [0.1, 0.2, 0.3], [0.95, 0.1, 0.1]])
    reached = first_reaching(np.array([0, 5, 10]), values, 0.9)
    np.testing.assert_array_equal(reached, [5, np.nan, 0])
