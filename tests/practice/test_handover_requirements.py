"""Requirements follow EARS, and become tests that fail where they should."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.bars import Bar
from internlab.practice.handover.acceptance import run_tests, write_tests
from internlab.practice.handover.requirements import Requirement, pattern_of, problems

WORDS = st.sampled_from(["it is night", "a picture arrives", "1 file is lost", "rain is on"])
CLAUSE = st.one_of(st.just(""), WORDS)


def _requirement(name="a", bar=None, **clauses):
    return Requirement(name, "answer within 50 ms", "ms", bar or Bar("<=", 50, "ms"), **clauses)


@pytest.mark.parametrize(
    ("clauses", "pattern", "sentence"),
    [
        ({}, "ubiquitous", "The street model shall answer within 50 ms."),
        (
            {"while_": "it rains"},
            "state-driven",
            "While it rains, the street model shall answer within 50 ms.",
        ),
        (
            {"when": "a picture comes"},
            "event-driven",
            "When a picture comes, the street model shall answer within 50 ms.",
        ),
        (
            {"if_": "a file is lost"},
            "unwanted behaviour",
            "If a file is lost, then the street model shall answer within 50 ms.",
        ),
        (
            {"where": "a camera is there"},
            "optional feature",
            "Where a camera is there, the street model shall answer within 50 ms.",
        ),
        (
            {"while_": "it rains", "if_": "a file is lost"},
            "complex",
            "While it rains, if a file is lost, then the street model shall answer within 50 ms.",
        ),
    ],
)
def test_the_patterns_of_ears(clauses, pattern, sentence):
    requirement = _requirement(**clauses)
    assert requirement.sentence == sentence
    assert requirement.pattern == pattern_of(sentence) == pattern


@given(where=CLAUSE, while_=CLAUSE, when=CLAUSE, if_=CLAUSE)
def test_a_sentence_is_read_as_it_was_written(where, while_, when, if_):
    requirement = _requirement(where=where, while_=while_, when=when, if_=if_)
    assert pattern_of(requirement.sentence) == requirement.pattern
    assert problems(requirement.sentence) == []


@pytest.mark.parametrize(
    ("sentence", "asks"),
    [
        ("The model finds 9 people.", "no 'shall'"),
        ("The model shall find 9 people and shall be small.", "several 'shall'"),
        ("The model shall find 9 people quickly.", "'quickly'"),
        ("The model shall be real-time and find 9 people.", "'real-time'"),
        ("The model shall find people.", "no number"),
        ("If it is 8 o'clock, the model shall stop 2 lamps.", "no EARS pattern"),
        ("9 people shall be found.", "no EARS pattern"),
        ("The model shall find 9 cats and/or dogs.", "and/or"),
    ],
)
def test_what_cannot_be_tested_is_named(sentence, asks):
    assert any(asks in each for each in problems(sentence))


def test_a_vague_word_inside_another_is_none():
    assert problems("The model shall find 9 wells as well-formed goods.") == []


def test_tests_pass_and_fail_as_the_bars_say(tmp_path):
    bars = {
        "at_least": Bar(">=", 0.5),
        "more": Bar(">", 0.5),
        "at_most": Bar("<=", 0.5),
        "less": Bar("<", 0.5),
        "exactly": Bar("==", 0.5),
        "between": Bar("between", (0.4, 0.5)),
        "missing": Bar(">=", 0),
        "broken": Bar(">=", 0),
        "broken_upside_down": Bar("<=", 0),
    }
    path = write_tests(
        [Requirement(name, "do 1 thing", name, bar) for name, bar in bars.items()],
        tmp_path / "test_all.py",
    )
    measured = {name: 0.5 for name in bars if name != "missing"}
    measured |= {"broken": math.nan, "broken_upside_down": math.nan}
    found = run_tests(path, measured)
    assert found == {name: name != "missing" and bar.holds(measured[name])
                     for name, bar in bars.items()}  # fmt: skip
    assert sum(found.values()) == 4


def test_a_text_cannot_become_code(tmp_path):
    words = 'x"""\nraise SystemExit(3)\n"""' + "'; import os {0} \\"
    requirement = Requirement("one", words, "it's", Bar(">=", 1), asked_by=words)
    path = write_tests([requirement], tmp_path / "test_quotes.py")
    assert run_tests(path, {"it's": 2}) == {"one": True}


def test_names_are_identifiers_and_differ(tmp_path):
    with pytest.raises(ValueError, match="becomes part of a test's name"):
        _requirement("not a name")
    with pytest.raises(ValueError, match="Two requirements are called a"):
        write_tests([_requirement(), _requirement()], tmp_path / "test_twice.py")
    assert not (tmp_path / "test_twice.py").exists()


def test_a_broken_file_is_not_taken_for_a_failed_test(tmp_path):
    path = tmp_path / "test_broken.py"
    path.write_text("def (", encoding="utf-8")
    with pytest.raises(RuntimeError, match="could not run"):
        run_tests(path, {})
