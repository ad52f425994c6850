"""The bibliography has every paper that a lesson or lab cites, and says so of the right lessons."""

from __future__ import annotations

import re

import pytest

from book.kit import ARXIV, Chapter, Paper, citations, read_kit
from internlab.files import project_root

KIT = read_kit(project_root())
CHAPTERS = {f"{chapter.kind} {chapter.name}": chapter for chapter in KIT.chapters}
BY_ARXIV = {paper.arxiv: paper for paper in KIT.papers if paper.arxiv}


def uncited(chapter: Chapter) -> list[str]:
    """Return what a chapter cites and the bibliography does not have, or has for other lessons."""
    faults = []
    for number in sorted(set(ARXIV.findall(chapter.text))):
        paper = BY_ARXIV.get(number)
        if paper is None or chapter.name not in paper.used_in:
            faults.append(f"arXiv {number}")
    for name, year in citations(chapter.text):
        fitting = [
            paper
            for paper in KIT.papers
            if chapter.name in paper.used_in
            and any(name in family.split() for family in paper.family_names)
            # A preprint is often a year older than what was printed.
            and abs(paper.year - int(year)) <= 1
        ]
        if not fitting:
            faults.append(f"{name}, {year}")
    return faults


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_cited_paper_has_an_entry(name: str):
    assert not uncited(CHAPTERS[name])


@pytest.mark.parametrize(
    "text",
    ["arXiv 9999.99999", "Nobody et al., 2001", "Nobody and others, 2001", "(Nobody, 2001)"],
)
def test_a_citation_without_an_entry_would_be_seen(text: str):
    from types import SimpleNamespace

    assert uncited(SimpleNamespace(name="40_shortcut", text=text))


@pytest.mark.parametrize("paper", KIT.papers, ids=lambda paper: paper.key)
def test_an_entry_is_whole(paper: Paper):
    lessons = {chapter.name for chapter in KIT.chapters}
    assert paper.used_in and set(paper.used_in) <= lessons
    assert paper.link.startswith("https://") or ("ISBN" in paper.venue and not paper.link)
    assert paper.title and paper.venue
    assert 1900 <= paper.year <= 2030
    names = [author for author in paper.authors if author not in ("others", "ISO/IEC")]
    assert all(re.fullmatch(r"\S.*, [A-ZÉ]\S*( [A-Z]\S*)*", name) for name in names), names
    assert not paper.arxiv or re.fullmatch(ARXIV, paper.arxiv)
    assert not paper.doi or re.fullmatch(r"10\.\d{4,}/\S+", paper.doi)


def test_keys_and_addresses_are_given_once():
    for values in ([p.key for p in KIT.papers], [p.link for p in KIT.papers if p.link]):
        assert len(values) == len(set(values))


def test_the_methods_of_the_library_name_papers_that_are_listed():
    # Read and not imported: that would start PyTorch.
    sources = [*KIT.root.glob("src/internlab/*/methods/*.py")]
    sources += KIT.root.glob("src/internlab/*/detectors/*.py")
    texts = (path.read_text(encoding="utf-8") for path in sources)
    urls = {url for text in texts for url in re.findall(r'^    url = "(.+)"$', text, re.MULTILINE)}
    assert len(urls) > 30
    listed = {paper.url for paper in KIT.papers} | {paper.link for paper in KIT.papers}
    assert not urls - listed
