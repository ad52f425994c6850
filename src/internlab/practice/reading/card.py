"""A paper card: what one reader takes from a paper, in fields that can be asked for.

A summary can be long and hold no number. A card has a place for each thing that a decision needs:
what is claimed over what, which table shows it, on how many images and seeds, where it is weakest,
what to try, and what that costs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from internlab.files import atomic_write
from internlab.notes import notes_folder

# A number, and not the one in a name such as CIFAR-10 or L2.
NUMBER = re.compile(r"(?<![\w-])[-+]?\d")
# How near the reader has been to what is written down.
READ_AS = ("paper", "abstract", "review", "code", "issue", "second hand")


@dataclass(frozen=True)
class Claim:
    """What is said to be better, than what, where, and by how much; "" for what is not known."""

    what: str = ""
    than: str = ""
    where: str = ""
    by: str = ""


@dataclass(frozen=True)
class Evidence:
    """One observation that stands for or against the claim.

    Parameters
    ----------
    says : str
        The observation in the reader's own words.
    place : str
        Where it stands, so that another reader finds it: "Table 2, row 3", "abstract".
    read_as : str
        One of `READ_AS`: the paper itself, or what else was read instead.
    test_items : int, optional
        Test images (or sentences, scenes) behind the number; 0 for "the text does not say"; None
        for "not looked up".
    seeds : int, optional
        Runs behind the number; 0 for "the text does not say"; None for "not looked up".
    supports : bool
        False where it speaks against the claim.
    """

    says: str = ""
    place: str = ""
    read_as: str = "paper"
    test_items: int | None = None
    seeds: int | None = None
    supports: bool = True

    @property
    def has_number(self) -> bool:
        """Whether the observation is a number, which test items and seeds stand behind."""
        return bool(NUMBER.search(self.says))


@dataclass(frozen=True)
class Trial:
    """What to try first, what is measured, the line that decides, and the cost in minutes."""

    change: str = ""
    measure: str = ""
    line: float | None = None
    minutes: float | None = None


@dataclass(frozen=True)
class PaperCard:
    """One paper, read by one reader.

    Parameters
    ----------
    key : str
        A short name: letters, digits, hyphens. It names the file.
    title, authors, venue, link : str
    year : int
    claim : Claim
    evidence : tuple of Evidence
    weakest : str
        The point where the claim is easiest to break, in one sentence.
    breaks_if : str
        The observation that would break it.
    trial : Trial
    not_read : str
        What of the paper the reader has not seen; "nothing" if all was read.
    """

    key: str
    title: str
    authors: str = ""
    year: int | None = None
    venue: str = ""
    link: str = ""
    claim: Claim = Claim()
    evidence: tuple[Evidence, ...] = ()
    weakest: str = ""
    breaks_if: str = ""
    trial: Trial = Trial()
    not_read: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.key):
            raise ValueError(
                f"The key is {self.key!r}; expected small letters, digits and single hyphens, "
                "such as 'nam-2020': it becomes the name of a file."
            )
        if not self.title.strip():
            raise ValueError("A card needs the title of its paper; it is empty.")
        unknown = [each.read_as for each in self.evidence if each.read_as not in READ_AS]
        if unknown:
            raise ValueError(
                f"Evidence is read as {unknown[0]!r}; expected one of {', '.join(READ_AS)}."
            )

    def _repr_markdown_(self) -> str:
        return "#### Paper card: " + text_of(self).removeprefix("# ")


def text_of(card: PaperCard) -> str:
    """Return what people read of a card, as Markdown."""
    about = ", ".join(str(part) for part in (card.authors, card.venue, card.year) if part)
    claim = card.claim
    lines = [f"# {card.title}", "", about, "", card.link, ""]
    lines += [
        f"**Claim.** {_or_gap(claim.what)} *is better than* {_or_gap(claim.than)} *on* "
        f"{_or_gap(claim.where)} *by* {_or_gap(claim.by)}.",
        "",
        "| For or against | Observation | Place | Read as | Test items | Seeds |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {'for' if each.supports else 'against'} | {_cell(each.says)} | {_cell(each.place)} "
        f"| {each.read_as} | {_count(each, each.test_items)} | {_count(each, each.seeds)} |"
        for each in card.evidence
    ]
    trial = card.trial
    line = "(no line)" if trial.line is None else f"{trial.line:g}"
    minutes = "(no cost)" if trial.minutes is None else f"{trial.minutes:g} minutes"
    lines += [
        "",
        f"**Weakest point.** {_or_gap(card.weakest)} It breaks if {_or_gap(card.breaks_if)}",
        "",
        f"**What to try.** {_or_gap(trial.change)} Measured: {_or_gap(trial.measure)}; the line is "
        f"{line}; it costs {minutes}.",
        "",
        f"**Not read.** {_or_gap(card.not_read)}",
    ]
    return "\n".join(lines) + "\n"


def save_card(card: PaperCard, folder: Path | str | None = None) -> Path:
    """Write a card as Markdown with front matter and return its path.

    It is kept in ``cards/`` beside the experiment notes, or in `folder`. A card of the same key is
    replaced: reading on changes a card, while a note keeps what was expected.
    """
    folder = Path(folder) if folder else notes_folder() / "cards"
    path = folder / f"{card.key}.md"
    record = asdict(card) | {"evidence": [asdict(each) for each in card.evidence]}
    header = yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=96)
    with atomic_write(path) as temporary:
        temporary.write_text(f"---\n{header}---\n{text_of(card)}", encoding="utf-8")
    return path


def load_card(path: Path | str) -> PaperCard:
    """Read a card from its file.

    Raises
    ------
    ValueError
        If the file is no card, or names a field that a card has not.
    """
    path = Path(path)
    parts = re.split(r"^---\n", path.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0]:
        raise ValueError(f"{path.name} is no card: expected front matter between two --- lines.")
    try:
        record = yaml.safe_load(parts[1])
        return card_from(record)
    except (yaml.YAMLError, TypeError, AttributeError, KeyError) as error:
        raise ValueError(
            f"{path.name} is no complete card ({type(error).__name__}: {error})."
        ) from error


def card_from(record: Mapping[str, Any]) -> PaperCard:
    """Return the card that a mapping of its fields describes.

    Raises
    ------
    ValueError
        If the mapping has a field that a card has not.
    """
    known = {each.name for each in fields(PaperCard)}
    unknown = sorted(set(record) - known)
    if unknown:
        raise ValueError(
            f"A card has no field {', '.join(unknown)}; it has {', '.join(sorted(known))}."
        )
    parts = dict(record)
    if "claim" in parts:
        parts["claim"] = Claim(**parts["claim"])
    if "trial" in parts:
        parts["trial"] = Trial(**parts["trial"])
    if "evidence" in parts:
        parts["evidence"] = tuple(Evidence(**each) for each in parts["evidence"])
    return PaperCard(**parts)


def _or_gap(text: str) -> str:
    return text.strip() or "(missing)"


def _count(evidence: Evidence, value: int | None) -> str:
    if value is None:
        return "not looked up" if evidence.has_number else "-"
    return "not said" if value == 0 else str(value)


def _cell(text: str) -> str:
    """Keep a text within one cell of a Markdown table."""
    return " ".join(_or_gap(text).split()).replace("|", "\\|")
