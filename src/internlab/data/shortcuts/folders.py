"""Published biased sets, in the layout they are published in. The kit ships and fetches none.

Lee, Kim and others, "Learning Debiased Representation via Disentangled Feature Augmentation", 2021
(2107.01372). The layout is the one that the official code reads
(kakaoenterprise/Learning-Debiased-Disentangled)::

    cmnist/0.5pct/{align,conflict}/CLASS/*_LABEL_BIAS.png     and so 1pct, 2pct, 5pct
    cmnist/0.5pct/valid/*_LABEL_BIAS.png
    cmnist/test/CLASS/*_LABEL_BIAS.png
    cifar10c/0.5pct/{align,conflict,valid}/CLASS/*.png        and cifar10c/test/CLASS/*.png
    bffhq/0.5pct/{align,conflict}/CLASS/*.png                 bffhq/valid/*.png, bffhq/test/*.png

A percentage is the share of *conflicting* images. The name of a file says what it is: its last
number is the bias, the one before it the label. Of bffhq's test pictures only the conflicting ones
are tested on, as the official code does it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from internlab.data.shortcuts.layouts import LAYOUTS, find_layout, percentage_of
from internlab.data.shortcuts.records import BiasedImages, BiasedSplits
from internlab.files import atomic_folder

_SUFFIXES = {".png", ".jpg", ".jpeg"}
_HALVES = ("align", "conflict")


def read_folder(
    path: Path | str,
    *,
    dataset: str = "cmnist",
    percentage: str = "0.5pct",
    side: int | None = None,
) -> BiasedSplits:
    """Read a published set.

    Parameters
    ----------
    path : Path or str
        The folder that holds the folder of the set: of ``data/cmnist/0.5pct`` it is ``data``.
    dataset : {"cmnist", "cifar10c", "bffhq"}
    percentage : str
        Share of conflicting images, as the folder is named: ``"0.5pct"``.
    side : int, optional
        Height and width in pixels to resize to. By default pictures stay as they are, and must all
        have one size.

    Returns
    -------
    BiasedSplits
        `ratio` is the share of aligned images that were found, `seed` is 0. `balanced` is what the
        folder ``balanced`` beside ``valid`` holds (`write_folder` writes it), and None where there
        is no such folder: the published sets have none, and training images do not stand in.

    Raises
    ------
    FileNotFoundError
        If the set, the percentage, or a half of it is missing.
    ValueError
        If there is no such set, or a file is damaged, misnamed, of another size, in the wrong
        half, or has a label out of range.
    """
    layout = find_layout(dataset)
    if side is not None and side < 1:
        raise ValueError(f"side is {side}; expected 1 pixel or more, or None.")
    root = Path(path) / dataset
    if not root.is_dir():
        raise FileNotFoundError(
            f"{Path(path)} has no folder {dataset}. Expected the folder that holds {dataset}/"
            f"{percentage}; it has: {_listing(Path(path))}."
        )
    training = root / percentage
    if not training.is_dir():
        raise FileNotFoundError(
            f"{root} has no folder {percentage}. Expected a share of conflicting images; it has: "
            f"{_listing(root)}."
        )
    halves = {half: _pictures(training / half, f"the {half} half") for half in _HALVES}
    for half, found in halves.items():
        _check_half(half, found, layout.classes)
    shared = root if layout.valid_is_shared else training
    parts = {
        "train": [each for found in halves.values() for each in found],
        "validation": _pictures(shared / "valid", "the pictures to validate on"),
        "test": _pictures(root / "test", "the pictures to test on"),
    }
    if layout.tests_conflicting_only:
        parts["test"] = [each for each in parts["test"] if each.label != each.bias]
        if not parts["test"]:
            raise FileNotFoundError(f"{root / 'test'} has no conflicting picture to test on.")
    if (shared / "balanced").is_dir():
        parts["balanced"] = _pictures(shared / "balanced", "the balanced pictures")
    train = _read(parts.pop("train"), layout.classes, side)
    size = train.images.shape[1]
    read = {part: _read(found, layout.classes, side, size) for part, found in parts.items()}
    return BiasedSplits(
        name=dataset,
        ratio=float(train.aligned.mean()),
        seed=0,
        train=train,
        balanced=read.pop("balanced", None),
        **read,
        class_names=tuple(str(label) for label in range(layout.classes)),
        bias_names=tuple(f"bias {bias}" for bias in range(layout.classes)),
        card=layout.card,
    )


def write_folder(splits: BiasedSplits, path: Path | str, *, dataset: str | None = None) -> Path:
    """Write a set in the published layout; its balanced part, if any, beside ``valid``.

    Parameters
    ----------
    splits : BiasedSplits
    path : Path or str
        The folder to write the folder of the set into. The balanced part becomes a folder
        ``balanced``, which the published layout does not have.
    dataset : {"cmnist", "cifar10c", "bffhq"}, optional
        Whose layout: by default cmnist for ten classes and bffhq for two.

    Returns
    -------
    Path
        The folder of the percentage, such as ``path/cmnist/2pct``.

    Raises
    ------
    FileExistsError
        If the set is there already: nothing is overwritten.
    ValueError
        If the layout has another number of classes.
    """
    classes = len(splits.class_names)
    if dataset is None:
        fitting = [name for name, layout in LAYOUTS.items() if layout.classes == classes]
        dataset = fitting[0] if fitting else "cmnist"
    layout = find_layout(dataset)
    if layout.classes != classes:
        raise ValueError(
            f"{splits.name} has {classes} classes, the layout of {dataset} {layout.classes}; "
            "expected as many. Layouts: "
            f"{', '.join(f'{name} ({each.classes})' for name, each in LAYOUTS.items())}."
        )
    root = Path(path) / dataset
    if root.exists():
        raise FileExistsError(f"{root} is there already; choose another folder or remove it first.")
    percentage = percentage_of(splits.ratio)
    with atomic_folder(root) as temporary:
        training = temporary / percentage
        shared = temporary if layout.valid_is_shared else training
        aligned = splits.train.aligned
        _write(splits.train.take(aligned), training / "align", by_class=True)
        _write(splits.train.take(~aligned), training / "conflict", by_class=True)
        _write(splits.validation, shared / "valid", by_class=layout.valid_by_class)
        if splits.balanced is not None:
            _write(splits.balanced, shared / "balanced", by_class=layout.valid_by_class)
        _write(splits.test, temporary / "test", by_class=layout.test_by_class)
    return root / percentage


@dataclass(frozen=True)
class _Picture:
    path: Path
    label: int
    bias: int


def _pictures(folder: Path, what: str) -> list[_Picture]:
    """List the pictures in a folder and its folders of classes, by name."""
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder.parent} has no folder {folder.name}, which holds {what}. It has: "
            f"{_listing(folder.parent)}. Was the archive unpacked fully?"
        )
    files = sorted(
        each
        for each in folder.rglob("*")
        if each.suffix.lower() in _SUFFIXES and not each.name.startswith(".")
    )
    if not files:
        raise FileNotFoundError(
            f"{folder} has no picture; expected {what}. Was the archive unpacked fully?"
        )
    return [_named(each) for each in files]


def _named(path: Path) -> _Picture:
    words = path.stem.split("_")
    if len(words) < 3 or not all(word.isascii() and word.isdigit() for word in words[-2:]):
        raise ValueError(
            f"{path} does not say what it is; expected a name that ends in _LABEL_BIAS, such as "
            "12_3_7.png."
        )
    return _Picture(path, int(words[-2]), int(words[-1]))


def _check_half(half: str, found: list[_Picture], classes: int) -> None:
    for each in found:
        _check_range(each, classes)
        if (each.label == each.bias) != (half == "align"):
            raise ValueError(
                f"{each.path} lies in {half}, but its label is {each.label} and its bias "
                f"{each.bias}; expected "
                f"{'the same number' if half == 'align' else 'different numbers'}. Were the "
                "halves mixed up?"
            )
    missing = sorted(set(range(classes)) - {each.label for each in found})
    if missing:
        folder = found[0].path.parent.parent
        raise FileNotFoundError(
            f"{folder} has no picture of class {missing[0]}; expected some of each of {classes} "
            "classes. Was the archive unpacked fully?"
        )


def _check_range(each: _Picture, classes: int) -> None:
    for what, value in (("label", each.label), ("bias", each.bias)):
        if value >= classes:
            raise ValueError(
                f"{each.path} has the {what} {value}; expected 0 to {classes - 1}. Is it a picture "
                "of this set?"
            )


def _read(
    found: Iterable[_Picture], classes: int, side: int | None, size: int | None = None
) -> BiasedImages:
    """Read pictures, of the size of the first unless they are resized to `side`."""
    images, labels, biases = [], [], []
    for each in found:
        _check_range(each, classes)
        image = _read_picture(each.path, side)
        size = size or image.shape[0]
        if image.shape != (size, size, 3):
            raise ValueError(
                f"{each.path} has {image.shape[0]} x {image.shape[1]} pixels; expected {size} x "
                f"{size} like the others. Give a side to resize all to, such as side={size}."
            )
        images.append(image)
        labels.append(each.label)
        biases.append(each.bias)
    return BiasedImages(
        np.stack(images), np.array(labels, np.int64), np.array(biases, np.int64), classes
    )


def _read_picture(path: Path, side: int | None) -> np.ndarray:
    try:
        with Image.open(path) as opened:
            image = opened.convert("RGB")
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise ValueError(f"{path} is no image or is damaged ({error}). Unpack it again.") from error
    if side is not None and image.size != (side, side):
        image = image.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _write(images: BiasedImages, folder: Path, *, by_class: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index, (image, label, bias) in enumerate(
        zip(images.images, images.labels, images.biases, strict=True)
    ):
        inside = folder / str(label) if by_class else folder
        inside.mkdir(exist_ok=True)
        Image.fromarray(image).save(inside / f"{index}_{label}_{bias}.png")


def _listing(folder: Path) -> str:
    if not folder.is_dir():
        return "nothing, for it is no folder"
    names = sorted(each.name for each in folder.iterdir() if not each.name.startswith("."))
    return ", ".join(names[:8]) or "nothing"
