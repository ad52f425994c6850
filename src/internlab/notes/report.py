"""The weekly report from the experiment notes: ``python -m internlab.notes report``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from internlab.bars import show_number
from internlab.files import atomic_write
from internlab.notes.note import Note, load_all, notes_folder, problems


def weekly_report(notes: Sequence[Note], since: datetime, until: datetime) -> str:
    """Return the report on the notes that were opened or closed in a period, as Markdown.

    Parameters
    ----------
    notes : sequence of Note
    since, until : datetime
        With time zone; both ends included.

    Returns
    -------
    str
        What was expected, what happened, what was learned, what is asked of others, what is still
        open, and which notes were edited after the fact.
    """
    chosen = [note for note in notes if _in_period(note, since, until)]
    closed = [note for note in chosen if note.is_closed]
    verdicts = [verdict for note in closed for verdict in note.verdicts.values()]
    lines = [
        f"# Weekly report, {since:%Y-%m-%d} to {until:%Y-%m-%d}",
        "",
        f"{len(closed)} experiments closed, {len(chosen) - len(closed)} open. Of {len(verdicts)} "
        f"expectations {verdicts.count('held')} held and {verdicts.count('surprised')} surprised.",
        "",
        "## What was expected, and what happened",
        "",
    ]
    if closed:
        lines += ["| Question | Expected | Measured | Verdict |", "|---|---|---|---|"]
    else:
        lines += ["No experiment was closed in this period."]
    for note in closed:
        for each in note.expectations:
            value = note.results[each.metric]
            lines.append(
                f"| [{note.question}]({note.path.name}) | {each.metric} {each.bar} "
                f"| {show_number(value)} {each.unit} | **{each.verdict(value)}** |"
            )
    lines += ["", "## What was learned", ""]
    lines += [f"- {note.learned}" for note in closed] or ["Nothing written down."]
    lines += ["", "## What is asked of others", ""]
    lines += [f"- {note.ask} ({note.question})" for note in closed if note.ask] or ["Nothing."]
    lines += ["", "## Still open", ""]
    lines += [
        f"- {note.question} (opened {note.opened[:10]}, {note.path.name})"
        for note in chosen
        if not note.is_closed
    ] or ["Nothing."]
    found = [problem for note in chosen for problem in problems(note)]
    if found:
        lines += ["", "## Edited after the fact", ""] + [f"- {problem}" for problem in found]
    return "\n".join(lines) + "\n"


def _in_period(note: Note, since: datetime, until: datetime) -> bool:
    stamps = [note.opened] + ([note.closed] if note.closed else [])
    return any(since <= datetime.fromisoformat(stamp) <= until for stamp in stamps)


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m internlab.notes``; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m internlab.notes", description="Work with your experiment notes."
    )
    parser.add_argument("--folder", type=Path, help="where the notes are (default: notes/)")
    commands = parser.add_subparsers(dest="command", required=True)
    report = commands.add_parser("report", help="write the weekly report")
    report.add_argument("--days", type=int, default=7, help="length of the period (default: 7)")
    commands.add_parser("verify", help="name the notes that were edited after the fact")
    options = parser.parse_args(arguments)

    folder = options.folder or notes_folder()
    try:
        notes = load_all(folder)
    except ValueError as error:
        print(error)
        return 1
    if not notes:
        print(f"No notes in {folder.name}/ yet. A lesson opens one with notes.open(...).")
        return 0
    if options.command == "verify":
        found = [problem for note in notes for problem in problems(note)]
        print("\n".join([*found, f"{len(notes)} notes read, {len(found)} problems."]))
        return 1 if found else 0
    until = datetime.now().astimezone()
    text = weekly_report(notes, until - timedelta(days=options.days), until)
    # A folder of its own, so that a report is not read as a note.
    path = folder / "reports" / f"{until:%G-week-%V}.md"
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(text)
    print(f"Written to {folder.name}/reports/{path.name}")
    return 0
