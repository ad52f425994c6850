"""What schedulers and the learning sampler remember of earlier runs; Ray itself is not started."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from objectives import climb
from ray.tune.schedulers import TrialScheduler

from internlab.hpo.tuning.ray_trial import VALUE
from internlab.hpo.tuning.record import Record
from internlab.hpo.tuning.schedulers import TpeSearcher, make_scheduler
from internlab.hpo.tuning.search import Search
from internlab.hpo.tuning.space import Choice, LogUniform, Uniform

STEPS = 6
CONTROLLER = SimpleNamespace(search_alg=None, get_live_trials=lambda: [])
few = settings(max_examples=10)


def search(**changes):
    space = {"rate": Uniform(0, 1), "lr": LogUniform(1e-4, 1e-1), "width": Choice([8, 12])}
    return Search(climb, space, "score", **{"max_iterations": STEPS, "grace": 2, **changes})


class FakeTrial:
    def __init__(self, number):
        self.trial_id, self.config = f"ray-{number}", {"trial": {"number": number}}


def curves_of(seed, trials=8):
    return np.random.default_rng(seed).random((trials, STEPS)).cumsum(axis=1)


def keep(record, number, values, status=""):
    record.append("planned", number, config={"rate": 0.5, "lr": 1e-2, "width": 8})
    for iteration, value in enumerate(values, start=1):
        row = {"iteration": iteration, "score": value, "cpu_seconds": 0.0, "cpu_step": 0.0}
        record.append("report", number, row=row)
    if status:
        record.append("ended", number, status=status)


def drive(scheduler, number, values, first=0):
    """Report values from `first` on; return how many the trial had when it ended."""
    trial = FakeTrial(number)
    scheduler.on_trial_add(CONTROLLER, trial)
    for iteration in range(first + 1, len(values) + 1):
        result = {"iteration": iteration, VALUE: values[iteration - 1]}
        decision = scheduler.on_trial_result(CONTROLLER, trial, result)
        if decision == TrialScheduler.STOP or iteration == STEPS:
            scheduler.on_trial_complete(CONTROLLER, trial, result)
            return iteration
    return len(values)


@pytest.mark.parametrize("name", ["asha", "median"])
@given(seed=st.integers(0, 10**6), kill=st.integers(0, 7), reached=st.integers(0, STEPS - 1))
@few
def test_a_kill_changes_no_decision(tmp_path_factory, name, seed, kill, reached):
    """Trials one after another; the driver is killed while trial `kill` has `reached` reports."""
    curves = curves_of(seed)
    record = Record(tmp_path_factory.mktemp("record"))
    scheduler = make_scheduler(search(scheduler=name), record)
    ends = [drive(scheduler, number, curve) for number, curve in enumerate(curves)]

    for number in range(kill):
        status = "finished" if ends[number] == STEPS else "stopped"
        keep(record, number, curves[number][: ends[number]], status)
    # A trial that was to end had ended.
    reached = min(reached, ends[kill] - 1)
    keep(record, kill, curves[kill][:reached])
    again = make_scheduler(search(scheduler=name), record)
    after = [drive(again, kill, curves[kill], first=reached)]
    after += [drive(again, number, curves[number]) for number in range(kill + 1, len(curves))]
    assert after == ends[kill:]


def test_a_worker_that_is_killed_does_not_count_twice(tmp_path):
    record = Record(tmp_path)
    keep(record, 0, [0.1, 0.2, 0.3])
    scheduler = make_scheduler(search(scheduler="median"), record)
    trial = FakeTrial(0)
    for _ in range(2):
        scheduler.on_trial_add(CONTROLLER, trial)
    assert [each["iteration"] for each in scheduler._results[trial]] == [1, 2, 3]


@pytest.mark.filterwarnings("ignore:All-NaN")
def test_diverged_trials_stop_nobody(tmp_path):
    record = Record(tmp_path)
    for number in range(4):
        keep(record, number, [0.1, math.nan], "diverged")
    for name in ("asha", "median"):
        scheduler = make_scheduler(search(scheduler=name), record)
        assert drive(scheduler, 4, [0.0] * STEPS) == STEPS


# Population-based training


def test_a_population_changes_what_it_may_and_stays_within_bounds(tmp_path):
    scheduler = make_scheduler(
        search(scheduler="pbt", samples=4, mutate=("rate", "width")), Record(tmp_path)
    )
    seen = set()
    config = {"trial": {"number": 3, "config": {"rate": 0.99, "lr": 1e-2, "width": 12}}}
    old, new = (SimpleNamespace(config=config) for _ in range(2))
    for _ in range(50):
        changed = scheduler._get_new_config(old, new)[0]["trial"]["config"]
        assert 0 <= changed["rate"] <= 1 and changed["lr"] == 1e-2
        seen.add((changed["rate"] == 1.0, changed["width"]))
    # The upper bound is reached, and so is the other width.
    assert {True, False} == {at_bound for at_bound, _ in seen}
    assert {8, 12} == {width for _, width in seen}


def test_a_population_does_not_wait_for_one_that_ended_or_is_behind(tmp_path):
    scheduler = make_scheduler(search(scheduler="pbt", samples=4), Record(tmp_path))
    population = {name: FakeTrial(name) for name in "ab"}
    for name, each in population.items():
        each.status, each.is_finished = "PAUSED", lambda: False
        scheduler._trial_state[each] = SimpleNamespace(last_train_time=5 if name == "a" else 4)
    controller = SimpleNamespace(
        get_trials=lambda: list(population.values()), get_live_trials=population.values
    )
    population["a"].status = "RUNNING"
    scheduler._next_perturbation_sync = 4
    assert scheduler.choose_trial_to_run(controller) is None
    population["a"].status = "PAUSED"
    assert scheduler.choose_trial_to_run(controller) is population["b"]


# The learning sampler


def tpe(tmp_path, again=(), **changes):
    record = Record(tmp_path)
    changed = search(**{"sampler": "tpe", "samples": 12, **changes})
    return record, TpeSearcher(changed, record, list(again))


def test_suggestions_are_written_down_and_end_with_the_samples(tmp_path):
    record, searcher = tpe(tmp_path, samples=3)
    suggested = [searcher.suggest(f"ray-{number}") for number in range(4)]
    assert suggested[3] == "FINISHED"
    for number, each in enumerate(suggested[:3]):
        assert each["trial"] == {
            "number": number, "config": record.trials[number].config, "earlier": None
        }  # fmt: skip
        assert 0 <= each["trial"]["config"]["rate"] <= 1
        assert 1e-4 <= each["trial"]["config"]["lr"] <= 1e-1
        assert each["trial"]["config"]["width"] in (8, 12)
    assert Record(tmp_path).trials[2].config == suggested[2]["trial"]["config"]


def test_a_seed_fixes_the_first_suggestions(tmp_path):
    found = []
    for number, seed in enumerate((0, 0, 1)):
        folder = tmp_path / str(number)
        folder.mkdir()
        found.append(tpe(folder, seed=seed)[1].suggest("ray-0")["trial"]["config"])
    assert found[0] == found[1] != found[2]


def test_unfinished_trials_come_first(tmp_path):
    again = {"number": 0, "config": {"rate": 0.1, "lr": 1e-3, "width": 8}, "earlier": "there"}
    record = Record(tmp_path)
    keep(record, 0, [0.2])
    _, searcher = tpe(tmp_path, [again])
    assert searcher.suggest("ray-0") == {"trial": again}
    assert searcher.suggest("ray-1")["trial"]["number"] == 1


def test_optuna_learns_how_trials_ended(tmp_path):
    record, searcher = tpe(tmp_path, max_iterations=2)
    ends = [
        ("finished", [0.1, 0.2], {"iteration": 2}),
        ("stopped", [0.3], {"iteration": 1}),
        ("failed", [0.4], {"iteration": 1, "status": "failed"}),
        ("diverged", [math.nan], {"iteration": 1, "status": "diverged"}),
        ("finished", [0.5], {"iteration": 1, "status": "finished"}),
    ]
    for number, (status, values, last) in enumerate(ends):
        trial_id = f"ray-{number}"
        searcher.suggest(trial_id)
        for iteration, value in enumerate(values, start=1):
            searcher.on_trial_result(trial_id, {"iteration": iteration, VALUE: value})
            row = {"iteration": iteration, "score": value, "cpu_step": 0.0, "cpu_seconds": 0.0}
            record.append("report", number, row=row)
        searcher.on_trial_complete(trial_id, last)
        record.append("ended", number, status=status)
    states = ["COMPLETE", "PRUNED", "FAIL", "FAIL", "COMPLETE"]
    live = searcher.optuna._ot_study.trials
    assert [each.state.name for each in live] == states
    assert [each.value for each in live] == [0.2, 0.3, None, None, 0.5]
    # After a kill the next Optuna is told the same, but for those that tell it nothing.
    _, again = tpe(tmp_path, max_iterations=2)
    told = again.optuna._ot_study.trials
    assert [each.state.name for each in told] == ["COMPLETE", "PRUNED", "COMPLETE"]
    assert [each.value for each in told] == [0.2, 0.3, 0.5]
    assert [each.params for each in told] == [live[n].params for n in (0, 1, 4)]
