"""What a bounded process reports, and what that says of each exercise."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
from dataclasses import dataclass, field
from typing import Any

from internlab.exercises import NOT_YET, PASS, TODO
from internlab.progress.catalogue import KitLab
from internlab.progress.outcome import MISSING, STOPPED, UNREACHED, Outcome, Told, plain


@dataclass
class Heard:
    """What the child has reported so far; everything in it may be forged by the lab's own code."""

    checks: dict[str, int] | None = None
    remarks: list[str] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)
    cell: int = -1
    raised: dict[int, str] = field(default_factory=dict)
    too_long: dict[int, str | None] = field(default_factory=dict)
    other_lab: str = ""
    broken: str = ""
    failed: str = ""
    contained: bool = False
    done: bool = False
    ended: int | None = None
    cpu_seconds: float = 0.0
    strange_lines: int = 0

    def take(self, said: dict[str, Any]) -> None:
        """Note one report."""
        match said:
            # Only the first plan counts: it was made before the lab's own code ran.
            case {"checks": dict(checks), "remarks": list(remarks)} if self.checks is None:
                self.checks = {str(name): int(index) for name, index in checks.items()}
                self.remarks = [plain(each) for each in remarks]
            case {"exercise": str(name), "label": str(label), "text": str(text)}:
                if label in (PASS, TODO, NOT_YET):
                    self.told[name] = Told(label, plain(text))
            case {"cell": int(index)}:
                self.cell = index
            case {"raised": int(index), "text": str(text)}:
                self.raised[index] = plain(text)
            case {"too_long": int(index), "exercise": name}:
                self.too_long[index] = name
            case {"other_lab": str(name)}:
                self.other_lab = plain(name, 60)
            case {"broken": str(text)}:
                self.broken = plain(text)
            case {"failed": str(text)}:
                self.failed = self.failed or plain(text)
            case {"contained": _}:
                self.contained = True
            case {"done": True}:
                self.done = True
            case {"ended": int(code), "cpu_seconds": float(seconds)}:
                self.ended, self.cpu_seconds = code, seconds


class Channel:
    """The pipe from the child. A line counts if it carries the word of this run."""

    def __init__(self, descriptor: int, most_bytes: int) -> None:
        self.word, self.heard = secrets.token_hex(16), Heard()
        self._descriptor, self._left, self._open_line = descriptor, most_bytes, b""

    def listen(self) -> None:
        """Take what has arrived, and not more than the limit."""
        with contextlib.suppress(BlockingIOError):
            while self._left > 0 and (got := os.read(self._descriptor, min(65536, self._left))):
                self._left -= len(got)
                *lines, self._open_line = (self._open_line + got).split(b"\n")
                for line in lines:
                    self._take(line)

    def too_much(self) -> str:
        """Return that the limit is reached, or ""."""
        return "it reported too much" if self._left <= 0 else ""

    def _take(self, line: bytes) -> None:
        try:
            said = json.loads(line)
            if not secrets.compare_digest(str(said.pop("word")), self.word):
                raise ValueError("not from this run")
            self.heard.take(said)
        except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
            self.heard.strange_lines += 1


def outcome_of(heard: Heard, lab: KitLab, reason: str, measured: dict[str, float]) -> Outcome:
    """Put together what each exercise is told."""
    checks = heard.checks or {}
    reached = heard.cell + 1
    if not reason and not heard.done:
        reason = _how_it_ended(heard)
    problem = f"stopped in code cell {reached}: {reason}" if reason else ""
    if heard.other_lab:
        problem = problem or f"it holds checks of another lab, {heard.other_lab}"
    told = {name: _told(name, heard, checks, reason) for name in lab.exercises}
    remarks = list(heard.remarks)
    unchecked = set(range(heard.cell + 1)) - set(checks.values())
    remarks += [f"code cell {at + 1} ran for too long" for at in heard.too_long if at in unchecked]
    remarks += [
        f"code cell {at + 1} raised {text}" for at, text in heard.raised.items() if at in unchecked
    ]
    if heard.strange_lines:
        remarks.append("wrote to the channel of the results")
    return Outcome(told, problem, tuple(remarks[:12]), **measured)


def _told(name: str, heard: Heard, checks: dict[str, int], reason: str) -> Told:
    index = checks.get(name)
    if index is None:
        # A check that was made all the same was written in a way that hides it.
        return heard.told.get(name, Told(MISSING, "its check is not in the notebook"))
    if index in heard.too_long and heard.too_long[index] in (name, None):
        return Told(STOPPED, f"code cell {index + 1} ran for too long: does a loop end?")
    if name in heard.told:
        return heard.told[name]
    if index in heard.raised:
        return Told(NOT_YET, f"code cell {index + 1} raised {heard.raised[index]}")
    if reason and index == heard.cell:
        return Told(STOPPED, f"its cell was stopped: {reason}")
    if reason and index > heard.cell:
        return Told(UNREACHED, f"the run was stopped in code cell {heard.cell + 1}")
    return Told(MISSING, f"the check in code cell {index + 1} gave no result")


def _how_it_ended(heard: Heard) -> str:
    if heard.failed:
        return heard.failed
    code = heard.ended
    if code is None or code >= 0:
        return "the code ended its own process"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"the process was ended by {name}"
