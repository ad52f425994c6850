"""Fishyscapes: anomalies pasted into Cityscapes (Static), and real lost cargo (Lost and Found).

Blum and others, "The Fishyscapes Benchmark: Measuring Blind Spots in Semantic Segmentation", IJCV
2021 (1904.03215). Both validation sets hold label maps only, and are completed by the images of
another data set. Names and ids are those of the official reader (hermannsblum/bdl-benchmark)::

    Static:          FOLDER/NNNN_CITYSCAPES-NAME_labels.png
                     FOLDER/NNNN_..._rgb.npz            added to the Cityscapes image
    Lost and Found:  FOLDER/NNNN_NAME_labels.png
                     LOST-AND-FOUND/leftImg8bit/{train,test}/SCENE/NAME_leftImg8bit.png

In a label map 0 is in-distribution, 1 an anomaly and 255 void.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from internlab.data.ood_folders.cityscapes import city_images
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
from internlab.data.streets.labels import ANOMALY

_LABELS = re.compile(r"(?P<number>\d+)_(?P<base>.+)_labels\.png")
_IDS = {0: 0, 1: ANOMALY}


def list_static(folder: Path | str, cityscapes: Path | str) -> list[Pair]:
    """List the validation pictures of Fishyscapes Static.

    Parameters
    ----------
    folder : Path or str
        The unpacked ``fs_val_v3.zip`` or another version: label maps and overlays.
    cityscapes : Path or str
        The folder that holds ``leftImg8bit``, for the images below the overlays.

    Raises
    ------
    FileNotFoundError
        If label maps, overlays or images are missing.
    """
    labels = _labels(folder, "Fishyscapes Static")
    overlays = {path.name.split("_")[0]: path for path in Path(folder).glob("*rgb.npz")}
    without = sorted(number for number, _ in labels if number not in overlays)
    if without:
        raise FileNotFoundError(
            f"Fishyscapes Static: {len(without)} of {len(labels)} pictures have no overlay "
            f"(NNNN_..._rgb.npz), first {without[0]}. Was the archive unpacked fully?"
        )
    images = city_images(cityscapes)
    pairs = _join(labels, images, "Fishyscapes Static, images from Cityscapes")
    return [replace(pair, overlay=overlays[pair.name.split("_")[0]]) for pair in pairs]


def list_lost_and_found(folder: Path | str, lost_and_found: Path | str) -> list[Pair]:
    """List the validation pictures of Fishyscapes Lost and Found.

    Parameters
    ----------
    folder : Path or str
        The unpacked ``fishyscapes_lostandfound.zip``: label maps.
    lost_and_found : Path or str
        The folder of the Lost and Found data set (Pinggera and others, IROS 2016), which holds
        ``leftImg8bit``.

    Raises
    ------
    FileNotFoundError
        If label maps or images are missing.
    """
    labels = _labels(folder, "Fishyscapes Lost and Found")
    where = existing_folder(lost_and_found, "leftImg8bit", what="the images of Lost and Found")
    images = by_name(where.glob("*/*/*"), "_leftImg8bit.png")
    return _join(labels, images, "Fishyscapes Lost and Found")


def read_fishyscapes(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Read a picture of either set; an overlay is added to the image and clipped.

    Returns
    -------
    image : array
        (H, W, 3), uint8 RGB.
    labels : array
        (H, W), uint8: 0, ANOMALY or VOID. What is 0 has some known class; which is not said.

    Raises
    ------
    ValueError
        If a file is damaged, sizes differ, or an id is unknown.
    """
    image, ids = read_image(pair.image), read_ids(pair.labels)
    same_size(image, ids, pair)
    if pair.overlay is not None:
        overlay = _read_overlay(pair.overlay)
        if overlay.shape != image.shape:
            raise ValueError(
                f"{pair.overlay.name} has shape {overlay.shape}, its image {image.shape}; expected "
                "the same. Do both belong together?"
            )
        image = np.clip(image + overlay, 0, 255).astype(np.uint8)
    return image, translate(ids, _IDS, pair.labels)


def _labels(folder: Path | str, where: str) -> dict[tuple[str, str], Path]:
    """Return the label maps by number and by the name of the image they belong to."""
    found = {}
    for path in existing_folder(folder, what=f"the label maps of {where}").iterdir():
        if matched := _LABELS.fullmatch(path.name):
            found[matched["number"], matched["base"]] = path
    if not found:
        raise FileNotFoundError(
            f"{folder} has no label map (NNNN_NAME_labels.png) of {where}. Is it the unpacked "
            "folder itself?"
        )
    return found


def _join(labels: dict[tuple[str, str], Path], images: dict[str, Path], where: str) -> list[Pair]:
    """Return pairs; images that no label map names are not part of the set."""
    named = {f"{number}_{base}": path for (number, base), path in labels.items()}
    there = {f"{number}_{base}": images[base] for number, base in labels if base in images}
    return match(there, named, where)


def _read_overlay(path: Path) -> np.ndarray:
    """Return what is added to the image, (H, W, 3) int."""
    try:
        with np.load(path) as stored:
            return stored["rgb"].astype(int)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} is no overlay or is damaged ({error}); expected an npz file with an array "
            "rgb. Unpack it again."
        ) from error
