"""A hidden test that is opened once: who opened it, when, with what plan, and what came out.

This is a record, not a lock. Whoever owns the machine can delete the file. What a record does is to
make a second look something that has to be *done*, and that cannot happen by accident.

The record is a file of JSON lines: the opening, then its result, then every later attempt. Lines
are added and none is changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class AlreadyOpened(Exception):
    """The hidden test was opened before; the message says by whom and when.

    Parameters
    ----------
    opening : Opening
        The first and only one.
    who : str
        Who asked again.
    """

    def __init__(self, opening: Opening, who: str) -> None:
        self.opening = opening
        super().__init__(
            f"The hidden test {opening.test!r} was opened by {opening.who} on {opening.when} with "
            f"the plan {opening.plan!r}. It opens once, and not again for {who}. Report that "
            "result; for the next question collect new sessions."
        )


@dataclass(frozen=True)
class Opening:
    """What the record of a hidden test says.

    Parameters
    ----------
    test : str
        Its name.
    who, when, plan : str
        Who opened it, when (UTC), and the detector and threshold that were fixed before.
    result : dict
        From the name of a rate to its value; empty if the measurement broke off.
    attempts : tuple of pair of str
        Who asked again, and when.
    """

    test: str
    who: str
    when: str
    plan: str
    result: dict[str, float]
    attempts: tuple[tuple[str, str], ...]


def open_once(
    path: str | Path,
    test: str,
    who: str,
    plan: str,
    measure: Callable[[], Mapping[str, float]],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Opening:
    """Open a hidden test: write down who and with what plan, then measure, then add the result.

    The record is made *before* the measurement, so that a run that breaks off counts as opened.

    Parameters
    ----------
    path : path
        The record.
    test, who, plan : str
        None may be empty.
    measure : callable
        Returns the error rates; called only if the test was not opened before.
    now : callable
        The clock.

    Raises
    ------
    AlreadyOpened
        If the record exists. The attempt is added to it.
    ValueError
        If a text is empty, or the record cannot be read.
    """
    for name, text in (("test", test), ("who", who), ("plan", plan)):
        if not text.strip():
            raise ValueError(f"{name} is empty; expected a text that can be read a year from now.")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    when = now().strftime("%Y-%m-%d %H:%M:%S UTC")
    opening = {"test": test, "who": who, "when": when, "plan": plan}
    if not _create(path, _line(opening)):
        first = read(path)
        _add(path, {"asked again": who, "when": when, "opening": _seal(_opening_of(first))})
        raise AlreadyOpened(read(path), who)
    result = {name: float(value) for name, value in measure().items()}
    _add(path, {"result": result, "opening": _seal(opening)})
    return read(path)


def read(path: str | Path) -> Opening:
    """Read the record of a hidden test.

    Raises
    ------
    ValueError
        If it is no such record, or a line was changed since it was written.
    FileNotFoundError
        If the test was not opened.
    """
    path = Path(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        entries = [json.loads(line) for line in lines]
        seals = [entry.pop("seal") for entry in entries]
        opening, rest = entries[0], entries[1:]
        results = [entry["result"] for entry in rest if "result" in entry]
        attempts = [(e["asked again"], e["when"]) for e in rest if "asked again" in e]
        found = Opening(**opening, result=dict(*results[:1]), attempts=tuple(attempts))
    except (json.JSONDecodeError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"{path.name} is no record of a hidden test: {error!r}.") from None
    fits = all(seal == _seal(entry) for seal, entry in zip(seals, entries, strict=True))
    if not fits or any(entry["opening"] != _seal(opening) for entry in rest) or len(results) > 1:
        raise ValueError(f"{path.name} was edited: a seal does not fit. Ask for the original.")
    return found


def _opening_of(found: Opening) -> dict[str, str]:
    return {"test": found.test, "who": found.who, "when": found.when, "plan": found.plan}


def _seal(entry: Mapping[str, Any]) -> str:
    """Return a hash of an entry. Anybody can compute it: it guards against slips, not malice."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:16]


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps({**entry, "seal": _seal(entry)}, ensure_ascii=False) + "\n"


def _create(path: Path, text: str) -> bool:
    """Write a file with its text at once; return False if there was one before."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    beside.write_text(text, encoding="utf-8")
    try:
        # A link fails if the name is taken: of two who open at the same moment one is first.
        os.link(beside, path)
    except FileExistsError:
        return False
    except OSError:
        return _create_without_links(path, text)
    finally:
        beside.unlink()
    return True


def _create_without_links(path: Path, text: str) -> bool:
    """Do the same on a file system that has no links, such as that of a USB stick."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _add(path: Path, entry: Mapping[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(entry))
