"""What the ids of a label map mean: outlier, inlier, or a pixel that does not count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from internlab.data.label_ids import ANOMALY, VOID


@dataclass(frozen=True)
class LabelIds:
    """The ids that are no ordinary class.

    Parameters
    ----------
    outlier : tuple of int
        Ids of outliers.
    ignore : tuple of int
        Ids left out of everything.
    region : tuple of int
        If given, only outliers and pixels of these ids count, for example road.

    Raises
    ------
    ValueError
        If there is no outlier id, or an id has two meanings.
    """

    outlier: tuple[int, ...] = (ANOMALY,)
    ignore: tuple[int, ...] = (VOID,)
    region: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.outlier:
            raise ValueError("No outlier id was given; expected at least one, such as 254.")
        meanings = {"outlier": self.outlier, "ignore": self.ignore, "roi": self.region}
        for first, second in (("outlier", "ignore"), ("outlier", "roi"), ("ignore", "roi")):
            both = set(meanings[first]) & set(meanings[second])
            if both:
                raise ValueError(
                    f"Label id {min(both)} is given as {first} and as {second}; expected one "
                    "meaning an id. Outliers always count: a region names ordinary classes only."
                )

    def split(self, labels: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
        """Return which pixels are outliers and which count.

        Parameters
        ----------
        labels : array
            (H, W), integer.
        classes : int
            K, the number of classes of the logits.

        Returns
        -------
        is_outlier, counts : array
            (H, W) bool, both.

        Raises
        ------
        ValueError
            If a label is neither a class (0 to K - 1) nor one of the ids, or an id of the region is
            no class.
        """
        beyond = [each for each in self.region if not 0 <= each < classes]
        if beyond:
            raise ValueError(
                f"the region (--roi) names id {beyond[0]}, which is no class of these logits. "
                f"Expected ids from 0 to {classes - 1}."
            )
        is_outlier = np.isin(labels, self.outlier)
        ignored = np.isin(labels, self.ignore)
        known = (labels >= 0) & (labels < classes) | is_outlier | ignored
        if not known.all():
            ids, counts = np.unique(labels[~known], return_counts=True)
            found = ", ".join(f"{i} ({n} px)" for i, n in list(zip(ids, counts, strict=True))[:5])
            raise ValueError(
                f"it holds label ids that mean nothing: {found}. Expected a class, 0 to "
                f"{classes - 1}, an outlier ({_list(self.outlier)}) or void "
                f"({_list(self.ignore)}). Name them with --outlier or --ignore, or translate "
                "the data set's ids to those that the network was trained with."
            )
        if self.region:
            return is_outlier, is_outlier | np.isin(labels, self.region)
        return is_outlier, ~ignored


def _list(ids: tuple[int, ...]) -> str:
    return ", ".join(map(str, ids)) or "none"
