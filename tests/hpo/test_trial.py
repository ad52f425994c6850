"""Trials: what is reported, counted and saved, by hand and in Optuna."""

import json
import time

import numpy as np
import optuna
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from objectives import climb

from internlab.hpo.tuning.trial import (
    OptunaTrial,
    PlainTrial,
    TrialStopped,
    checked_metrics,
    newest_checkpoint,
)


def scores(rows):
    return [row["score"] for row in rows]


def test_rows_hold_the_metrics_and_the_counts():
    rows = PlainTrial().run(climb, rate=0.8, steps=3)
    assert [list(row) for row in rows] == [["iteration", "score", "loss", "cpu_seconds"]] * 3
    assert [row["iteration"] for row in rows] == [1, 2, 3]
    # Each step covers a fifth of what is missing.
    assert scores(rows) == pytest.approx([0.2, 0.36, 0.488])


def test_cpu_seconds_are_those_of_the_process_since_the_trial_began(monkeypatch):
    clock = iter([100.0, 101.5, 104.0])
    monkeypatch.setattr(time, "process_time", lambda: next(clock))
    rows = PlainTrial().run(climb, steps=2)
    assert [row["cpu_seconds"] for row in rows] == [1.5, 4.0]


def test_a_condition_ends_the_trial():
    trial = PlainTrial(stop_when=lambda row: row["score"] > 0.3)
    assert scores(trial.run(climb, rate=0.8)) == pytest.approx([0.2, 0.36])
    with pytest.raises(TrialStopped):
        climb(PlainTrial(stop_when=lambda row: True))


@given(st.integers(1, 5))
def test_a_trial_goes_on_as_if_never_stopped(tmp_path_factory, stop):
    folder = tmp_path_factory.mktemp("trial")
    whole = PlainTrial().run(climb, rate=0.3)
    first = PlainTrial(folder, stop_when=lambda row: row["iteration"] == stop)
    rows = first.run(climb, rate=0.3)
    again = PlainTrial(folder)
    assert again.checkpoint == first.checkpoint
    rows = rows + again.run(climb, rate=0.3)
    assert scores(rows) == scores(whole)
    assert [row["iteration"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert np.all(np.diff([row["cpu_seconds"] for row in rows]) > 0)


def test_only_the_last_checkpoint_is_kept(tmp_path):
    trial = PlainTrial(tmp_path)
    trial.run(climb, steps=3)
    assert [each.name for each in tmp_path.iterdir()] == ["checkpoint_000003"]
    assert trial.checkpoint == tmp_path / "checkpoint_000003"
    assert json.loads((trial.checkpoint / "trial.json").read_text())["iteration"] == 3


def test_a_checkpoint_that_fails_leaves_the_one_before(tmp_path):
    trial = PlainTrial(tmp_path)
    trial.run(climb, steps=2)

    def full(folder):
        (folder / "state.json").write_text("{")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        trial.report({"score": 1.0}, save=full)
    assert [each.name for each in tmp_path.iterdir()] == ["checkpoint_000002"]
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoint_000002"


def test_nothing_is_saved_without_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trial = PlainTrial()
    trial.run(climb)
    assert trial.checkpoint is None and not list(tmp_path.iterdir())


def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path):
    (tmp_path / "checkpoint_000001").mkdir()
    assert PlainTrial(tmp_path).checkpoint is None
    (tmp_path / "checkpoint_000001" / "trial.json").write_text("half a li")
    with pytest.raises(ValueError, match="not a checkpoint of a trial"):
        PlainTrial(tmp_path)


def test_any_kind_of_number_is_a_metric():
    given = {"a": 1, "b": np.float32(0.5), "c": torch.tensor(2.0), "d": torch.ones(1)[0]}
    values = checked_metrics(given)
    assert values == {"a": 1.0, "b": 0.5, "c": 2.0, "d": 1.0}
    assert {type(value) for value in values.values()} == {float}


@pytest.mark.parametrize(
    ("metrics", "error", "named"),
    [
        ({}, ValueError, "without a metric"),
        ({"cpu_seconds": 1.0}, ValueError, "counts itself"),
        ({"score": 1.0, "iteration": 3}, ValueError, "iteration"),
        ({"score": None}, TypeError, "'score' is NoneType"),
        ({"score": [1.0, 2.0]}, TypeError, "'score' is list"),
        ({"score": "high"}, TypeError, "'score' is str"),
    ],
)
def test_what_is_no_metric_is_refused(metrics, error, named):
    with pytest.raises(error, match=named):
        PlainTrial().report(metrics)


# Optuna


def optuna_trial(pruner=None, direction="maximize"):
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction=direction, pruner=pruner or optuna.pruners.NopPruner())
    return study.ask()


def test_optuna_is_told_each_iteration():
    told = optuna_trial()
    trial = OptunaTrial(told, "score")
    climb(trial, rate=0.8, steps=3)
    values = told.study.trials[0].intermediate_values
    assert list(values) == [1, 2, 3]
    assert list(values.values()) == scores(trial.history)


def test_optunas_pruner_ends_the_trial():
    trial = OptunaTrial(optuna_trial(optuna.pruners.ThresholdPruner(upper=0.3)), "score")
    with pytest.raises(optuna.TrialPruned, match="iteration 2"):
        climb(trial, rate=0.8)
    assert len(trial.history) == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_diverged_trial_is_pruned(value):
    trial = OptunaTrial(optuna_trial(), "score")
    with pytest.raises(optuna.TrialPruned, match="diverged"):
        trial.report({"score": value})


def test_optuna_wants_its_metric():
    with pytest.raises(KeyError, match="'scroe' was not reported, but score"):
        OptunaTrial(optuna_trial(), "scroe").report({"score": 1.0})


def test_an_optuna_trial_goes_on_from_its_folder(tmp_path):
    stopping = OptunaTrial(
        optuna_trial(optuna.pruners.ThresholdPruner(upper=0.3)), "score", tmp_path
    )
    with pytest.raises(optuna.TrialPruned):
        climb(stopping, rate=0.8)
    again = OptunaTrial(optuna_trial(), "score", tmp_path)
    climb(again, rate=0.8)
    whole = PlainTrial().run(climb, rate=0.8)
    assert scores(stopping.history + again.history) == scores(whole)
