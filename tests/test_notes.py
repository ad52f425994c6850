"""Experiment notes: sealed before, judged after, whole at every moment."""

import math
import os
import re
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab import notes
from internlab.notes.report import main, weekly_report, write_report


@pytest.fixture
def note(tmp_path):
    return notes.open(
        question="Does it beat bicubic?",
        hypothesis="Yes: edges are sharper.",
        expect=[
            notes.Expect("gain_db", ">=", 0.8, "dB"),
            notes.Expect("seconds", "between", (10, 60), "s"),
        ],
        seed=0,
        folder=tmp_path,
    )


def test_an_open_note_is_on_disk_and_reads_back(note):
    again = notes.load(note.path)
    assert again == note
    assert not again.is_closed
    assert again.is_intact


def test_closing_gives_a_verdict_for_each_expectation(note):
    note.close({"gain_db": 0.9, "seconds": 75}, learned="Slower than thought.")
    assert note.verdicts == {"gain_db": "held", "seconds": "surprised"}
    assert notes.load(note.path) == note
    assert notes.problems(note) == []


def test_numpy_numbers_and_further_metrics_are_kept(note):
    note.close({"gain_db": np.float32(1.0), "seconds": np.int64(20), "ssim": 0.8}, learned="Fine.")
    assert notes.load(note.path).results["ssim"] == 0.8
    assert "ssim" in note.path.read_text()


def test_nan_surprises(note):
    note.close({"gain_db": math.nan, "seconds": 20}, learned="The loss diverged.")
    assert note.verdicts["gain_db"] == "surprised"


def test_a_missing_result_is_named_and_nothing_is_written(note):
    before = note.path.read_text()
    with pytest.raises(ValueError, match="seconds"):
        note.close({"gain_db": 1.0}, learned="x")
    assert note.path.read_text() == before


@pytest.mark.parametrize(("results", "learned"), [({"gain_db": "high"}, "x"), ({}, "")])
def test_bad_results_are_refused(note, results, learned):
    with pytest.raises(ValueError):
        note.close({"gain_db": 1, "seconds": 1, **results}, learned=learned)


def test_an_expectation_edited_in_the_file_is_detected(note):
    note.path.write_text(note.path.read_text().replace("threshold: 0.8", "threshold: 0.5"))
    assert not notes.load(note.path).is_intact
    with pytest.raises(ValueError, match="edited"):
        note.close({"gain_db": 0.6, "seconds": 20}, learned="x")


def test_an_expectation_edited_after_the_results_is_detected(note):
    note.close({"gain_db": 0.6, "seconds": 20}, learned="Too little.")
    note.path.write_text(note.path.read_text().replace("threshold: 0.8", "threshold: 0.5"))
    edited = notes.load(note.path)
    assert any("edited" in problem for problem in notes.problems(edited))


def test_a_verdict_edited_in_the_text_is_detected(note):
    note.close({"gain_db": 0.6, "seconds": 20}, learned="Too little.")
    note.path.write_text(note.path.read_text().replace("**surprised**", "**held**"))
    assert notes.problems(notes.load(note.path))


def test_remarks_below_the_mark_are_kept(note):
    note.path.write_text(note.path.read_text() + "\nI looked at the edges.\n")
    note.close({"gain_db": 1.0, "seconds": 20}, learned="x")
    assert "I looked at the edges." in note.path.read_text()
    assert notes.problems(notes.load(note.path)) == []


def test_closing_twice_with_the_same_results_changes_nothing(note):
    results = {"gain_db": 1.0, "seconds": 20}
    note.close(results, learned="x")
    closed = note.closed
    note.close(results, learned="x")
    assert note.closed == closed
    with pytest.raises(ValueError, match="closed already"):
        note.close({"gain_db": 2.0, "seconds": 20}, learned="x")


def test_a_failed_write_leaves_the_note_open(note, monkeypatch):
    before = note.path.read_text()

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        note.close({"gain_db": 1.0, "seconds": 20}, learned="x")
    monkeypatch.undo()
    assert note.path.read_text() == before
    assert not note.is_closed
    assert [path.name for path in note.path.parent.iterdir()] == [note.path.name]
    note.close({"gain_db": 1.0, "seconds": 20}, learned="x")
    assert note.is_closed


