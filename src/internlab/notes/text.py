"""The text of a note's file: front matter, the readable part, and the seal on what was expected."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from internlab.bars import show_number

if TYPE_CHECKING:
    from internlab.notes.note import Note

OWN_REMARKS = "## Remarks"


def split(path: Path) -> tuple[str, str]:
    """Return the front matter and the text of a note's file."""
    parts = re.split(r"^---\n", path.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0]:
        raise ValueError(f"{path.name} is not a note: expected front matter between two --- lines.")
    return parts[1], parts[2]


def seal_of(note: Note) -> str:
    """Return a hash of the question, the hypothesis, the expectations and the opening time."""
    sealed = {
        "question": note.question,
        "hypothesis": note.hypothesis,
        "expectations": [asdict(each) for each in note.expectations],
        "opened": note.opened,
    }
    text = json.dumps(sealed, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def body_of(note: Note) -> str:
    """Return what people read: question, hypothesis, verdicts, lesson, and their own remarks."""
    lines = [f"# {note.question}", "", f"**Hypothesis.** {note.hypothesis}", ""]
    if note.is_closed:
        lines += ["| Metric | Expected | Measured | Verdict |", "|---|---|---|---|"]
        for each in note.expectations:
            value = note.results[each.metric]
            measured = f"{show_number(value)} {each.unit}".rstrip()
            lines.append(f"| {each.metric} | {each.bar} | {measured} | **{each.verdict(value)}** |")
        expected = {each.metric for each in note.expectations}
        lines += [
            f"| {metric} | not stated | {show_number(value)} | |"
            for metric, value in note.results.items()
            if metric not in expected
        ]
        lines += ["", f"**Learned.** {note.learned}"]
        if note.ask:
            lines += ["", f"**Asked of others.** {note.ask}"]
    else:
        lines += ["| Metric | Expected |", "|---|---|"]
        lines += [f"| {each.metric} | {each.bar} |" for each in note.expectations]
    lines += ["", OWN_REMARKS, "", note.remarks]
    return "\n".join(lines).rstrip() + "\n"
