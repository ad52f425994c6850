"""The objective that crashes are shown with: it resumes exactly, and its diary tells the truth."""

import inspect
import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import psutil
import pytest

from internlab.hpo.demonstration import descend, kill_driver, once, read_diary, repeated
from internlab.hpo.training.objective import train_buildings
from internlab.hpo.tuning.trial import PlainTrial


def _losses(rows):
    return [row["loss"] for row in rows]


def test_resumed_equals_uninterrupted(tmp_path):
    whole = PlainTrial().run(descend, lr=0.03, epochs=6)
    interrupted = PlainTrial(tmp_path, stop_when=lambda row: row["iteration"] == 2)
    assert len(interrupted.run(descend, lr=0.03, epochs=6)) == 2
    rest = PlainTrial(tmp_path).run(descend, lr=0.03, epochs=6)
    assert _losses(interrupted.history) + _losses(rest) == _losses(whole)


def test_it_keeps_the_convention_of_the_real_objective():
    for objective in (descend, train_buildings):
        trial, *others = inspect.signature(objective).parameters.values()
        assert trial.name == "trial"
        assert all(p.kind is p.KEYWORD_ONLY and p.default is not p.empty for p in others)


def test_its_three_ways_to_fail():
    with pytest.raises(ValueError, match="positive learning rate"):
        PlainTrial().run(descend, lr=-0.1)
    with pytest.raises(MemoryError):
        PlainTrial().run(descend, features=10**15)
    assert not np.isfinite(_losses(PlainTrial().run(descend, lr=1e6))).all()


def test_the_diary_counts_what_was_run_twice(tmp_path):
    diary = tmp_path / "diary.jsonl"
    assert read_diary(diary).empty
    for lr, epochs in ((0.03, 3), (0.05, 2), (0.03, 4)):
        PlainTrial().run(descend, lr=lr, epochs=epochs, diary=str(diary))
    table = read_diary(diary)
    assert len(table) == 9
    assert table["seconds"].is_monotonic_increasing and table["seconds"][0] == 0
    assert set(table["node"]) == {""}
    assert repeated(table) == 3
    assert repeated(table, [0.05]) == 0


def test_half_a_line_at_the_end_of_a_diary_is_left_out(tmp_path):
    diary = tmp_path / "diary.jsonl"
    line = json.dumps({"time": 1.0, "process": 1, "node": "", "lr": 0.1, "epoch": 1})
    diary.write_text(line + "\n" + line[:20], encoding="utf-8")
    assert len(read_diary(diary)) == 1


def test_an_action_waits_for_its_condition():
    done, ready = [], []
    thread = once(lambda: bool(ready), lambda: done.append(1))
    time.sleep(0.15)
    assert not done
    ready.append(1)
    thread.join(timeout=5)
    assert done == [1]


def test_a_killed_driver_leaves_no_child():
    code = "import subprocess, sys, time; subprocess.Popen(['sleep', '600']); time.sleep(600)"
    driver = subprocess.Popen([sys.executable, "-c", code])
    while not (family := psutil.Process(driver.pid).children()):
        time.sleep(0.05)
    kill_driver(driver, patience=0.5)
    assert driver.poll() is not None
    assert not [each for each in family if each.is_running() and each.status() != "zombie"]


def test_nothing_is_repeated_in_an_empty_diary():
    assert repeated(pd.DataFrame({"lr": [], "epoch": []})) == 0
