"""What the book is made of: lessons, labs, terms and references, read from the kit's own files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import nbformat
import yaml
from nbformat import NotebookNode

from authoring.source import is_variant, read
from internlab import passages
from internlab.passages import Passage

HANGUL = "[가-힣]"
# A Korean term stands in parentheses behind the English one, alone or after an abbreviation.
IN_PARENTHESES = re.compile(rf"\(([^()`]*{HANGUL}[^()`]*)\)")
ARXIV = re.compile(r"\b\d{4}\.\d{4,5}\b")
# `Nam et al., 2020`, `Nam and others (NeurIPS 2020)`, `Zhang and Sabuncu 2018`, `Young (1974)`,
# `(Young, 1974`.
NAMED = re.compile(
    r"(?:\b(?P<one>[A-Z][a-z]+) (?:et al\.|and [A-Za-z]+),? \(?(?:[A-Z][A-Za-z]+ )?"
    r"|\b(?P<plain>[A-Z][a-z]+) \("
    r"|\((?P<alone>[A-Z][a-z]+),? )"
    r"(?P<year>(?:19|20)\d\d)\b(?!\.\d)"
)
_CODE = re.compile(r"```[\s\S]*?```|(`+)[^`][\s\S]*?\1")
SUBJECTS = {
    "0": "Start, and research practice",
    "1": "A network that has to be fast",
    "2": "Searching settings",
    "3": "What the network has never seen",
    "4": "The shortcut",
}


@dataclass(frozen=True)
class Chapter:
    """A lesson or a lab: the facts of its source's header, and its cells as a reader sees them."""

    name: str
    kind: str
    title: str
    minutes: int
    passages: tuple[str, ...]
    notebook: NotebookNode

    @property
    def number(self) -> str:
        """``"10"`` for ``10_train_super_resolution``."""
        return self.name.split("_")[0]

    @property
    def anchor(self) -> str:
        """The name without underscores, as it stands in an address."""
        return self.name.replace("_", "-")

    @property
    def subject(self) -> str:
        """The heading under which the table of contents lists it."""
        return SUBJECTS.get(self.number[0], f"Track {self.number[0]}")

    @cached_property
    def prose(self) -> str:
        """The text of all markdown cells."""
        cells = self.notebook.cells
        return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")

    @cached_property
    def korean(self) -> frozenset[str]:
        """The Korean terms of the prose."""
        return frozenset(korean_terms(self.prose))

    @cached_property
    def text(self) -> str:
        """The prose, and the code of all code cells: captions of tables are written there."""
        return "\n\n".join(cell.source for cell in self.notebook.cells)


@dataclass(frozen=True)
class Term:
    """An entry of the glossary.

    `also` holds other names in English and abbreviations; `said` forms in which a text may say it,
    which the glossary does not list; `also_ko` other Korean names; `met_in` the lesson that first
    means the term, where the word is used plainly before.
    """

    term: str
    ko: str
    text: str
    also: tuple[str, ...] = ()
    also_ko: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    met_in: str = ""

    @property
    def english(self) -> tuple[str, ...]:
        """Every English name."""
        return (self.term, *self.also)

    @property
    def korean(self) -> tuple[str, ...]:
        """Every Korean name."""
        return (self.ko, *self.also_ko)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        names = sorted((*self.english, *self.said), key=len, reverse=True)
        names = [re.escape(name).replace(r"\ ", r"\s+") for name in names]
        # At the start of a sentence a term has a capital; an abbreviation always has.
        names = [f"[{n[0].upper()}{n[0].lower()}]{n[1:]}" if n[0].isalpha() else n for n in names]
        return re.compile(rf"(?<![\w-])(?:{'|'.join(names)})(?:s|es|ed)?(?![\w-])")

    def is_in(self, text: str) -> bool:
        """Say whether a text uses the term under one of its English names."""
        return self._pattern.search(text) is not None

    def ends(self, text: str) -> bool:
        """Say whether a text ends with one of the English names, markup aside."""
        text = " ".join(re.sub(r"[*_`]", "", text).split())
        return any(match.end() == len(text) for match in self._pattern.finditer(text))


@dataclass(frozen=True)
class Paper:
    """An entry of the bibliography. `arxiv`, `doi` and `url` may each be empty."""

    key: str
    authors: tuple[str, ...]
    year: int
    title: str
    venue: str
    used_in: tuple[str, ...]
    arxiv: str = ""
    doi: str = ""
    url: str = ""

    @property
    def family_names(self) -> tuple[str, ...]:
        """``Nam`` of ``Nam, J.``."""
        return tuple(author.split(",")[0] for author in self.authors)

    @property
    def link(self) -> str:
        """The address of the paper, or an empty text."""
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        return self.doi_address or self.url

    @property
    def doi_address(self) -> str:
        """The address behind the DOI, or an empty text; old DOIs hold brackets and angles."""
        return f"https://doi.org/{quote(self.doi, safe='/:;.')}" if self.doi else ""

    @property
    def short(self) -> str:
        """``Nam et al. (2020)``."""
        names = self.family_names
        shown = names[0] if len(names) == 1 else f"{names[0]} et al."
        if len(names) == 2 and names[1] != "others":
            shown = f"{names[0]} and {names[1]}"
        return f"{shown} ({self.year})"


