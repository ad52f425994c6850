"""The figures show what they are given: every trial, on the right scale, with units."""

from __future__ import annotations

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from internlab.hpo.analysis.accounting import best_so_far
from internlab.hpo.analysis.plot_base import BEST, COLOURS, GREY, OTHERS, colours_of
from internlab.hpo.analysis.plot_space import place
from internlab.hpo.analysis.plots import (
    plot_best_so_far,
    plot_curves,
    plot_importance,
    plot_parallel,
    plot_trade_off,
)
from internlab.hpo.analysis.replay import TradeOff
from internlab.hpo.tuning.space import Choice, LogUniform, Uniform

matplotlib.use("Agg")

SPACE = {
    "weight_decay": LogUniform(1e-6, 1e-2),
    "width": Choice((8, 12, 16)),
    "dice": Uniform(0, 2),
}
TRIALS = pd.DataFrame(
    {
        "trial": ["a", "b", "c", "d"],
        "weight_decay": [1e-6, 1e-4, 1e-2, 1e-3],
        "width": [16, 8, 12, 8],
        "dice": [0.0, 1.0, 2.0, 0.5],
        "iou": [0.2, 0.6, 0.4, np.nan],
    }
)


@pytest.fixture(autouse=True)
def nothing_stays_open():
    yield
    assert not plt.get_fignums(), "an open figure is shown twice in a notebook"


def lines(axis, style=None):
    return [line for line in axis.lines if style is None or line.get_linestyle() == style]


