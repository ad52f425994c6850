"""Searches in Ray: what they find, what they refuse, what fails in them, and going on after a kill.

The objectives take no time, so that nearly all that these tests cost is Ray; one search answers
several questions.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import yaml
from objectives import climb, never_reports, trouble, with_a_required_one

from internlab.hpo.tuning import folder as folders
from internlab.hpo.tuning import ray_session
from internlab.hpo.tuning.record import JOURNAL, Record
from internlab.hpo.tuning.search import Search, run
from internlab.hpo.tuning.space import Choice, LogUniform, Uniform, sample
from internlab.hpo.tuning.trial import PlainTrial

SPACE = {"rate": Uniform(0, 1), "offset": LogUniform(1e-3, 1e-1)}
STEPS = 6
CLIMB = Search(climb, SPACE, metric="score", samples=6, max_iterations=STEPS, fixed={"steps": 6})


def quietly(search, folder, **options):
    return run(search, folder, progress=None, **options)


def by_hand(config):
    return [row["score"] for row in PlainTrial().run(climb, steps=STEPS, **config)]


def results(outcome):
    """A search's tables without what depends on the machine."""
    return [table.drop(columns="cpu_seconds") for table in (outcome.trials, outcome.curves)]


def same(one, other):
    for ours, theirs in zip(results(one), results(other), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)


# Configurations


def test_configurations_depend_on_the_seed_alone():
    rng = np.random.default_rng(0)
    expected = [sample(SPACE, rng) for _ in range(6)]
    assert CLIMB.configurations() == expected
    assert replace(CLIMB, scheduler="asha", parallel=1).configurations() == expected
    assert replace(CLIMB, samples=9).configurations()[:6] == expected
    assert replace(CLIMB, seed=1).configurations() != expected


def test_a_grid_is_all_combinations_and_within_the_samples():
    grid = replace(CLIMB, sampler="grid", grid_points=2)
    assert [each["rate"] for each in grid.configurations()] == [0, 0, 1, 1]
    with pytest.raises(ValueError, match="9 configurations, but samples is 6"):
        replace(grid, grid_points=3).configurations()


# Refused before anything runs


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"samples": 0}, "samples is 0; expected at least 1"),
        ({"samples": 2.0}, "samples is 2.0; expected a whole number"),
        ({"parallel": 0}, "parallel is 0; expected at least 1"),
        ({"max_iterations": 0}, "max_iterations is 0"),
        ({"max_failures": -1}, "max_failures is -1"),
        ({"scheduler": "ashaa"}, "Unknown scheduler 'ashaa'.*none, asha, median, pbt.*'asha'"),
        ({"sampler": "rnadom"}, "Unknown sampler 'rnadom'.*Did you mean 'random'"),
        ({"mode": "maximum"}, "Unknown mode 'maximum'"),
        ({"reduction": 1}, "reduction is 1"),
        ({"reduction": math.nan}, "reduction is nan"),
        ({"gpu_per_trial": -1}, "gpu_per_trial is -1"),
        ({"scheduler": "asha", "grace": 7}, "grace is 7, but a trial has only 6"),
        ({"metric": ""}, "The metric ''"),
        ({"metric": "rate"}, "The metric 'rate'"),
        ({"metric": "cpu_seconds"}, "The metric 'cpu_seconds'"),
        ({"space": {"iterations": Uniform(0, 1)}}, "hyperparameter 'iterations' has the name"),
        ({"scheduler": "pbt", "sampler": "tpe"}, "does not go together"),
        ({"scheduler": "pbt", "samples": 1}, "population of 1"),
        ({"scheduler": "pbt", "mutate": ("rte",)}, "'rte'.*Did you mean 'rate'"),
    ],
)
def test_a_search_that_makes_no_sense_is_not_made(changes, named):
    with pytest.raises(ValueError, match=named):
        replace(CLIMB, **changes)


