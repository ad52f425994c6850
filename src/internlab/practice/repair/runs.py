"""Start the repository's program as its README says, and read the number."""

from __future__ import annotations

import json
import re
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from internlab.practice.repair import bounded
from internlab.practice.repair.install import install
from internlab.practice.repair.place import Place

INSIDE = Path(__file__).with_name("inside.py")
# Isolated, and without what packages start by themselves. UTF-8 everywhere: a Korean Windows would
# read cp949 unasked, and hide a fault.
_PYTHON = ("-I", "-S", "-B", "-X", "utf8")


def site_folders() -> list[str]:
    """Return the folders in which this Python's packages are installed."""
    return [each for each in sys.path if Path(each).name in ("site-packages", "dist-packages")]


@dataclass(frozen=True)
class Run:
    """What one run of a program did.

    Parameters
    ----------
    status : int or None
        Its exit status; None if it was stopped by the time limit.
    output : str
        What it printed, standard output and error together, without paths of this machine.
    seconds : float
        Wall time.
    error, says : str
        Type and text of the exception that ended it, or "".
    opened : tuple of Path
        Files that it opened, in order.
    modules : tuple of str
        Top-level modules that were loaded at its end.
    answer : object
        The answer to a question (see ``inside.py``).
    record : dict
        What it wrote to ``results.json``.
    """

    status: int | None
    output: str
    seconds: float
    error: str = ""
    says: str = ""
    opened: tuple[Path, ...] = ()
    modules: tuple[str, ...] = ()
    answer: Any = None
    record: dict[str, Any] | None = None

    @property
    def ended_well(self) -> bool:
        """Whether the program came to its end without an error."""
        return self.status == 0

    @property
    def number(self) -> float | None:
        """The error in grams on belt B, or None if the run did not get that far."""
        value = (self.record or {}).get("error_g")
        return None if value is None else float(value)

    @property
    def ended_with(self) -> str:
        """The last thing it said: the exception, or the last line."""
        if self.status is None:
            return "stopped: it took too long"
        if self.error:
            return " ".join(f"{self.error}: {self.says}".split())
        lines = self.output.strip().splitlines()
        return lines[-1] if lines else "ended without a word"


@dataclass(frozen=True)
class Stated:
    """The number of a README with its tolerance, both in grams."""

    number: float
    tolerance: float

    def reached_by(self, number: float | None) -> bool:
        """Whether a number lies within the tolerance."""
        return number is not None and abs(number - self.number) <= self.tolerance


def stated(place: Place) -> Stated:
    """Read what the README of the repository states.

    Raises
    ------
    ValueError
        If there is no line such as ``**14.0 g ± 2.0 g**``.
    """
    text = (place.repository / "README.md").read_text(encoding="utf-8")
    found = re.search(r"\*\*([\d.]+) g ± ([\d.]+) g\*\*", text)
    if not found:
        raise ValueError(
            "README.md states no number any more. Expected a line such as **14.0 g ± 2.0 g**: what "
            "others found is the one thing here that is not yours to mend."
        )
    return Stated(float(found.group(1)), float(found.group(2)))


def train(
    place: Place,
    *arguments: str,
    repository: Path | None = None,
    without: Sequence[str] = (),
    seconds: float = bounded.SECONDS,
) -> Run:
    """Run ``python train.py ARGUMENTS`` of a repository, in an empty working directory.

    Parameters
    ----------
    place : Place
        Its packages are installed first if ``requirements.txt`` has changed.
    *arguments : str
        Such as ``"--seed", "0", "--device", "cpu"``.
    repository : Path, optional
        Another copy of the repository, to be run in its place.
    without : sequence of str
        Modules that the run must not find, though they may be installed.
    seconds : float
        Wall time after which it is stopped.
    """
    repository = repository or place.repository
    job = {"script": str(repository / "train.py"), "arguments": list(arguments)}
    return _run(place, repository, job, without, seconds)


def ask(place: Place, question: str, *arguments: Any, seconds: float = 30.0) -> Run:
    """Ask one of the questions of ``inside.py`` about the repository's modules."""
    job = {"script": None, "question": question, "arguments": list(arguments)}
    return _run(place, place.repository, job, (), seconds)


def _run(
    place: Place, repository: Path, job: dict[str, Any], without: Sequence[str], seconds: float
) -> Run:
    install(place)
    with tempfile.TemporaryDirectory(prefix="tinyshift-") as name:
        folder = Path(name).resolve()
        report = folder / "report.json"
        work = folder / "work"
        work.mkdir()
        job = {
            "paths": [str(repository), str(place.installed)],
            "more": site_folders(),
            "without": list(without),
            "only": None,
            "report": str(report),
            **job,
        }
        command = [sys.executable, *_PYTHON, INSIDE, json.dumps(job)]
        ended = bounded.run(command, work, seconds=seconds)
        return read_run(ended, report, work / "results.json", hide=(place.folder, folder))


def read_run(
    ended: bounded.Finished, report: Path, results: Path, hide: Sequence[Path] = ()
) -> Run:
    """Put together what a process printed, reported and recorded."""
    try:
        seen = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        seen = {}
    try:
        record = json.loads(results.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        record = None
    return Run(
        status=ended.status,
        output=_without_paths(ended.output, hide),
        seconds=ended.seconds,
        error=seen.get("error") or "",
        says=_without_paths(seen.get("says", ""), hide),
        opened=tuple(Path(each) for each in seen.get("opened", ())),
        modules=tuple(seen.get("modules", ())),
        answer=seen.get("answer"),
        record=record if isinstance(record, dict) else None,
    )


def _without_paths(text: str, hide: Sequence[Path]) -> str:
    for folder in hide:
        text = text.replace(f"{folder}/", "").replace(f"{folder}\\", "")
    for name in ("purelib", "platlib"):
        text = text.replace(sysconfig.get_path(name), "site-packages")
    return text.replace(sysconfig.get_path("stdlib"), "python")