@dataclass(frozen=True)
class Kit:
    """Everything that the book shows."""

    root: Path
    lessons: tuple[Chapter, ...]
    labs: tuple[Chapter, ...]
    terms: tuple[Term, ...]
    papers: tuple[Paper, ...]
    passages: Mapping[str, Passage]

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """Lessons and labs in reading order, each lab behind its lesson."""
        return tuple(
            sorted((*self.lessons, *self.labs), key=lambda each: (each.name, each.kind == "lab"))
        )

    def lab_of(self, lesson: Chapter) -> Chapter | None:
        """Return the lab of a lesson, which has the same name."""
        return next((lab for lab in self.labs if lab.name == lesson.name), None)

    def chapters_with(self, term: Term) -> list[Chapter]:
        """Return the lessons and labs that use a term, in reading order."""
        return [
            chapter
            for chapter in self.chapters
            if set(term.korean) & chapter.korean or term.is_in(chapter.prose)
        ]

    def explained_in(self, term: Term) -> Chapter | None:
        """Return where a reader meets a term first: with its Korean name, else at all."""
        return self._first_met[term.term]

    @cached_property
    def _first_met(self) -> dict[str, Chapter | None]:
        return {term.term: self._where_met(term) for term in self.terms}

    def _where_met(self, term: Term) -> Chapter | None:
        chapters = self.chapters_with(term)
        if term.met_in:
            chapters = [each for each in chapters if each.name == term.met_in]
        named = [each for each in chapters if set(term.korean) & each.korean]
        return next(iter([*named, *chapters]), None)


def korean_terms(text: str) -> list[str]:
    """Return the Korean terms that stand in parentheses in a text, in order."""
    return [name for name, _, _ in korean_places(text)]


def korean_places(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield each Korean term in parentheses, the text before it, and what the parentheses hold.

    Code is no text.
    """
    text = _CODE.sub(lambda match: " " * len(match[0]), text)
    for match in IN_PARENTHESES.finditer(text):
        for name in korean_parts(match[1]):
            yield name, text[: match.start()], match[1]


def citations(text: str) -> list[tuple[str, str]]:
    """Return the papers that a text cites by a name and a year."""
    found = NAMED.finditer(text)
    return sorted({(m["one"] or m["plain"] or m["alone"], m["year"]) for m in found})


def korean_parts(inside: str) -> list[str]:
    """Return the Korean parts of what stands between parentheses: ``IoU, 교집합`` has one."""
    parts = (" ".join(part.split()).strip("*") for part in re.split("[,;:]", inside))
    return [part for part in parts if re.search(HANGUL, part)]


def read_kit(root: Path) -> Kit:
    """Read lessons, labs, terms, references and passages from the kit's folder.

    Raises
    ------
    ValueError
        If an entry of ``data/glossary.yaml`` or ``data/bibliography.yaml`` has a key too many or
        too few.
    """
    found = [_lesson(path, root) for path in sorted(root.glob("authoring/lessons/*.py"))]
    return Kit(
        root=root,
        lessons=tuple(lesson for lesson in found if lesson is not None),
        labs=tuple(_lab(path) for path in sorted(root.glob("authoring/labs/*.py"))),
        terms=tuple(_records(Term, root / "data" / "glossary.yaml")),
        papers=tuple(_records(Paper, root / "data" / "bibliography.yaml")),
        passages=passages.load(root / "data" / "passages.yaml"),
    )


def _lesson(path: Path, root: Path) -> Chapter | None:
    """Return a lesson, or None for one that is being written and has no notebook yet."""
    built = root / "notebooks" / path.with_suffix(".ipynb").name
    if not built.is_file():
        return None
    source = read(path)
    notebook = nbformat.read(built, as_version=4)
    return Chapter(source.name, "lesson", source.title, source.minutes, source.passages, notebook)


def _lab(path: Path) -> Chapter:
    source = read(path)
    cells = [cell for cell in source.cells if not is_variant(cell)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    return Chapter(source.name, "lab", source.title, source.minutes, source.passages, notebook)


def _records(kind: type, path: Path) -> list:
    records = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        fields = {key: _frozen(value) for key, value in entry.items()}
        try:
            records.append(kind(**fields))
        except TypeError as error:
            raise ValueError(f"{path.name}, entry {entry}: {error}") from None
    return records


def _frozen(value: object) -> object:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return tuple(value) if is_list else value
