"""Passages: locators that can be checked, cards that can be read."""

import hashlib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab import passages


def test_every_passage_has_what_a_card_needs():
    for passage in passages.load().values():
        assert passage.en and passage.ko and passage.speaker and passage.question
        assert passage.source.url.startswith("https://")
        assert passage.lines
        for number, digest in passage.lines:
            assert 1 <= number <= passage.source.nonempty_lines
            assert len(bytes.fromhex(digest)) == 32


def test_a_card_shows_speaker_question_both_paraphrases_and_link():
    passage = passages.get("sia-tensorrt-sr")
    shown = passages.card("sia-tensorrt-sr", "kb-serving-limits")._repr_html_()
    for part in (passage.question, passage.source.url, passage.ko, passage.id):
        assert part in shown
    assert passages.get("kb-serving-limits").speaker in shown
    assert "Original lines" not in shown


def test_an_unknown_id_names_its_neighbours():
    with pytest.raises(KeyError, match="sia-tensorrt-sr"):
        passages.card("sia-tensorrt")


def test_lines_are_normalised_before_they_are_hashed():
    text = "  a\u00a0 b \r\n\n\t\n" + unicodedata.normalize("NFD", "각") + "\n"
    assert passages.normalised_lines(text) == ["a b", "각"]
    assert passages.line_hash("각") == hashlib.sha256("각".encode()).hexdigest()


@given(st.lists(st.text()))
def test_normalised_lines_are_a_fixed_point(lines):
    once = passages.normalised_lines("\n".join(lines))
    assert passages.normalised_lines("\n".join(once)) == once


@pytest.fixture
def texts(tmp_path, monkeypatch) -> Path:
    """A folder with a made-up interview, and one passage that points into it."""
    lines = ["first line", "second line"]
    source = passages.Source("s", "t", "Outlet", "https://example.org", "text.txt", 2)
    passage = passages.Passage(
        "s-one", source, "Somebody", "Why?", ((2, passages.line_hash(lines[1])),), "e", "k", ()
    )
    monkeypatch.setattr(passages, "load", lambda path=None: {"s-one": passage})
    (tmp_path / "text.txt").write_text("\n\n".join(lines))
    return tmp_path


def test_verify_accepts_the_right_text(texts, capsys):
    assert passages.main(["verify", str(texts)]) == 0
    assert "1 of 1 passages hold" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["first line\nsecond lime", "first line", ""])
def test_verify_names_a_changed_or_missing_line(texts, text, capsys):
    (texts / "text.txt").write_text(text)
    assert passages.main(["verify", str(texts)]) == 1
    assert "s-one: " in capsys.readouterr().out


def test_verify_names_a_missing_text(texts, capsys):
    (texts / "text.txt").unlink()
    assert passages.main(["verify", str(texts)]) == 1
    assert "no file text.txt" in capsys.readouterr().out
    assert passages.main(["verify", str(texts / "nowhere")]) == 2


def test_a_learner_who_has_the_texts_sees_the_original(texts, monkeypatch):
    monkeypatch.setenv("INTERNLAB_INTERVIEWS", str(texts))
    shown = passages.card("s-one")._repr_html_()
    assert "Original lines" in shown
    assert "second line" in shown