@pytest.fixture
def no_ray_needed(monkeypatch):
    """A machine on which Ray does not run and cannot be started."""

    def refuse(*arguments, **options):
        raise AssertionError("Ray was started")

    monkeypatch.setattr(ray_session, "start", refuse)
    monkeypatch.setattr(ray_session, "is_running", lambda: False)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"space": {"rat": Uniform(0, 1)}}, "'rat'.*Did you mean 'rate'"),
        ({"fixed": {"step": 3}}, "'step'.*Did you mean 'steps'"),
        ({"space": {}}, "space is empty"),
        ({"space": {"rate": (0, 1)}}, "expected Uniform, LogUniform or Choice"),
        ({"fixed": {"rate": 0.5}}, "both searched and fixed"),
        ({"fixed": {"log": np.zeros(3)}}, "'log' has the value.*inside the objective"),
        ({"space": {"rate": Choice([Path("a")])}}, "'rate' has the value"),
        ({"space": {"rate": Choice([(1, 2)])}}, "'rate' has the value"),
        ({"objective": with_a_required_one, "fixed": {}}, "needed|'offset'"),
        ({"objective": "objectives.climb"}, "form module:function"),
        ({"objective": "objectivs:climb"}, "no module 'objectivs'.*objectivs.py"),
        ({"objective": "objectives:clim"}, "no function 'clim'. It defines climb"),
        ({"parallel": 10_000}, "parallel is 10000, but this machine has"),
    ],
)
def test_a_search_that_cannot_run_spends_no_trial(no_ray_needed, tmp_path, changes, named):
    with pytest.raises(ValueError, match=named):
        quietly(replace(CLIMB, **changes), tmp_path / "new")
    assert not (tmp_path / "new" / JOURNAL).exists()


def test_a_module_that_cannot_be_imported_is_named_with_the_reason(
    no_ray_needed, tmp_path, monkeypatch
):
    (tmp_path / "broken_one.py").write_text("import math\nmath.nothing\n")
    (tmp_path / "broken_two.py").write_text("import a_package_that_is_not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name, reason in (("broken_one", "AttributeError"), ("broken_two", "a_package_that")):
        with pytest.raises(ValueError, match=f"importing {name} raised .*{reason}"):
            quietly(replace(CLIMB, objective=f"{name}:train"), tmp_path / "new")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux's /proc")
def test_a_folder_that_cannot_be_written_to_is_named(no_ray_needed, tmp_path):
    # Root may write anywhere but here.
    with pytest.raises(OSError, match="cannot be written to") as caught:
        quietly(CLIMB, "/proc/search")
    assert caught.value.filename == "/proc/search"
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="cannot be written to"):
        quietly(CLIMB, tmp_path / "file" / "search")


def test_a_folder_with_other_things_is_left_alone(no_ray_needed, tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(ValueError, match=r"not empty: it has thesis\.tex"):
        quietly(CLIMB, tmp_path)


def recorded(folder, search=CLIMB):
    """Make the folder of a search of which one trial has reported."""
    folder.mkdir(exist_ok=True)
    folders.look_into(folder, folders.describe(search, "objectives:climb"), resume=False)
    record = Record(folder)
    record.append("planned", 0, config=CLIMB.configurations()[0])
    row = {"iteration": 1, "score": 0.5, "cpu_seconds": 0.0, "cpu_step": 0.0}
    record.append("report", 0, row=row)
    return folder


def test_a_search_is_not_overwritten(no_ray_needed, tmp_path):
    with pytest.raises(ValueError, match=r"holds this search already.*--resume"):
        quietly(CLIMB, recorded(tmp_path / "a"))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        (
            {"space": {"rate": Uniform(0, 0.5)}},
            r"space rate was .*\[0, 1\].*, is .*\[0, 0.5\].*offset was",
        ),
        ({"metric": "loss"}, "metric was score, is loss"),
        ({"objective": never_reports, "space": {"rate": SPACE["rate"]}, "fixed": {}}, "objective"),
        ({"seed": 5}, "seed was 0, is 5"),
        ({"fixed": {"steps": 7}}, "fixed steps was 6, is 7"),
        ({"scheduler": "asha"}, "scheduler was none, is asha"),
        ({"samples": 5}, "with 6 samples, but now they are 5"),
    ],
)
def test_another_search_is_not_gone_on_with(no_ray_needed, tmp_path, changes, named):
    with pytest.raises(ValueError, match=named):
        quietly(replace(CLIMB, **changes), recorded(tmp_path / "a"), resume=True)


def test_one_process_at_a_time(no_ray_needed, tmp_path):
    recorded(tmp_path / "a")
    with folders.held(tmp_path / "a"):
        with pytest.raises(OSError, match=f"Process {os.getpid()} is running the search"):
            quietly(CLIMB, tmp_path / "a", resume=True)
    # A killed process leaves its mark, and its number may be another's by now.
    mark = {"pid": os.getpid(), "started": 0.0}
    (tmp_path / "a" / "running.json").write_text(json.dumps(mark))
    with pytest.raises(ValueError, match="already"):
        quietly(CLIMB, tmp_path / "a")


