"""The data of a benchmark by name: the kit's sets, and folders in the published layout."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from internlab.data.shortcuts import DATA_SETS, BiasedSplits, load
from internlab.data.shortcuts.layouts import percentage_of
from internlab.spelling import did_you_mean

FOLDER = "folder:"
# Data sets of the published layout, by the name of their folder.
LAYOUTS = ("cmnist", "cifar10c", "bffhq")


def check_data(name: str) -> None:
    """Raise ValueError or FileNotFoundError for a data set that there is not."""
    if name.startswith(FOLDER):
        _folder(name)
    elif name not in DATA_SETS:
        hint = did_you_mean(name, DATA_SETS)
        if Path(name).is_dir():
            hint = f" For a folder write {FOLDER}{name}."
        raise ValueError(
            f"No data set {name!r}.{hint} There are {', '.join(DATA_SETS)}, or "
            f"{FOLDER}PATH for a folder in the published layout, such as {FOLDER}data/cmnist."
        )


def load_data(
    name: str, ratio: float, seed: int, sizes: Mapping[str, int] | None = None
) -> BiasedSplits:
    """Return a data set at a ratio; of a folder, all seeds have the same images.

    Parameters
    ----------
    name : str
        One of the kit's sets, or ``folder:PATH``, where PATH ends in ``cmnist``, ``cifar10c`` or
        ``bffhq``.
    ratio : float
        Share of bias-aligned training images. Of a folder, 0.995 is its ``0.5pct``.
    seed : int
        At least 0.
    sizes : mapping, optional
        Images of each part, for the kit's sets.

    Raises
    ------
    ValueError, FileNotFoundError
        If there is no such set, ratio or folder.
    """
    check_data(name)
    if not name.startswith(FOLDER):
        known = None if sizes is None else dict(sizes)
        return load(name, ratio, seed, sizes=known)
    from dataclasses import replace

    from internlab.data.shortcuts.folders import read_folder

    path = _folder(name)
    splits = read_folder(path.parent, dataset=path.name, percentage=percentage_of(ratio))
    return replace(splits, ratio=ratio, seed=seed)


def identity(name: str, ratio: float, seed: int, sizes: Mapping[str, int] | None = None) -> str:
    """Return a hash of the images and labels themselves; of a folder, of its files at this ratio.

    So images that were drawn in another way, or that stand in for those that could not be fetched,
    are not taken for the same.
    """
    digest = hashlib.sha256()
    if name.startswith(FOLDER):
        files = _files(_folder(name), ratio)
        stamps = tuple((file, file.stat().st_size, file.stat().st_mtime_ns) for file in files)
        digest.update(_contents(_folder(name), stamps))
    else:
        for part in load_data(name, ratio, seed, sizes).parts.values():
            for array in (part.images, part.labels, part.biases):
                digest.update(f"{array.dtype}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:16]


def _files(folder: Path, ratio: float) -> list[Path]:
    """Return the files that are read at a ratio; another percentage beside it changes nothing."""
    return [
        file
        for part in (percentage_of(ratio), "balanced", "test", "valid")
        for file in sorted((folder / part).rglob("*"))
        if file.is_file() and not file.name.startswith(".")
    ]


@cache
def _contents(folder: Path, stamps: tuple[tuple[Path, int, int], ...]) -> bytes:
    """Return a hash of files; all seeds have the same, so each is read once."""
    digest = hashlib.sha256()
    for file, size, _ in stamps:
        digest.update(f"{file.relative_to(folder).as_posix()} {size}\n".encode())
        digest.update(file.read_bytes())
    return digest.digest()


def _folder(name: str) -> Path:
    path = Path(name.removeprefix(FOLDER)).expanduser()
    if path.name not in LAYOUTS:
        raise ValueError(
            f"{name} does not end in the name of a published data set; expected "
            f"{FOLDER}PATH/NAME with NAME one of {', '.join(LAYOUTS)}."
            f"{did_you_mean(path.name, LAYOUTS)}"
        )
    if not path.is_dir():
        raise FileNotFoundError(f"There is no folder {path}. Check the path after {FOLDER!r}.")
    return path
