"""The ladder of scores, the one scale for all of them, and the figure of a scene."""

from itertools import pairwise

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from internlab.data.streets import ANOMALY, PALETTE, VOID, StreetSet
from internlab.ood.dense.ladder import LADDER, evaluate_maps, labels_on_anomalies, ladder
from internlab.ood.dense.pictures import painted, scene_figure
from internlab.ood.dense.rarity import rarity
from internlab.ood.dense.standardised import CleanUp
from internlab.ood.dense.statistics import ClassStatistics
from internlab.ood.outputs import Outputs

matplotlib.use("agg")


def test_rarity_by_hand():
    ordinary = np.arange(1000)
    found = rarity([0, 900, 990, 999, 5000], ordinary)
    assert found == pytest.approx([0, 1, 2, 3, 3])


@settings(max_examples=30, deadline=None)
@given(
    arrays(np.float64, 20, elements=st.floats(-5, 5)),
    arrays(np.float64, 50, elements=st.floats(-5, 5)),
)
def test_rarity_keeps_the_order_and_forgets_the_unit(score, ordinary):
    found = rarity(score, ordinary)
    order = np.argsort(score, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
    assert found.min() >= 0 and found.max() <= 3
    assert np.array_equal(rarity(8 * score, 8 * ordinary), found)


def test_rarity_without_ordinary_scores_is_refused():
    with pytest.raises(ValueError, match="0 ordinary"):
        rarity([1.0], [])
    with pytest.raises(ValueError, match="NaN"):
        rarity([float("nan")], [1.0])


def _outputs():
    generator = torch.Generator().manual_seed(0)
    blocks = torch.randn(2, 8, 2, 4, generator=generator)
    # Areas of one class with a little noise, as a network's logits are.
    areas = blocks.repeat_interleave(8, 2).repeat_interleave(8, 3)
    return Outputs(areas + 0.05 * torch.randn(2, 8, 16, 32, generator=generator))


def test_the_ladder_has_every_score_and_each_step_changes_it():
    outputs = _outputs()
    moments = ClassStatistics(8).add(outputs.logits).moments()
    scores = ladder(outputs, moments, CleanUp(1, 1, 3, 1))
    assert tuple(scores) == LADDER
    maps = list(scores.values())
    assert all(each.shape == (2, 16, 32) for each in maps)
    assert not any(torch.equal(a, b) for a, b in pairwise(maps))


def test_a_perfect_score_is_worth_one_and_void_does_not_count():
    labels = np.zeros((1, 4, 6), np.uint8)
    labels[0, 1, 1:3], labels[0, 2] = ANOMALY, VOID
    score = np.where(labels == ANOMALY, 5.0, 0.0) + np.where(labels == VOID, 99.0, 0.0)
    scores = evaluate_maps(labels, torch.from_numpy(score))
    assert (scores.average_precision, scores.pixels) == (1.0, 18)
    with pytest.raises(ValueError, match="same shape"):
        evaluate_maps(labels, score[:, :-1])
    with pytest.raises(ValueError):
        evaluate_maps(np.zeros_like(labels), score)


def test_labels_on_anomalies_are_shares_of_anomaly_pixels():
    labels = np.array([[[ANOMALY, ANOMALY, ANOMALY, ANOMALY, 0, VOID]]], np.uint8)
    scenes = StreetSet(np.zeros((1, 1, 6, 3), np.uint8), labels, np.zeros(1), np.array([""]), "")
    found = labels_on_anomalies(scenes, np.array([[[0, 0, 0, 6, 5, 5]]]), 8)
    assert found.tolist() == [0.75, 0, 0, 0, 0, 0, 0.25, 0]


def test_labels_on_anomalies_need_an_anomaly_and_a_class_for_every_pixel():
    labels = np.array([[[ANOMALY, 0, VOID]]], np.uint8)
    scenes = StreetSet(np.zeros((1, 1, 3, 3), np.uint8), labels, np.zeros(1), np.array([""]), "")
    with pytest.raises(ValueError, match=r"shape \(1, 1, 2\) for labels of shape \(1, 1, 3\)"):
        labels_on_anomalies(scenes, np.zeros((1, 1, 2), int), 8)
    for wrong in (-1, 8):
        with pytest.raises(ValueError, match=f"from {wrong} to {wrong}. Expected 0 to 7"):
            labels_on_anomalies(scenes, np.full((1, 1, 3), wrong), 8)
    scenes.labels[:] = 0
    with pytest.raises(ValueError, match="None of the 1 scenes has a pixel of an anomaly"):
        labels_on_anomalies(scenes, np.zeros((1, 1, 3), int), 8)


@pytest.mark.parametrize("wrong", [-1, 8, 253, 256])
def test_a_label_without_a_colour_is_refused(wrong):
    with pytest.raises(ValueError, match=f"label {wrong}, which has no colour"):
        painted(np.array([[0, wrong]]))


def test_painting_uses_the_palette_and_lets_the_image_shine_through():
    labels = np.array([[0, 7, ANOMALY, VOID]])
    assert painted(labels)[0].tolist() == [*PALETTE[[0, 7]].tolist(), [255] * 3, [0] * 3]
    dark, light = (painted(labels, np.full((1, 4, 3), v, np.uint8)) for v in (0, 255))
    assert (light >= dark).all() and (light > dark).any()


def test_the_figure_shows_every_map_and_names_the_classes():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (16, 32, 3), dtype=np.uint8)
    labels = np.zeros((16, 32), np.uint8)
    labels[4:8, 4:12] = ANOMALY
    maps = {"MSP": rng.random((16, 32)), "SML": rng.random((16, 32)), "third": rng.random((16, 32))}
    figure = scene_figure(image, labels, np.zeros_like(labels), maps, headline="Look")
    texts = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {"Look", "MSP", "SML", "third", "road", "1 in 100"} <= texts
    assert "sky" not in texts
    assert sum(bool(axes.images) for axes in figure.axes) == 3 + 3 + 1


def test_a_long_headline_is_made_to_fit():
    labels, image = np.zeros((16, 32), np.uint8), np.zeros((16, 32, 3), np.uint8)
    figure = scene_figure(image, labels, labels, {"MSP": labels}, headline="a long story " * 9)
    (line,) = (t for axes in figure.axes for t in axes.texts if "story" in t.get_text())
    assert line.get_window_extent().x1 <= figure.bbox.width
