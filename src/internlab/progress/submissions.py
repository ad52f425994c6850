"""Find participants' labs in a folder, following no link."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from internlab.progress.outcome import plain

DEEPEST, MOST_ENTRIES = 4, 20_000
_FLAT = re.compile(r"(?P<who>.+?)__(?P<lab>.+)\.ipynb")
# What a browser and JupyterLab put behind the name of a copy: "(1)", "-Copy1".
_COPY = re.compile(r"(\s*\(\d+\)|-Copy\d*)+$")


@dataclass(frozen=True)
class Submission:
    """One notebook of one participant."""

    participant: str
    lab: str
    path: Path


@dataclass(frozen=True)
class Room:
    """What was found in a folder.

    Parameters
    ----------
    participants : tuple of str
        Everybody who has a folder or a file there, in order, also without a lab.
    submissions : tuple of Submission
        At most one for each participant and lab.
    left_out : tuple of str
        What was not taken, and why.
    """

    participants: tuple[str, ...]
    submissions: tuple[Submission, ...]
    left_out: tuple[str, ...]


def of_room(folder: Path, known: Collection[str], most: int = 500) -> Room:
    """Return the labs of all participants in a folder.

    It holds a folder for each participant (their labs may lie deeper), or files
    ``NAME__40_shortcut.ipynb``, or both. In an nbgrader course the folder ``submitted`` is taken.

    Parameters
    ----------
    folder : Path
    known : collection of str
        Stems of the kit's labs.
    most : int
        Participants.

    Raises
    ------
    ValueError
        If the folder is none, or holds more participants than `most` (is it the right one?).
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder. Expected one with a folder per participant.")
    if (folder / "submitted").is_dir() and not (folder / "submitted").is_symlink():
        folder = folder / "submitted"
    people: dict[str, list[tuple[str, Path]]] = {}
    left_out: list[str] = []
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        flat = _FLAT.fullmatch(entry.name)
        if entry.is_dir(follow_symlinks=False):
            found = people.setdefault(entry.name, [])
            found += [(_lab_of(file.stem), file) for file in _notebooks(path)]
        elif flat:
            people.setdefault(flat["who"], []).append((_lab_of(flat["lab"]), path))
        elif entry.is_symlink():
            left_out.append(f"{plain(entry.name, 80)}: a symbolic link")
        elif entry.name.endswith(".ipynb"):
            left_out.append(f"{plain(entry.name, 80)}: expected NAME__LAB.ipynb")
    if len(people) > most:
        raise ValueError(
            f"{folder} holds {len(people)} folders and files of participants, at most {most} are "
            "taken. Is it the right folder? If so, pass --most."
        )
    submissions = []
    for who, found in sorted(people.items()):
        chosen, unused = _one_a_lab(found, known)
        submissions += [Submission(who, lab, path) for lab, path in chosen.items()]
        left_out += [f"{plain(who, 60)}: {plain(path.name, 80)} {why}" for path, why in unused]
    return Room(tuple(sorted(people)), tuple(submissions), tuple(left_out))


def own(folder: Path, known: Collection[str]) -> list[Submission]:
    """Return the labs in the learner's own ``labs/``, in order."""
    return [
        Submission("you", path.stem, path)
        for path in sorted(folder.glob("*.ipynb"))
        if path.stem in known
    ]


def _notebooks(folder: Path) -> Iterator[Path]:
    """Yield the notebooks in a participant's folder, the shallow ones first."""
    level, entries = [folder], 0
    for _ in range(DEEPEST):
        deeper: list[Path] = []
        for place in level:
            try:
                found = sorted(os.scandir(place), key=lambda each: each.name)
            except OSError:
                continue
            for entry in found:
                entries += 1
                if entries > MOST_ENTRIES:
                    return
                if entry.name.startswith("."):
                    continue  # such as .ipynb_checkpoints, which holds old versions
                if entry.is_dir(follow_symlinks=False):
                    deeper.append(Path(entry.path))
                elif entry.name.endswith(".ipynb"):
                    yield Path(entry.path)
        level = deeper


def _lab_of(stem: str) -> str:
    return _COPY.sub("", stem)


def _one_a_lab(
    found: list[tuple[str, Path]], known: Collection[str]
) -> tuple[dict[str, Path], list[tuple[Path, str]]]:
    """Choose one file for each lab: the one of the lab's own name, else the newest copy."""
    chosen: dict[str, Path] = {}
    unused = []
    for lab, path in found:
        if lab not in known:
            unused.append((path, "is no lab of the kit"))
        elif lab not in chosen:
            chosen[lab] = path
        else:
            first, second = chosen[lab], path
            chosen[lab] = max(first, second, key=_preference)
            other = second if chosen[lab] is first else first
            unused.append((other, "is a second copy of a lab"))
    return chosen, unused


def _preference(path: Path) -> tuple[bool, float]:
    try:
        changed = path.lstat().st_mtime
    except OSError:
        changed = 0.0
    return not _COPY.search(path.stem), changed
