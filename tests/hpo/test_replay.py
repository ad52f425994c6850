"""A replayed search stops, spends and chooses what the real scheduler would."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.hpo.analysis.replay import (
    Asha,
    FullTraining,
    MedianStopping,
    Recorded,
    draw_orders,
    quantile,
    replay,
    trade_off,
)


def pool(values, cpu_seconds=None):
    values = np.asarray(values, dtype=float)
    if cpu_seconds is None:
        cpu_seconds = np.tile(np.arange(1.0, values.shape[1] + 1), (len(values), 1))
    return Recorded(tuple(f"run-{i}" for i in range(len(values))), values, cpu_seconds)


# Worked by hand, rungs at epochs 1 and 2, the better half goes on.
#   run 0: first at both rungs                                                     -> 4 epochs
#   run 1: epoch 1: .2 < .3 (median of .3)                                         -> 1
#   run 2: epoch 1: .5 >= .25 (median of .2, .3); epoch 2: .35 < .4 (median of .4) -> 2
#   run 3: epoch 1: .3 >= .3 (median of .2, .3, .5); epoch 2: .6 >= .375           -> 4
#   run 4: epoch 1: .29 < .3 (median of .2, .3, .3, .5), though it would be best   -> 1
HAND = [
    [0.3, 0.4, 0.5, 0.6],
    [0.2, 0.5, 0.6, 0.9],
    [0.5, 0.35, 0.4, 0.5],
    [0.3, 0.6, 0.7, 0.8],
    [0.29, 0.9, 0.9, 0.95],
]


def test_asha_worked_by_hand():
    cpu_seconds = np.outer([1, 10, 100, 1000, 10000], [1, 2, 3, 4])
    done = replay(pool(HAND, cpu_seconds), range(5), Asha(grace=1, reduction=2, max_t=4))
    assert done.last_epoch.tolist() == [4, 1, 2, 4, 1]
    assert done.cpu_seconds.tolist() == [4, 10, 200, 4000, 10000]
    assert done.spent == 14214
    assert done.values.tolist() == [0.6, 0.2, 0.35, 0.8, 0.29]
    assert (done.best, done.chosen) == (0.8, 3)


def test_full_training_worked_by_hand_in_another_order():
    done = replay(pool(HAND), [2, 4, 0], FullTraining(max_t=3))
    assert done.last_epoch.tolist() == [3, 3, 3]
    assert (done.spent, done.best, done.chosen) == (9, 0.9, 4)
    assert done.order.tolist() == [2, 4, 0]


def test_median_stopping_worked_by_hand():
    values = [[0.5, 0.6, 0.7, 0.8], [0.1, 0.2, 0.3, 0.4], [0.9, 0.3, 0.3, 0.3], [0.2, 0.45, 0, 1]]
    # With grace 2 and two earlier runs needed, runs 0 and 1 go to the end. Run 2 keeps its .9.
    # Run 3, epoch 2: .45 >= median(.6, .2, .3); epoch 3: .45 >= median(.65, .25, .3) = .3 -> end.
    done = replay(pool(values), range(4), MedianStopping(grace=2, min_runs=2, max_t=4))
    assert done.last_epoch.tolist() == [4, 4, 4, 4]
    # With grace 1, at epoch 1: .2 < median(.5, .1, .9) = .5.
    done = replay(pool(values), range(4), MedianStopping(grace=1, min_runs=2, max_t=4))
    assert done.last_epoch.tolist() == [4, 4, 4, 1]


def test_a_run_is_worth_its_last_value_not_its_maximum():
    done = replay(pool([[0.2, 0.9, 0.3], [0.2, 0.3, 0.4]]), [0, 1], FullTraining(3))
    assert (done.best, done.chosen) == (0.4, 1)


def test_rungs_grow_by_the_reduction_and_end_before_max_t():
    assert Asha(4, 2, 16).rungs == [4, 8]
    assert Asha(1, 3, 16).rungs == [1, 3, 9]
    assert Asha(3, 2, 16).rungs == [3, 6, 12]
    assert Asha(16, 2, 16).rungs == []


@st.composite
def searches(draw, reductions=(2, 4)):
    runs, epochs = draw(st.integers(1, 9)), draw(st.integers(1, 17))
    # Steps of 1/64 are exact in floating point, so ties are ties on both sides.
    row = st.lists(st.integers(0, 64).map(lambda n: n / 64), min_size=epochs, max_size=epochs)
    values = draw(st.lists(row, min_size=runs, max_size=runs))
    return values, draw(st.integers(1, epochs)), draw(st.sampled_from(reductions))


def epochs_of(scheduler, values):
    """Drive one of Ray's own schedulers by hand, one trial after another."""
    lasts = []
    for number, curve in enumerate(values):
        trial = FakeTrial(str(number))
        scheduler.on_trial_add(None, trial)
        for epoch, value in enumerate(curve, start=1):
            result = {"training_iteration": epoch, "iou": value}
            if scheduler.on_trial_result(None, trial, result) == "STOP":
                break
        lasts.append(epoch)
    return lasts


