"""What an installer makes of ``requirements.txt`` today, without a network."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from internlab.files import sha256_of
from internlab.practice.repair import bounded
from internlab.practice.repair.place import Place

# Where pip has answered a question (requirement lines, and the hashes of what was offered), and the
# stamp that the folder had then.
_ANSWERS: dict[tuple[str, ...], tuple[Path, str]] = {}


def requirement_lines(place: Place) -> list[str]:
    """Return the lines of ``requirements.txt`` that name a package, without comments."""
    try:
        text = (place.repository / "requirements.txt").read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("-")]


def offered(index: Path) -> dict[str, list[str]]:
    """Return the versions of each package that an index has, by name."""
    found: dict[str, list[str]] = {}
    for wheel in sorted(index.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        found.setdefault(name, []).append(version)
    return found


def install(place: Place) -> None:
    """Install what ``requirements.txt`` asks for, if it has changed since the last time.

    A package of the index goes into ``installed/``, chosen by pip. Of every other the version that
    the kit has must do: there is no network here.

    Raises
    ------
    ValueError
        If a line cannot be read, or nothing that is here satisfies it.
    """
    requirements = place.repository / "requirements.txt"
    stamp = place.installed / ".from"
    state = sha256_of(requirements) if requirements.exists() else "nothing"
    if stamp.exists() and stamp.read_text() == state:
        return
    ours = []
    for line in requirement_lines(place):
        requirement = parsed(line)
        if requirement.name in offered(place.index):
            ours.append(line)
        else:
            _must_be_here(requirement)
    shutil.rmtree(place.installed, ignore_errors=True)
    # Asked for the same with the same on offer, pip would choose the same: half a second saved.
    question = (*ours, *(sha256_of(wheel) for wheel in sorted(place.index.glob("*.whl"))))
    earlier, its_state = _ANSWERS.get(question, (place.installed, ""))
    if ours and (earlier / ".from").exists() and (earlier / ".from").read_text() == its_state:
        shutil.copytree(earlier, place.installed)
    else:
        place.installed.mkdir()
        if ours:
            pip_install(ours, place.index, place.installed)
    stamp.write_text(state)
    _ANSWERS[question] = place.installed, state


def pip_install(lines: Sequence[str], index: Path, into: Path) -> None:
    """Let pip install requirement lines from the wheels of an index.

    Raises
    ------
    ValueError
        With what pip says, if it finds nothing that satisfies them.
    """
    wanted = into / ".wanted.txt"
    wanted.write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = "--no-index --no-deps --no-compile --quiet --disable-pip-version-check --no-input"
    command = [sys.executable, "-I", "-m", "pip", "install", *options.split()]
    command += ["--find-links", index, "--target", into, "--requirement", wanted]
    # A setting of pip's on this machine must not change what a stranger gets.
    variables = {"PIP_CONFIG_FILE": os.devnull, "PIP_CACHE_DIR": str(into / ".cache")}
    ended = bounded.run(command, into, variables=variables)
    wanted.unlink()
    if ended.status != 0:
        errors = [line for line in ended.output.splitlines() if line.startswith("ERROR")]
        raise ValueError(
            f"pip could not install {', '.join(lines)}: {' '.join(errors) or ended.output.strip()}"
        )


def versions_in(place: Place) -> dict[str, str]:
    """Return name and version of each package in ``installed/``."""
    found = importlib.metadata.distributions(path=[str(place.installed)])
    return {each.name: each.version for each in found}


def parsed(line: str):
    """Return a requirement line as a ``packaging.requirements.Requirement``.

    Raises
    ------
    ValueError
        If it is none.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        # What pip takes besides, such as --hash=..., stands after the requirement itself.
        return Requirement(line.split(" --")[0].strip())
    except InvalidRequirement as error:
        raise ValueError(
            f"requirements.txt has the line {line!r}, which no installer reads: {error}. Expected "
            "for example numpy>=2.0"
        ) from None


def _must_be_here(requirement) -> None:
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        raise ValueError(
            f"requirements.txt asks for {requirement.name}, which is not installed and not in the "
            "index. Without a network it cannot be had."
        ) from None
    if not requirement.specifier.contains(version, prereleases=True):
        raise ValueError(
            f"requirements.txt asks for {requirement}, here is {version}, and without a network "
            "there is no other. Move the code to the version that is here, or find a machine that "
            "has the one asked for."
        )
