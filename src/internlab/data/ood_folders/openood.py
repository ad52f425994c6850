"""OpenOOD: image lists that say which picture belongs to which part of a benchmark.

Zhang and others, "OpenOOD v1.5: Enhanced Benchmark for Out-of-Distribution Detection", 2023
(2306.09301). The layout is that of the official code (Jingkang50/OpenOOD)::

    data/benchmark_imglist/cifar10/test_cifar10.txt     a line: PATH LABEL
    data/images_classic/PATH                            or data/images_largescale/PATH

A label of -1 says out-of-distribution. Lists of the same benchmark give the in-distribution test
pictures their class, so "outlier" is a matter of the list and not of the label alone.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from internlab.data.ood_folders.pictures import read_image


@dataclass(frozen=True)
class Listed:
    """A picture of a list: its file, and its class (-1 for none)."""

    image: Path
    label: int


def list_openood(image_list: Path | str, images: Path | str) -> list[Listed]:
    """Read an image list.

    Parameters
    ----------
    image_list : Path or str
        A text file such as ``data/benchmark_imglist/cifar10/test_cifar100.txt``.
    images : Path or str
        The folder that its paths begin at, such as ``data/images_classic``.

    Raises
    ------
    FileNotFoundError
        If the list, the folder or a picture is missing.
    ValueError
        If a line cannot be read, or there is none.
    """
    image_list, images = Path(image_list), Path(images)
    if not image_list.is_file():
        raise FileNotFoundError(f"{image_list} is no file. Expected an image list of OpenOOD.")
    if not images.is_dir():
        raise FileNotFoundError(
            f"{images} is no folder. Expected the folder at which the paths of {image_list.name} "
            "begin, such as data/images_classic."
        )
    try:
        lines = image_list.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{image_list.name} is no text in UTF-8 (byte {error.start}). Expected an image list "
            "of OpenOOD: lines of a path and a label."
        ) from error
    listed = [
        _parse(line, images, f"{image_list.name}, line {number}")
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]
    if not listed:
        raise ValueError(
            f"{image_list.name} lists no picture; expected lines of a path and a label."
        )
    missing = [each.image for each in listed if not each.image.is_file()]
    if missing:
        raise FileNotFoundError(
            f"{image_list.name}: {len(missing)} of {len(listed)} pictures are not in {images}, "
            f"first {missing[0].relative_to(images)}. Was the archive unpacked fully?"
        )
    return listed


def read_openood(listed: Listed) -> tuple[np.ndarray, int]:
    """Read a picture of a list: image (H, W, 3) uint8 RGB, and its class, -1 for none.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    return read_image(listed.image), listed.label


def _parse(line: str, images: Path, where: str) -> Listed:
    """Split a line at its first blank: a path, then a label or a dictionary with one."""
    name, _, label = line.strip().partition(" ")
    if not label:
        raise ValueError(
            f"{where}: {_short(line)} has no label; expected a path, a blank and a number."
        )
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(
            f"{where}: the path {_short(name)} leaves the folder; expected a path inside it."
        )
    try:
        value = ast.literal_eval(label)
        number = value["label"] if isinstance(value, dict) else value
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError):
        number = None
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError(
            f"{where}: the label {_short(label)} is no whole number; expected a class, or -1 for "
            "none."
        )
    return Listed(images / name, number)


def _short(text: str, longest: int = 60) -> str:
    """Return a text in quotes, its middle left out if it is long."""
    if len(text) <= longest:
        return repr(text)
    half = longest // 2
    return f"{text[:half]!r} ... {text[-half:]!r}"