def test_a_killed_close_loses_nothing(note):
    code = (
        "import os, signal, sys; from internlab import notes; note = notes.load(sys.argv[1]);"
        "os.replace = lambda *a: os.kill(os.getpid(), signal.SIGKILL);"
        "note.close({'gain_db': 1.0, 'seconds': 20}, learned='x')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(note.path)])
    assert done.returncode == -signal.SIGKILL
    again = notes.load(note.path)
    assert again == note
    assert again.close({"gain_db": 1.0, "seconds": 20}, learned="x").is_closed
    assert len(notes.load_all(note.path.parent)) == 1


def test_notes_of_one_day_do_not_overwrite_each_other(tmp_path):
    expect = [notes.Expect("x", "==", 1)]
    paths = {notes.open("Same?", "Yes.", expect, folder=tmp_path).path for _ in range(3)}
    assert len(paths) == 3


@pytest.mark.parametrize(
    "bad",
    [
        {"question": " "},
        {"hypothesis": ""},
        {"expect": []},
        {"expect": ["gain above one"]},
        {"expect": [notes.Expect("a", ">", 1), notes.Expect("a", "<", 2)]},
    ],
)
def test_a_note_without_numbers_is_refused(tmp_path, bad):
    good = {"question": "q", "hypothesis": "h", "expect": [notes.Expect("a", ">", 1)]}
    with pytest.raises(ValueError):
        notes.open(**{**good, **bad}, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@given(
    text=st.text(min_size=1).filter(lambda t: t.strip() and "\r" not in t),
    value=st.floats(-1e6, 1e6),
    threshold=st.floats(-1e6, 1e6),
)
def test_any_text_and_number_reads_back(tmp_path_factory, text, value, threshold):
    folder = tmp_path_factory.mktemp("notes")
    note = notes.open(text, text, [notes.Expect("m", "<=", threshold)], slug="s", folder=folder)
    note.close({"m": value}, learned=text)
    again = notes.load(note.path)
    assert again.is_intact
    assert again.verdicts["m"] == ("held" if value <= threshold else "surprised")
    assert notes.problems(again) == []


def test_a_file_that_is_no_note_is_named(tmp_path):
    for content in ("hello", "---\nquestion: x\n---\ntext", "---\n[1\n---\n"):
        path = tmp_path / "stray.md"
        path.write_text(content)
        with pytest.raises(ValueError, match=r"stray\.md"):
            notes.load(path)


def test_the_display_has_no_time_and_no_path(note):
    note.close({"gain_db": 1.0, "seconds": 20}, learned="x")
    shown = note._repr_markdown_()
    assert note.opened not in shown
    assert str(note.path.parent) not in shown
    assert "at least 0.8 dB" in shown


def test_the_weekly_report_tells_the_four_things(note, tmp_path):
    note.close(
        {"gain_db": 0.6, "seconds": 20}, learned="Flowers flatter the mean.", ask="More sites."
    )
    notes.open("Left open?", "Yes.", [notes.Expect("x", ">", 1)], folder=tmp_path)
    until = datetime.now().astimezone() + timedelta(minutes=1)
    report = weekly_report(notes.load_all(tmp_path), until - timedelta(days=7), until)
    for part in ("at least 0.8 dB", "surprised", "Flowers flatter the mean.", "More sites."):
        assert part in report
    assert "Left open?" in report
    assert "1 held and 1 surprised" in report
    assert "Edited after" not in report


def test_an_old_note_is_not_in_the_report(note, tmp_path):
    since = datetime.now().astimezone() + timedelta(days=1)
    assert note.question not in weekly_report([note], since, since + timedelta(days=7))


def test_the_command_writes_the_report_and_verifies(note, tmp_path, capsys):
    assert main(["--folder", str(tmp_path), "report"]) == 0
    assert list((tmp_path / "reports").glob("*.md"))
    assert main(["--folder", str(tmp_path), "verify"]) == 0
    note.path.write_text(note.path.read_text().replace("threshold: 0.8", "threshold: 0.1"))
    assert main(["--folder", str(tmp_path), "verify"]) == 1
    assert "edited" in capsys.readouterr().out


def test_the_module_runs_as_a_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "internlab.notes", "--folder", str(tmp_path), "report"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    assert done.returncode == 0, done.stderr
    assert "No notes" in done.stdout


def test_the_report_asks_first_and_its_links_lead_somewhere(note, tmp_path):
    note.close({"gain_db": 1.0, "seconds": 20}, learned="One\n\ntwo | three.", ask="More\nsites.")
    awkward = notes.open(
        "Is a|b [better]?\n\n# No", "Yes.", [notes.Expect("x", ">", 1)], folder=tmp_path
    )
    awkward.close({"x": 2}, learned="Yes.")
    notes.open("Left [open]?", "Yes.", [notes.Expect("x", ">", 1)], folder=tmp_path)
    card = tmp_path / "cards" / "a paper.md"
    card.parent.mkdir()
    card.write_text("a card")
    (card.parent / ".half").write_text("left by a killed process")
    path = write_report(tmp_path)
    report = path.read_text()
    assert report.index("What is asked") < report.index("What was expected")
    assert "- More sites. (" in report
    assert "- One two | three." in report
    rows = [line for line in report.splitlines() if line.startswith("| [")]
    assert len(rows) == 3
    # A bar within a text is no border of a cell: every row has four cells.
    assert all(len(re.split(r"(?<!\\)\|", row)) == 6 for row in rows)
    links = re.findall(r"(?<!\\)\]\(([^)]+)\)", report)
    assert len(links) == 5
    for link in links:
        assert (path.parent / unquote(link)).is_file(), link
    assert "Also kept" in report
    assert "half" not in report
    # A second report does not name the first.
    assert "week" not in write_report(tmp_path).read_text().split("Also kept")[1]


def test_what_was_kept_before_the_period_is_not_named(note, tmp_path):
    card = tmp_path / "cards" / "old.md"
    card.parent.mkdir()
    card.write_text("a card")
    long_ago = datetime.now().timestamp() - 30 * 86400
    os.utime(card, (long_ago, long_ago))
    assert "old" not in write_report(tmp_path).read_text()
    assert "old" in write_report(tmp_path, days=60).read_text()