def test_a_search_that_is_done_needs_no_ray(no_ray_needed, tmp_path):
    search = replace(CLIMB, samples=1)
    folder = recorded(tmp_path / "a", search)
    Record(folder).append("ended", 0, status="finished")
    outcome = quietly(search, folder, resume=True)
    assert outcome.trials["status"].tolist() == ["finished"]
    assert outcome.best.value == 0.5 and outcome.best.checkpoint is None


# Found


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An uninterrupted search without a scheduler."""
    ray_session.start(cpus=2)
    shown = []
    outcome = run(CLIMB, tmp_path_factory.mktemp("whole"), progress=shown.append)
    return outcome, shown


def test_each_trial_is_what_it_is_by_hand(whole):
    outcome, _ = whole
    assert outcome.trials[list(SPACE)].to_dict("records") == CLIMB.configurations()
    assert set(outcome.trials["status"]) == {"finished"}
    for trial, curve in outcome.curves.groupby("trial"):
        assert curve["score"].tolist() == by_hand(CLIMB.configurations()[trial])
        assert curve["iteration"].tolist() == [1, 2, 3, 4, 5, 6]
        assert np.all(np.diff(curve["cpu_seconds"]) > 0)
        assert outcome.trials["score"][trial] == curve["score"].iloc[-1]


def test_the_best_one_is_there_with_its_checkpoint(whole):
    outcome, _ = whole
    best = outcome.best
    assert best.value == outcome.trials["score"].max()
    assert best.config == {"steps": 6, **CLIMB.configurations()[best.trial]}
    assert best.checkpoint == outcome.folder / "best"
    state = json.loads((best.checkpoint / "state.json").read_text())
    assert state == {"score": best.value, "step": 6}
    described = yaml.safe_load((best.checkpoint / "best.yaml").read_text())
    assert (described["trial"], described["value"]) == (best.trial, best.value)
    assert described["config"] == best.config
    # A trial by hand can go on from it.
    trial = PlainTrial()
    trial.checkpoint = best.checkpoint
    assert len(trial.run(climb, **{**best.config, "steps": 8})) == 2


def test_the_tables_are_files_too(whole):
    outcome, _ = whole
    for name, table in (("trials", outcome.trials), ("curves", outcome.curves)):
        read = pd.read_csv(outcome.folder / f"{name}.csv", keep_default_na=False)
        pd.testing.assert_frame_equal(read, table)
    described = yaml.safe_load((outcome.folder / "search.yaml").read_text())
    assert described["space"] == {
        "rate": {"uniform": [0, 1]},
        "offset": {"loguniform": [1e-3, 0.1]},
    }
    assert not [each for each in outcome.folder.iterdir() if each.name.startswith(".")]


def test_old_checkpoints_are_removed(whole):
    outcome, _ = whole
    for trial in (outcome.folder / "ray" / "run-01").glob("trial-*"):
        assert len(list(trial.glob("checkpoint_*"))) == 2


def test_progress_is_a_line_for_each_trial(whole):
    outcome, shown = whole
    assert [each.done for each in shown] == [1, 2, 3, 4, 5, 6]
    best = outcome.best
    line = f"6/6 done, best score {best.value:.4g} (trial {best.trial}), 0 CPU-s"
    assert str(shown[-1]) == line


# Schedulers


def halving(curves, order, rungs=(2, 4)):
    """Asynchronous successive halving, one trial after another; returns where each one ends."""
    seen, ends = {rung: [] for rung in rungs}, {}
    for trial in order:
        ends[trial] = STEPS
        for rung in rungs:
            value = curves[trial][rung - 1]
            better = not seen[rung] or value >= np.median(seen[rung])
            seen[rung].append(value)
            if not better:
                ends[trial] = rung
                break
    return ends


def cut(source, target, events):
    """Copy a search's folder as a kill after so many events would have left it."""
    shutil.copytree(source, target)
    lines = (target / JOURNAL).read_text().splitlines(keepends=True)
    (target / JOURNAL).write_text("".join(lines[:events]))
    for name in ("trials.csv", "curves.csv", "best"):
        path = target / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return target


def events_of(folder):
    return [json.loads(line) for line in (folder / JOURNAL).read_text().splitlines()]


