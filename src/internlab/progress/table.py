"""The room in a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from internlab.progress.catalogue import KitLab
from internlab.progress.outcome import LABELS, MEANINGS, NONE, SIGNS, Outcome, plain
from internlab.progress.room import obstacle, tallies
from internlab.progress.submissions import Submission

WIDEST_NAME = 24


def room_lines(
    participants: Sequence[str],
    outcomes: Mapping[Submission, Outcome],
    known: Mapping[str, KitLab],
) -> list[str]:
    """Return the table of each lab, participants by exercises, and its obstacle."""
    lines = []
    for lab, counted in tallies(outcomes, known).items():
        names = [plain(name, WIDEST_NAME) for name in participants]
        width = max(map(_columns, ["passed by", *names]))
        lines += ["", f"Lab {known[lab].title}"]
        lines += _numbered_heading(known[lab].exercises, width)
        by_name = {s.participant: o for s, o in outcomes.items() if s.lab == lab}
        for participant, shown in zip(participants, names, strict=True):
            outcome = by_name.get(participant)
            lines.append(f"{_padded(shown, width)}  {_signs(outcome, known[lab])}".rstrip())
        passed = "".join(f"{tally.counts.get('PASS', 0):>4}" for tally in counted)
        lines.append(f"{_padded('passed by', width)}  {passed}")
        worst = obstacle(counted)
        lines.append(f"Obstacle: {worst}." if worst else "Obstacle: none; nobody is stuck.")
    used = [label for label in LABELS if _occurs(label, participants, outcomes)]
    if used:
        lines += ["", *(f"{SIGNS[label]} {label}: {MEANINGS[label]}" for label in used)]
    return lines


def own_lines(outcomes: Mapping[Submission, Outcome], known: Mapping[str, KitLab]) -> list[str]:
    """Return one line for each lab, and one for each exercise that is tried and not right."""
    lines = []
    for submission, outcome in outcomes.items():
        signs = " ".join(SIGNS[told.label] for told in outcome.exercises.values())
        title, total = known[submission.lab].title, len(outcome.exercises)
        lines.append(f"{title:<28} {outcome.passed} of {total}  {signs}")
        for name, told in outcome.worth_saying().items():
            lines.append(f"    {told.label} {name}: {told.text}")
        if outcome.problem:
            lines.append(f"    {outcome.problem}")
    return lines


def remark_lines(outcomes: Mapping[Submission, Outcome]) -> list[str]:
    """Return what looks odd, and the labs that did not run to their end."""
    lines = []
    for submission, outcome in outcomes.items():
        who = f"{plain(submission.participant, WIDEST_NAME)}, lab {submission.lab[:2]}"
        if outcome.problem:
            lines.append(f"{who}: {outcome.problem}")
        lines += [f"{who}: look at it: {remark}" for remark in outcome.remarks]
    return lines


def _numbered_heading(exercises: Sequence[str], width: int) -> list[str]:
    """Return the exercises' names, numbered, and the row of numbers that stands for them."""
    named = ", ".join(f"{index} {name}" for index, name in enumerate(exercises, start=1))
    numbers = "".join(f"{index:>4}" for index in range(1, len(exercises) + 1))
    return [named, f"{'':{width}}  {numbers}"]


def _signs(outcome: Outcome | None, lab: KitLab) -> str:
    if outcome is None:
        return "".join(f"{SIGNS[NONE]:>4}" for _ in lab.exercises)
    signs = "".join(f"{SIGNS[outcome.exercises[name].label]:>4}" for name in lab.exercises)
    return f"{signs}   {plain(outcome.problem, 44)}" if outcome.problem else signs


def _occurs(
    label: str, participants: Sequence[str], outcomes: Mapping[Submission, Outcome]
) -> bool:
    if label == NONE:
        labs = {submission.lab for submission in outcomes}
        return len(outcomes) < len(participants) * len(labs)
    return any(told.label == label for o in outcomes.values() for told in o.exercises.values())


def _columns(text: str) -> int:
    """Return how many columns a terminal needs; a Hangul syllable takes two."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))
