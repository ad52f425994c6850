"""The interview passages that motivate the lessons, shown as cards and checked by hash.

The kit holds locators, hashes and paraphrases, not the texts. Whoever has the texts can check the
locators with ``python -m internlab.passages verify DIR`` and, with ``INTERNLAB_INTERVIEWS=DIR``,
see the original lines on the cards.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import os
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from internlab.files import data_dir

TEXTS_VARIABLE = "INTERNLAB_INTERVIEWS"


@dataclass(frozen=True)
class Source:
    """One published interview: where it is, and the file name its text has in a collection."""

    id: str
    title: str
    outlet: str
    url: str
    file: str
    nonempty_lines: int


@dataclass(frozen=True)
class Passage:
    """A place in an interview, with our own paraphrase in English and Korean.

    `lines` holds pairs of a line number (non-empty lines, from 1) and the sha256 of that line.
    """

    id: str
    source: Source
    speaker: str
    question: str
    lines: tuple[tuple[int, str], ...]
    en: str
    ko: str
    topics: tuple[str, ...]


@cache
def load(path: Path | None = None) -> dict[str, Passage]:
    """Return every passage by its id, read from ``data/passages.yaml``."""
    path = path or data_dir() / "passages.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    sources = {entry["id"]: Source(**entry) for entry in content["sources"]}
    passages = {}
    for entry in content["passages"]:
        locator = entry["locator"]
        passages[entry["id"]] = Passage(
            id=entry["id"],
            source=sources[entry["source"]],
            speaker=entry["speaker"],
            question=locator["question"],
            lines=tuple((line["n"], line["sha256"]) for line in locator["lines"]),
            en=entry["en"],
            ko=entry["ko"],
            topics=tuple(entry["topics"]),
        )
    return passages


def get(passage_id: str) -> Passage:
    """Return one passage.

    Raises
    ------
    KeyError
        If the id is unknown, with the ids that look like it.
    """
    passages = load()
    if passage_id not in passages:
        prefix = passage_id.split("-")[0]
        alike = [known for known in passages if known.startswith(prefix)] or sorted(passages)
        raise KeyError(
            f"No passage has the id {passage_id!r}. data/passages.yaml has, among others: "
            f"{', '.join(alike)}."
        )
    return passages[passage_id]


def normalised_lines(text: str) -> list[str]:
    """Return the non-empty lines of a text in the form that the hashes are taken of.

    Split at LF; each line in Unicode form NFC, every run of white space (no-break spaces included)
    to one space, stripped; empty lines dropped. Line 1 is at index 0.
    """
    lines = (" ".join(unicodedata.normalize("NFC", line).split()) for line in text.split("\n"))
    return [line for line in lines if line]


def line_hash(line: str) -> str:
    """Return the sha256 (hexadecimal) of a normalised line in UTF-8."""
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def original_lines(passage: Passage, folder: Path) -> list[str]:
    """Return the lines a passage points to, from a folder with the interview texts.

    Parameters
    ----------
    passage : Passage
    folder : Path
        Holds the text under the file name in the passage's source. White space inside a line is
        normalised.

    Raises
    ------
    FileNotFoundError
        If the text is not there.
    ValueError
        If a line is missing or its hash differs, naming the line.
    """
    path = Path(folder) / passage.source.file
    if not path.is_file():
        raise FileNotFoundError(
            f"{passage.id}: the folder has no file {passage.source.file} (the text of "
            f"{passage.source.url}). Give the folder that holds the five interview texts."
        )
    lines = normalised_lines(path.read_text(encoding="utf-8"))
    found = []
    for number, expected in passage.lines:
        if number > len(lines):
            raise ValueError(
                f"{passage.id}: {passage.source.file} has {len(lines)} non-empty lines, expected "
                f"a line {number}. Is it the whole text?"
            )
        line = lines[number - 1]
        if line_hash(line) != expected:
            raise ValueError(
                f"{passage.id}: line {number} of {passage.source.file} has sha256 "
                f"{line_hash(line)[:12]}..., expected {expected[:12]}.... The text differs from "
                "the one the passage was located in."
            )
        found.append(line)
    return found


@dataclass(frozen=True)
class Card:
    """Passages as a learner sees them; a notebook shows it, ``print`` gives plain text."""

    passages: tuple[Passage, ...]

    def _repr_html_(self) -> str:
        return "".join(_card_html(passage) for passage in self.passages)

    def __repr__(self) -> str:
        return "\n\n".join(
            f"{p.speaker} ({p.source.outlet})\nAsked: {p.question}\n{p.en}\n{p.ko}\n{p.source.url}"
            for p in self.passages
        )


def card(passage_id: str, *more_ids: str) -> Card:
    """Return the card of one or more passages, for the first cell of a lesson or lab.

    Raises
    ------
    KeyError
        If an id is unknown.
    """
    return Card(tuple(get(each) for each in (passage_id, *more_ids)))


def _card_html(passage: Passage) -> str:
    text = html.escape
    original = ""
    folder = os.environ.get(TEXTS_VARIABLE)
    if folder:
        try:
            lines = original_lines(passage, Path(folder))
            shown = "<br>".join(text(line) for line in lines)
        except (OSError, ValueError) as error:
            shown = text(str(error))
        original = f"<details><summary>Original lines</summary>{shown}</details>"
    # Inline style with a border and inherited colours reads well in light and dark themes.
    return (
        '<div style="border:1px solid #8a8a8a;border-left:4px solid #0059a8;padding:6px 12px;'
        'margin:6px 0;max-width:52em">'
        f"<div><b>{text(passage.speaker)}</b>, "
        f'<a href="{text(passage.source.url)}">{text(passage.source.outlet)}</a></div>'
        f"<div><i>Asked: {text(passage.question)}</i></div>"
        f'<div style="margin-top:4px">{text(passage.en)}</div>'
        f'<div lang="ko" style="margin-top:4px">{text(passage.ko)}</div>'
        f'<div style="margin-top:4px;font-size:85%">Our paraphrase. Passage '
        f"<code>{text(passage.id)}</code>.</div>{original}</div>"
    )


def verify(folder: Path) -> list[str]:
    """Check every passage against a folder with the texts; return one line for each problem."""
    problems = []
    for passage in load().values():
        try:
            original_lines(passage, folder)
        except (FileNotFoundError, ValueError) as error:
            problems.append(str(error))
    return problems


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m internlab.passages``; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m internlab.passages", description="The passages behind the lessons."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("verify", help="check locators and hashes against the texts")
    check.add_argument("folder", type=Path, help="folder that holds the interview texts")
    commands.add_parser("list", help="print every passage id with its source")
    options = parser.parse_args(arguments)

    passages = load()
    if options.command == "list":
        for passage in passages.values():
            print(f"{passage.id:36} {passage.source.outlet}")
        return 0
    if not options.folder.is_dir():
        print(f"{options.folder} is not a folder. Give the folder that holds the interview texts.")
        return 2
    problems = verify(options.folder)
    for problem in problems:
        print(problem)
    lines = sum(len(passage.lines) for passage in passages.values())
    print(f"{len(passages) - len(problems)} of {len(passages)} passages hold ({lines} lines).")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
