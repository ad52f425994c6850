"""The stranger: has what was written down, and nothing else of yours."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from internlab.files import sha256_of
from internlab.practice.repair import bounded
from internlab.practice.repair.capture import Environment
from internlab.practice.repair.install import pip_install
from internlab.practice.repair.runs import INSIDE, read_run, site_folders

# The plainest surroundings there are: no UTF-8 mode, so that text read without naming its encoding
# is read as ASCII.
_PYTHON = ("-I", "-S", "-B", "-X", "utf8=0")
_VARIABLES = {"LC_ALL": "C"}


@dataclass(frozen=True)
class Verdict:
    """What the stranger says.

    Parameters
    ----------
    number : float or None
        What came out, in grams.
    expected : float
        What was captured.
    obstacle : str
        What stopped the stranger, or "".
    """

    number: float | None
    expected: float
    obstacle: str = ""

    @property
    def same(self) -> bool:
        """Whether it is the same number, to the last digit."""
        return self.number == self.expected

    def __str__(self) -> str:
        if self.same:
            return f"the same number: {self.number!r} g"
        if self.number is not None:
            return f"another number: {self.number!r} g instead of {self.expected!r} g"
        return f"no number: {self.obstacle}"


class _Obstacle(Exception):
    """Something that was written down cannot be had, or is not as it was."""


def play(captured: Environment, repository: Path, index: Path) -> Verdict:
    """Make the number again in a fresh folder, from what is written down alone.

    The listed files are copied if their hashes are right, and no other. Packages of the index are
    installed by pip in the listed version, checked by the listed hash; of the others the listed
    version must be here, for there is no network. The program then runs in an isolated Python (no
    user packages, no start-up files, hardly an environment variable, the plainest locale) that
    refuses to import what is not listed. A program that opens a file which was not given fails as
    well. All this finds what was forgotten; it is no protection against a hostile program.

    Parameters
    ----------
    captured : Environment
        From `capture.capture` or `capture.read`.
    repository, index : Path
        Where the files and the wheels may be fetched.
    """
    with tempfile.TemporaryDirectory(prefix="stranger-") as name:
        folder = Path(name).resolve()
        try:
            modules = _provide(captured, repository, index, folder)
        except _Obstacle as obstacle:
            return Verdict(None, captured.number, str(obstacle))
        job = {
            "paths": [str(folder / "repository"), str(folder / "installed")],
            "more": site_folders(),
            "without": [],
            "only": modules,
            "report": str(folder / "report.json"),
            "script": str(folder / "repository" / captured.command[0]),
            "arguments": list(captured.command[1:]),
        }
        work = folder / "work"
        work.mkdir()
        command = [sys.executable, *_PYTHON, INSIDE, json.dumps(job)]
        ended = bounded.run(command, work, variables=_VARIABLES)
        run = read_run(ended, folder / "report.json", work / "results.json", hide=(folder,))
        foreign = [path for path in run.opened if path.is_file() and not _is_given(path, folder)]
        if foreign:
            # By luck the stranger is on your machine; the next one is not.
            opened = f"the program opened {foreign[0].name}, a file that was not given"
            return Verdict(None, captured.number, opened)
        return Verdict(run.number, captured.number, "" if run.number else run.ended_with)


def _provide(captured: Environment, repository: Path, index: Path, folder: Path) -> list[str]:
    """Fill the stranger's folder and return the modules that may be imported."""
    if platform.python_version() != captured.python:
        raise _Obstacle(
            f"Python {captured.python} is asked for, this is {platform.python_version()}"
        )
    for file, digest in captured.files.items():
        source, target = repository / file, folder / "repository" / file
        if not target.resolve().is_relative_to(folder / "repository"):
            raise _Obstacle(f"{file} lies outside the repository")
        if not source.is_file():
            raise _Obstacle(f"the file {file} is not there")
        if sha256_of(source) != digest:
            raise _Obstacle(f"the file {file} is not the one that was captured")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    installed = folder / "installed"
    installed.mkdir()
    lines = []
    for name, version in captured.packages.items():
        if name in captured.wheels:
            lines.append(f"{name}=={version} --hash=sha256:{captured.wheels[name]}")
        elif (here := _version(name)) != version:
            raise _Obstacle(f"{name} {version} is asked for, here is {here or 'none'}")
    if lines:
        try:
            pip_install(lines, index, installed)
        except ValueError as error:
            raise _Obstacle(str(error)) from None
    owners = importlib.metadata.packages_distributions()
    modules = {module for module, names in owners.items() if set(names) & set(captured.packages)}
    modules |= {Path(file).stem for file in captured.files if file.endswith(".py")}
    modules |= {path.stem for path in installed.glob("*.py")}
    return sorted(modules)


def _is_given(path: Path, folder: Path) -> bool:
    """Say whether a file is the stranger's own, or of Python, a listed package or the system."""
    own = (folder, *(Path(each) for each in (sys.prefix, sys.base_prefix, *site_folders())))
    system = [Path(each) for each in ("/proc", "/sys", "/dev", "/etc", "/usr")]
    return path == INSIDE or any(path.is_relative_to(each) for each in (*own, *system))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