class FakeTrial:
    def __init__(self, trial_id):
        self.trial_id = trial_id


class FakeController:
    def get_live_trials(self):
        return []


@settings(max_examples=300, deadline=None)
@given(searches())
def test_asha_decides_as_ray_does(search):
    from ray.tune.schedulers import AsyncHyperBandScheduler

    values, grace, reduction = search
    epochs = len(values[0])
    ray = AsyncHyperBandScheduler(
        metric="iou", mode="max", max_t=epochs, grace_period=grace, reduction_factor=reduction
    )
    done = replay(pool(values), range(len(values)), Asha(grace, reduction, epochs))
    assert done.last_epoch.tolist() == epochs_of(ray, values)


@pytest.mark.parametrize("reduction", [2, 3, 5])
def test_asha_decides_as_ray_does_on_long_searches(reduction):
    from ray.tune.schedulers import AsyncHyperBandScheduler

    values = np.random.default_rng(reduction).random((200, 16))
    ray = AsyncHyperBandScheduler(
        metric="iou", mode="max", max_t=16, grace_period=1, reduction_factor=reduction
    )
    done = replay(pool(values), range(200), Asha(1, reduction, 16))
    assert done.last_epoch.tolist() == epochs_of(ray, values)
    assert len(set(done.last_epoch.tolist())) == len(Asha(1, reduction, 16).rungs) + 1


@settings(max_examples=200, deadline=None)
@given(searches(), st.integers(1, 4))
def test_median_stopping_decides_as_ray_does(search, min_runs):
    from ray.tune.schedulers import MedianStoppingRule

    values, grace, _ = search
    ray = MedianStoppingRule(
        time_attr="training_iteration",
        metric="iou",
        mode="max",
        grace_period=grace,
        min_samples_required=min_runs,
    )
    # Without trials that wait, Ray never pauses one for want of samples.
    add, result = ray.on_trial_add, ray.on_trial_result
    ray.on_trial_add = lambda _, trial: add(FakeController(), trial)
    ray.on_trial_result = lambda _, trial, found: result(FakeController(), trial, found)
    epochs = len(values[0])
    scheduler = MedianStopping(grace, min_runs=min_runs, max_t=epochs)
    done = replay(pool(values), range(len(values)), scheduler)
    assert done.last_epoch.tolist() == epochs_of(ray, values)


@given(searches(reductions=(2, 3)))
def test_what_holds_of_every_replay(search):
    values, grace, reduction = search
    count, epochs = len(values), len(values[0])
    scheduler = Asha(grace, reduction, epochs)
    cut = replay(pool(values), range(count), scheduler)
    whole = replay(pool(values), range(count), FullTraining(epochs))
    assert cut.spent == cut.last_epoch.sum() <= whole.spent == count * epochs
    assert cut.last_epoch[0] == epochs
    assert set(cut.last_epoch.tolist()) <= {*scheduler.rungs, epochs}
    assert cut.best == max(cut.values) == cut.values[list(cut.order).index(cut.chosen)]
    # What comes later cannot change what was decided before.
    part = replay(pool(values), range(max(1, count - 2)), scheduler)
    assert part.last_epoch.tolist() == cut.last_epoch[: len(part.last_epoch)].tolist()


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20),
    st.floats(0, 1),
)
def test_quantile_is_that_of_numpy(values, share):
    assert quantile(values, share) == pytest.approx(np.quantile(values, share), rel=1e-9, abs=1e-6)


