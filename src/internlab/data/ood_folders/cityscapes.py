"""Cityscapes: street scenes of 50 cities, 1024 x 2048, with 19 classes.

Cordts and others, "The Cityscapes Dataset for Semantic Urban Scene Understanding", CVPR 2016
(1604.01685). The layout is that of the archives leftImg8bit_trainvaltest.zip and
gtFine_trainvaltest.zip::

    leftImg8bit/{train,val}/CITY/NAME_leftImg8bit.png
    gtFine/{train,val}/CITY/NAME_gtFine_labelTrainIds.png   or   NAME_gtFine_labelIds.png

Both may also lie in folders named after their archives.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from internlab.data.ood_folders.pictures import (
    Pair,
    by_name,
    existing_folder,
    match,
    read_ids,
    read_image,
    same_size,
    translate,
)
from internlab.data.streets.labels import VOID
from internlab.spelling import did_you_mean

CLASSES = (
    "road",
    "sidewalk",
    "building",
    "wall",
    "fence",
    "pole",
    "traffic light",
    "traffic sign",
    "vegetation",
    "terrain",
    "sky",
    "person",
    "rider",
    "car",
    "truck",
    "bus",
    "train",
    "motorcycle",
    "bicycle",
)
PARTS = ("train", "val")

# The archive holds ids of 34 labels; the 19 that count have these places. The official scripts
# write maps of train ids from it (cityscapesscripts/helpers/labels.py).
_LABEL_IDS = (7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33)
_FROM_LABEL_IDS = {label: VOID for label in range(34)} | {
    label: train for train, label in enumerate(_LABEL_IDS)
}
_FROM_TRAIN_IDS = {train: train for train in range(len(CLASSES))}

_IMAGE, _TRAIN_IDS, _IDS = (
    "_leftImg8bit.png",
    "_gtFine_labelTrainIds.png",
    "_gtFine_labelIds.png",
)


def list_cityscapes(folder: Path | str, part: str = "val") -> list[Pair]:
    """List the pictures of a part.

    Parameters
    ----------
    folder : Path or str
        The folder that holds ``leftImg8bit`` and ``gtFine``.
    part : {"train", "val"}
        The test part has no public labels.

    Raises
    ------
    ValueError
        If there is no such part.
    FileNotFoundError
        If one half is missing, or pictures lack their other half.
    """
    if part not in PARTS:
        raise ValueError(
            f"No part {part!r} of Cityscapes with labels.{did_you_mean(part, PARTS)} "
            f"Expected one of {', '.join(PARTS)}."
        )
    images = by_name(_half(folder, "leftImg8bit", part).glob("*/*"), _IMAGE)
    maps = list(_half(folder, "gtFine", part).glob("*/*"))
    labels = by_name(maps, _TRAIN_IDS)
    # Maps of train ids are made by the official scripts; the archive itself has the other ids.
    labels = by_name(maps, _IDS) | labels
    return match(images, labels, f"Cityscapes, part {part}")


def read_cityscapes(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Read a picture.

    Returns
    -------
    image : array
        (H, W, 3), uint8 RGB.
    labels : array
        (H, W), uint8: train ids 0 to 18, see CLASSES, and VOID.

    Raises
    ------
    ValueError
        If a file is damaged, sizes differ, or an id is unknown.
    """
    image, ids = read_image(pair.image), read_ids(pair.labels)
    same_size(image, ids, pair)
    table = _FROM_LABEL_IDS if pair.labels.name.endswith(_IDS) else _FROM_TRAIN_IDS
    return image, translate(ids, table, pair.labels)


def city_images(folder: Path | str, part: str = "val") -> dict[str, Path]:
    """Return the images of a part by name, whether or not there are labels."""
    return by_name(_half(folder, "leftImg8bit", part).glob("*/*"), _IMAGE)


def _half(folder: Path | str, half: str, part: str) -> Path:
    """Return the folder of images or of labels of a part."""
    inside = Path(folder) / f"{half}_trainvaltest"
    start = inside if inside.is_dir() else Path(folder)
    what = "the images" if half == "leftImg8bit" else "the label maps"
    return existing_folder(start, half, part, what=f"{what} of Cityscapes")
