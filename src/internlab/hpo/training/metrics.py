"""Intersection over union (IoU) of building masks: per image, per area, and pooled.

Accuracy says little here: a mask without a single building is right on more than nine pixels in
ten. IoU looks only at pixels that are building in the truth or in the prediction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def iou(mask: np.ndarray, predicted: np.ndarray) -> float:
    """Return intersection over union of two masks.

    Parameters
    ----------
    mask, predicted : array
        Of one shape, bool or in {0, 1}: truth and prediction.

    Returns
    -------
    float
        In [0, 1]; NaN if neither holds a building, because then there is nothing to be measured.

    Raises
    ------
    ValueError
        If shapes differ or a value is neither 0 nor 1.

    References
    ----------
    Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 11(2), 1912.

    Examples
    --------
    >>> iou(np.array([1, 1, 0, 0]), np.array([0, 1, 1, 0]))
    0.3333333333333333
    """
    intersection, union = _counts(mask, predicted)
    return float(intersection.sum() / union.sum()) if union.sum() else float("nan")


def iou_per_image(masks: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the IoU of each image, (N,) float; NaN where truth and prediction are both empty.

    Parameters
    ----------
    masks, predicted : array
        (N, H, W), bool or in {0, 1}.

    Raises
    ------
    ValueError
        As `iou`, or if the masks are not (N, H, W).
    """
    intersection, union = _counts(masks, predicted)
    if union.ndim != 3:
        raise ValueError(f"Masks of shape {union.shape}; expected (N, H, W). One image? Use iou.")
    inside, around = intersection.sum(axis=(1, 2)), union.sum(axis=(1, 2))
    return np.divide(inside, around, out=np.full(len(masks), np.nan), where=around > 0)


@dataclass
class AreaCounts:
    """Pixels of intersection and union by area, added up over batches.

    IoU is a ratio, so the mean of the IoUs of batches is not the IoU of all: a batch with three
    building pixels would count as much as one with three thousand. Counts can be added.
    """

    inside: dict[str, int]
    around: dict[str, int]

    @classmethod
    def empty(cls) -> AreaCounts:
        """Return counts of nothing yet."""
        return cls({}, {})

    def add(self, areas: np.ndarray, masks: np.ndarray, predicted: np.ndarray) -> None:
        """Add a batch.

        Parameters
        ----------
        areas : array
            (N,), str.
        masks, predicted : array
            (N, H, W), bool or in {0, 1}.

        Raises
        ------
        ValueError
            As `iou`, or if there is not one area an image.
        """
        if len(areas) != len(masks):
            raise ValueError(f"{len(areas)} areas for {len(masks)} masks; expected one for each.")
        intersection, union = _counts(masks, predicted)
        areas = np.asarray(areas)  # a list would compare as a whole
        for area in np.unique(areas):
            of_area = areas == area
            name = str(area)
            self.inside[name] = self.inside.get(name, 0) + int(intersection[of_area].sum())
            self.around[name] = self.around.get(name, 0) + int(union[of_area].sum())

    def per_area(self) -> dict[str, float]:
        """Return the IoU of each area; NaN where truth and prediction are both empty."""
        return {
            area: self.inside[area] / self.around[area] if self.around[area] else float("nan")
            for area in self.inside
        }

    def mean(self) -> float:
        """Return the mean over areas that hold anything: every area counts the same."""
        known = [value for value in self.per_area().values() if not np.isnan(value)]
        return float(np.mean(known)) if known else float("nan")

    def pooled(self) -> float:
        """Return the IoU over all pixels: an area with more building counts more."""
        around = sum(self.around.values())
        return sum(self.inside.values()) / around if around else float("nan")


def _counts(mask: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mask, predicted = np.asarray(mask), np.asarray(predicted)
    if mask.shape != predicted.shape:
        raise ValueError(
            f"The mask has shape {mask.shape}, the prediction {predicted.shape}; expected the same."
        )
    for name, values in (("mask", mask), ("prediction", predicted)):
        if values.dtype != bool and not np.isin(values, (0, 1)).all():
            raise ValueError(
                f"The {name} holds values other than 0 and 1, up to {values.max():g}. A mask that "
                "was read from a PNG often holds 255: divide, or compare with a threshold."
            )
    mask, predicted = mask.astype(bool), predicted.astype(bool)
    return mask & predicted, mask | predicted
