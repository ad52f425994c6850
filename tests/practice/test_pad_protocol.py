"""The hidden test: opened once, whoever asks again is told by whom and when."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from internlab.practice.antispoofing import protocol

NOON = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)


def opened(path, who="Mina", measure=lambda: {"bpcer": 0.25}):
    return protocol.open_once(path, "autumn", who, "kernel, threshold 0.3", measure, lambda: NOON)


def test_the_first_opening_is_written_down(tmp_path):
    path = tmp_path / "deep" / "autumn.jsonl"
    found = opened(path)
    assert found == protocol.read(path)
    assert (found.who, found.when) == ("Mina", "2026-03-04 12:00:05 UTC")
    assert found.result == {"bpcer": 0.25} and found.attempts == ()
    assert list(path.parent.iterdir()) == [path]


def test_the_second_is_refused_unmeasured_and_counted(tmp_path):
    path = tmp_path / "autumn.jsonl"
    opened(path)
    for attempt in (1, 2):
        with pytest.raises(protocol.AlreadyOpened, match=r"by Mina on 2026-03-04 12:00:05 UTC"):
            opened(path, "Jun", lambda: pytest.fail("measured again"))
        assert len(protocol.read(path).attempts) == attempt
    assert protocol.read(path).attempts[0] == ("Jun", "2026-03-04 12:00:05 UTC")
    assert protocol.read(path).result == {"bpcer": 0.25}


def test_a_measurement_that_breaks_off_counts_as_opened(tmp_path):
    path = tmp_path / "autumn.jsonl"
    with pytest.raises(ZeroDivisionError):
        opened(path, measure=lambda: {"bpcer": 1 / 0})
    with pytest.raises(protocol.AlreadyOpened):
        opened(path)
    assert protocol.read(path).result == {}


def test_of_many_at_once_one_gets_in(tmp_path):
    path = tmp_path / "autumn.jsonl"

    def ask(number):
        try:
            return opened(path, f"person {number}").who
        except protocol.AlreadyOpened:
            return None

    with ThreadPoolExecutor(8) as pool:
        entered = [who for who in pool.map(ask, range(24)) if who]
    found = protocol.read(path)
    assert entered == [found.who] and len(found.attempts) == 23
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("line", "changed"),
    [(0, {"plan": "another threshold"}), (1, {"result": {"bpcer": 0.01}}), (0, {"who": "Jun"})],
)
def test_an_edited_line_is_noticed(tmp_path, line, changed):
    path = tmp_path / "autumn.jsonl"
    opened(path)
    lines = [json.loads(each) for each in path.read_text().splitlines()]
    lines[line] |= changed
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    with pytest.raises(ValueError, match="was edited"):
        protocol.read(path)


def test_a_second_result_is_noticed(tmp_path):
    path = tmp_path / "autumn.jsonl"
    opened(path)
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    with pytest.raises(ValueError, match="was edited"):
        protocol.read(path)


@pytest.mark.parametrize("text", ["not json", "", "[1]", '{"who": "Mina", "seal": "0"}'])
def test_another_file_is_no_record(tmp_path, text):
    path = tmp_path / "autumn.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match="no record"):
        protocol.read(path)


def test_it_opens_once_where_there_are_no_links(tmp_path, monkeypatch):
    def no_links(*_):
        raise PermissionError("no links here")

    monkeypatch.setattr(protocol.os, "link", no_links)
    path = tmp_path / "autumn.jsonl"
    assert opened(path).result == {"bpcer": 0.25}
    with pytest.raises(protocol.AlreadyOpened, match="by Mina"):
        opened(path, "Jun")
    assert list(tmp_path.iterdir()) == [path]


def test_empty_texts_are_refused(tmp_path):
    with pytest.raises(ValueError, match="who is empty"):
        opened(tmp_path / "autumn.jsonl", who=" ")
    assert not list(tmp_path.iterdir())
