"""The repairs of the eight faults, each an edit of the repository's text."""

from __future__ import annotations

import difflib
import importlib.metadata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from internlab.files import atomic_write
from internlab.practice.repair.faults import FAULTS
from internlab.practice.repair.place import Place, copy_broken


@dataclass(frozen=True)
class Edit:
    """In `file`, `old` (which must be there exactly once) becomes `new`."""

    file: str
    old: str
    new: str


REPAIRS: dict[str, tuple[Edit, ...]] = {
    "path": (
        Edit(
            "pulses.py",
            'DATA = "/home/jiwon/work/tinyshift/Data/Parcels.csv"',
            'DATA = Path(__file__).parent / "data" / "parcels.csv"',
        ),
        Edit("pulses.py", "import csv\n", "import csv\nfrom pathlib import Path\n"),
    ),
    "encoding": (Edit("pulses.py", "with open(path) as", 'with open(path, encoding="cp949") as'),),
    "api": (Edit("pulses.py", "np.trapz(", "np.trapezoid("),),
    "dtype": (
        Edit(
            "pulses.py",
            "sum(pulse) for pulse in counts",
            "pulse.sum(dtype=np.int64) for pulse in counts",
        ),
    ),
    "seed": (Edit("train.py", "default_rng()", "default_rng(args.seed)"),),
    "mode": (Edit("evaluate.py", "    estimates =", "    network.eval()\n    estimates ="),),
    "pin": (
        Edit("requirements.txt", "numpy>=1.20\n", "numpy=={numpy}\n"),
        Edit("requirements.txt", "pulsekit\n", "pulsekit==1.4.0\n"),
    ),
    "device": (
        Edit(
            "backend.py",
            "        except ImportError:\n            pass\n",
            "        except ImportError:\n"
            '            raise SystemExit("cuda was asked for, and there is no CuPy: '
            'use --device cpu") from None\n',
        ),
    ),
}


def mend(place: Place, *names: str) -> str:
    """Apply the repairs of the named faults and return what changed, as a unified diff.

    Raises
    ------
    ValueError
        If a name is none of the eight, or the text to be replaced is not there (any more).
    """
    unknown = [name for name in names if name not in REPAIRS]
    if unknown:
        raise ValueError(f"No repair {', '.join(unknown)}. There are {', '.join(REPAIRS)}.")
    before = texts(place.repository)
    after = dict(before)
    for name in names:
        for edit in REPAIRS[name]:
            text = after.get(edit.file, "")
            if text.count(edit.old) != 1:
                raise ValueError(
                    f"{edit.file} holds {edit.old.strip()!r} {text.count(edit.old)} times, "
                    f"expected once. Is {name!r} repaired already?"
                )
            new = edit.new.replace("{numpy}", importlib.metadata.version("numpy"))
            after[edit.file] = text.replace(edit.old, new)
    for file, text in after.items():
        if text != before[file]:
            with atomic_write(place.repository / file) as temporary:
                temporary.write_text(text, encoding="utf-8")
    return difference(before, after)


def copy_with(folder: Path, *left: str) -> Place:
    """Copy the repository into `folder` with only the named faults left in, none by default."""
    place = copy_broken(folder, again=True)
    mend(place, *all_but(left))
    return place


def all_but(names: Iterable[str]) -> tuple[str, ...]:
    """Return the faults that are not named, in their order."""
    left = set(names)
    return tuple(name for name in FAULTS if name not in left)


def texts(repository: Path) -> dict[str, str]:
    """Return the text files of a repository by name, without what runs leave behind."""
    kinds = (".py", ".md", ".txt", "")
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(repository.iterdir())
        if path.is_file() and path.suffix in kinds and not path.name.startswith(".")
    }


def difference(before: dict[str, str], after: dict[str, str]) -> str:
    """Return a unified diff of files by name, with one line around each change."""
    lines: list[str] = []
    for file in sorted({*before, *after}):
        old, new = (each.get(file, "").splitlines() for each in (before, after))
        lines += difflib.unified_diff(old, new, f"a/{file}", f"b/{file}", n=1, lineterm="")
    return "\n".join(lines)
