"""The pages to look things up in: passages, glossary, bibliography, and the labs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from book.kit import Chapter, Kit, Paper
from book.markup import Rewriter, escaped

# The first consonant of a Korean syllable, in the order of a Korean dictionary.
_CONSONANTS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_PLAIN = {"ㄲ": "ㄱ", "ㄸ": "ㄷ", "ㅃ": "ㅂ", "ㅆ": "ㅅ", "ㅉ": "ㅈ"}


def passages_page(kit: Kit) -> str:
    """Return every passage under its source, in our words, with the chapters that use it."""
    lines = [
        "# Passages",
        "",
        "Five published interviews tell how research interns work. Each lesson begins with the "
        "place that made us write it. What stands here is our paraphrase, in English and in "
        "Korean; the text itself is behind the link. The kit keeps line numbers and hashes of the "
        "lines that are meant, so whoever has a text can check that the place exists.",
    ]
    sources = {passage.source.id: passage.source for passage in kit.passages.values()}
    for source in sources.values():
        lines += ["", f"(source-{source.id})=", f"## {escaped(source.title)}", ""]
        lines += [f"[{escaped(source.outlet)}]({source.url})"]
        for passage in kit.passages.values():
            if passage.source.id != source.id:
                continue
            users = [each for each in kit.chapters if passage.id in each.passages]
            used = f"Used in {_links(users)}." if users else "No lesson is built on it yet."
            lines += [
                "",
                f"(passage-{passage.id})=",
                f"### {escaped(passage.question)}",
                "",
                f"{escaped(passage.speaker)}",
                "",
                f"{escaped(passage.en)}",
                "",
                f'<p lang="ko">{html.escape(passage.ko)}</p>',
                "",
                f"{used} Passage `{passage.id}`.",
            ]
    return "\n".join(lines) + "\n"


def glossary_page(kit: Kit) -> str:
    """Return every term with its Korean name and a definition, and a list in Korean order."""
    lines = [
        "# Glossary",
        "",
        "Every term that the lessons and labs use, as this kit uses it: in English and Korean, "
        "with the lesson in which you meet it first. The [list in Korean order](#glossary-korean) "
        "is below.",
        "",
        "::::{glossary}",
    ]
    for term in sorted(kit.terms, key=lambda each: each.term.lower()):
        first = kit.explained_in(term)
        where = f" *First met in {_links([first])}.*" if first else ""
        lines += [*term.english, *term.korean, f"    {term.text.strip()}{where}", ""]
    lines += ["::::", "", "(glossary-korean)=", "## 용어 찾아보기: in Korean order", ""]
    group = ""
    korean = {name: term for term in kit.terms for name in term.korean}
    for name in sorted(korean):
        consonant = first_consonant(name)
        if consonant != group:
            group = consonant
            lines += ["", f"### {group}", ""]
        lines.append(f"- {{term}}`{name}`: {escaped(korean[name].term)}")
    return "\n".join(lines) + "\n"


def first_consonant(name: str) -> str:
    """Return the consonant (double ones as plain) under which a Korean dictionary lists a name.

    Names that begin with a Latin letter, such as ``k-최근접 이웃``, come under that letter.
    """
    code = ord(name[0]) - ord("가")
    if not 0 <= code < 11172:
        return name[0].upper()
    consonant = _CONSONANTS[code // 588]
    return _PLAIN.get(consonant, consonant)


def bibliography_page(kit: Kit) -> str:
    """Return every paper that lessons and labs cite, by the first author's name."""
    lines = [
        "# Bibliography",
        "",
        "Every paper, report and standard that a lesson or lab cites or builds on, with the "
        "lessons that do so.",
    ]
    letter = ""
    for paper in sorted(kit.papers, key=_by_author):
        initial = _folded(paper.family_names[0])[0].upper()
        if initial != letter:
            letter = initial
            lines += ["", f"## {letter}"]
        lines += ["", f"(ref-{paper.key})=", ":::{container} reference", _reference(paper), ""]
        users = [each for each in kit.lessons if each.name in paper.used_in]
        lines += [f"Used in {_links(users)}.", ":::"]
    return "\n".join(lines) + "\n"


def labs_page(kit: Kit) -> str:
    """Return what each lab asks and how to run it; a page cannot answer, a notebook can."""
    lines = [
        "# Labs",
        "",
        'A lab is a notebook with blanks. You write a few lines, run `check("name", answer)`, and '
        "one line comes back: **PASS**, **TODO**, or **NOT YET** with what you gave, what was "
        "expected, and one question that points at the spot. That takes a running Python, so the "
        "labs are not in this book. [Set the kit up](run.md), then open the file named below in "
        "JupyterLab.",
        "",
        "(solutions)=",
        "## Where the solutions are",
        "",
        "In the folder `solutions/` of the kit, one notebook for each lab. They are left out of "
        "this book on purpose: its search would show you the answer before the question.",
    ]
    for lab in kit.labs:
        lesson = next((each for each in kit.lessons if each.name == lab.name), None)
        after = f"After {_links([lesson])}. " if lesson else ""
        lines += ["", f"(lab-{lab.anchor})=", f"## {lab.number} {escaped(lab.title)}", ""]
        lines += [f"{after}About {lab.minutes} minutes. Open `labs/{lab.name}.ipynb`.", ""]
        rewrite = Rewriter(kit, "labs", "labs")
        lines += [f"- {rewrite(exercise)}" for exercise in exercises(lab)]
    return "\n".join(lines) + "\n"


def exercises(lab: Chapter) -> list[str]:
    """Return the headings of a lab's exercises, without their numbers."""
    found = re.findall(r"^## +\d+ +· +(.+)$", lab.prose, re.MULTILINE)
    return [heading.strip() for heading in found]


def _links(chapters: Iterable[Chapter]) -> str:
    return ", ".join(
        f"[{each.number} {escaped(each.title)}](lessons/{each.name}.ipynb)"
        if each.kind == "lesson"
        else f"[lab {each.number}](#lab-{each.anchor})"
        for each in chapters
    )


def _by_author(paper: Paper) -> tuple[str, int, str]:
    return _folded(", ".join(paper.authors)).lower(), paper.year, paper.title


def _folded(text: str) -> str:
    import unicodedata

    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _reference(paper: Paper) -> str:
    authors = "; ".join(paper.authors).replace("; others", " and others")
    title = f"**{escaped(paper.title)}**"
    links = [f"[arXiv {paper.arxiv}](https://arxiv.org/abs/{paper.arxiv})"] if paper.arxiv else []
    links += [f"[doi {escaped(paper.doi)}]({paper.doi_address})"] if paper.doi else []
    links += [f"[link]({paper.url})"] if paper.url else []
    tail = f" {' · '.join(links)}." if links else ""
    return f"{escaped(authors)} ({paper.year}). {title}. {escaped(paper.venue)}.{tail}"
