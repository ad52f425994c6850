"""The weekly report from the experiment notes: ``python -m internlab.notes report``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from internlab.bars import show_number
from internlab.files import atomic_write
from internlab.notes.note import Note, load_all, notes_folder, problems

REPORTS = "reports"


def weekly_report(
    notes: Sequence[Note], since: datetime, until: datetime, kept: Sequence[Path] = ()
) -> str:
    """Return the report on the notes that were opened or closed in a period, as Markdown.

    Its links hold from a folder beside the notes, ``reports/``, where the command writes it.

    Parameters
    ----------
    notes : sequence of Note
    since, until : datetime
        With time zone; both ends included.
    kept : sequence of Path
        What else was kept in the period, such as paper cards; see `kept_files`.

    Returns
    -------
    str
        What is asked of others, what was expected and what happened, what was learned, what is
        still open, what else was kept, and which notes were edited after the fact. What is asked
        comes first, because a meeting is there to help and not to audit.
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
        "## What is asked of others",
        "",
    ]
    lines += [f"- {_line(n.ask)} ({_line(n.question)})" for n in closed if n.ask] or ["Nothing."]
    lines += ["", "## What was expected, and what happened", ""]
    if closed:
        lines += ["| Question | Expected | Measured | Verdict |", "|---|---|---|---|"]
    else:
        lines += ["No experiment was closed in this period."]
    for note in closed:
        for each in note.expectations:
            value = note.results[each.metric]
            lines.append(
                f"| {_link(note)} | {_cell(f'{each.metric} {each.bar}')} "
                f"| {_cell(f'{show_number(value)} {each.unit}')} | **{each.verdict(value)}** |"
            )
    lines += ["", "## What was learned", ""]
    lines += [f"- {_line(note.learned)}" for note in closed] or ["Nothing written down."]
    lines += ["", "## Still open", ""]
    lines += [
        f"- {_link(note)} (opened {note.opened[:10]})" for note in chosen if not note.is_closed
    ] or ["Nothing."]
    if kept:
        lines += ["", "## Also kept", ""]
        lines += [f"- [{path.stem}](../{path.parent.name}/{path.name})" for path in kept]
    found = [problem for note in chosen for problem in problems(note)]
    if found:
        lines += ["", "## Edited after the fact", ""] + [f"- {problem}" for problem in found]
    return "\n".join(lines) + "\n"


def write_report(folder: Path | None = None, days: float = 7) -> Path:
    """Write the report on the last days into ``reports/`` in the folder of notes; return its path.

    Raises
    ------
    ValueError
        If a file among the notes is none.
    """
    folder = folder or notes_folder()
    until = datetime.now().astimezone()
    since = until - timedelta(days=days)
    text = weekly_report(load_all(folder), since, until, kept_files(folder, since, until))
    # A folder of its own, so that a report is not read as a note.
    path = folder / REPORTS / f"{until:%G-week-%V}.md"
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def kept_files(folder: Path, since: datetime, until: datetime) -> list[Path]:
    """Return the files in subfolders of `folder`, other than reports, written in a period."""
    return sorted(
        path
        for path in folder.glob("*/*")
        if path.is_file()
        and path.parent.name != REPORTS
        and not path.name.startswith(".")
        and since.timestamp() <= path.stat().st_mtime <= until.timestamp()
    )


def _line(text: str) -> str:
    """Keep a text within one line, such as one point of a list."""
    return " ".join(text.split())


def _cell(text: str) -> str:
    """Keep a text within one cell of a table."""
    return _line(text).replace("|", "\\|")


def _link(note: Note) -> str:
    title = _cell(note.question).replace("[", "\\[").replace("]", "\\]")
    return f"[{title}](../{quote(note.path.name)})"


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
    path = write_report(folder, options.days)
    print(path.read_text(encoding="utf-8"))
    print(f"Written to {folder.name}/{REPORTS}/{path.name}")
    return 0
