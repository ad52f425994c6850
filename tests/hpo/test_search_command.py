"""The command: a search from a file to its tables, what it prints, and Ctrl-C."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from internlab.hpo.__main__ import main
from internlab.hpo.tuning import ray_session

CONFIG = """\
objective: learners_own:train
metric: score
space:
  rate: {choice: [0.2, 0.4, 0.6, 0.8]}
fixed: {steps: 4, pause: PAUSE}
sampler: grid
max_iterations: 4
parallel: 1
"""
LINES = [
    "1/4 done, best score 0.1855 (trial 0), 0 CPU-s",
    "2/4 done, best score 0.3439 (trial 1), 0 CPU-s",
    "3/4 done, best score 0.478 (trial 2), 0 CPU-s",
    "4/4 done, best score 0.5904 (trial 3), 0 CPU-s",
]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A learner's folder: a module of their own and a file with a search."""
    objectives = Path(__file__).with_name("objectives.py").read_text()
    (tmp_path / "learners_own.py").write_text(objectives.replace("def climb", "def train"))
    (tmp_path / "search.yaml").write_text(CONFIG.replace("PAUSE", "0.0"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "learners_own", raising=False)
    return tmp_path


def search(*options):
    return main(["search", "--config", "search.yaml", *options])


def test_a_search_prints_a_line_for_each_trial_and_what_it_found(desk, ray_started, capfd):
    assert search() == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert out.splitlines()[:4] == LINES
    assert out.splitlines()[5].split() == [
        "trial",
        "status",
        "iterations",
        "score",
        "cpu_seconds",
        "rate",
    ]
    assert out.splitlines()[6].split()[:4] == ["3", "finished", "4", "0.5904"]
    assert out.splitlines()[-1] == (
        "Trials: searches/search/trials.csv. Best trial: 3, its checkpoint and configuration in "
        "searches/search/best/."
    )
    assert len(out.splitlines()) == 12
    assert len(pd.read_csv("searches/search/trials.csv")) == 4


def test_mistakes_are_told_in_a_few_lines_and_status_2(desk, monkeypatch, capsys):
    def refuse(*arguments, **options):
        raise AssertionError("Ray was started")

    monkeypatch.setattr(ray_session, "start", refuse)
    monkeypatch.setattr(ray_session, "is_running", lambda: False)
    text = (desk / "search.yaml").read_text()
    for wrong, named in (
        (("rate:", "rat:"), "Did you mean 'rate'?"),
        (("learners_own:train", "learners:train"), "no module 'learners'"),
        (("metric: score", "metrik: score"), "Did you mean 'metric'?"),
        (("parallel: 1", "parallel: 4000"), "this machine has"),
    ):
        (desk / "search.yaml").write_text(text.replace(*wrong))
        assert search() == 2
        out, err = capsys.readouterr()
        assert out == "" and err.startswith("error: ") and named in " ".join(err.split())
        assert max(map(len, err.splitlines())) <= 100 and "Traceback" not in err
    assert main(["search", "--config", "nothing.yaml"]) == 2
    assert "no file nothing.yaml" in capsys.readouterr().err
    (desk / "search.yaml").write_text(text)
    assert search("--samples", "0") == 2
    assert "samples is 0" in capsys.readouterr().err
    assert search("--scheduler", "ahsa") == 2
    assert "'asha'?" in capsys.readouterr().err
    (desk / "file").touch()
    assert search("--folder", "file/search") == 2
    assert "cannot be written to" in capsys.readouterr().err


def test_ray_that_does_not_start_is_told_with_its_log_and_status_1(desk, monkeypatch, capsys):
    def fail(*arguments, **options):
        raise RuntimeError("Ray did not start.\nlast line of the log")

    monkeypatch.setattr(ray_session, "start", fail)
    monkeypatch.setattr(ray_session, "is_running", lambda: False)
    assert search() == 1
    assert capsys.readouterr().err == "error: Ray did not start.\nlast line of the log\n"


def test_ctrl_c_says_how_to_go_on_and_leaves_no_process(desk, ray_started, capfd):
    config = CONFIG.replace("PAUSE", "0.1, log: relative.log")
    (desk / "search.yaml").write_text(config)
    process = subprocess.Popen(
        [sys.executable, "-m", "internlab.hpo", "search", "--config", "search.yaml"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout.readline() == LINES[0] + "\n"
        assert process.stdout.readline() == LINES[1] + "\n"
        family = psutil.Process(process.pid).children(recursive=True)
        # As a terminal does: to all processes of the group at once.
        psutil.Process(process.pid).send_signal(signal.SIGINT)
        for each in family:
            each.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 1
    done = 2 + out.count("\n")  # The third may have ended before the signal came.
    assert " ".join(err.split()) == (
        f"stopped: Stopped after {done} of 4 trials; they are kept in searches/search. Run the "
        "same again with resume to go on from there."
    )
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    # An objective finds its files where the command was given,
    assert len((desk / "relative.log").read_text().splitlines()) >= 8
    assert pd.read_csv("searches/search/trials.csv")["status"][:2].tolist() == ["finished"] * 2

    assert search("--resume", "--quiet") == 0
    out, err = capfd.readouterr()
    assert "/4 done" not in out and err == ""
    # also in a Ray that was started in another folder.
    assert len((desk / "relative.log").read_text().splitlines()) >= 16
    again = pd.read_csv("searches/search/trials.csv")
    assert again["score"].round(4).tolist() == [0.1855, 0.3439, 0.478, 0.5904]
    # The third had begun; it went on, so no process of the first run is in its way.
    assert again["iterations"].tolist() == [4] * 4


def test_help_is_quick_and_names_the_file(capsys):
    start = time.process_time()
    with pytest.raises(SystemExit) as left:
        main(["search", "--help"])
    assert left.value.code == 0
    assert time.process_time() - start < 1
    assert "search.yaml:" in capsys.readouterr().out