def test_a_trade_off_compares_the_same_runs():
    recorded = pool(HAND)
    found = trade_off(recorded, Asha(1, 2, 4), np.array([[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]]))
    # In the second order run 4 is first, is trained to its end and is the best: nothing is lost.
    assert found.cost_ratio[0] == 12 / 20
    assert found.loss == pytest.approx([0.95 - 0.8, 0])
    assert found.kept(0.02) == 0.5 and found.kept(0.2) == 1
    assert found.mean_cost_ratio == found.cost_ratio.mean()


def test_orders_are_distinct_runs_and_use_the_whole_pool():
    orders = draw_orders(48, 16, 500, np.random.default_rng(0))
    assert orders.shape == (500, 16)
    assert all(len(set(order)) == 16 for order in orders.tolist())
    counts = np.bincount(orders.ravel(), minlength=48)
    # 500 * 16 / 48 = 167 expected, with a standard deviation of 10.5.
    assert counts.min() > 110 and counts.max() < 225
    with pytest.raises(ValueError, match="Cannot draw 5 distinct runs from a pool of 4"):
        draw_orders(4, 5, 1, np.random.default_rng(0))


def frame():
    rows = [
        {"run": f"random-{run:02d}", "epoch": epoch, "validation_iou": value, "cpu_seconds": epoch}
        for run, curve in enumerate(HAND)
        for epoch, value in enumerate(curve, start=1)
    ]
    return pd.DataFrame(rows)


def test_a_table_becomes_a_pool_whatever_the_order_of_its_rows():
    shuffled = frame().sample(frac=1, random_state=0)
    recorded = Recorded.from_frame(shuffled)
    assert recorded.runs == tuple(f"random-{run:02d}" for run in range(5))
    assert recorded.values.tolist() == HAND
    assert recorded.cpu_seconds.tolist() == [[1, 2, 3, 4]] * 5


def test_a_table_that_cannot_be_replayed_is_refused():
    good = frame()
    with pytest.raises(ValueError, match=r"no column iou\. It has run, epoch, validation_iou"):
        Recorded.from_frame(good, "iou")
    with pytest.raises(ValueError, match="'random-04' was not recorded at each of the 4 epochs"):
        Recorded.from_frame(good.iloc[:-1])
    with pytest.raises(ValueError, match="'random-00' has epoch 1 twice"):
        Recorded.from_frame(pd.concat([good, good]))
    with pytest.raises(ValueError, match="expected 1, 2, 3"):
        Recorded.from_frame(good.assign(epoch=good["epoch"] - 1))


def test_curves_that_cannot_be_replayed_are_refused():
    with pytest.raises(ValueError, match=r"'run-1' has a value that is NaN"):
        pool([[0.1, 0.2], [0.1, np.nan]])
    with pytest.raises(ValueError, match=r"CPU-seconds of run 'run-0' fall"):
        pool([[0.1, 0.2]], [[2.0, 1.0]])
    with pytest.raises(ValueError, match=r"shape \(1, 2\) and CPU-seconds of shape \(1, 3\)"):
        pool([[0.1, 0.2]], [[1.0, 2.0, 3.0]])
    with pytest.raises(ValueError, match="no runs"):
        Recorded((), np.zeros((0, 3)), np.zeros((0, 3)))


def test_a_replay_that_makes_no_sense_is_refused():
    recorded = pool(HAND)
    with pytest.raises(ValueError, match="up to epoch 16, but 4 were recorded"):
        replay(recorded, range(5), Asha())
    with pytest.raises(ValueError, match="rows 0 to 5, there are 5"):
        replay(recorded, range(6), FullTraining(4))
    with pytest.raises(ValueError, match="rows -1 to"):
        replay(recorded, [-1, 0], FullTraining(4))
    with pytest.raises(ValueError, match="empty"):
        replay(recorded, [], FullTraining(4))
    with pytest.raises(ValueError, match="grace=0"):
        Asha(grace=0)
    with pytest.raises(ValueError, match="grace=17 and max_t=16"):
        MedianStopping(grace=17)
    with pytest.raises(ValueError, match="reduction=1"):
        Asha(reduction=1)
    with pytest.raises(ValueError, match="min_runs=0"):
        MedianStopping(min_runs=0)
