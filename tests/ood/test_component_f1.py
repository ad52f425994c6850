"""Component metrics: worked masks, and agreement with the definition written out pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from internlab.ood.metrics.components import (
    OVERLAPS,
    ComponentScores,
    component_f1,
    score_components,
)


def mask(*rows: str) -> np.ndarray:
    return np.array([[cell == "#" for cell in row] for row in rows])


def test_worked_case():
    labels = mask(
        "##....##",
        "##....##",
        "........",
        "###.....",
    )
    flagged = mask(
        "#.....##",
        "#.....##",
        "......##",
        ".....#..",
    )
    found = score_components(labels, flagged)
    # Half of the first; 4 of 6 + the corner pixel that belongs to the second alarm; none.
    assert found.siou.tolist() == [2 / 4, 4 / 7, 0]
    assert found.ppv.tolist() == [1, 4 / 7]
    total = component_f1([found])
    assert (total.objects, total.flagged) == (3, 2)
    # Up to 0.5: two found, one missed, no false alarm; 0.55: one found; above none, one false.
    assert OVERLAPS[5:7] == pytest.approx((0.5, 0.55))
    each = [2 * 2 / (2 * 2 + 1 + 0)] * 6 + [2 * 1 / (2 * 1 + 2 + 0)] + [0] * 4
    assert total.f1 == pytest.approx(np.mean(each))


def test_one_alarm_over_two_objects_costs_neither():
    labels = mask("##..##")
    flagged = mask("######")
    found = score_components(labels, flagged)
    # Without the other object in the union: 2 of 4 and not 2 of 6.
    assert found.siou.tolist() == [0.5, 0.5]
    assert found.ppv.tolist() == [4 / 6]


def test_ignored_pixels_count_for_nothing():
    labels, flagged = mask("##...."), mask("####.#")
    plain = score_components(labels, flagged)
    assert (plain.siou.tolist(), plain.ppv.tolist()) == ([0.5], [0.5, 0])
    found = score_components(labels, flagged, mask("..####"))
    assert (found.siou.tolist(), found.ppv.tolist()) == ([1], [1])


def test_small_components_are_left_out():
    labels, flagged = mask("###.....#"), mask("###..#.##")
    found = score_components(labels, flagged, smallest_object=2, smallest_flagged=2)
    # The small object is void now, and with it the pixel flagged on it.
    assert (found.siou.tolist(), found.ppv.tolist()) == ([1], [1, 0])


def test_nothing_flagged():
    found = score_components(mask("##"), mask(".."))
    total = component_f1([found])
    assert (total.f1, total.siou, total.flagged) == (0, 0, 0)
    assert np.isnan(total.ppv)


def test_images_are_pooled_and_not_averaged():
    perfect = ComponentScores(np.ones(1), np.ones(1))
    missed = ComponentScores(np.zeros(3), np.empty(0))
    assert component_f1([perfect, missed]).f1 == pytest.approx(2 / 5)


def by_the_definition(is_outlier, flagged, ignore):
    """Section 4.2 of the paper with sets of pixels; components by flooding."""

    def flood(mask):
        left, found = set(zip(*np.nonzero(mask), strict=True)), []
        while left:
            todo, component = [left.pop()], set()
            while todo:
                row, column = todo.pop()
                component.add((row, column))
                near = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
                left -= near
                todo += near
            found.append(component)
        return sorted(found, key=min)

    objects, alarms = flood(is_outlier & ~ignore), flood(flagged & ~ignore)
    everything = set().union(*objects)
    siou = []
    for k in objects:
        touching = set().union(*(p for p in alarms if p & k))
        others = everything - k
        siou.append(len(k & touching) / len((k | touching) - others))
    return siou, [len(p & everything) / len(p) for p in alarms]


def test_agrees_with_the_definition_on_random_masks():
    rng = np.random.default_rng(0)
    objects = 0
    for _ in range(60):
        noise = rng.normal(size=(3, 24, 30))
        is_outlier, flagged, ignore = (
            gaussian_filter(each, rng.uniform(0.7, 1.5)) > level
            for each, level in zip(noise, (0.25, 0.2, 0.4), strict=True)
        )
        found = score_components(is_outlier, flagged, ignore)
        siou, ppv = by_the_definition(is_outlier, flagged, ignore)
        assert sorted(found.siou) == pytest.approx(sorted(siou))
        assert sorted(found.ppv) == pytest.approx(sorted(ppv))
        objects += len(siou)
    assert objects > 200


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((np.zeros((2, 3), bool), np.zeros((3, 2), bool)), "they must be equal"),
        ((np.zeros((2, 3), bool), np.zeros((2, 3))), "dtype float64, expected an"),
        ((np.zeros((1, 2, 3), bool), np.zeros((1, 2, 3), bool)), "one image at a time"),
        ((np.zeros((0, 3), bool), np.zeros((0, 3), bool)), "at least one pixel"),
    ],
)
def test_bad_masks_are_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        score_components(*arguments)


@pytest.mark.parametrize("smallest", ["smallest_object", "smallest_flagged"])
def test_a_negative_size_is_refused(smallest):
    mask = np.ones((2, 3), bool)
    with pytest.raises(ValueError, match=f"{smallest}.* -5.*expected 0 or more pixels"):
        score_components(mask, mask, **{smallest: -5})


def test_no_object_has_no_f1():
    with pytest.raises(ValueError, match="no outlier object in 1 images"):
        component_f1([score_components(mask("..."), mask("#.."))])
