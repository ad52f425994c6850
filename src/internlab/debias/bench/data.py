"""The data of a benchmark by name: the kit's sets, and folders in the published layout."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from internlab.data.shortcuts import DATA_SETS, BiasedSplits, load
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
    """Return a hash of the images and labels themselves, or of the names and sizes of a folder's.

    So images that were drawn in another way, or that stand in for those that could not be fetched,
    are not taken for the same.
    """
    digest = hashlib.sha256()
    if name.startswith(FOLDER):
        path = _folder(name)
        for file in sorted(path.rglob("*")):
            if file.is_file():
                digest.update(f"{file.relative_to(path)} {file.stat().st_size}\n".encode())
    else:
        for part in load_data(name, ratio, seed, sizes).parts.values():
            for array in (part.images, part.labels, part.biases):
                digest.update(f"{array.dtype}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:16]


def percentage_of(ratio: float) -> str:
    """Return the name that the published layout gives to a ratio: 0.995 is ``"0.5pct"``."""
    return f"{round(100 * (1 - ratio), 6):g}pct"


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
