"""The figures of the track draw what they are given, and refuse what they cannot draw."""

from __future__ import annotations

import matplotlib

matplotlib.use("agg")

import numpy as np
import pytest

from internlab.debias import pictures

STEPS = np.array([0, 10, 20])


def _line(axis, colour):
    return next(line for line in axis.lines if line.get_color() == colour)


def test_two_curves_draw_the_mean_of_the_runs_in_the_colours_of_the_track():
    aligned, conflicting = np.array([[0.1, 0.8, 1.0], [0.1, 0.6, 0.8]]), np.array([0.1, 0.2, 0.3])
    figure = pictures.two_curves(STEPS, aligned, conflicting, chance=0.1, title="digits")
    axis = figure.axes[0]
    np.testing.assert_allclose(_line(axis, pictures.ALIGNED).get_ydata(), [0.1, 0.7, 0.9])
    np.testing.assert_allclose(_line(axis, pictures.CONFLICTING).get_ydata(), conflicting)
    assert {text.get_text().strip() for text in axis.texts} == {"aligned", "conflicting", "chance"}
    assert axis.get_title(loc="left") == "digits"


def test_names_of_curves_that_meet_stand_apart():
    axis = pictures.two_curves(STEPS, np.array([0, 0.5, 0.80]), np.array([0, 0.5, 0.79])).axes[0]
    assert {text.get_va() for text in axis.texts} == {"bottom", "top"}


def test_two_curves_leave_out_a_run_that_failed():
    failed = np.array([[0.1, 0.5, 0.7], [np.nan] * 3])
    axis = pictures.two_curves(STEPS, failed, failed).axes[0]
    np.testing.assert_allclose(_line(axis, pictures.ALIGNED).get_ydata(), failed[0])


def test_two_curves_want_a_value_for_each_step():
    with pytest.raises(ValueError, match=r"shape \(1, 2\) for 3 steps"):
        pictures.two_curves(STEPS, np.zeros(2), np.zeros(3))


def test_the_confusion_shows_conflicting_images_only():
    labels, biases = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 2, 0])
    follows = pictures.confusion_by_bias(labels, biases, biases, "abc", ["red", "green", "blue"])
    shown = [axis.images[0].get_array() for axis in follows.axes]
    # Three conflicting images, each called what its bias says.
    np.testing.assert_array_equal(shown[1], np.eye(3)[[0, 1, 2]])
    assert np.trace(shown[0]) == 0
    assert "100% on the diagonal" in follows.axes[1].get_title(loc="left")
    assert "0% on the diagonal" in follows.axes[0].get_title(loc="left")


def test_the_confusion_puts_its_own_colour_before_each_bias():
    labels, biases = np.array([0, 1, 2]), np.array([1, 2, 0])
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    figure = pictures.confusion_by_bias(labels, biases, biases, "abc", "rgb", colours=colours)
    squares = figure.axes[1].lines
    assert [tuple(255 * square.get_color()) for square in squares] == colours
    assert [square.get_ydata()[0] for square in squares] == [0, 1, 2]
    assert not figure.axes[0].lines


def test_the_confusion_says_what_it_cannot_draw():
    same = np.array([0, 1])
    with pytest.raises(ValueError, match="No image is conflicting"):
        pictures.confusion_by_bias(same, same, same, "ab", "cd")
    with pytest.raises(ValueError, match="2 classes and 3 biases"):
        pictures.confusion_by_bias(same, same[::-1], same, "ab", "cde")


def test_swapped_faces_write_the_likelier_class():
    faces = [np.zeros((8, 8, 3), np.uint8)] * 2
    figure = pictures.swapped_faces(
        faces, faces, np.array([[0.1, 0.9], [0.5, 0.75]]), labels=[0, 1], rows=("one", "other")
    )
    texts = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert texts == ["A 90%", "A 50%", "B 90%", "B 75%"]
    assert [axis.get_title() for axis in figure.axes[:2]] == ["face family A", "face family B"]


def test_swapped_faces_want_a_pair_of_probabilities_for_each_face():
    faces = [np.zeros((8, 8, 3), np.uint8)] * 2
    with pytest.raises(ValueError, match=r"2 faces with short hair, 1 with long"):
        pictures.swapped_faces(faces, faces[:1], np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        pictures.swapped_faces(faces, faces, np.zeros(2))


def test_an_overlay_draws_an_empty_map_too():
    images = [np.full((16, 16, 3), 90, np.uint8)] * 2
    maps = np.zeros((2, 8, 8))
    maps[1, 2, 3] = 5.0
    masks = np.zeros((2, 8, 8), bool)
    masks[:, 2:4, 2:4] = True
    figure = pictures.attribution_overlay(images, maps, ["none", "one"], masks=masks)
    heat = [axis.images[-1].get_array() for axis in figure.axes[2:]]
    assert heat[0].max() == 0 and heat[1].max() == 1


def test_an_overlay_names_its_rows():
    images, maps = [np.full((8, 8, 3), 90, np.uint8)] * 4, np.ones((4, 8, 8))
    figure = pictures.attribution_overlay(images, maps, "abcd", columns=2, rows=("long", "short"))
    named = [axis.get_ylabel() for axis in figure.axes]
    assert named == ["long", "", "long", "", "short", "", "short", ""]
    with pytest.raises(ValueError, match="1 names for 2 rows"):
        pictures.attribution_overlay(images, maps, "abcd", columns=2, rows=("long",))


def test_the_ranking_stands_from_worst_to_best():
    scores = {"ERM": [50, 52], "Resampling": [80, 82], "LfF": [70, np.nan]}
    axis = pictures.ranking(scores, groups={"Resampling": "bias labels"}, reference="ERM").axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["ERM", "LfF", "Resampling"]


@pytest.mark.parametrize(
    ("counts", "said"), [((1, 1), "dots: 1 seed;"), ((3, 3), "3 seeds;"), ((1, 3), "dots: seeds;")]
)
def test_the_ranking_says_how_many_seeds(counts, said):
    scores = {"ERM": [50.0] * counts[0], "LfF": [70.0] * counts[1]}
    assert said in pictures.ranking(scores).axes[0].get_xlabel()


@pytest.mark.parametrize("words", ["all labels", "the bias label of every image to train on"])
def test_the_names_of_groups_hide_nothing(words):
    scores = {"ERM": [50, 52], "DFR": [60, 61], "Resampling": [80, 82]}
    groups = {"ERM": "nothing", "DFR": "a balanced set", "Resampling": words}
    figure = pictures.ranking(scores, groups=groups, reference="Resampling", title="digits")
    figure.canvas.draw()
    axis = figure.axes[0]
    names = axis.get_legend().get_window_extent()
    title = next(text for text in axis.get_children() if getattr(text, "_text", "") == "digits")
    assert axis.bbox.y1 <= names.y0 < names.y1 <= title.get_window_extent().y0
    assert names.x1 <= figure.bbox.x1
    assert [text.get_text() for text in axis.get_legend().texts] == [
        words,
        "a balanced set",
        "nothing",
    ]


def test_the_ranking_refuses_a_method_without_a_result():
    with pytest.raises(ValueError, match="LfF without a finite value"):
        pictures.ranking({"ERM": [50.0], "LfF": [np.nan]})
    with pytest.raises(ValueError, match="no method was given"):
        pictures.ranking({})
