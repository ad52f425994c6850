"""The real SpaceNet-7 data, read from the folders of its archive.

SpaceNet 7 follows about sixty places ("areas", AOI in its papers) through two years: one satellite
mosaic a month at about 4 m a pixel, and the outline of every building. The archive is downloaded by
the learner (9 GB, see `CARD`); after unpacking, its folder ``train`` looks like this::

    train/
      L15-0331E-1257N_1327_3160_13/                         an area
        images/                                             mosaics
        images_masked/                                      the same, clouds made transparent
          global_monthly_2018_01_mosaic_L15-0331E-1257N_1327_3160_13.tif
        UDM_masks/                                          unusable data masks, some months only
          global_monthly_2018_01_mosaic_L15-0331E-1257N_1327_3160_13_UDM.tif
        labels/                                             outlines of buildings and of clouds
        labels_match/                                       outlines, numbered through the months
          global_monthly_2018_01_mosaic_L15-0331E-1257N_1327_3160_13_Buildings.geojson
        labels_match_pix/                                   the same in pixels of the image

References
----------
Van Etten, Hogan, Martinez Manso, Shermeyer, Weir, Lewis, "The Multi-Temporal Urban Development
SpaceNet Dataset", CVPR 2021. https://arxiv.org/abs/2102.04420
The challenge and its download: https://spacenet.ai/sn7-challenge/
The layout as another reader of it describes it, with what is odd about it:
https://github.com/torchgeo/torchgeo/pull/2203
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.features import rasterize

from internlab.data.cards import DataCard
from internlab.data.outlines import Grid, read_outlines
from internlab.spelling import did_you_mean

CARD = DataCard(
    name="SpaceNet 7 (MUDS)",
    what="1,423 monthly mosaics of 60 areas with building outlines, each 1024 x 1024 pixels (some "
    "1023) at about 4 m a pixel, RGBA uint8; 2017 to 2020, up to 24 months an area. Not shipped "
    "with the kit and not needed by any lesson: the archive SN7_buildings_train.tar.gz has 9.2 GB",
    origin="SpaceNet LLC (IQT CosmiQ Works and partners), imagery by Planet Labs; public bucket "
    "s3://spacenet-dataset/spacenet/SN7_buildings/tarballs/; https://spacenet.ai/sn7-challenge/",
    licence="CC BY-SA 4.0: name SpaceNet and Planet; what you derive has the same licence",
    size_bytes=0,
    sha256="",
    split="by area, see internlab.data.spacenet7.split_by_area: the months of one area, and so its "
    "buildings, never lie on two sides",
)

IMAGE_FOLDERS = ("images_masked", "images")
LABEL_FOLDERS = ("labels_match", "labels_match_pix", "labels")
PARTS = ("train", "validation", "test")
_FILE_NAME = re.compile(r"global_monthly_(\d{4})_(\d{2})_mosaic_(.+)\.tif")


@dataclass(frozen=True)
class Month:
    """One area in one month.

    Parameters
    ----------
    area, month : str
        Such as ``"L15-0331E-1257N_1327_3160_13"`` and ``"2018-01"``.
    image : array, (H, W, 3) uint8
        Red, green, blue.
    mask : array, (H, W) uint8
        1 where there is a building, else 0. Also 0 where the image is not usable.
    usable : array, (H, W) bool
        False under clouds and outside the mosaic. Leave these pixels out of a loss or a score:
        what is there is not known.
    """

    area: str
    month: str
    image: np.ndarray
    mask: np.ndarray
    usable: np.ndarray


def list_areas(root: Path | str) -> list[str]:
    """Return the names of the areas in a SpaceNet-7 folder, sorted.

    Parameters
    ----------
    root : Path or str
        The folder that holds the areas: ``train`` of the archive.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it is not laid out like SpaceNet-7.
    """
    root = Path(root)
    if not root.is_dir():
        raise FileNotFoundError(
            f"There is no folder {root}. Expected the unpacked archive's train."
        )
    areas = sorted(each.name for each in root.iterdir() if _image_folder(each) is not None)
    if areas:
        return areas
    inside = [each.name for each in sorted(root.iterdir()) if each.is_dir() and _has_areas(each)]
    if inside:
        advice = f" Its folder {inside[0]} is: give {root / inside[0]}."
    else:
        found = sorted(each.name for each in root.iterdir())
        shown = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
        advice = f" Found {shown or 'nothing'} in it."
    raise ValueError(
        f"{root} is not a SpaceNet-7 folder: expected folders of areas, such as "
        f"L15-0331E-1257N_1327_3160_13, each with {IMAGE_FOLDERS[0]} and {LABEL_FOLDERS[0]}."
        f"{advice}"
    )


def list_months(root: Path | str, area: str) -> list[str]:
    """Return the months of an area, such as ``"2018-01"``, the earliest first.

    Raises
    ------
    ValueError
        If there is no such area, or it has no image.
    """
    return sorted(_images(Path(root), area))


def load_month(root: Path | str, area: str, month: str, *, labels: str = LABEL_FOLDERS[0]) -> Month:
    """Read one month of one area, its buildings drawn as a mask.

    Parameters
    ----------
    root : Path or str
        See `list_areas`.
    area : str
        One of `list_areas`.
    month : str
        Year and month, ``"2019-05"``; one of `list_months`.
    labels : {"labels_match", "labels_match_pix", "labels"}
        Which outlines. The first and the last say which coordinates they are in and are moved onto
        the image; the second are in pixels.

    Raises
    ------
    FileNotFoundError
        If the month has no outlines.
    ValueError
        If area or month are not there, a file cannot be read, is not what it should be, or the
        outlines do not lie on the image.
    """
    if labels not in LABEL_FOLDERS:
        raise ValueError(f"labels is {labels!r}; expected one of {', '.join(LABEL_FOLDERS)}.")
    images = _images(Path(root), area)
    if month not in images:
        raise ValueError(_no_month(area, month, sorted(images)))
    path = images[month]
    image, usable, grid = _read_image(path)
    mask = np.zeros(usable.shape, np.uint8)
    shapes = read_outlines(_label_path(path, labels), grid, in_pixels=labels.endswith("_pix"))
    if shapes:
        # A pixel is building if its centre is inside an outline; outlines may overlap.
        rasterize(shapes, out=mask, transform=grid.transform, default_value=1)
    return Month(area, month, image, mask * usable, usable)


def series(root: Path | str, area: str, *, labels: str = LABEL_FOLDERS[0]) -> list[Month]:
    """Read all months of an area, the earliest first; see `load_month`."""
    return [load_month(root, area, month, labels=labels) for month in list_months(root, area)]


def split_by_area(
    areas: Sequence[str],
    rng: np.random.Generator,
    shares: tuple[float, float, float] = (0.7, 0.15, 0.15),
) -> dict[str, list[str]]:
    """Split areas into training, validation and test, each at least one.

    Two months of one area show the same buildings. If one were trained on and the other tested on,
    the test would ask what was learned by heart.

    Parameters
    ----------
    areas : sequence of str
        At least three different ones.
    rng : numpy.random.Generator
        Draws the split.
    shares : tuple of float
        Of the three parts; they add up to 1.

    Returns
    -------
    dict of str to list of str
        Under ``"train"``, ``"validation"`` and ``"test"``, each sorted.

    Raises
    ------
    ValueError
        If there are fewer than three areas, one is named twice, or the shares do not add up.
    """
    if len(set(areas)) != len(areas):
        raise ValueError("An area is named twice; it would lie on two sides of the split.")
    if len(areas) < len(PARTS):
        raise ValueError(f"Got {len(areas)} areas, expected at least 3: one for each part.")
    if len(shares) != 3 or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        raise ValueError(f"Got shares {shares}, expected three positive ones that add up to 1.")
    # Sorted first, so that the split depends on the areas and not on the order of their names.
    drawn = [str(each) for each in rng.permutation(sorted(areas))]
    held_out = [max(1, round(share * len(drawn))) for share in shares[1:]]
    # Three areas or more leave at least one for training unless the held-out shares take them all.
    while sum(held_out) >= len(drawn):
        held_out[held_out.index(max(held_out))] -= 1
    validation, test = held_out
    return {
        "train": sorted(drawn[validation + test :]),
        "validation": sorted(drawn[:validation]),
        "test": sorted(drawn[validation : validation + test]),
    }


def _image_folder(area: Path) -> Path | None:
    return next((area / name for name in IMAGE_FOLDERS if (area / name).is_dir()), None)


def _has_areas(folder: Path) -> bool:
    return any(_image_folder(each) is not None for each in folder.iterdir() if each.is_dir())


def _images(root: Path, area: str) -> dict[str, Path]:
    areas = list_areas(root)
    if area not in areas:
        meant = did_you_mean(area, areas)
        raise ValueError(f"There is no area {area!r} among the {len(areas)} of {root}.{meant}")
    folder = _image_folder(root / area)
    named = {path: _FILE_NAME.fullmatch(path.name) for path in folder.glob("*.tif")}
    images = {f"{name[1]}-{name[2]}": path for path, name in named.items() if name}
    if not images:
        raise ValueError(
            f"The area {area} has no image in {folder.name}; expected files such as "
            f"global_monthly_2018_01_mosaic_{area}.tif. Was the archive unpacked to its end?"
        )
    return images


def _no_month(area: str, month: str, months: list[str]) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}", month):
        return f"The month is {month!r}; expected year and month, such as {months[0]!r}."

    def distance(other: str) -> int:
        count = [int(each[:4]) * 12 + int(each[5:]) for each in (month, other)]
        return abs(count[0] - count[1])

    return (
        f"The area {area} has no image of {month}; it has {len(months)} months, from {months[0]} "
        f"to {months[-1]}. Did you mean {min(months, key=distance)!r}?"
    )


def _read_image(path: Path) -> tuple[np.ndarray, np.ndarray, Grid]:
    bands, grid = _read_bands(path)
    if len(bands) not in (3, 4) or bands.dtype != np.uint8:
        raise ValueError(
            f"{path.name} has {len(bands)} bands of {bands.dtype}, expected 3 or 4 of uint8."
        )
    usable = np.ones(bands.shape[1:], bool) if len(bands) == 3 else bands[3] > 0
    clouds = path.parent.parent / "UDM_masks" / f"{path.stem}_UDM.tif"
    if clouds.is_file():  # A month without clouds has none.
        unusable, other = _read_bands(clouds)
        if unusable.shape[1:] != usable.shape:
            raise ValueError(
                f"{clouds.name} has {other.height} x {other.width} pixels, its image "
                f"{grid.height} x {grid.width}. Expected the same."
            )
        usable &= unusable[0] == 0
    return np.ascontiguousarray(bands[:3].transpose(1, 2, 0)), usable, grid


def _read_bands(path: Path) -> tuple[np.ndarray, Grid]:
    try:
        with rasterio.open(path) as source:
            grid = Grid(source.transform, source.crs, source.height, source.width)
            return source.read(), grid
    except RasterioError as error:
        raise ValueError(
            f"{path} cannot be read as an image ({error}). It is damaged or incomplete: unpack it "
            "from the archive again."
        ) from error


def _label_path(image: Path, labels: str) -> Path:
    area = image.parent.parent
    path = area / labels / f"{image.stem}_Buildings.geojson"
    if not path.is_file():
        count = len(list((area / labels).glob("*_Buildings.geojson")))
        why = (
            f"{labels} has the outlines of {count} other months."
            if count
            else f"There is none in {labels}: the areas of test_public come without labels."
        )
        raise FileNotFoundError(f"{path} is missing, the outlines of {image.name}. {why}")
    return path
