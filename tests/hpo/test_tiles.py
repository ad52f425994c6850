"""Tiles become tensors; an epoch is an order and an augmentation that depend on seed and epoch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.data.buildings import Tiles
from internlab.hpo.training.augment import pipeline
from internlab.hpo.training.tiles import BuildingTiles, EpochOrder, TileDataset

some = settings(max_examples=20)


def tiles(count=6, side=16, seed=0):
    """Tiles whose red channel is the mask: building 200, the rest 40."""
    rng = np.random.default_rng(seed)
    masks = (rng.random((count, side, side)) < 0.3).astype(np.uint8)
    images = rng.integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    images[..., 0] = 40 + 160 * masks
    return Tiles(images, masks, np.array(["dry-1", "wet-1"] * count)[:count])


def epoch_of(data, seed, epoch):
    """Return the tiles of one epoch, in its order, as the trainer would read them."""
    order = EpochOrder(data, seed)
    order.set_epoch(epoch)
    return [(number, *data[number]) for number in order]


def same(one, other):
    return all(
        a == b and torch.equal(image, image_b) and torch.equal(mask, mask_b)
        for (a, image, mask), (b, image_b, mask_b) in zip(one, other, strict=True)
    )


# A tile


def test_a_tile_is_a_centred_image_and_its_mask():
    given_tiles = tiles()
    data = TileDataset(given_tiles)
    assert len(data) == 6
    for number in range(6):
        image, mask = data[number]
        assert image.shape == (3, 16, 16) and image.dtype == torch.float32
        assert mask.shape == (1, 16, 16) and mask.dtype == torch.float32
        expected = given_tiles.images[number].transpose(2, 0, 1) / 255 - 0.5
        np.testing.assert_allclose(image.numpy(), expected, atol=1e-6)
        np.testing.assert_array_equal(mask[0].numpy(), given_tiles.masks[number])


@pytest.mark.parametrize("geometry", ["flip", "d4"])
def test_an_augmented_tile_is_still_its_mask(geometry):
    data = TileDataset(tiles(20), pipeline(0.0, geometry))
    moved = 0
    for number in range(20):
        image, mask = data[number]
        assert torch.equal((image[0] > 0).float(), mask[0])
        moved += not torch.equal(mask, TileDataset(data.tiles)[number][1])
    assert moved > 5


def test_reading_a_tile_leaves_the_stored_one_as_it_was():
    stored = tiles()
    data = TileDataset(stored, pipeline(1.0, "d4"))
    for number in range(6):
        image, mask = data[number]
        image += 1
        mask += 1
    np.testing.assert_array_equal(stored.images, tiles().images)
    np.testing.assert_array_equal(stored.masks, tiles().masks)


def swapped(**parts):
    return Tiles(**{**vars(tiles()), **parts})


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        (tiles(0), "no tiles"),
        (swapped(masks=tiles().masks[:5]), "6 images and 5 masks"),
        (swapped(masks=tiles().masks[:, :15]), r"tile 0 has shape \(15, 16\)"),
        (swapped(masks=255 * tiles().masks), r"tile 0 holds the labels \[255\]"),
        (swapped(images=tiles().images / 255), "tile 0 is float64"),
    ],
)
def test_tiles_that_do_not_fit_are_refused(bad, named):
    with pytest.raises(ValueError, match=named):
        TileDataset(bad)


def test_one_bad_tile_among_many_is_named():
    masks = tiles().masks.copy()
    masks[4, 3, 3] = 2
    with pytest.raises(ValueError, match=r"mask of tile 4 holds the labels \[2\]"):
        TileDataset(swapped(masks=masks))


# An epoch


@given(st.integers(0, 10**6), st.integers(0, 100))
@some
def test_an_epoch_sees_every_tile_once(seed, epoch):
    order = EpochOrder(TileDataset(tiles(11)), seed)
    order.set_epoch(epoch)
    assert len(order) == 11
    assert sorted(order) == list(range(11))


@given(st.integers(0, 10**6), st.integers(0, 100))
@some
def test_seed_and_epoch_fix_order_and_augmentation(seed, epoch):
    data = TileDataset(tiles(), pipeline(0.8, "d4"))
    first = epoch_of(data, seed, epoch)
    epoch_of(data, seed, epoch + 1)  # what was read in between does not matter
    assert same(epoch_of(data, seed, epoch), first)
    anew = TileDataset(tiles(), pipeline(0.8, "d4"))
    assert same(epoch_of(anew, seed, epoch), first)


@pytest.mark.parametrize(("seed", "epoch"), [(0, 1), (1, 0), (1, 1)])
def test_another_epoch_or_seed_has_another_order_and_augmentation(seed, epoch):
    data = TileDataset(tiles(11), pipeline(0.8, "d4"))
    first, other = epoch_of(data, 0, 0), epoch_of(data, seed, epoch)
    assert [number for number, _, _ in first] != [number for number, _, _ in other]
    in_order, of_other = sorted(first, key=lambda t: t[0]), sorted(other, key=lambda t: t[0])
    changed = [
        not torch.equal(a, b) for (_, a, _), (_, b, _) in zip(in_order, of_other, strict=True)
    ]
    assert sum(changed) >= 8


# Batches


def module(**settings):
    return BuildingTiles(tiles(11), tiles(7, seed=1), **{"batch_size": 4, **settings})


def test_batches_are_whole_and_validation_holds_every_tile():
    data = module()
    assert [len(images) for images, _ in data.train_dataloader()] == [4, 4]
    images = torch.cat([images for images, _ in data.val_dataloader()])
    expected = tiles(7, seed=1).images.transpose(0, 3, 1, 2) / 255 - 0.5
    np.testing.assert_allclose(images.numpy(), expected, atol=1e-6)


def test_validation_is_never_augmented():
    plain = torch.cat([images for images, _ in module().val_dataloader()])
    shaken = module(colour=1.0, geometry="d4")
    for _ in range(2):
        found = torch.cat([images for images, _ in shaken.val_dataloader()])
        assert torch.equal(found, plain)


def test_training_is_augmented():
    loader = module(colour=1.0, geometry="d4", batch_size=11).train_dataloader()
    loader.sampler.set_epoch(0)
    order = list(loader.sampler)
    images, masks = next(iter(loader))
    plain = TileDataset(tiles(11))
    assert sum(not torch.equal(masks[i], plain[k][1]) for i, k in enumerate(order)) >= 5
    assert sum(not torch.equal(images[i], plain[k][0]) for i, k in enumerate(order)) >= 9


def test_loaders_leave_the_global_random_state_alone():
    before = torch.get_rng_state()
    data = module(colour=1.0, geometry="d4")
    list(data.train_dataloader())
    list(data.val_dataloader())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("size", [0, -1, 12])
def test_a_batch_that_cannot_be_filled_is_refused(size):
    with pytest.raises(ValueError, match=f"batch of {size} of 11 tiles"):
        module(batch_size=size)


@pytest.mark.parametrize(
    ("settings", "named"), [({"colour": 2.0}, "colour"), ({"geometry": "spin"}, "geometry")]
)
def test_an_augmentation_that_does_not_exist_is_refused(settings, named):
    with pytest.raises(ValueError, match=named):
        module(**settings)
