"""Find, pair and read files of logits and label maps."""

from __future__ import annotations

import glob
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, UnidentifiedImageError

from internlab.ood.outputs import Outputs

LOGITS_SUFFIXES = (".npy", ".npz")
LABEL_SUFFIXES = (".png", ".npy", ".npz", ".tif", ".tiff", ".bmp")
# Sides may be rounded when a network downsamples; a larger difference is another crop.
SAME_SHAPE_WITHIN = 0.02


@dataclass(frozen=True)
class Pair:
    """The two files of one image."""

    name: str
    logits: Path
    labels: Path


def find(places: Iterable[Path | str], suffixes: tuple[str, ...], what: str) -> list[Path]:
    """Return the files that are named, lie in named folders, or match named patterns, sorted.

    Raises
    ------
    FileNotFoundError
        If a place holds no such file.
    ValueError
        If a file is of another kind.
    """
    found: dict[Path, None] = {}
    for place in map(str, places):
        path = Path(place)
        if path.is_dir():
            files = sorted(each for each in path.rglob("*") if each.suffix in suffixes)
        elif path.exists():
            files = [path]
        else:
            # A shell that found no match, or a quoted pattern: too many names for one command.
            files = sorted(Path(each) for each in glob.glob(place, recursive=True))
        if not files:
            raise FileNotFoundError(
                f"No {what} at {place}. Expected a file, a folder with {', '.join(suffixes)} "
                "files, or a pattern in quotes such as 'logits/*.npy'."
            )
        found.update(dict.fromkeys(files))
    for path in found:
        if path.suffix not in suffixes:
            raise ValueError(
                f"{path} cannot hold {what}: expected one of {', '.join(suffixes)}. Save logits "
                "with numpy.save."
            )
    return list(found)


def pair_up(logits: list[Path], labels: list[Path]) -> list[Pair]:
    """Pair files by name.

    Names are compared without what all files of a kind end in, so that ``a_logits.npy`` and
    ``b_logits.npy`` fit ``a_gtFine_labelTrainIds.png`` and ``b_gtFine_labelTrainIds.png``.

    Raises
    ------
    ValueError
        If two files have one name, or a file is left without a partner.
    """
    of_logits, of_labels = _by_name(logits, "logits"), _by_name(labels, "labels")
    if len(of_logits) == len(of_labels) == 1:
        # Nothing to tell apart: one file fits one file.
        return [Pair(logits[0].stem, logits[0], labels[0])]
    if set(of_logits) != set(of_labels):
        of_logits, of_labels = _without_ending(of_logits), _without_ending(of_labels)
    alone = {
        "labels": sorted(set(of_logits) - set(of_labels)),
        "logits": sorted(set(of_labels) - set(of_logits)),
    }
    for missing, names in alone.items():
        if names:
            raise ValueError(
                f"The files do not pair up: {len(of_logits)} files of logits, {len(of_labels)} of "
                f"labels, and {len(names)} without {missing}, such as {names[0]!r}. Expected the "
                "same names on both sides, up to an ending that all files of a side share."
            )
    return [Pair(name, of_logits[name], of_labels[name]) for name in sorted(of_logits)]


def read_logits(path: Path) -> torch.Tensor:
    """Return the logits of one image, (1, K, H, W) float32.

    Raises
    ------
    ValueError
        If the file is cut off or holds anything else than one (K, H, W) array of float numbers, or
        if it holds probabilities or their logarithms.
    """
    array = _read_array(path, "logits")
    if array.ndim == 4 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 3 or array.dtype.kind != "f" or not array.size:
        raise ValueError(
            f"{path.name} holds an array of shape {array.shape} and dtype {array.dtype}, expected "
            "(K, H, W) of float16 or float32: the logits of one image, classes first. Save one "
            "file an image."
        )
    # Copied where it must be: torch wants an array that it may write to.
    logits = torch.from_numpy(np.array(array, dtype=np.float32))[None]
    if len(logits[0]) > 1:
        _refuse_probabilities(logits, path)
    return logits


def _refuse_probabilities(logits: torch.Tensor, path: Path) -> None:
    needed = (
        "Expected logits, which softmax has not seen: MaxLogit, energy and SML need what it takes "
        "away."
    )
    if logits.amin() >= 0 and logits.amax() <= 1 and (logits.sum(1) - 1).abs().amax() < 0.01:
        raise ValueError(
            f"{path.name} holds probabilities: every pixel's values sum to 1. {needed}"
        )
    if logits.amax() <= 0 and logits.logsumexp(1).abs().amax() < 0.01:
        raise ValueError(
            f"{path.name} holds logarithms of probabilities (log-softmax): every pixel's "
            f"exponentials sum to 1. {needed}"
        )


