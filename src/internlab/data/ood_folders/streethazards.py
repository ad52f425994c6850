"""StreetHazards: simulated streets with objects that were never in training.

Hendrycks and others, "Scaling Out-of-Distribution Detection for Real-World Settings", ICML 2022
(1911.11132). The layout is that of streethazards_train.tar and streethazards_test.tar::

    train/images/{training,validation}/TOWN/NAME.png   train/annotations/{training,validation}/...
    test/images/test/TOWN/NAME.png                     test/annotations/test/...

Maps hold ids from 1 on; the official reader (hendrycks/anomaly-seg, dataset.py) subtracts 1 and
ignores what was 0. The anomaly is 14 in the file, 13 after that.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from internlab.data.ood_folders.pictures import (
    Pair,
    existing_folder,
    match,
    read_ids,
    read_image,
    same_size,
    translate,
)
from internlab.data.streets.labels import ANOMALY, VOID
from internlab.spelling import did_you_mean

CLASSES = (
    "unlabelled",
    "building",
    "fence",
    "other",
    "pedestrian",
    "pole",
    "road line",
    "road",
    "sidewalk",
    "vegetation",
    "car",
    "wall",
    "traffic sign",
)
PARTS = {"training": "train", "validation": "train", "test": "test"}

_IDS = {0: VOID, 14: ANOMALY} | {label + 1: label for label in range(len(CLASSES))}


def list_streethazards(folder: Path | str, part: str = "test") -> list[Pair]:
    """List the pictures of a part.

    Parameters
    ----------
    folder : Path or str
        The folder that holds ``train`` and ``test``.
    part : {"training", "validation", "test"}
        Only the test part has anomalies.

    Raises
    ------
    ValueError
        If there is no such part.
    FileNotFoundError
        If one half is missing, or pictures lack their other half.
    """
    if part not in PARTS:
        raise ValueError(
            f"No part {part!r} of StreetHazards.{did_you_mean(part, PARTS)} "
            f"Expected one of {', '.join(PARTS)}."
        )
    archive = PARTS[part]
    halves = {
        "images": "the images of StreetHazards",
        "annotations": "the label maps of StreetHazards",
    }
    images, labels = (
        _by_place(existing_folder(folder, archive, half, part, what=what))
        for half, what in halves.items()
    )
    return match(images, labels, f"StreetHazards, part {part}")


def read_streethazards(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Read a picture.

    Returns
    -------
    image : array
        (H, W, 3), uint8 RGB.
    labels : array
        (H, W), uint8: 0 to 12, see CLASSES, ANOMALY and VOID.

    Raises
    ------
    ValueError
        If a file is damaged, sizes differ, or an id is unknown.
    """
    image, ids = read_image(pair.image), read_ids(pair.labels)
    same_size(image, ids, pair)
    return image, translate(ids, _IDS, pair.labels)


def _by_place(folder: Path) -> dict[str, Path]:
    """Return files by town and name; names repeat from town to town."""
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path
        for path in folder.glob("**/*.png")
    }
