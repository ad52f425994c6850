"""Objects found, not pixels: component-level sIoU, PPV and F1, as SegmentMeIfYouCan defines them.

One large animal has the pixels of a hundred small ones, so pixel metrics say little about how many
were found. Here a connected component of outlier pixels counts as one object, whatever its size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

# 0.25, 0.30, ..., 0.75, over which the benchmark takes the mean.
OVERLAPS = tuple(np.linspace(0.25, 0.75, 11).tolist())
# Pixels that touch at a corner belong together.
_NEIGHBOURS = np.ones((3, 3), bool)


@dataclass(frozen=True)
class ComponentScores:
    """The components of one image.

    Parameters
    ----------
    siou : array
        (objects,) sIoU of each component of the labels, 0 for one that was missed, to 1.
    ppv : array
        (flagged,) share of each flagged component that lies on objects, 0 to 1.
    """

    siou: np.ndarray
    ppv: np.ndarray


@dataclass(frozen=True)
class ComponentF1:
    """The components of all images.

    Parameters
    ----------
    f1 : float
        Mean F1 over `OVERLAPS`, 0 to 1.
    siou : float
        Mean over the objects.
    ppv : float
        Mean over the flagged components; NaN if nothing was flagged.
    objects, flagged : int
        Number of components of each kind.
    """

    f1: float
    siou: float
    ppv: float
    objects: int
    flagged: int


def score_components(
    is_outlier: ArrayLike,
    flagged: ArrayLike,
    ignore: ArrayLike | None = None,
    *,
    smallest_object: int = 0,
    smallest_flagged: int = 0,
) -> ComponentScores:
    """Compare the components of a mask with those of the labels, in one image.

    For an object k let P be the flagged components that touch it, and A the pixels of all other
    objects. Then ``sIoU(k) = |k & P| / |(k | P) - A|``: a flagged component that covers two
    neighbouring objects costs neither of them anything. For a flagged component p, ``PPV(p)`` is
    the share of p on objects.

    Parameters
    ----------
    is_outlier : array
        (H, W) bool, labels.
    flagged : array
        (H, W) bool, for example ``score >= threshold``.
    ignore : array, optional
        (H, W) bool, pixels that count for nothing: void, or all outside a region.
    smallest_object : int
        Objects of fewer pixels are ignored, and what is flagged on them too.
    smallest_flagged : int
        Flagged components of fewer pixels are dropped.

    Raises
    ------
    ValueError
        If an array is no (H, W) mask or without a pixel, the shapes differ, or a smallest size is
        negative.

    References
    ----------
    Chan et al., "SegmentMeIfYouCan: a benchmark for anomaly segmentation", NeurIPS 2021 track on
    datasets and benchmarks, arXiv 2104.14812, section 4.2. The benchmark drops components of
    fewer than 100 (objects) and 500 (flagged) pixels in its anomaly track, 10 and 50 in its
    obstacle track.
    """
    is_outlier, flagged = _mask(is_outlier, "is_outlier"), _mask(flagged, "flagged")
    ignore = np.zeros_like(is_outlier) if ignore is None else _mask(ignore, "ignore")
    if not is_outlier.shape == flagged.shape == ignore.shape:
        raise ValueError(
            f"is_outlier has shape {is_outlier.shape}, flagged {flagged.shape}, ignore "
            f"{ignore.shape}; they must be equal. Resize the scores before the threshold."
        )
    if smallest_object < 0 or smallest_flagged < 0:
        raise ValueError(
            f"smallest_object is {smallest_object}, smallest_flagged {smallest_flagged}; expected "
            "0 or more pixels."
        )
    objects, sizes = _components(is_outlier & ~ignore)
    small = sizes < smallest_object
    small[0] = False
    ignore = ignore | small[objects]
    # The mask is split with small objects still in it; only then do their pixels stop counting.
    alarms, sizes = _components(flagged & ~(ignore & ~small[objects]))
    dropped = sizes < smallest_flagged
    dropped[0] = True
    alarms = np.where(dropped[alarms], 0, alarms)
    # shared[k, p]: pixels of object k and alarm p; row and column 0 are the background.
    objects, alarms = _renumbered(objects[~ignore]), _renumbered(alarms[~ignore])
    shape = objects.max(initial=0) + 1, alarms.max(initial=0) + 1
    shared = np.bincount(objects * shape[1] + alarms, minlength=shape[0] * shape[1]).reshape(shape)
    touching = shared[1:, 1:] > 0
    hit = shared[1:, 1:].sum(1)
    # Pixels of the touching alarms that are on the background: those on other objects are A.
    beside = touching @ shared[0, 1:]
    object_size, alarm_size = shared[1:].sum(1), shared[:, 1:].sum(0)
    return ComponentScores(
        siou=hit / (object_size + beside), ppv=shared[1:, 1:].sum(0) / alarm_size
    )


def component_f1(images: Iterable[ComponentScores]) -> ComponentF1:
    """Return the mean F1 over the overlaps 0.25 to 0.75, all images pooled.

    An object with ``sIoU >= overlap`` is found, one with less is missed; a flagged component with
    ``PPV < overlap`` is a false alarm. ``F1 = 2 found / (2 found + missed + false alarms)``. At
    equality this follows the benchmark's code; its paper asks for more than the overlap.

    Raises
    ------
    ValueError
        If there is no object in any image.
    """
    images = list(images)
    siou = np.concatenate([np.empty(0), *(image.siou for image in images)])
    ppv = np.concatenate([np.empty(0), *(image.ppv for image in images)])
    if not siou.size:
        raise ValueError(
            f"There is no outlier object in {len(images)} images, so component F1 is not defined. "
            "Check the outlier id, the region, and the smallest object that counts."
        )
    f1 = []
    for overlap in OVERLAPS:
        found, false_alarms = np.sum(siou >= overlap), np.sum(ppv < overlap)
        f1.append(2 * found / (found + siou.size + false_alarms))
    return ComponentF1(
        f1=float(np.mean(f1)),
        siou=float(siou.mean()),
        ppv=float(ppv.mean()) if ppv.size else float("nan"),
        objects=siou.size,
        flagged=ppv.size,
    )


def _mask(values: ArrayLike, name: str) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 2 or values.dtype != bool or not values.size:
        raise ValueError(
            f"{name} has shape {values.shape} and dtype {values.dtype}, expected an (H, W) mask of "
            "bool with at least one pixel. Compare the label map with an id, or the score with a "
            "threshold, one image at a time."
        )
    return values


def _components(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each pixel's component, 0 off the mask, and the size of each."""
    numbers, _ = ndimage.label(mask, _NEIGHBOURS)
    return numbers, np.bincount(numbers.ravel())


def _renumbered(numbers: np.ndarray) -> np.ndarray:
    """Return the numbers without gaps, 0 kept for the background."""
    return np.unique(np.append(0, numbers), return_inverse=True)[1][1:]