def read_labels(path: Path) -> np.ndarray:
    """Return a label map, (H, W) integer, from an image of ids or from an array.

    Raises
    ------
    ValueError
        If the file is cut off, or holds colours or anything else than one id a pixel.
    """
    if path.suffix in (".npy", ".npz"):
        labels = _read_array(path, "labels")
    else:
        try:
            with Image.open(path) as image:
                labels = np.asarray(image)
        except (UnidentifiedImageError, OSError, SyntaxError) as error:
            if isinstance(error, (FileNotFoundError, PermissionError)):
                raise
            raise ValueError(
                f"{path.name} is no image that can be read ({error}). Is it complete?"
            ) from error
    if labels.ndim == 3 and labels.shape[0] == 1:
        labels = labels[0]
    if labels.ndim != 2 or labels.dtype.kind not in "ui":
        raise ValueError(
            f"{path.name} holds {labels.dtype} of shape {labels.shape}, expected (H, W) of "
            "integers, one id a pixel. Is it the coloured picture of the labels? Take the file of "
            "ids, such as *_labelTrainIds.png."
        )
    return labels


def fit_to(logits: torch.Tensor, labels: np.ndarray, resize: bool) -> torch.Tensor:
    """Return logits of the labels' height and width, enlarged bilinearly if `resize` allows it.

    Raises
    ------
    ValueError
        If the sizes differ and `resize` is False, or the sides are in another proportion.
    """
    size, wanted = tuple(logits.shape[-2:]), labels.shape
    if size == wanted:
        return logits
    sides = f"the logits are {size[0]} x {size[1]} pixels, the labels {wanted[0]} x {wanted[1]}"
    if tuple(logits.shape[1:3]) == wanted:
        raise ValueError(
            f"{sides}: the classes stand last. Expected (K, H, W); save "
            "numpy.moveaxis(logits, -1, 0)."
        )
    scales = wanted[0] / size[0], wanted[1] / size[1]
    if abs(scales[0] / scales[1] - 1) > SAME_SHAPE_WITHIN:
        raise ValueError(
            f"{sides}: not the same image part, as height and width differ by factors of "
            f"{scales[0]:.3g} and {scales[1]:.3g}. Expected label maps of what the network saw; "
            "undo its cropping or padding first."
        )
    if not resize:
        raise ValueError(
            f"{sides}. Expected equal sizes: save logits at full size, or pass --resize to "
            "enlarge them bilinearly, as most networks do before they predict."
        )
    return F.interpolate(logits, wanted, mode="bilinear", align_corners=False)


def as_outputs(logits: torch.Tensor, path: Path) -> Outputs:
    """Return logits as `Outputs`, with the file's name in the message if they hold NaN."""
    try:
        return Outputs(logits)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _read_array(path: Path, name: str) -> np.ndarray:
    try:
        loaded = np.load(path, mmap_mode="r" if path.suffix == ".npy" else None)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            return loaded
        with loaded:
            keys = list(loaded)
            if name not in keys and len(keys) != 1:
                raise ValueError(
                    f"it holds the arrays {', '.join(keys) or 'none'}; expected one, or one "
                    f"that is called {name!r}"
                )
            return loaded[name if name in keys else keys[0]]
    except (ValueError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"{path.name} cannot be read: {error}. Is it complete?") from error


def _by_name(paths: list[Path], what: str) -> dict[str, Path]:
    names: dict[str, Path] = {}
    for path in paths:
        if path.stem in names:
            raise ValueError(
                f"Two files of {what} are called {path.stem!r}: {names[path.stem]} and {path}. "
                "Expected a name an image, as names say which belong together."
            )
        names[path.stem] = path
    return names


def _without_ending(names: dict[str, Path]) -> dict[str, Path]:
    """Leave out the words, joined by ``_``, in which all names end."""
    words = [name.split("_") for name in names]
    shared = 0
    while all(len(each) > shared + 1 for each in words) and (
        len({each[-1 - shared] for each in words}) == 1
    ):
        shared += 1
    return {
        "_".join(each[: len(each) - shared]): path
        for each, path in zip(words, names.values(), strict=True)
    }
