"""Tables and the best checkpoint of a record; no search is run."""

import json

import pandas as pd
import pytest
import yaml
from objectives import climb

from internlab.hpo.tuning import outcome
from internlab.hpo.tuning.record import Record
from internlab.hpo.tuning.search import Search
from internlab.hpo.tuning.space import Uniform

SEARCH = Search(climb, {"rate": Uniform(0, 1)}, "score", fixed={"steps": 2})


def add(record, number, scores, status="finished", saved=True):
    record.append("planned", number, config={"rate": number / 10})
    for iteration, score in enumerate(scores, start=1):
        row = {"iteration": iteration, "score": score, "cpu_seconds": 0.0, "cpu_step": 1.0}
        record.append("report", number, row=row)
        if saved:
            path = record.folder / f"saved-{number}-{iteration}"
            path.mkdir()
            (path / "trial.json").write_text(json.dumps({"iteration": iteration}))
            record.append("checkpoint", number, iteration=iteration, path=path.name)
    if status:
        record.append("ended", number, status=status, reason="why" if status == "failed" else "")


def test_without_a_good_trial_there_is_no_best(tmp_path):
    record = Record(tmp_path)
    add(record, 0, [0.5], "failed")
    add(record, 1, [], "failed")
    outcome.write(SEARCH, record)
    found = outcome.read(SEARCH, record)
    assert found.best is None and not (tmp_path / "best").exists()
    assert found.trials["reason"].tolist() == ["why", "why"]
    assert found.trials["score"].isna().tolist() == [False, True]
    assert len(pd.read_csv(tmp_path / "curves.csv")) == 1


def test_with_no_report_at_all_the_tables_have_their_columns(tmp_path):
    record = Record(tmp_path)
    outcome.write(SEARCH, record)
    assert list(pd.read_csv(tmp_path / "trials.csv").columns) == [
        "trial", "status", "reason", "iterations", "score", "cpu_seconds", "rate",
    ]  # fmt: skip
    assert list(pd.read_csv(tmp_path / "curves.csv").columns)[:2] == ["trial", "iteration"]


def test_a_better_trial_takes_the_place_of_the_best(tmp_path):
    record = Record(tmp_path)
    for number, score in enumerate((0.5, 0.7, 0.6)):
        add(record, number, [0.1, score])
        outcome.write(SEARCH, record)
    best = outcome.read(SEARCH, record).best
    assert (best.trial, best.value, best.config) == (1, 0.7, {"steps": 2, "rate": 0.1})
    assert yaml.safe_load((best.checkpoint / "best.yaml").read_text()) == {
        "trial": 1, "metric": "score", "value": 0.7, "iterations": 2,
        "config": {"steps": 2, "rate": 0.1},
    }  # fmt: skip
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_a_best_trial_that_saves_nothing_has_no_checkpoint(tmp_path):
    record = Record(tmp_path)
    add(record, 0, [0.5], saved=False)
    outcome.write(SEARCH, record)
    assert outcome.read(SEARCH, record).best.checkpoint is None
    assert (tmp_path / "best" / "best.yaml").is_file()


def test_a_full_disk_leaves_the_earlier_tables(tmp_path, monkeypatch):
    record = Record(tmp_path)
    add(record, 0, [0.5])
    outcome.write(SEARCH, record)
    before = (tmp_path / "trials.csv").read_text()
    add(record, 1, [0.7])

    def full(self, *arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(OSError, match="The disk is full"):
        outcome.write(SEARCH, record)
    assert (tmp_path / "trials.csv").read_text() == before
