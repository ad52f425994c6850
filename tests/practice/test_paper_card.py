"""A paper card keeps what was read, and its lint asks for each thing that is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.practice.reading import (
    Claim,
    Evidence,
    PaperCard,
    Trial,
    lint,
    load_card,
    save_card,
    shared_runs,
)
from internlab.practice.reading.card import text_of

WHOLE = PaperCard(
    key="nam-2020",
    title="Learning from Failure",
    authors="Nam and others",
    year=2020,
    venue="NeurIPS",
    link="https://arxiv.org/abs/2007.02561",
    claim=Claim("two networks", "plain training", "coloured digits", "5 points"),
    evidence=(Evidence("Gains 5 points", "Table 2", "paper", 1000, 3),),
    weakest="It needs an easy bias.",
    breaks_if="the loss does not find the conflicting images",
    trial=Trial("Train the first network alone", "AUROC", 0.8, 10),
    not_read="the appendix",
)


def test_a_whole_card_is_asked_nothing():
    assert lint(WHOLE) == []


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"authors": " "}, "authors", "Who wrote it"),
        ({"year": None}, "authors", "what year"),
        ({"link": ""}, "link", "find it"),
        ({"claim": replace(WHOLE.claim, what="")}, "claim.what", "Which method"),
        ({"claim": replace(WHOLE.claim, than=" ")}, "claim.than", "Better than what"),
        ({"claim": replace(WHOLE.claim, where="")}, "claim.where", "which data"),
        ({"claim": replace(WHOLE.claim, by="much")}, "claim.by", "By how much"),
        ({"claim": replace(WHOLE.claim, by="better on CIFAR-10")}, "claim.by", "By how much"),
        ({"evidence": ()}, "evidence", "Which table"),
        ({"weakest": ""}, "weakest", "easiest to break"),
        ({"breaks_if": ""}, "breaks_if", "Which observation"),
        ({"not_read": ""}, "not_read", "not read"),
        ({"trial": replace(WHOLE.trial, change="")}, "trial.change", "first"),
        ({"trial": replace(WHOLE.trial, measure="")}, "trial.measure", "Which number"),
        ({"trial": replace(WHOLE.trial, line=None)}, "trial.line", "At which value"),
        ({"trial": replace(WHOLE.trial, line=float("nan"))}, "trial.line", "At which value"),
        ({"trial": replace(WHOLE.trial, minutes=None)}, "trial.minutes", "cost"),
        ({"trial": replace(WHOLE.trial, minutes=0)}, "trial.minutes", "cost"),
        ({"trial": replace(WHOLE.trial, minutes=120)}, "trial.minutes", "learned in 30"),
    ],
)
def test_one_gap_gets_one_question(change, field, words):
    (asked,) = lint(replace(WHOLE, **change))
    assert asked.field == field
    assert words in asked.question


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"says": ""}, "What does it show"),
        ({"place": "somewhere in the paper"}, "Where does it stand"),
        ({"seeds": None}, "How many seeds"),
        ({"test_items": None}, "How many test items"),
        ({"seeds": 1}, "a second one"),
        ({"seeds": -3}, "how can that be"),
        ({"supports": False}, "Nothing here is for the claim"),
    ],
)
def test_evidence_is_asked_for_place_images_and_seeds(change, words):
    (asked,) = lint(replace(WHOLE, evidence=(replace(WHOLE.evidence[0], **change),)))
    assert asked.field.startswith("evidence")
    assert words in asked.question


def test_what_the_text_does_not_say_is_an_answer():
    evidence = replace(WHOLE.evidence[0], seeds=0, test_items=0)
    assert lint(replace(WHOLE, evidence=(evidence,))) == []
    assert text_of(replace(WHOLE, evidence=(evidence,))).count("not said") == 2


def test_an_observation_without_a_number_needs_no_seeds():
    remark = Evidence("Gains on CIFAR-10 as well", "abstract", "abstract")
    assert lint(replace(WHOLE, evidence=(remark,))) == []
    assert not remark.has_number
    assert Evidence("Gains 5 points on CIFAR-10").has_number


def test_a_weak_point_of_every_paper_is_none():
    asked = lint(replace(WHOLE, weakest="More experiments would help.", breaks_if=""))
    assert [each.field for each in asked] == ["weakest", "breaks_if"]
    assert "every paper" in asked[0].question


@pytest.mark.parametrize(
    "place",
    ["Table 2", "tab. and Figure 3", "section 4.1", "§ 4", "train.py", "issue 1", "reviews"],
)
def test_a_place_is_what_another_reader_finds(place):
    assert lint(replace(WHOLE, evidence=(replace(WHOLE.evidence[0], place=place),))) == []


text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


@given(says=text, weakest=text, title=text.filter(str.strip), seeds=st.none() | st.integers(0, 9))
def test_any_card_reads_back(tmp_path_factory, says, weakest, title, seeds):
    card = replace(
        WHOLE,
        title=title,
        weakest=weakest,
        evidence=(Evidence(says, "Table 1", seeds=seeds), WHOLE.evidence[0]),
    )
    path = save_card(card, tmp_path_factory.mktemp("cards"))
    assert load_card(path) == card


def test_a_card_lies_beside_the_notes_and_is_not_read_as_one(notes_elsewhere):
    from internlab import notes

    path = save_card(WHOLE)
    assert path == notes_elsewhere / "cards" / "nam-2020.md"
    assert notes.load_all() == []


def test_a_cell_of_the_table_stays_one_cell():
    card = replace(WHOLE, evidence=(replace(WHOLE.evidence[0], says="p(a|b)\nis 3"),))
    assert r"| for | p(a\|b) is 3 | Table 2 |" in text_of(card)


@pytest.mark.parametrize("key", ["", "Nam 2020", "../nam", "nam-", "nam--2020", "nam/2020"])
def test_a_key_that_is_no_file_name_is_refused(key):
    with pytest.raises(ValueError, match="key"):
        PaperCard(key=key, title="x")


def test_a_card_needs_a_title_and_a_known_way_of_reading():
    with pytest.raises(ValueError, match="title"):
        PaperCard(key="x", title=" ")
    with pytest.raises(ValueError, match="read as 'skimmed'"):
        PaperCard(key="x", title="x", evidence=(Evidence(read_as="skimmed"),))


@pytest.mark.parametrize(
    "content",
    ["hello", "---\n[1\n---\n", "---\nkey: x\n---\n", "---\nkey: x\ntitle: y\nz: 1\n---\n"],
)
def test_a_file_that_is_no_card_is_named(tmp_path, content):
    path = tmp_path / "stray.md"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"stray\.md|no field z"):
        load_card(path)


def test_what_is_shared_with_a_source_is_found():
    source = "The quick brown fox, they say, jumps over the lazy dog."
    assert shared_runs("We saw the Quick Brown Fox they say.", source, words=4) == [
        "the quick brown fox they say"
    ]
    assert shared_runs("A brown and quick fox jumps", source, words=3) == []
    assert shared_runs("over the lazy dog. Jumps over the lazy", source, words=4) == [
        "over the lazy dog",
        "jumps over the lazy",
    ]
    with pytest.raises(ValueError, match="words"):
        shared_runs("a", "a", words=0)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_shared_runs_are_runs_of_both_and_none_is_left(ours, theirs):
    runs = [tuple(run.split()) for run in shared_runs(" ".join(ours), " ".join(theirs), words=3)]
    of_theirs = {tuple(theirs[i : i + 3]) for i in range(len(theirs) - 2)}
    covered = set()
    for run in runs:
        assert len(run) >= 3
        assert all(run[i : i + 3] in of_theirs for i in range(len(run) - 2))
        covered |= {run[i : i + 3] for i in range(len(run) - 2)}
    assert covered == {tuple(ours[i : i + 3]) for i in range(len(ours) - 2)} & of_theirs


def test_the_card_of_the_lesson_leaves_no_question_open(root):
    import nbformat

    notebook = nbformat.read(root / "notebooks" / "05_read_review_decide.ipynb", as_version=4)
    printed = [
        output.get("text", "")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]
    assert "0 questions left\n" in printed
