"""The record of a search: what a kill can leave of it, and what counts as best."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.hpo.tuning.record import JOURNAL, Record


def report(record, number, iteration, score, step=1.0, **more):
    row = {"iteration": iteration, "score": score, "cpu_seconds": 9.0, "cpu_step": step}
    record.append("report", number, row=row, **more)


def checkpoint(record, number, iteration, complete=True):
    path = record.folder / f"trial-{number}" / f"checkpoint-{iteration}"
    path.mkdir(parents=True)
    if complete:
        (path / "trial.json").write_text(json.dumps({"iteration": iteration, "cpu_seconds": 0}))
    record.append("checkpoint", number, iteration=iteration, path=f"trial-{number}/{path.name}")
    return path


def filled(folder):
    """Return a record of two trials, one ended and one on its way."""
    record = Record(folder)
    for number in range(3):
        record.append("planned", number, config={"rate": number / 3})
    for number in range(2):
        record.append("started", number)
        report(record, number, 1, 0.5)
        report(record, number, 2, math.nan if number else 0.7)
    checkpoint(record, 0, 2)
    record.append("ended", 0, status="stopped", reason="", cpu_step=0.5)
    return record


def test_events_become_trials(tmp_path):
    record = filled(tmp_path)
    assert [each.status for each in record.trials.values()] == ["stopped", "running", "waiting"]
    assert [each.iterations for each in record.trials.values()] == [2, 2, 0]
    assert record.trials[0].value("score") == 0.7
    assert math.isnan(record.trials[2].value("score"))
    assert [each.number for each in record.ended()] == [0]
    assert [each.number for each in record.unfinished()] == [1, 2]
    # What the driver added up, not what the worker believes.
    assert record.trials[0].rows[2]["cpu_seconds"] == 2.0
    assert record.trials[0].cpu_seconds == 2.5
    assert record.cpu_seconds() == 4.5


def test_what_is_read_is_what_was_written(tmp_path):
    record = filled(tmp_path)
    assert repr(Record(tmp_path).trials) == repr(record.trials)


@given(st.data())
def test_a_record_cut_anywhere_is_that_of_a_moment(tmp_path_factory, data):
    record = filled(tmp_path_factory.mktemp("whole"))
    text = record.path.read_bytes()
    cut = data.draw(st.integers(0, len(text)))
    folder = tmp_path_factory.mktemp("cut")
    (folder / JOURNAL).write_bytes(text[:cut])
    events = text[:cut].count(b"\n")
    assert Record(folder).path.read_bytes() == b"".join(text.splitlines(True)[:events])
    # What is appended later is not glued to a torn line.
    again = Record(folder)
    again.append("planned", 7, config={})
    assert 7 in Record(folder).trials
    assert len(Record(folder).path.read_text().splitlines()) == events + 1


def test_a_foreign_line_is_an_error(tmp_path):
    filled(tmp_path)
    with open(tmp_path / JOURNAL, "a") as stream:
        stream.write("hello\n")
    with pytest.raises(ValueError, match="no event of a search"):
        Record(tmp_path)


def test_what_is_done_again_replaces_and_costs(tmp_path):
    record = filled(tmp_path)
    record.append("rewound", 1, iteration=1)
    assert list(record.trials[1].rows) == [1]
    report(record, 1, 2, 0.6)
    assert record.trials[1].rows[2]["score"] == 0.6
    assert record.trials[1].cpu_seconds == 3.0
    # A worker that was killed goes back by itself.
    report(record, 1, 1, 0.55)
    assert list(record.trials[1].rows) == [1]
    assert repr(Record(tmp_path).trials) == repr(record.trials)


def test_a_changed_configuration_is_kept_by_iteration(tmp_path):
    record = filled(tmp_path)
    report(record, 1, 3, 0.8, config={"rate": 0.9})
    assert record.trials[1].config == {"rate": 0.9}
    assert record.trials[1].configs == {3: {"rate": 0.9}}


def test_the_last_checkpoint_is_a_complete_one(tmp_path):
    record = filled(tmp_path)
    trial = record.trials[1]
    assert trial.last_checkpoint() is None and trial.reached(None) == 0
    first = checkpoint(record, 1, 3)
    checkpoint(record, 1, 4, complete=False)
    assert trial.last_checkpoint() == first and trial.reached(first) == 3


def test_a_folder_can_be_moved(tmp_path):
    (tmp_path / "a").mkdir()
    checkpoint(filled(tmp_path / "a"), 1, 1)
    (tmp_path / "a").rename(tmp_path / "b")
    assert Record(tmp_path / "b").trials[1].last_checkpoint().is_dir()


def trials(folder, *ends):
    record = Record(folder)
    for number, (status, values) in enumerate(ends):
        record.append("planned", number, config={})
        for iteration, value in enumerate(values, start=1):
            report(record, number, iteration, value)
        if status:
            record.append("ended", number, status=status)
    return record


@pytest.mark.parametrize(
    ("ends", "mode", "best"),
    [
        ([("finished", [0.1, 0.2]), ("finished", [0.5, 0.3])], "max", 1),
        ([("finished", [0.1, 0.2]), ("finished", [0.5, 0.3])], "min", 0),
        # The last value counts, not the best on the way.
        ([("finished", [0.9, 0.2]), ("finished", [0.1, 0.3])], "max", 1),
        ([("stopped", [0.4]), ("finished", [0.1, 0.3])], "max", 0),
        ([("stopped", [0.3]), ("finished", [0.1, 0.3])], "max", 1),
        ([("finished", [0.3]), ("finished", [0.3])], "max", 0),
        ([("failed", [0.9]), ("diverged", [math.nan]), ("finished", [0.1])], "max", 2),
        ([("", [0.9]), ("finished", [0.1])], "max", 1),
        ([("failed", [0.9]), ("failed", []), ("diverged", [math.inf])], "max", None),
    ],
)
def test_the_best_trial(tmp_path, ends, mode, best):
    found = trials(tmp_path, *ends).best("score", mode)
    assert (found and found.number) == best