def test_halving_stops_whom_it_should_also_after_a_kill(ray_started, tmp_path):
    def local(trial, **config):
        """An objective that only this process knows, as in a notebook."""
        climb(trial, **config)

    asha = replace(CLIMB, objective=local, scheduler="asha", grace=2, parallel=1)
    outcome = quietly(asha, tmp_path / "whole")
    curves = [by_hand(each) for each in asha.configurations()]
    assert dict(outcome.trials["iterations"]) == halving(curves, range(6))
    stopped = outcome.trials["iterations"] < STEPS
    assert stopped.any() and not stopped.all()
    assert (outcome.trials["status"] == np.where(stopped, "stopped", "finished")).all()

    # Killed when a third trial was under way: its rungs and its competitors are remembered.
    events = events_of(tmp_path / "whole")
    third = events.index({"event": "started", "trial": 3})
    again = quietly(asha, cut(tmp_path / "whole", tmp_path / "again", third + 4), resume=True)
    same(outcome, again)


def test_tpe_goes_on_from_a_record(ray_started, tmp_path):
    tpe = replace(CLIMB, sampler="tpe", samples=5, parallel=1)
    record = Record(recorded(tmp_path / "a", tpe).resolve())
    record.append("ended", 0, status="stopped")
    # This one was suggested, and then the kill came.
    record.append("planned", 1, config={"rate": 0.25, "offset": 0.01})
    outcome = quietly(tpe, tmp_path / "a", resume=True)
    assert outcome.trials["status"].tolist() == ["stopped"] + ["finished"] * 4
    assert outcome.trials["iterations"].tolist() == [1] + [STEPS] * 4
    assert outcome.trials["rate"][1] == 0.25
    assert outcome.trials["rate"].between(0, 1).all() and outcome.trials["rate"].nunique() == 5


def test_a_population_takes_over_what_works(ray_started, tmp_path):
    pbt = replace(CLIMB, scheduler="pbt", grace=2, samples=4, mutate=("rate",), parallel=1)
    outcome = quietly(pbt, tmp_path / "a")
    assert outcome.trials["status"].tolist() == ["finished"] * 4
    assert set(outcome.trials["iterations"]) == {STEPS}
    first = outcome.curves.groupby("trial").first()
    assert first["rate"].tolist() == [each["rate"] for each in pbt.configurations()]
    assert outcome.curves["rate"].between(0, 1).all()
    # The worst one has another rate in the end, and a score that it could not have had by itself.
    worst = int(np.argmin(first["rate"]))
    assert outcome.trials["rate"][worst] > first["rate"][worst]
    assert outcome.trials["score"][worst] > by_hand(pbt.configurations()[worst])[-1]


# What fails


KINDS = ["", "silent", "nan", "infinite", "raises", "memory", "exits", "always killed"]


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """A search in which nearly everything goes wrong that can."""
    ray_session.start(cpus=2)
    folder = tmp_path_factory.mktemp("troubled")
    search = Search(
        trouble,
        {"kind": Choice([*KINDS, "killed once"])},
        metric="score",
        sampler="grid",
        max_iterations=4,
        max_failures=1,
        fixed={"folder": str(folder)},
    )
    shown = []
    outcome = run(search, folder / "search", progress=shown.append)
    return outcome, outcome.trials.set_index("kind"), shown


@pytest.mark.parametrize(
    ("kind", "status", "iterations", "reason"),
    [
        ("", "finished", 4, ""),
        ("silent", "failed", 0, "returned without reporting score"),
        ("nan", "diverged", 2, "score is nan at iteration 2"),
        ("infinite", "diverged", 2, "score is inf at iteration 2"),
        ("raises", "failed", 2, "ValueError: the learning rate is too blue"),
        ("memory", "failed", 2, "MemoryError: out of memory"),
        ("exits", "failed", 2, "left by sys.exit(3)"),
        (
            "always killed",
            "failed",
            2,
            "its worker process died 2 times (killed, or out of memory)",
        ),
        ("killed once", "finished", 4, ""),
    ],
)
def test_a_trial_in_trouble_says_so_and_the_rest_go_on(troubled, kind, status, iterations, reason):
    found = troubled[1].loc[kind]
    assert (found["status"], found["iterations"], found["reason"]) == (status, iterations, reason)


def test_a_trial_that_raises_is_not_tried_again(troubled):
    outcome, _, _ = troubled
    for kind in ("raises", "memory"):
        number = KINDS.index(kind)
        events = [each for each in events_of(outcome.folder) if each["trial"] == number]
        assert [each["event"] for each in events].count("report") == 2
    trace = (outcome.folder / "errors" / f"trial-{KINDS.index('raises'):03d}.txt").read_text()
    assert "second line" in trace and "objectives.py" in trace


