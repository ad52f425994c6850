"""The glossary has every term of the lessons and labs, and nothing that they do not use."""

from __future__ import annotations

from collections import Counter

import pytest

from book.kit import Kit, Term, korean_places, read_kit
from internlab.files import project_root

KIT = read_kit(project_root())
CHAPTERS = {f"{chapter.kind} {chapter.name}": chapter for chapter in KIT.chapters}


def missing(prose: str, terms: tuple[Term, ...]) -> list[str]:
    """Return what is wrong with the Korean terms of a text: no entry, or another English name."""
    by_name = {name: term for term in terms for name in term.korean}
    faults = []
    for name, before, inside in korean_places(prose):
        term = by_name.get(name)
        if term is None:
            faults.append(f"{name}: no entry, behind {before[-40:]!r}")
        elif not term.ends(before[-80:]) and not term.is_in(inside):
            faults.append(f"{name}: the entry is {term.term!r}, the text says {before[-40:]!r}")
    return faults


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_korean_term_has_an_entry_of_the_same_english_name(name: str):
    assert not missing(CHAPTERS[name].prose, KIT.terms)


def test_a_term_without_entry_and_one_with_another_name_would_be_seen():
    terms = (Term("hypothesis", "가설", "..."),)
    assert not missing("a hypothesis (가설)", terms)
    assert missing("a hypothesis (가정)", terms) and missing("an assumption (가설)", terms)


@pytest.mark.parametrize("term", KIT.terms, ids=lambda term: term.term)
def test_a_lesson_uses_the_term(term: Term):
    assert KIT.chapters_with(term), f"no lesson or lab uses {term.term!r}: take the entry out"
    assert KIT.explained_in(term), f"{term.met_in} does not use {term.term!r}"


def test_names_are_given_once():
    english = Counter(name.lower() for term in KIT.terms for name in term.english)
    korean = Counter(name for term in KIT.terms for name in term.korean)
    assert not [name for name, count in (english + korean).items() if count > 1]


def test_entries_are_in_order_and_are_sentences():
    names = [term.term.lower() for term in KIT.terms]
    assert names == sorted(names)
    for term in KIT.terms:
        assert term.text.endswith(".") and 1 <= term.text.count(". ") + 1 <= 2, term.term


def test_the_korean_list_holds_every_korean_name_in_order(kit: Kit):
    from book.reference_pages import glossary_page

    page = glossary_page(kit).split("(glossary-korean)=")[1]
    listed = [line.split("`")[1] for line in page.splitlines() if line.startswith("- ")]
    assert listed == sorted(name for term in kit.terms for name in term.korean)
