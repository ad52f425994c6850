"""The loss is its formula, validation counts every pixel once, and prediction changes nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.data.buildings import Tiles
from internlab.hpo.training.metrics import AreaCounts, iou
from internlab.hpo.training.segmentation import Segmenter, dice_loss, mean_area_iou, predict
from internlab.hpo.training.tiles import TileDataset

some = settings(max_examples=25)
SURE = 40.0  # a logit so large that its probability is 0 or 1


def as_logits(masks):
    """Logits of a network that is sure of these masks."""
    return SURE * (2 * masks - 1)


def as_batch(*masks):
    return torch.tensor(np.array(masks), dtype=torch.float64)[:, None]


def tiles(count=7, side=16):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    masks = (rng.random((count, side, side)) < 0.3).astype(np.uint8)
    return Tiles(images, masks, np.array(["dry-1", "wet-1", "wet-2"] * count)[:count])


def segmenter(areas=(), width=8, dice=0.3):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = Segmenter(np.array(areas), lr=1e-2, weight_decay=1e-2, width=width, dice=dice)
    # So that a fresh network predicts some building and some background.
    torch.nn.init.zeros_(module.network.head.bias)
    return module


# The loss


def test_dice_loss_worked_by_hand():
    """Two pixels of building, two predicted, one in common: (2 * 1 + 1) / (2 + 2 + 1)."""
    mask, predicted = [[1, 1], [0, 0]], [[1, 0], [1, 0]]
    loss = dice_loss(as_logits(as_batch(predicted)), as_batch(mask))
    assert loss.item() == pytest.approx(1 - 3 / 5)


def test_a_right_mask_costs_nothing_and_an_empty_one_has_a_value():
    full, empty = np.ones((3, 3)), np.zeros((3, 3))
    for mask in (full, empty):
        assert dice_loss(as_logits(as_batch(mask)), as_batch(mask)).item() == pytest.approx(0)
    wrong = dice_loss(as_logits(as_batch(full)), as_batch(empty)).item()
    assert wrong == pytest.approx(1 - 1 / 10)


@given(st.integers(0, 10**6))
@some
def test_dice_loss_is_its_formula_and_the_mean_over_images(seed):
    rng = np.random.default_rng(seed)
    logits, masks = rng.normal(0, 3, (4, 5, 6)), rng.random((4, 5, 6)) < rng.random()
    expected = []
    for logit, mask in zip(logits, masks, strict=True):
        share = 1 / (1 + np.exp(-logit))
        expected.append(1 - (2 * share[mask].sum() + 1) / (share.sum() + mask.sum() + 1))
    found = dice_loss(as_batch(*logits), as_batch(*masks)).item()
    assert found == pytest.approx(np.mean(expected))
    assert 0 <= found <= 1


def test_the_gradient_of_the_dice_loss_is_that_of_finite_differences():
    rng = np.random.default_rng(1)
    masks = as_batch(*(rng.random((2, 3, 4)) < 0.4))
    logits = as_batch(*rng.normal(0, 1, (2, 3, 4))).requires_grad_()
    dice_loss(logits, masks).backward()
    step = 1e-5
    for index in np.ndindex(*logits.shape):
        values = []
        for side in (-step, step):
            moved = logits.detach().clone()
            moved[index] += side
            values.append(dice_loss(moved, masks).item())
        slope = (values[1] - values[0]) / (2 * step)
        assert logits.grad[index].item() == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("dice", [0.0, 0.4, 1.0])
def test_the_loss_is_the_mixture_that_was_asked_for(dice):
    module, data = segmenter(dice=dice), TileDataset(tiles())
    images, masks = (torch.stack(each) for each in zip(*(data[k] for k in range(4)), strict=True))
    found = module.training_step((images, masks), 0)
    logits = module.network(images)
    share = logits.sigmoid()
    entropy = -(masks * share.log() + (1 - masks) * (1 - share).log()).mean()
    expected = (1 - dice) * entropy + dice * dice_loss(logits, masks)
    torch.testing.assert_close(found, expected)
    assert len(module.losses) == 1 and not module.losses[0].requires_grad


def test_the_optimiser_has_the_rates_it_was_given_and_every_weight():
    optimiser = segmenter().configure_optimizers()
    (group,) = optimiser.param_groups
    assert isinstance(optimiser, torch.optim.AdamW)
    assert group["lr"] == 1e-2 and group["weight_decay"] == 1e-2
    assert len(group["params"]) == len(list(segmenter().network.parameters()))


# Validation


def validated(module, given_tiles, sizes):
    """Run the module's validation over batches of these sizes."""
    data, start = TileDataset(given_tiles), 0
    module.on_validation_epoch_start()
    with torch.inference_mode():
        for size in sizes:
            batch = [data[k] for k in range(start, start + size)]
            module.validation_step(tuple(map(torch.stack, zip(*batch, strict=True))), 0)
            start += size
    module.on_validation_epoch_end()
    return module.metrics["validation_iou"]


@pytest.mark.parametrize("sizes", [(7,), (4, 3), (1, 1, 5), (3, 2, 2)])
def test_validation_is_the_mean_area_iou_however_tiles_fall_into_batches(sizes):
    given_tiles = tiles()
    module = segmenter(given_tiles.areas)
    found = validated(module, given_tiles, sizes)
    masks = predict(module.network, given_tiles)
    counts = AreaCounts.empty()
    counts.add(given_tiles.areas, given_tiles.masks, masks)
    per_area = counts.per_area()
    assert len(set(per_area.values())) == 3
    assert found == pytest.approx(np.mean(list(per_area.values())))
    assert found == pytest.approx(mean_area_iou(module.network, given_tiles))
    # The next epoch starts from nothing.
    torch.nn.init.constant_(module.network.head.bias, 0.3)
    changed = validated(module, given_tiles, sizes)
    assert changed != found
    assert changed == pytest.approx(mean_area_iou(module.network, given_tiles))


def test_the_training_loss_is_the_mean_of_its_epoch():
    given_tiles = tiles()
    module = segmenter(given_tiles.areas)
    for losses in ([0.5, 0.3], [0.2]):
        module.losses += [torch.tensor(loss) for loss in losses]
        validated(module, given_tiles, (7,))
        assert module.metrics["train_loss"] == pytest.approx(np.mean(losses))
    validated(module, given_tiles, (7,))
    assert math.isnan(module.metrics["train_loss"])


# Prediction


class Reds(torch.nn.Module):
    """A network that calls a pixel building if its red is above the middle."""

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(()))

    def forward(self, image):
        return self.scale * image[:, :1]


def test_a_pixel_with_a_positive_logit_is_building():
    given_tiles = tiles()
    masks = predict(Reds(), given_tiles)
    np.testing.assert_array_equal(masks, given_tiles.images[..., 0] > 127)
    assert masks.dtype == np.uint8 and set(np.unique(masks)) == {0, 1}


def test_a_network_that_finds_everything_scores_one():
    given_tiles = tiles()
    given_tiles.images[..., 0] = 255 * given_tiles.masks
    assert mean_area_iou(Reds(), given_tiles) == 1
    assert iou(given_tiles.masks, predict(Reds(), given_tiles)) == 1


@pytest.mark.parametrize("training", [True, False])
def test_prediction_in_batches_leaves_the_network_as_it_was(training):
    given_tiles, network = tiles(), segmenter().network.train(training)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    whole = predict(network, given_tiles)
    for batch in (1, 3, 7):
        np.testing.assert_array_equal(predict(network, given_tiles, batch), whole)
    assert network.training is training
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    assert all(parameter.grad is None for parameter in network.parameters())
