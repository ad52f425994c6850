"""What each image adds to a metric: pixels by bin of the score, ready to be pooled in any way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from internlab.data.label_ids import ANOMALY, VOID
from internlab.ood.metrics.ranking import Scores
from internlab.ood.metrics.thresholds import Thresholds
from internlab.ood.protocol.regions import pixels, whole_image

BINS = 1000


@dataclass(frozen=True)
class ImageCounts:
    """Outlier and inlier pixels of each image in each bin of the score, highest bin first.

    Metrics pool pixels, and counts can be added. So the metric of any set of images follows from
    these counts without a look at the pixels: a thousand splits of a test set cost little more than
    one.

    Parameters
    ----------
    outliers, inliers : array
        (N, B) int64.
    """

    outliers: np.ndarray
    inliers: np.ndarray

    @classmethod
    def of(
        cls,
        labels: np.ndarray,
        score: np.ndarray,
        *,
        region: np.ndarray | None = None,
        bins: int = BINS,
        outlier: int = ANOMALY,
        void: int = VOID,
    ) -> ImageCounts:
        """Count the pixels of some images.

        Parameters
        ----------
        labels : array
            (N, H, W), integer.
        score : array
            (N, H, W), float; higher is more out of distribution.
        region : array, optional
            (N, H, W) bool, the pixels that count; by default all but void.
        bins : int
            At most so many, each with as many outliers as the others. Pixels in one bin count as
            equal, which moves an average precision by about ``1 / bins`` at most.
        outlier, void : int
            Labels.

        Raises
        ------
        ValueError
            If shapes differ, a score is NaN, there is no outlier, or no bin.
        """
        if bins < 1:
            raise ValueError(f"{bins} bins; expected at least 1, and some hundreds to rank well.")
        labels, score = np.asarray(labels), np.asarray(score)
        if labels.ndim != 3:
            raise ValueError(
                f"Labels have shape {labels.shape}, expected (N, H, W). One image needs a first "
                "axis: labels[None]."
            )
        region = whole_image(labels, void=void) if region is None else np.asarray(region)
        is_outlier, values = pixels(labels, score, region, outlier=outlier)
        if np.isnan(values).any():
            raise ValueError(
                f"{int(np.isnan(values).sum())} scores are NaN, and NaN has no place in an order. "
                "Find where they come from before you submit."
            )
        if not is_outlier.any():
            raise ValueError(
                f"No pixel of the {len(labels)} images has the outlier label {outlier}, so there "
                "is nothing to rank. Check the ids."
            )
        # The lowest score of each bin: a bin is what one threshold adds to the one above it.
        edges = np.unique(np.quantile(values[is_outlier], np.linspace(0, 1, bins), method="lower"))
        counts = np.empty((2, len(labels), len(edges) + 1), dtype=np.int64)
        for image, inside in enumerate(region):
            # Bin 0 lies below every outlier.
            place = np.searchsorted(edges, score[image][inside], side="right")
            place[labels[image][inside] == outlier] += len(edges) + 1
            counts[:, image] = np.bincount(place, minlength=counts[:, 0].size).reshape(2, -1)
        inliers, outliers = counts[:, :, ::-1]
        return cls(outliers, inliers)

    def __len__(self) -> int:
        return len(self.outliers)

    def scores(self, images: np.ndarray | None = None) -> Scores:
        """Return the metrics of some images, their pixels pooled.

        Parameters
        ----------
        images : array, optional
            Their numbers, or (N,) bool; by default all.

        Raises
        ------
        ValueError
            If the chosen images have no outlier or no inlier.
        """
        chosen = slice(None) if images is None else images
        outliers, inliers = (each[chosen].sum(axis=0) for each in (self.outliers, self.inliers))
        # A bin that is empty in the chosen images is no threshold of theirs.
        filled = np.flatnonzero(outliers + inliers)
        return Scores.of(
            Thresholds(-filled.astype(float), outliers[filled].cumsum(), inliers[filled].cumsum())
        )

    def average_precisions(self, shares: np.ndarray) -> np.ndarray:
        """Return the average precision of many sets of images at once.

        Parameters
        ----------
        shares : array
            (S, N), bool: a row says which images are in a set.

        Returns
        -------
        array
            (S,) float64; NaN for a set without an outlier.
        """
        shares = np.asarray(shares, dtype=float)
        # A product of matrices adds the chosen images' counts, for all sets at once.
        caught = np.cumsum(shares @ self.outliers.astype(float), axis=1)
        flagged = caught + np.cumsum(shares @ self.inliers.astype(float), axis=1)
        gained = np.diff(caught, axis=1, prepend=0)
        with np.errstate(invalid="ignore"):
            return (gained * caught / np.maximum(flagged, 1)).sum(axis=1) / caught[:, -1]
