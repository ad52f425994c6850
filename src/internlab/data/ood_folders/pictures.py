"""What all readers share: pairs of files, and how they are read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from internlab.data.streets.labels import VOID


@dataclass(frozen=True)
class Pair:
    """An image and its label map, as files.

    Parameters
    ----------
    name : str
        Short, unique in the data set.
    image, labels : Path
    overlay : Path, optional
        What is added to the image; Fishyscapes Static alone has one.
    """

    name: str
    image: Path
    labels: Path
    overlay: Path | None = None


def existing_folder(folder: Path | str, *parts: str, what: str) -> Path:
    """Return a folder inside a data set.

    Raises
    ------
    FileNotFoundError
        If it is not there, with the part of the layout that is.
    """
    root = Path(folder)
    path = root.joinpath(*parts)
    if path.is_dir():
        return path
    if not root.is_dir():
        raise FileNotFoundError(f"{root} is no folder. Expected the folder of {what}.")
    present = sorted(each.name for each in root.iterdir())
    raise FileNotFoundError(
        f"{root} has no folder {'/'.join(parts)}, which holds {what}. It has: "
        f"{', '.join(present[:8]) or 'nothing'}. Is it the data set's own folder, fully unpacked?"
    )


def match(
    images: Mapping[str, Path],
    labels: Mapping[str, Path],
    where: str,
    *,
    spare_images: bool = False,
) -> list[Pair]:
    """Return the pairs of files that have the same name, in the order of their names.

    Parameters
    ----------
    images, labels : mapping
        File by name.
    where : str
        The data set, for messages.
    spare_images : bool
        True where images without labels are no fault, as in the hidden part of a benchmark.

    Raises
    ------
    FileNotFoundError
        If a half, or a part of a half, is missing.
    """
    for what, found in (("image", images), ("label map", labels)):
        if not found:
            raise FileNotFoundError(f"{where} has no {what}. Was the archive with them unpacked?")
    alone = {"image": set(labels) - set(images)}
    if not spare_images:
        alone["label map"] = set(images) - set(labels)
    for what, names in alone.items():
        if names:
            total = len(set(images) | set(labels))
            raise FileNotFoundError(
                f"{where}: {len(names)} of {total} pictures have no {what}, first "
                f"{sorted(names)[0]}. Was the archive unpacked fully?"
            )
    return [Pair(name, images[name], labels[name]) for name in sorted(labels)]


def by_name(paths: Iterable[Path], suffix: str) -> dict[str, Path]:
    """Return files by their names without a suffix such as ``_leftImg8bit.png``."""
    return {path.name.removesuffix(suffix): path for path in paths if path.name.endswith(suffix)}


def read_image(path: Path) -> np.ndarray:
    """Return an image, (H, W, 3) uint8 RGB.

    Raises
    ------
    ValueError
        If the file is no image or is damaged.
    """
    return np.array(_open(path).convert("RGB"))


def read_ids(path: Path) -> np.ndarray:
    """Return a map of ids, (H, W) uint8, as the file has them.

    Raises
    ------
    ValueError
        If the file is damaged, or holds colours instead of ids.
    """
    image = _open(path)
    if image.mode not in ("L", "P"):
        raise ValueError(
            f"{path.name} is an image of mode {image.mode}; expected 8-bit ids (mode L or P). Is "
            "it the coloured map that is for people to look at?"
        )
    return np.array(image)


def translate(ids: np.ndarray, table: Mapping[int, int], path: Path) -> np.ndarray:
    """Return a map in our ids.

    Parameters
    ----------
    ids : array
        (H, W), uint8.
    table : mapping
        Our id for each id of the data set. 255 is VOID unless the table says otherwise.
    path : Path
        For the message.

    Raises
    ------
    ValueError
        If the map has an id that is not in the table.
    """
    known = {int(VOID): int(VOID), **table}
    unknown = sorted(set(np.unique(ids).tolist()) - set(known))
    if unknown:
        raise ValueError(
            f"{path.name} has the id {unknown[0]}, which the data set does not define; expected "
            f"{_ranges(sorted(known))}. Is it a label map of this data set?"
        )
    lookup = np.zeros(256, np.uint8)
    lookup[list(known)] = list(known.values())
    return lookup[ids]


def same_size(image: np.ndarray, labels: np.ndarray, pair: Pair) -> None:
    """Check that a label map fits its image.

    Raises
    ------
    ValueError
        If it does not.
    """
    if image.shape[:2] != labels.shape:
        raise ValueError(
            f"{pair.name}: the image is {image.shape[0]} x {image.shape[1]} pixels, its label map "
            f"{labels.shape[0]} x {labels.shape[1]}; expected the same. Do both belong together?"
        )


def _open(path: Path) -> Image.Image:
    try:
        image = Image.open(path)
        image.load()
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise ValueError(f"{path} is no image or is damaged ({error}). Unpack it again.") from error
    return image


def _ranges(numbers: list[int]) -> str:
    """Write 0, 1, 2, 3, 255 as "0 to 3, 255"."""
    groups: list[list[int]] = []
    for number in numbers:
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    shown = [str(g[0]) if len(g) == 1 else f"{g[0]} to {g[-1]}" for g in groups]
    return ", ".join(shown)
