"""Ask a paper card for what it lacks, one pointed question for each gap."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from internlab.practice.reading.card import NUMBER, Evidence, PaperCard, Trial

# Words by which another reader finds the place again.
PLACES = re.compile(
    r"\b(table|fig(ure|\.)?|sec(tion|\.)?|appendix|abstract|eq(uation|\.)?|algorithm|review|issue"
    r"|page|line)s?\b|§|\.py\b",
    re.IGNORECASE,
)
# Said of every paper, and so of none.
SAID_OF_ALL = re.compile(
    r"\b(more (data|experiments|data ?sets)|future work|could be better|limited|not enough "
    r"experiments)\b",
    re.IGNORECASE,
)
# A probe is what fits between two meetings.
HALF_AN_HOUR = 30


@dataclass(frozen=True)
class Asked:
    """A gap in a card: the field, and the question that would fill it."""

    field: str
    question: str

    def __str__(self) -> str:
        return f"{self.field}: {self.question}"


def lint(card: PaperCard) -> list[Asked]:
    """Return what a decision would need and the card does not say, in the order of its fields.

    A card without a question is complete, which is not to say that it is right.
    """
    asked: list[Asked] = []

    def ask(missing: bool, field: str, question: str) -> None:
        if missing:
            asked.append(Asked(field, question))

    claim = card.claim
    ask(not card.authors.strip() or card.year is None, "authors", "Who wrote it, and in what year?")
    ask(not card.link.strip(), "link", "Where does another reader find it?")
    ask(not claim.what.strip(), "claim.what", "Which method or statement does the paper stand for?")
    ask(not claim.than.strip(), "claim.than", "Better than what? Name what it is compared with.")
    ask(not claim.where.strip(), "claim.where", "On which data, and measured how?")
    ask(
        not NUMBER.search(claim.by) and not claim.by.lower().startswith("not read"),
        "claim.by",
        "By how much? Give the number, or write 'not read' and say under not_read why.",
    )
    asked += _of_evidence(card)
    ask(not card.weakest.strip(), "weakest", "Where is the claim easiest to break?")
    ask(
        bool(SAID_OF_ALL.search(card.weakest)) and not card.breaks_if.strip(),
        "weakest",
        "That can be said of every paper. What is weak about this one?",
    )
    ask(
        not card.breaks_if.strip(),
        "breaks_if",
        "Which observation would break it? If none could, it is not yet a weak point.",
    )
    asked += _of_trial(card.trial)
    ask(not card.not_read.strip(), "not_read", "What have you not read? Write 'nothing' if all.")
    return asked


def _of_evidence(card: PaperCard) -> list[Asked]:
    if not card.evidence:
        return [Asked("evidence", "Which table or figure shows it? Name one.")]
    asked = []
    for number, each in enumerate(card.evidence, start=1):
        asked += [Asked(f"evidence {number}", question) for question in _of_one(each)]
    if not any(each.supports for each in card.evidence):
        asked.append(
            Asked("evidence", "Nothing here is for the claim. Why do the authors make it?")
        )
    return asked


def _of_one(each: Evidence) -> list[str]:
    questions = []
    if not each.says.strip():
        questions.append("What does it show?")
    if not PLACES.search(each.place):
        questions.append("Where does it stand: which table, figure, section, file or issue?")
    if not each.has_number:
        return questions  # an observation without a number needs no seeds
    for name, value in (("test items", each.test_items), ("seeds", each.seeds)):
        if value is None:
            questions.append(f"How many {name} are behind the number? 0 if the text does not say.")
        elif value < 0:
            questions.append(f"{value} {name}: how can that be?")
    if each.seeds == 1:
        questions.append("One run: what would a second one have said?")
    return questions


def _of_trial(trial: Trial) -> list[Asked]:
    asked = []
    if not trial.change.strip():
        asked.append(Asked("trial.change", "What would you change or run first?"))
    if not trial.measure.strip():
        asked.append(Asked("trial.measure", "Which number will you look at?"))
    if trial.line is None or not math.isfinite(trial.line):
        asked.append(Asked("trial.line", "At which value of that number do you go on?"))
    if trial.minutes is None or not trial.minutes > 0:
        asked.append(Asked("trial.minutes", "What does it cost, in minutes of your time?"))
    elif trial.minutes > HALF_AN_HOUR:
        asked.append(
            Asked(
                "trial.minutes",
                f"{trial.minutes:g} minutes: what can be learned in {HALF_AN_HOUR}?",
            )
        )
    return asked


def shared_runs(text: str, source: str, words: int = 8) -> list[str]:
    """Return the runs of `words` words or more that a text shares with a source.

    Case and punctuation do not count. What a card shares with the abstract is copied, not read.

    Parameters
    ----------
    text, source : str
    words : int
        Shortest run that is reported, at least 1.

    Returns
    -------
    list of str
        Longest possible runs, in the order of the text, in small letters.

    Raises
    ------
    ValueError
        If `words` is below 1.
    """
    if words < 1:
        raise ValueError(f"words is {words}; expected at least 1.")
    ours, theirs = _words(text), _words(source)
    known = {tuple(theirs[i : i + words]) for i in range(len(theirs) - words + 1)}
    starts = [i for i in range(len(ours) - words + 1) if tuple(ours[i : i + words]) in known]
    runs: list[tuple[int, int]] = []
    for start in starts:
        if runs and start <= runs[-1][1] - words + 1:
            runs[-1] = (runs[-1][0], start + words)
        else:
            runs.append((start, start + words))
    return [" ".join(ours[first:last]) for first, last in runs]


def _words(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower())
