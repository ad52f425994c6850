"""Optuna alone runs the same objective, gives the same tables, and survives a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from internlab.hpo.tuning import optuna_peer
from internlab.hpo.tuning.optuna_peer import STUDY_FILE, optuna_search
from internlab.hpo.tuning.record import Record
from internlab.hpo.tuning.search import Search
from internlab.hpo.tuning.space import Choice, LogUniform, Uniform


def saturate(trial, *, lr=1e-2, top=0.5, kind="a", epochs=8, log="", pause=0.0):
    """Rise towards `top`, best at a learning rate of 1e-2; each value depends on the one before."""
    score, first = 0.0, 0
    if trial.checkpoint:
        state = json.loads((trial.checkpoint / "state.json").read_text())
        score, first = state["score"], state["epoch"]
    rate = 0.5 / (1 + (np.log10(lr) + 2) ** 2)
    for epoch in range(first + 1, epochs + 1):
        score += rate * (top - score)
        if log:
            with open(log, "a") as stream:
                stream.write(f"{lr!r} {epoch}\n")
        time.sleep(pause)
        trial.report(
            {"score": score, "loss": 1 - score},
            save=lambda folder, state={"score": score, "epoch": epoch}: (
                folder / "state.json"
            ).write_text(json.dumps(state)),
        )


def trouble(trial, *, kind="fine", top=0.5):
    """One of the troubles that trials really have, at the second iteration."""
    if kind == "silent":
        return
    for epoch in range(1, 5):
        if epoch == 2 and kind == "raises":
            raise ValueError("the learning rate is too blue\nsecond line")
        if epoch == 2 and kind == "memory":
            raise MemoryError
        if epoch == 2 and kind == "exits":
            raise SystemExit(3)
        trial.report({"score": float("nan") if epoch == 2 and kind == "nan" else top * epoch})


SPACE = {"lr": LogUniform(1e-5, 1e-1), "top": Uniform(0.2, 0.9), "kind": Choice(("a", "b"))}
SEARCH = Search(
    saturate,
    SPACE,
    metric="score",
    samples=12,
    scheduler="asha",
    sampler="tpe",
    max_iterations=8,
    grace=2,
    seed=3,
)


def search(folder, resume=False, **changes):
    return optuna_search(replace(SEARCH, **changes), folder, resume, progress=None)


def without_cost(table):
    return table.drop(columns="cpu_seconds")


def test_the_tables_are_those_of_a_search_by_ray(tmp_path):
    outcome = search(tmp_path / "a")
    assert outcome.trials.columns.tolist() == [
        "trial", "status", "reason", "iterations", "score", "cpu_seconds", "lr", "top", "kind",
    ]  # fmt: skip
    assert outcome.curves.columns.tolist() == ["trial", "iteration", "score", "loss", "cpu_seconds"]
    assert outcome.trials["trial"].tolist() == list(range(12))
    assert len(outcome.curves) == outcome.trials["iterations"].sum()
    last = outcome.curves.groupby("trial").last()
    assert last["score"].tolist() == outcome.trials["score"].tolist()
    assert last["cpu_seconds"].tolist() == outcome.trials["cpu_seconds"].tolist()
    assert (outcome.curves.groupby("trial")["cpu_seconds"].diff().dropna() > 0).all()
    assert outcome.best.value == outcome.trials["score"].max()
    assert (
        outcome.best.config
        == outcome.trials.set_index("trial")[list(SPACE)].loc[outcome.best.trial].to_dict()
    )
    state = json.loads((outcome.best.checkpoint / "state.json").read_text())
    assert state["score"] == outcome.best.value
    assert (
        yaml.safe_load((tmp_path / "a/best/best.yaml").read_text())["trial"] == outcome.best.trial
    )
    assert len(pd.read_csv(tmp_path / "a/trials.csv")) == 12


def test_a_seed_fixes_the_search(tmp_path):
    first, second = search(tmp_path / "a"), search(tmp_path / "b")
    pd.testing.assert_frame_equal(without_cost(first.trials), without_cost(second.trials))
    other = search(tmp_path / "c", seed=4)
    assert other.trials["lr"].tolist() != first.trials["lr"].tolist()


def test_random_and_grid_are_the_configurations_that_ray_runs(tmp_path):
    for name in ("random", "grid"):
        changed = replace(SEARCH, sampler=name, scheduler="none", grid_points=2)
        outcome = optuna_search(changed, tmp_path / name, progress=None)
        expected = pd.DataFrame(changed.configurations())
        pd.testing.assert_frame_equal(outcome.trials[list(SPACE)], expected)
        assert set(outcome.trials["status"]) == {"finished"}
        assert set(outcome.trials["iterations"]) == {8}


def test_tpe_learns_where_random_search_does_not(tmp_path):
    mean = {}
    for sampler in ("random", "tpe"):
        late = [
            search(
                tmp_path / f"{sampler}-{seed}",
                sampler=sampler,
                scheduler="none",
                samples=24,
                seed=seed,
                max_iterations=1,
                space={"lr": SPACE["lr"], "top": SPACE["top"]},
            ).trials["score"][12:]
            for seed in range(3)
        ]
        mean[sampler] = np.mean(late)
    assert mean["tpe"] > 1.3 * mean["random"]


def test_trials_stop_at_rungs_if_they_are_not_in_the_top_of_those_seen(tmp_path):
    outcome = search(tmp_path, sampler="random", samples=30)
    values = outcome.curves.pivot(index="trial", columns="iteration", values="score")
    rungs = {2: [], 4: []}
    for trial, row in outcome.trials.set_index("trial").iterrows():
        expected = 8
        for rung, seen in rungs.items():
            seen.append(values.loc[trial, rung])
            top = max(1, len(seen) // 2)
            if seen[-1] < sorted(seen, reverse=True)[top - 1]:
                expected = rung
                break
        assert row["iterations"] == expected, trial
        # The last iteration is a rung of the same ladder, but there is nothing left to stop.
        assert row["status"] == ("finished" if expected == 8 else "stopped")
    assert {2, 4, 8} == set(outcome.trials["iterations"])


def test_a_trial_ends_at_the_last_iteration_even_if_the_objective_would_go_on(tmp_path):
    outcome = search(tmp_path, fixed={"epochs": 50}, scheduler="none", samples=2)
    assert outcome.trials["iterations"].tolist() == [8, 8]


def test_smaller_is_better_when_asked(tmp_path):
    outcome = search(tmp_path, metric="loss", mode="min", sampler="random")
    assert outcome.best.value == outcome.trials["loss"].min()
    stopped = outcome.trials["status"] == "stopped"
    assert stopped.any() and outcome.best.trial not in outcome.trials["trial"][stopped].tolist()


def test_median_pruning_is_there(tmp_path):
    outcome = search(tmp_path, scheduler="median", sampler="random", samples=20)
    stopped = outcome.trials[outcome.trials["status"] == "stopped"]
    assert len(stopped) and stopped["iterations"].min() >= 2 and stopped["trial"].min() >= 3


@pytest.mark.parametrize(
    ("kind", "status", "reason", "iterations"),
    [
        ("raises", "failed", "ValueError: the learning rate is too blue", 1),
        ("memory", "failed", "MemoryError: out of memory", 1),
        ("exits", "failed", "SystemExit: 3", 1),
        ("silent", "failed", "returned without reporting score", 0),
        ("nan", "diverged", "diverged: score is nan", 2),
    ],
)
def test_a_trial_with_trouble_is_marked_and_the_others_go_on(
    tmp_path, kind, status, reason, iterations
):
    outcome = search(
        tmp_path,
        objective=trouble,
        space={"kind": Choice(("fine", kind))},
        sampler="grid",
        scheduler="none",
        max_iterations=4,
    )
    fine, bad = outcome.trials.itertuples()
    assert (fine.status, fine.score, fine.iterations) == ("finished", 2.0, 4)
    assert (bad.status, bad.reason, bad.iterations) == (status, reason, iterations)
    assert outcome.best.trial == 0


def test_progress_is_a_line_for_each_trial(tmp_path, capsys):
    optuna_search(replace(SEARCH, samples=2), tmp_path)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and lines[1].startswith("2/2 done, best score 0.")


KILLED = """
import sys
sys.path.insert(0, {tests!r})
from test_optuna_peer import *
search({folder!r}, resume=True, fixed={{"log": {log!r}, "pause": 0.01}})
"""


@pytest.mark.parametrize("lines", [1, 19, 40])
def test_a_search_that_is_killed_goes_on_as_if_nothing_had_happened(tmp_path, lines):
    """A killed search is not drawn the same trials, so compare what random search gives."""
    log, folder = tmp_path / "log", tmp_path / "killed"
    code = KILLED.format(tests=str(Path(__file__).parent), folder=str(folder), log=str(log))
    code = code.replace("resume=True", 'resume=True, sampler="random"')
    process = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    while not log.exists() or len(log.read_text().splitlines()) < lines:
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = len(log.read_text().splitlines())

    fixed = {"log": str(log), "pause": 0.01}
    resumed = search(folder, resume=True, sampler="random", fixed=fixed)
    plain = search(tmp_path / "plain", sampler="random")
    pd.testing.assert_frame_equal(without_cost(resumed.trials), without_cost(plain.trials))
    pd.testing.assert_frame_equal(without_cost(resumed.curves), without_cost(plain.curves))
    done = log.read_text().splitlines()
    assert before < len(done)
    # Nothing is trained twice but the iteration that the kill cut off.
    assert len(done) - len(set(done)) <= 1
    assert (resumed.curves.groupby("trial")["cpu_seconds"].diff().dropna() > 0).all()


@pytest.mark.parametrize(("place", "call"), [("suggest", 4), ("_tell", 4), ("_tell", 5)])
def test_a_kill_between_study_and_record_loses_no_trial(tmp_path, monkeypatch, place, call):
    """Asked but not yet planned; finished, or stopped, but Optuna not yet told."""
    real, calls = getattr(optuna_peer, place), []

    def cut(*arguments):
        calls.append(arguments)
        if len(calls) == call:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(optuna_peer, place, cut)
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path / "cut", sampler="random")
    monkeypatch.undo()
    resumed = search(tmp_path / "cut", sampler="random", resume=True)
    plain = search(tmp_path / "plain", sampler="random")
    assert plain.trials["status"].tolist()[3:5] == ["finished", "stopped"]
    pd.testing.assert_frame_equal(without_cost(resumed.trials), without_cost(plain.trials))
    with optuna_peer._quiet():
        study = optuna_peer._open_study(SEARCH, Record(tmp_path / "cut"))
    assert "RUNNING" not in {trial.state.name for trial in study.trials}


def test_a_search_can_be_gone_on_with_for_more_trials(tmp_path):
    for sampler in ("random", "tpe"):
        folder = tmp_path / sampler
        first = search(folder, sampler=sampler, samples=3)
        more = search(folder, sampler=sampler, samples=6, resume=True)
        assert len(more.trials) == 6
        pd.testing.assert_frame_equal(more.trials.iloc[:3], first.trials)
        assert more.trials["lr"].nunique() == 6
        again = search(folder, sampler=sampler, samples=6, resume=True)
        pd.testing.assert_frame_equal(again.trials, more.trials)


def test_ctrl_c_says_how_to_go_on(tmp_path):
    def interrupted(trial, *, lr=0.1):
        trial.report({"score": lr})
        if (tmp_path / "now").exists():
            raise KeyboardInterrupt
        (tmp_path / "now").touch()

    space = {"lr": SPACE["lr"]}
    with pytest.raises(KeyboardInterrupt) as caught:
        search(tmp_path / "s", objective=interrupted, space=space, samples=3, scheduler="none")
    assert "Stopped after 1 of 3 trials" in caught.value.__notes__[0]
    (tmp_path / "now").unlink()
    with pytest.raises(KeyboardInterrupt):
        search(
            tmp_path / "s", True, objective=interrupted, space=space, samples=3, scheduler="none"
        )
    (tmp_path / "now").unlink()
    outcome = search(
        tmp_path / "s", True, objective=interrupted, space=space, samples=3, scheduler="none"
    )
    assert outcome.trials["status"].tolist() == ["finished"] * 3


def test_another_search_in_the_folder_is_refused(tmp_path):
    search(tmp_path, samples=2)
    with pytest.raises(ValueError, match="holds this search already"):
        search(tmp_path, samples=2)
    with pytest.raises(ValueError, match="another search: seed was 3, is 5"):
        search(tmp_path, samples=2, seed=5, resume=True)
    from internlab.hpo.tuning.search import run

    # Not even by Ray, which knows nothing of what Optuna has learned.
    with pytest.raises(ValueError, match="another search: runner was optuna, is None"):
        run(replace(SEARCH, samples=2), tmp_path, resume=True)
    assert (tmp_path / STUDY_FILE).exists()


def test_what_optuna_does_not_have_is_refused_before_any_trial(tmp_path):
    folder = tmp_path / "none"
    with pytest.raises(ValueError, match="no population-based training"):
        search(folder, scheduler="pbt", sampler="random")
    with pytest.raises(ValueError, match=r"reduction is 2\.5; Optuna expects a whole number"):
        search(folder, reduction=2.5)
    with pytest.raises(ValueError, match="Optuna counts no GPUs"):
        search(folder, gpu_per_trial=0.5)
    with pytest.raises(ValueError, match=r"'kind' has the choice \(1, 2\)"):
        search(folder, space={"kind": Choice(((1, 2), "a"))})
    with pytest.raises(ValueError, match="Did you mean 'kind'"):
        search(folder, space={"knd": Uniform(0, 1)})
    assert not folder.exists()
    with pytest.raises(ValueError, match=r"looks at the metric 'scor', .* Did you mean 'score'"):
        search(folder, metric="scor", space={"kind": Choice(("a", "c"))})
    # That attempt left nothing behind that a corrected one would trip over.
    assert len(search(folder, samples=2).trials) == 2
