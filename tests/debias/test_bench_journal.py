"""Runs are planned in full, and a journal keeps each of them whole."""

from __future__ import annotations

import json
import math

import pytest

from internlab.debias.bench import Checkpoint, Journal, Record, Run, Scores, plan_runs, settings_of

SETTINGS = settings_of({"q": 0.7, "learning_rate_times": 1})


def a_record(key: str = "k1", **values) -> Record:
    scores = Scores(0.9, 0.5, 0.95, 0.45, None, 0.3, 0.1)
    run = Run("lff", "coloured-mnist", 0.98, 2, SETTINGS)
    given = {
        "scores": {"test": scores, "validation": scores},
        "history": (Checkpoint(100, scores),),
        "cpu_seconds": 1.25,
    }
    return Record(run, key, **(given | values))


def test_a_plan_has_every_combination_once_in_a_steady_order():
    plan = plan_runs({"erm": [()], "lff": [SETTINGS, ()]}, ["a", "b"], [0.95, 0.98], 3)
    assert len(plan) == len(set(plan)) == 3 * 2 * 2 * 3
    assert plan == plan_runs({"erm": [()], "lff": [SETTINGS, ()]}, ["a", "b"], [0.95, 0.98], 3)
    assert [run.data for run in plan] == sorted(run.data for run in plan)


def test_one_seed_more_only_adds_runs():
    few = plan_runs({"erm": [()]}, ["a"], [0.98], 3)
    more = plan_runs({"erm": [()]}, ["a"], [0.98], 4)
    assert set(few) < set(more)
    assert {run.seed for run in set(more) - set(few)} == {3}


@pytest.mark.parametrize(
    ("methods", "data", "ratios", "seeds", "says"),
    [
        ({}, ["a"], [0.98], 3, "No method"),
        ({"erm": [()]}, [], [0.98], 3, "No data set"),
        ({"erm": [()]}, ["a"], [0.98], 0, "No seed"),
        ({"erm": [()]}, ["a"], [1.0], 3, "less than 1"),
        ({"erm": [()]}, ["a"], [0.0], 3, "more than 0"),
        ({"erm": [()]}, ["a"], [98], 3, "write 0.98"),
        ({"erm": [()]}, ["a"], [0.98, 0.98], 3, "named twice"),
        ({"erm": [()]}, ["a"], [0.98], [-1], "Seed -1"),
    ],
)
def test_a_plan_that_cannot_be_says_why(methods, data, ratios, seeds, says):
    with pytest.raises(ValueError, match=says):
        plan_runs(methods, data, ratios, seeds)


def test_a_record_comes_back_as_it_was(tmp_path):
    journal, record = Journal(tmp_path), a_record()
    assert record.key not in journal
    journal.write(record)
    assert record.key in journal and len(journal) == 1
    assert journal.read(record.key) == record


def test_numbers_come_back_bit_by_bit_and_nan_as_nan(tmp_path):
    scores = Scores(1 / 3, 0.1 + 0.2, math.nan, 0.45, 0.2, math.nan)
    journal = Journal(tmp_path)
    journal.write(a_record(scores={"test": scores}, history=()))
    back = journal.read("k1").scores["test"]
    assert (back.average, back.unbiased, back.worst_group) == (1 / 3, 0.1 + 0.2, 0.2)
    assert math.isnan(back.aligned) and math.isnan(back.follow_rate)


def test_a_note_is_kept(tmp_path):
    journal = Journal(tmp_path)
    journal.write(a_record(note="one class for every image"))
    assert journal.read("k1").note == "one class for every image"


def test_a_failed_run_keeps_its_reason(tmp_path):
    journal = Journal(tmp_path)
    journal.write(a_record(failure="the loss became nan", scores={}, history=()))
    assert journal.read("k1").failed
    assert journal.read("k1").failure == "the loss became nan"


def test_what_a_kill_leaves_half_written_is_no_record(tmp_path):
    journal = Journal(tmp_path)
    journal.write(a_record())
    (journal.runs / ".k2.abc.json").write_text('{"run": ')
    assert len(journal) == 1 and "k2" not in journal


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run": {"method": 1}}', '"x"'])
def test_a_damaged_record_says_which_file_to_remove(tmp_path, text):
    journal = Journal(tmp_path)
    journal.write(a_record())
    (journal.runs / "k1.json").write_text(text)
    with pytest.raises(ValueError, match=r"k1\.json is no record.*Remove it"):
        journal.read("k1")


def test_a_record_under_another_name_is_not_taken(tmp_path):
    journal = Journal(tmp_path)
    journal.write(a_record())
    (journal.runs / "k1.json").rename(journal.runs / "k2.json")
    with pytest.raises(ValueError, match="renamed or copied"):
        journal.read("k2")


def test_starts_are_counted_and_a_torn_line_is_passed_over(tmp_path):
    journal = Journal(tmp_path)
    journal.note_start(["a", "b"])
    journal.note_start(["b"])
    with open(tmp_path / "starts.jsonl", "a") as file:
        file.write(json.dumps({"process": 1, "keys": ["c"]})[:-4])
    assert journal.starts() == {"a": 1, "b": 2}