def test_the_best_one_had_no_trouble_in_the_end(troubled):
    outcome, trials, _ = troubled
    assert outcome.best.config["kind"] in ("", "killed once")
    assert outcome.best.value == trials["score"][""] == trials["score"]["killed once"]


def test_progress_names_what_failed(troubled):
    _, _, shown = troubled
    assert "; trial 4 failed: ValueError: the learning rate is too blue" in " ".join(
        map(str, shown)
    )
    assert str(shown[-1]).startswith("9/9 done, best score 1.5 (trial ")


def test_a_metric_with_a_typo_ends_the_search_at_its_first_report(ray_started, tmp_path):
    log = tmp_path / "log"
    typo = replace(CLIMB, metric="scroe", parallel=1, fixed={"log": str(log)})
    with pytest.raises(ValueError, match=r"'scroe'.*reports loss, score. Did you mean 'score'"):
        quietly(typo, tmp_path / "a")
    assert len(log.read_text().splitlines()) == 1
    # With the right name the same folder will do.
    right = folders.describe(replace(typo, metric="score"), "objectives:climb")
    assert folders.look_into(tmp_path / "a", right, resume=False)


def test_more_than_the_running_ray_has_is_refused(ray_started, tmp_path):
    with pytest.raises(ValueError, match="parallel is 3, but the running Ray has 2 CPUs"):
        quietly(replace(CLIMB, parallel=3), tmp_path / "a")
    with pytest.raises(ValueError, match=r"gpu_per_trial is 99, but Ray sees"):
        quietly(replace(CLIMB, gpu_per_trial=99), tmp_path / "b")


class FakeTuner:
    """Stands for Ray's Tuner; a test sets what its run does with the recorder."""

    def __init__(self, trainable, run_config, **options):
        self.recorder = run_config.callbacks[0]

    def fit(self):
        pass


def test_a_search_that_was_interrupted_between_two_trials_is_not_done(
    ray_started, tmp_path, monkeypatch
):
    monkeypatch.setattr("ray.tune.Tuner", FakeTuner)
    with pytest.raises(KeyboardInterrupt) as caught:
        quietly(replace(CLIMB, sampler="tpe"), tmp_path / "a")
    assert "Stopped after 0 of 6 trials" in caught.value.__notes__[0]


@pytest.mark.parametrize("where", ["progress", "record"])
def test_what_goes_wrong_while_recording_is_told_as_it_is(
    ray_started, tmp_path, monkeypatch, where
):
    def fail(*arguments, **options):
        raise OSError(28, "No space left on device")

    def fit(self):
        if where == "record":
            monkeypatch.setattr(Record, "append", fail)
        try:
            self.recorder._end(0, "finished")
        except OSError:
            raise RuntimeError("many lines about Ray") from None

    monkeypatch.setattr("ray.tune.Tuner", FakeTuner)
    monkeypatch.setattr(FakeTuner, "fit", fit)
    with pytest.raises(OSError, match="No space left"):
        run(CLIMB, tmp_path / "a", progress=fail)


# Killed


KILLED = """
import sys
sys.path.insert(0, sys.argv[1])
from test_search import *
run(killed_search(sys.argv[2]), Path(sys.argv[2]) / "search")
"""


def killed_search(folder):
    """A search that leaves a line for each iteration, and takes long enough to be killed."""
    return replace(CLIMB, fixed={"steps": STEPS, "log": f"{folder}/log", "pause": 0.15})


def lines_of(folder):
    log = folder / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    return pd.Series([line.split()[0] for line in lines], dtype=str).value_counts()


def test_a_killed_driver_is_gone_on_with(whole, ray_started, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 240
        while lines_of(tmp_path).sum() < 2.6 * STEPS:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        family = psutil.Process(process.pid).children(recursive=True)
    finally:
        process.kill()
        process.wait()
    # Its workers end when they notice, and must not write meanwhile.
    _, alive = psutil.wait_procs(family, timeout=5)
    for each in alive:
        each.kill()
    ended = {str(each.config["rate"]) for each in Record(tmp_path / "search").ended()}
    before = lines_of(tmp_path)
    assert 1 <= len(ended) <= 3

    outcome = quietly(killed_search(tmp_path), tmp_path / "search", resume=True)
    after = lines_of(tmp_path)
    assert all(after[rate] == before[rate] == STEPS for rate in ended)
    # Of the two that were running, at most the iteration that was under way is done again.
    assert 6 * STEPS <= after.sum() <= 6 * STEPS + 2
    same(whole[0], outcome)