def legend(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


def test_best_so_far_is_a_step_for_each_search_with_its_budget():
    searches = {
        "random": best_so_far([20, 20, 20], [0.3, 0.2, 0.5]),
        "ASHA": best_so_far([20, 5], [np.nan, 0.4]),
    }
    figure = plot_best_so_far(searches, budget=25, target=0.45, references={"default": 0.25})
    (axis,) = figure.axes
    random, asha = axis.lines[:2]
    assert random.get_drawstyle() == asha.get_drawstyle() == "steps-post"
    assert random.get_xydata().tolist() == [[20, 0.3], [40, 0.3], [60, 0.5]]
    assert asha.get_xydata().tolist() == [[25, 0.4]] and asha.get_marker() == "o"
    assert to_hex(random.get_color()) == COLOURS["random"]
    assert to_hex(asha.get_color()) == COLOURS["asha"]
    assert legend(axis) == ["random", "ASHA", "default", "target 0.45", "budget 25"]
    assert [line.get_xdata()[0] for line in lines(axis, "-.")] == [25]
    assert [line.get_ydata()[0] for line in lines(axis, ":")] == [0.45]
    assert axis.get_xlabel() == "spent (CPU-seconds)"
    assert axis.get_ylabel() == "best validation IoU so far"
    assert not axis.collections and axis.get_title(loc="left") == ""


def test_several_searches_are_a_median_in_a_band():
    group = [best_so_far([10, 10], [0.1 * seed, 0.5]) for seed in (1, 2, 3)]
    group.append(best_so_far([5], [0.9]))
    (axis,) = plot_best_so_far({"random": group}, share=1.0).axes
    (line,) = axis.lines
    # It begins where all have a value; the one that ended at 5 keeps its .9.
    assert line.get_xydata().tolist() == [[10, pytest.approx(0.25)], [20, pytest.approx(0.5)]]
    (band,) = axis.collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (pytest.approx(0.1), 0.9)
    assert axis.get_title(loc="left") == "median of 4 searches; the band holds 100%"


def test_thousands_of_searches_are_drawn_with_few_points():
    rng = np.random.default_rng(0)
    group = [best_so_far(rng.uniform(5, 20, 16), rng.random(16)) for _ in range(300)]
    (axis,) = plot_best_so_far({"random": group}).axes
    assert len(axis.lines[0].get_xdata()) <= 500


def test_a_search_without_a_value_is_not_drawn_as_nothing():
    with pytest.raises(ValueError, match="'asha' has no trial with a value"):
        plot_best_so_far({"asha": best_so_far([1], [np.nan])})
    with pytest.raises(ValueError, match="no search"):
        plot_best_so_far({})


def curves():
    rows = [("a", 4), ("b", 2), ("c", 4), ("d", 3)]
    return pd.DataFrame(
        [
            {"trial": trial, "iteration": i, "iou": 0.1 * i + (trial == "c") * 0.01}
            for trial, last in rows
            for i in range(last, 0, -1)
        ]
    )


def test_a_stopped_curve_ends_in_a_cross_and_a_finished_one_in_a_dot():
    (axis,) = plot_curves(curves(), "iou", rungs=(2, 3), label="validation IoU").axes
    assert [line.get_xdata()[0] for line in lines(axis, ":")] == [2, 3]
    assert sorted(len(line.get_xdata()) for line in lines(axis, "-")) == [2, 3, 4, 4]
    for line in lines(axis, "-"):
        last = len(line.get_xdata())
        assert line.get_xdata().tolist() == list(range(1, last + 1))
        assert line.get_marker() == ("o" if last == 4 else "x")
        assert line.get_markevery() == [last - 1]
    best = [line for line in lines(axis, "-") if to_hex(line.get_color()) == BEST]
    assert [line.get_ydata()[-1] for line in best] == [pytest.approx(0.41)]
    assert legend(axis) == ["c", "finished", "stopped"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("iteration (epochs)", "validation IoU")


def test_which_curves_were_stopped_can_be_said():
    # Trial a was stopped at the last iteration of all; b failed, which is not being stopped.
    (axis,) = plot_curves(curves(), "iou", stopped=["a"], highlight="d").axes
    crosses = [line for line in lines(axis, "-") if line.get_marker() == "x"]
    assert [len(line.get_xdata()) for line in crosses] == [4]
    assert to_hex(crosses[0].get_color()) == GREY
    assert legend(axis)[0] == "d"


def test_a_curve_that_became_nan_ends_where_it_was_last_seen():
    frame = curves()
    frame.loc[(frame["trial"] == "c") & (frame["iteration"] > 2), "iou"] = np.nan
    (axis,) = plot_curves(frame, "iou").axes
    assert sorted(len(line.get_xdata()) for line in lines(axis, "-")) == [2, 2, 3, 4]
    with pytest.raises(ValueError, match="No trial has a value of iou"):
        plot_curves(frame.assign(iou=np.nan), "iou")
    with pytest.raises(ValueError, match=r"no column loss\. It has trial, iteration, iou"):
        plot_curves(frame, "loss")


@pytest.mark.parametrize(
    ("bounds", "value", "expected"),
    [
        (LogUniform(1e-6, 1e-2), 1e-4, 0.5),
        (LogUniform(1e-6, 1e-2), 1e-6, 0),
        (Uniform(0, 2), 0.5, 0.25),
        (Choice((8, 12, 16)), 12, 0.5),
        (Choice(("none", "flip")), "flip", 1),
        (Choice((3,)), 3, 0.5),
    ],
)
def test_a_value_has_its_place_on_its_scale(bounds, value, expected):
    assert place(bounds, value) == pytest.approx(expected)


def test_parallel_coordinates_draw_each_trial_and_the_best_on_top():
    figure = plot_parallel(TRIALS, SPACE, "iou", label="validation IoU")
    (axis,) = figure.axes
    paths = [line for line in axis.lines if len(line.get_xdata()) == 4]
    # Three trials have a value; the best is drawn a second time, in its own colour.
    worst, middle, good, best = paths
    assert worst.get_xdata() == pytest.approx([0, 1, 0, 0])
    assert middle.get_xdata() == pytest.approx([1, 0.5, 1, 0.5])
    assert good.get_xdata() == pytest.approx([0.5, 0, 0.5, 1])
    assert best.get_xdata() == pytest.approx(good.get_xdata())
    assert to_hex(best.get_color()) == BEST
    assert len({to_hex(line.get_color()) for line in paths}) == 4
    names = [text.get_text() for text in axis.get_yticklabels()]
    assert names == ["weight decay", "width", "dice", "validation IoU"]
    words = {text.get_text(): tuple(text.xy) for text in axis.texts}
    assert words["$10^{-4}$"] == (pytest.approx(0.5), 0)
    assert words["12"] == (0.5, 1) and words["2"] == (1, 2)
    assert words["0.200"] == (0, 3) and words["0.600"] == (1, 3)
    assert axis.get_ylim()[0] > axis.get_ylim()[1], "the first hyperparameter is at the top"
    assert figure.get_size_inches()[0] <= 6.5


def test_parallel_coordinates_with_equal_scores_or_none():
    (axis,) = plot_parallel(TRIALS.assign(iou=0.3), SPACE, "iou").axes
    assert all(line.get_xdata()[3] == 0.5 for line in axis.lines if len(line.get_xdata()) == 4)
    with pytest.raises(ValueError, match="No trial has a value of iou"):
        plot_parallel(TRIALS.assign(iou=np.nan), SPACE, "iou")
    with pytest.raises(ValueError, match="value 10, which is not among"):
        plot_parallel(TRIALS.assign(width=10), SPACE, "iou")


def test_importance_is_drawn_beside_chance():
    table = pd.DataFrame(
        {
            "hyperparameter": ["weight_decay", "pure noise"],
            "importance": [0.05, 0.0],
            "low": [0.02, -0.01],
            "high": [0.08, 0.01],
            "chance": [0.0, 0.0],
            "chance_low": [-0.02, -0.03],
            "chance_high": [0.01, 0.04],
        }
    )
    (axis,) = plot_importance(table).axes
    spans = [line.get_xdata() for line in axis.lines if len(line.get_xdata()) == 2]
    assert [[-0.02, 0.01], [0.02, 0.08], [-0.03, 0.04], [-0.01, 0.01]] == [
        list(s) for s in spans[:4]
    ]
    assert [text.get_text() for text in axis.get_yticklabels()] == [
        "weight decay",
        "pure noise (made up)",
    ]
    assert legend(axis) == ["90% of resamples", "the same, results shuffled"]
    assert "(validation IoU)" in axis.get_xlabel()


def test_a_trade_off_is_a_point_beside_full_training():
    found = TradeOff(np.array([0.5, 0.7]), np.array([0.0, 0.3]))
    (axis,) = plot_trade_off({"ASHA": found, "eta 4": found}, within=0.05).axes
    assert [line.get_xydata().tolist() for line in axis.lines[:2]] == [[[1, 1]], [[0.6, 0.5]]]
    assert legend(axis) == ["full training", "ASHA", "eta 4"]
    assert "within 0.05" in axis.get_ylabel() and axis.get_ylim()[0] < 0.5


def test_a_name_keeps_its_colour_and_no_two_share_one():
    colours = colours_of(["mine", "ASHA", "other", "random"])
    assert colours["ASHA"] == COLOURS["asha"] and colours["random"] == COLOURS["random"]
    assert len(set(colours.values())) == 4
    assert {colours["mine"], colours["other"]} <= set(OTHERS)
