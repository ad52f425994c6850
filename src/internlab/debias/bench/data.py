"""The data of a benchmark by name: the kit's sets, and folders in the published layout."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from internlab.data.shortcuts import DATA_SETS, BiasedSplits, load
from internlab.data.shortcuts.layouts import percentage_of
from internlab.spelling import did_you_mean

FOLDER = "folder:"
# Data sets of the published layout, by the name of their folder.
LAYOUTS = ("cmnist", "cifar10c", "bffhq")
# Files with their size in bytes and when they were changed.
Stamps = tuple[tuple[Path, int, int], ...]


def check_data(name: str, ratios: Iterable[float] = ()) -> None:
    """Raise ValueError or FileNotFoundError for a data set that there is not.

    A folder is read at each of the ratios, so that what is missing or damaged is known before
    anything is computed.
    """
    if name.startswith(FOLDER):
        for ratio in ratios:
            _read(_folder(name), ratio)
        _folder(name)
    elif name not in DATA_SETS:
        hint = did_you_mean(name.lower(), DATA_SETS)
        if "," in name:
            hint = f" Separate names by blanks: {' '.join(filter(None, name.split(',')))}."
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
    return replace(_read(_folder(name), ratio), ratio=ratio, seed=seed)


def identity(name: str, ratio: float, seed: int, sizes: Mapping[str, int] | None = None) -> str:
    """Return a hash of the images and labels themselves; of a folder, of its files at this ratio.

    So images that were drawn in another way, or that stand in for those that could not be fetched,
    are not taken for the same.
    """
    digest = hashlib.sha256()
    if name.startswith(FOLDER):
        digest.update(_contents(_folder(name), stamps_of(name, ratio)))
    else:
        for part in load_data(name, ratio, seed, sizes).parts.values():
            for array in (part.images, part.labels, part.biases):
                digest.update(f"{array.dtype}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:16]


def stamps_of(name: str, ratio: float) -> Stamps:
    """Return the files of a folder with size and time, by which an edit is seen; else nothing.

    The kit's own sets change with the code only.
    """
    return _stamps(_folder(name), ratio) if name.startswith(FOLDER) else ()


def _read(folder: Path, ratio: float) -> BiasedSplits:
    """Read a folder at a ratio.

    Raises
    ------
    FileNotFoundError, ValueError
        If it has no such percentage, or what is in it cannot be read.
    """
    if not (folder / percentage_of(ratio)).is_dir():
        there = {
            1 - float(each.name.removesuffix("pct")) / 100: each.name
            for each in sorted(folder.glob("*pct"))
            if each.is_dir() and each.name.removesuffix("pct").replace(".", "", 1).isdigit()
        }
        has = (
            f"It has {', '.join(there.values())}: give --ratios "
            f"{' '.join(f'{ratio:.6g}' for ratio in there)}."
            if there
            else "It has no folder of a percentage, such as 0.5pct. Was the archive unpacked fully?"
        )
        raise FileNotFoundError(
            f"{folder} has no folder {percentage_of(ratio)}, which the ratio {ratio:g} of aligned "
            f"images names. {has}"
        )
    return _splits(folder, percentage_of(ratio), _stamps(folder, ratio))


# All seeds have the same images: read once, they are also kept once where runs are stacked.
@lru_cache(maxsize=2)
def _splits(folder: Path, percentage: str, stamps: Stamps) -> BiasedSplits:
    from internlab.data.shortcuts.folders import read_folder

    return read_folder(folder.parent, dataset=folder.name, percentage=percentage)


def _stamps(folder: Path, ratio: float) -> Stamps:
    """Return the files that are read at a ratio; another percentage beside it changes nothing."""
    return tuple(
        (file, file.stat().st_size, file.stat().st_mtime_ns)
        for part in (percentage_of(ratio), "balanced", "test", "valid")
        for file in sorted((folder / part).rglob("*"))
        if file.is_file() and not file.name.startswith(".")
    )


@cache
def _contents(folder: Path, stamps: Stamps) -> bytes:
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
