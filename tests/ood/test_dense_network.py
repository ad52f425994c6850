"""The street network, its training, and the IoU it is judged by."""

import numpy as np
import pytest
import torch
from sklearn.metrics import jaccard_score

from internlab.data.streets import ANOMALY, VOID, street_set
from internlab.ood.dense import collecting, iou
from internlab.ood.dense.network import StreetNet, load_pretrained, prepare
from internlab.ood.dense.training import SceneStream, StreetSegmenter, class_weights, train


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return StreetNet().eval()


def _scenes(count=16, height=32, width=64):
    """A class is a colour, and rows of it."""
    rng = np.random.default_rng(0)
    labels = np.repeat(rng.integers(0, 3, (count, height // 8, 1)), 8, 1).repeat(width, 2)
    colours = np.array([(40, 40, 40), (200, 60, 60), (60, 200, 220)])
    images = colours[labels] + rng.normal(0, 12, (*labels.shape, 3))
    return images.clip(0, 255).astype(np.uint8), labels.astype(np.uint8)


def test_every_size_gets_logits_of_its_own_size(network):
    for height, width in ((128, 256), (33, 47)):
        image = prepare(np.zeros((height, width, 3), np.uint8))
        assert network(image).shape == (1, 8, height, width)
        assert network.features(image).shape[-2:] == ((height + 1) // 2, (width + 1) // 2)


def test_the_network_is_small():
    assert sum(each.numel() for each in StreetNet().parameters()) < 450_000


def test_images_of_another_type_are_refused():
    with pytest.raises(ValueError, match="uint8"):
        prepare(np.zeros((4, 4, 3), np.float32))
    with pytest.raises(ValueError, match=r"\(N, H, W, 3\)"):
        prepare(np.zeros((2, 3, 4, 4), np.uint8))


def test_features_and_last_layer_give_the_logits(network):
    images, labels = _scenes(count=3)
    outputs = collecting.collect(network, images, features=True, labels=labels, at_once=2)
    plain = collecting.collect(network, images)
    assert torch.allclose(outputs.logits, plain.logits, atol=1e-5)
    assert outputs.features.shape == (3, 32, 32, 64)
    # Enlarging is linear and its weights sum to one, so the last layer may come before or after.
    again = network.head(outputs.features)
    assert torch.allclose(again, outputs.logits, atol=1e-4)
    found = collecting.predict(network, images)
    assert np.array_equal(found, outputs.logits.argmax(1).numpy())


def test_statistics_of_images_are_those_of_their_logits(network):
    images, _ = _scenes(count=5)
    statistics = collecting.gather_statistics(network, images, at_once=2)
    logits = collecting.collect(network, images).logits
    assert int(statistics.count.sum()) == logits[:, 0].numel()
    with pytest.raises(ValueError, match="no images"):
        collecting.gather_statistics(network, images[:0])


def test_training_learns_and_repeats_itself():
    images, labels = _scenes()
    told = []
    first = train(images, labels, seed=1, steps=25, told=lambda *each: told.append(each), every=5)
    again = train(images, labels, seed=1, steps=25)
    other = train(images, labels, seed=2, steps=25)
    assert [step for step, _ in told] == [5, 10, 15, 20, 25]
    assert told[-1][1] < 0.5 * told[0][1]
    assert not first.training
    weights = [each.head.weight for each in (first, again, other)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    counts = iou.confusion(labels, collecting.predict(first, images))
    assert iou.mean_iou(counts) > 0.6


def test_training_leaves_the_global_random_state_alone():
    images, labels = _scenes(count=8)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train(images, labels, seed=0, steps=2)
    assert torch.equal(torch.rand(3), expected)


def test_a_stream_mirrors_image_and_labels_together_and_shows_every_scene():
    labels = np.arange(8, dtype=np.uint8)[:, None, None].repeat(4, 1).repeat(6, 2)
    labels[:, :, :2] = VOID  # not half of it, so that a mirrored image shows
    images = np.repeat(labels[..., None] * 10 % 251, 3, axis=3)
    seen = set()
    for _, (batch, truth) in zip(range(4), SceneStream(images, labels, 2, seed=0), strict=False):
        void = (truth == VOID)[:, None].expand_as(batch)
        for pixels, mask, own in zip(batch, void, truth, strict=True):
            assert torch.unique(pixels[mask]).numel() == torch.unique(pixels[~mask]).numel() == 1
            seen.add(int(own[own != VOID][0]))
    assert seen == set(range(8))
    with pytest.raises(ValueError, match="batch"):
        SceneStream(images, labels, 9, seed=0)
    with pytest.raises(ValueError, match="label for each pixel"):
        SceneStream(images, labels[:, :-1], 2, seed=0)


def test_void_pixels_are_trained_with_and_teach_nothing():
    images, labels = _scenes(count=8)
    labels[:, :8] = VOID
    stepped = train(images, labels, seed=0, steps=2)
    assert all(torch.isfinite(each).all() for each in stepped.parameters())
    module = StreetSegmenter(torch.ones(8), steps=2).eval()
    batch = prepare(images), torch.from_numpy(labels).long()
    logits = module.network(batch[0]).permute(0, 2, 3, 1)[:, 8:].flatten(0, 2)
    expected = torch.nn.functional.cross_entropy(logits, batch[1][:, 8:].flatten())
    assert torch.allclose(module.training_step(batch, 0), expected)


@pytest.mark.parametrize("wrong", [8, ANOMALY, -1])
def test_labels_that_mean_nothing_are_refused(wrong):
    images, labels = _scenes(count=8)
    labels = labels.astype(np.int16)
    labels[3, 0, :2] = wrong
    with pytest.raises(ValueError, match=f"2 pixels have the label {wrong}.*0 to 7, or 255"):
        train(images, labels, seed=0, steps=2)


def test_no_image_and_no_batch_are_refused(network):
    images, _ = _scenes(count=2)
    for function in (collecting.collect, collecting.predict, collecting.gather_statistics):
        with pytest.raises(ValueError, match="There are no images"):
            function(network, images[:0])
        with pytest.raises(ValueError, match="at_once is 0"):
            function(network, images, at_once=0)
    with pytest.raises(ValueError, match="There are no images"):
        collecting.collect(network, images[:0], features=True)


def test_weights_favour_rare_classes_and_the_mean_pixel_weighs_one():
    labels = np.array([0] * 90 + [1] * 10 + [VOID] * 50, np.uint8)
    weights = class_weights(labels, power=0.5, classes=2)
    assert weights[1] / weights[0] == pytest.approx(3.0)
    assert 0.9 * weights[0] + 0.1 * weights[1] == pytest.approx(1.0)
    assert class_weights(labels, power=0, classes=2).tolist() == pytest.approx([1, 1])
    assert torch.isfinite(class_weights(labels, classes=8)).all()


def test_iou_by_hand_and_as_scikit_learn_has_it():
    labels = np.array([0, 0, 1, 1, VOID, 254])
    found = np.array([0, 1, 1, 1, 0, 1])
    counts = iou.confusion(labels, found, classes=3)
    assert counts.tolist() == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert iou.class_iou(counts)[:2].tolist() == pytest.approx([1 / 2, 2 / 3])
    assert np.isnan(iou.class_iou(counts)[2])
    assert iou.confusion(np.array([2, 3]), np.array([2, 2]), classes=3).sum() == 1
    assert iou.mean_iou(counts) == pytest.approx(7 / 12)
    rng = np.random.default_rng(0)
    truth, guess = rng.integers(0, 4, (2, 500))
    reference = jaccard_score(truth, guess, average=None)
    assert iou.class_iou(iou.confusion(truth, guess, 4)) == pytest.approx(reference)


def test_iou_of_other_shapes_or_classes_is_refused():
    with pytest.raises(ValueError, match="same shape"):
        iou.confusion(np.zeros((2, 2), int), np.zeros(4, int))
    with pytest.raises(ValueError, match="0 to 7"):
        iou.confusion(np.zeros(3, int), np.array([0, 8, 1]))
    with pytest.raises(ValueError, match="No pixel"):
        iou.mean_iou(iou.confusion(np.full(3, VOID), np.zeros(3, int)))


def test_too_few_steps_are_refused():
    with pytest.raises(ValueError, match="at least 2"):
        train(*_scenes(count=8), seed=0, steps=1)


def test_the_network_that_ships_knows_its_streets():
    scenes = street_set("validation", 6)
    shipped = load_pretrained()
    assert not shipped.training
    counts = iou.confusion(scenes.labels, collecting.predict(shipped, scenes.images))
    assert iou.mean_iou(counts) > 0.7
