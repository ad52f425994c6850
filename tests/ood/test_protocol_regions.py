"""Which pixels a metric is asked about."""

from __future__ import annotations

import numpy as np
import pytest

from internlab.ood.metrics import evaluate
from internlab.ood.protocol.regions import pixels, road_only, whole_image

ROAD, SKY, OUTLIER, VOID = 0, 5, 254, 255
LABELS = np.array([[[SKY, SKY, VOID], [ROAD, OUTLIER, VOID], [ROAD, ROAD, ROAD]]], np.uint8)


def test_the_whole_image_is_everything_but_void():
    assert whole_image(LABELS).tolist() == [
        [[True, True, False], [True, True, False], [True, True, True]]
    ]


def test_the_road_region_is_true_road_and_anomalies():
    assert road_only(LABELS).tolist() == [
        [[False, False, False], [True, True, False], [True, True, True]]
    ]


def test_other_label_ids_are_arguments():
    labels = np.array([[7, 13, 42]])
    assert road_only(labels, road=7, outlier=13).tolist() == [[True, True, False]]
    assert whole_image(labels, void=42).tolist() == [[True, True, False]]


def test_pixels_are_pooled_over_images_and_ranked_against_each_other():
    score = np.arange(9.0).reshape(1, 3, 3)
    is_outlier, values = pixels(LABELS, score, road_only(LABELS))
    assert is_outlier.tolist() == [False, True, False, False, False]
    assert values.tolist() == [3, 4, 6, 7, 8]


def test_the_region_can_turn_the_order_of_two_detectors_round():
    """One detector confuses the sky with anomalies, the other one the road."""
    rng = np.random.default_rng(0)
    labels = rng.choice([ROAD, SKY, OUTLIER], (4, 20, 20), p=[0.45, 0.5, 0.05])
    noise = rng.normal(0, 0.1, labels.shape)
    afraid_of_sky = noise + (labels == OUTLIER) * 1.0 + (labels == SKY) * 2.0
    afraid_of_road = noise + (labels == OUTLIER) * 1.0 + (labels == ROAD) * 1.05

    def ap(score, region):
        return evaluate(*pixels(labels, score, region)).average_precision

    assert ap(afraid_of_sky, whole_image(labels)) < ap(afraid_of_road, whole_image(labels))
    assert ap(afraid_of_sky, road_only(labels)) > ap(afraid_of_road, road_only(labels))


def test_what_does_not_fit_is_refused():
    score = np.zeros(LABELS.shape)
    with pytest.raises(ValueError, match="must be equal"):
        pixels(LABELS, score[:, :2], whole_image(LABELS))
    with pytest.raises(ValueError, match="expected bool"):
        pixels(LABELS, score, LABELS)
    with pytest.raises(ValueError, match="expected integers"):
        road_only(score)
