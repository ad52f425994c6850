"""A learner's copy of the broken repository, and the packages that an installer may choose from."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from internlab.files import atomic_folder, data_dir
from internlab.practice.repair.wheel import build_wheel

NAME = "tinyshift"


@dataclass(frozen=True)
class Place:
    """A folder to work in: the repository, the index of packages, and what was installed.

    Parameters
    ----------
    folder : Path
        Holds ``tinyshift/``, ``index/`` and, after an installation, ``installed/``.
    """

    folder: Path

    @property
    def repository(self) -> Path:
        """The files that the learner repairs."""
        return self.folder / NAME

    @property
    def index(self) -> Path:
        """Wheels, as a package index offers them today."""
        return self.folder / "index"

    @property
    def installed(self) -> Path:
        """Where packages of the index are installed for this repository alone."""
        return self.folder / "installed"


def copy_broken(folder: Path | str, *, again: bool = False) -> Place:
    """Copy the broken repository into `folder`, with the index beside it.

    Parameters
    ----------
    folder : Path
        Made if needed.
    again : bool
        Replace a copy that is there, with whatever was repaired in it.

    Raises
    ------
    FileExistsError
        If there is something already, and `again` is false.
    """
    folder = Path(folder).resolve()
    if folder.exists() and any(folder.iterdir()):
        if not again:
            raise FileExistsError(
                f"{folder.name}/ is not empty, and what you repaired there would be lost. Expected "
                "a new folder; or say again=True (on the command line --again) to begin again."
            )
        if not (folder / NAME).is_dir():
            raise FileExistsError(
                f"{folder.name}/ holds no {NAME}/, so it is no earlier copy and is left alone. "
                "Expected a new folder, or one that was made by this function."
            )
    with atomic_folder(folder) as temporary:
        made = Place(temporary)
        original = data_dir() / "repair"
        unwanted = shutil.ignore_patterns("__pycache__", "results.json", ".*")
        shutil.copytree(original / NAME, made.repository, ignore=unwanted)
        made.index.mkdir()
        for source in sorted((original / "packages").iterdir()):
            build_wheel(source, made.index)
    return Place(folder)
