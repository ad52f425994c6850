"""The command ``python -m internlab.progress``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from internlab.command import complain, error_text, run_command
from internlab.files import atomic_write, project_root
from internlab.notes import notes_folder
from internlab.progress import bounded, catalogue, submissions, table
from internlab.progress.contain import Protection
from internlab.progress.limits import Limits
from internlab.progress.outcome import Outcome, plain
from internlab.progress.page import room_page
from internlab.progress.room import Cache, run_room
from internlab.progress.submissions import Submission

_EPILOGUE = """
Every lab runs in a process of its own that is limited in time, memory, processes and files, and
contained as far as this machine allows; --machine says how far that is.

Exit status: 0 every lab ran to its end, whatever passes; 1 stopped by Ctrl-C or by an error (what
was finished is kept); 2 a wrong argument; 3 at least one lab did not run to its end, and the
table says which.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m internlab.progress``; return the exit status."""
    options = _parser().parse_args(arguments)
    return run_command(options, _status_of)


def _parser() -> argparse.ArgumentParser:
    usual = Limits()
    parser = argparse.ArgumentParser(
        prog="python -m internlab.progress",
        description="Show which exercises pass: of your own labs, or of a folder of "
        "participants' labs (a folder each, or files NAME__40_shortcut.ipynb, or nbgrader's "
        "submitted/).",
        epilog=_EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, nargs="?", help="participants' labs (default: yours)")
    parser.add_argument("--lab", default="", metavar="NN", help="only labs that begin with NN")
    parser.add_argument("--html", type=Path, metavar="PAGE", help="where the page is written "
                        "(default: notes/reports/progress.html)")  # fmt: skip
    parser.add_argument("--hide-names", action="store_true", help="number the participants")
    parser.add_argument("--jobs", type=int, metavar="N", help="labs side by side")
    parser.add_argument("--seconds", type=float, default=usual.wall_s, metavar="S",
                        help=f"for one lab (default: {usual.wall_s:g})")  # fmt: skip
    parser.add_argument("--most", type=int, default=500, help="participants (default: 500)")
    parser.add_argument("--fresh", action="store_true", help="run again what is known already")
    parser.add_argument("--uncontained", action="store_true", help="run a room also where a lab "
                        "could write this user's files; only with code that you trust")  # fmt: skip
    parser.add_argument("--machine", action="store_true", help="say what contains a lab here")
    parser.set_defaults(run=_run)
    return parser


def _run(options: argparse.Namespace) -> int:
    if (options.jobs is not None and options.jobs < 1) or options.seconds <= 0:
        raise ValueError("--jobs takes at least 1, and --seconds more than 0.")
    if options.machine:
        _say_machine(bounded.available())
        return 0
    known = {name: lab for name, lab in catalogue.labs().items() if name.startswith(options.lab)}
    if not known:
        raise ValueError(f"no lab begins with {options.lab!r}: {', '.join(catalogue.labs())}")
    is_room = options.folder is not None
    if is_room:
        room = submissions.of_room(options.folder, catalogue.labs(), options.most)
        found = [each for each in room.submissions if each.lab in known]
        people, left_out = room.participants, room.left_out
    else:
        found = submissions.own(project_root() / "labs", known)
        people, left_out = ("you",), ()
    if not found:
        raise ValueError(_nothing_found(options, left_out))
    protection = bounded.available()
    if is_room and not protection.isolated and not options.uncontained:
        raise bounded.CannotContain(
            "here a participant's code could change any file of this user ("
            + "; ".join(protection.refused)
            + "). Use a Linux machine or container with user namespaces or Landlock, or, with "
            "code that you trust, --uncontained."
        )
    usual = Limits()
    # A cell that hangs is interrupted while there is still time for the others.
    limits = replace(usual, wall_s=options.seconds, cell_s=min(usual.cell_s, options.seconds / 3))
    outcomes, interrupted = run_room(
        found,
        known,
        protection,
        limits,
        Cache(limits, protection, fresh=options.fresh),
        _jobs(options.jobs, protection),
        hidden=[options.folder.resolve()] if is_room else [],
        on_done=_Counter(len(found)),
    )
    # In the order of the room, whichever was done first.
    outcomes = {each: outcomes[each] for each in found if each in outcomes}
    lines = (
        table.room_lines(people, outcomes, known) + _if_any(table.remark_lines(outcomes))
        if is_room
        else table.own_lines(outcomes, known)
    )
    print("\n".join(lines))
    for line in left_out[:20]:
        print(f"Left out: {line}")
    if len(left_out) > 20:
        print(f"Left out: {len(left_out) - 20} more files")
    notes = [f"Limits of a lab: {limits}.", *protection.sentences()]
    if interrupted:
        notes.insert(0, f"Stopped early: {len(outcomes)} of {len(found)} labs were run.")
    page = options.html or notes_folder() / "reports" / "progress.html"
    title = f"Progress of {options.folder.resolve().name}" if is_room else "Your progress"
    _write(page, room_page(people, outcomes, known, title, notes, options.hide_names))
    print(f"\nPage: {page}")
    if is_room and not protection.complete:
        _say_machine(protection)
    if interrupted:
        complain(
            f"{len(outcomes)} of {len(found)} labs were finished; they are kept, and the same "
            "command goes on with the others.",
            "stopped",
        )
        return 1
    return 3 if any(outcome.problem for outcome in outcomes.values()) else 0


def _nothing_found(options: argparse.Namespace, left_out: Sequence[str]) -> str:
    if options.folder is None:
        return f"no lab {options.lab} in labs/."
    seen = f" Left out were {'; '.join(left_out[:3])}." if left_out else ""
    return (
        f"no labs of participants in {options.folder}. Expected a folder per participant with "
        f"files such as 40_shortcut.ipynb, or files NAME__40_shortcut.ipynb.{seen}"
    )


def _jobs(wanted: int | None, protection: Protection) -> int:
    if wanted is not None:
        return wanted
    # Without a namespace or user of its own, labs share the limit on processes.
    separate = "namespaces" in protection.layers or protection.as_root
    return min(4, os.cpu_count() or 1) if separate else 1


def _if_any(lines: list[str]) -> list[str]:
    return ["", *lines] if lines else []


def _say_machine(protection: Protection) -> None:
    print("What contains a lab on this machine:")
    for sentence in protection.sentences():
        print(f"- {sentence}")
    for reason in protection.refused:
        print(f"- Not in force: {plain(reason)}")


class _Counter:
    """Prints a line for each lab that is done, so that a room is not waited for in silence."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def __call__(self, submission: Submission, outcome: Outcome, kept: bool) -> None:
        self._done += 1
        who, all_of_it = plain(submission.participant, 24), len(outcome.exercises)
        said = outcome.problem or f"{outcome.passed} of {all_of_it} pass"
        source = " (known)" if kept else ""
        print(
            f"[{self._done}/{self._total}] {who}, lab {submission.lab}: {said}{source}",
            file=sys.stderr,
            flush=True,
        )


def _write(page: Path, text: str) -> None:
    page.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(page) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _status_of(error: Exception) -> tuple[int, str] | None:
    if isinstance(error, bounded.CannotContain):
        return 1, f"labs are not run on this machine: {error}"
    if isinstance(error, ValueError):
        return 2, str(error)
    if isinstance(error, OSError):
        return 1, error_text(error)
    return None
