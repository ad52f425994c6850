"""The ranking metrics of more pixels than memory holds, in one pass.

A hundred images of 1024 x 2048 are 2e8 pixels: 2.4 GB of scores and labels, and several times that
to sort them. But the metrics need no pixel, only how many outliers and inliers there are at each
distinct score. `StreamingScores` keeps these counts. While there are few distinct scores it is
exact; when there are too many it lets neighbours share one.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from internlab.files import atomic_write
from internlab.ood.metrics.ranking import Scores
from internlab.ood.metrics.thresholds import Thresholds, checked

DEFAULT_BINS = 2**18
# Scores wait until there are this many for each bin, or this many calls: sorting many at once is
# cheaper.
PENDING_PER_BIN, PENDING_CALLS = 4, 4096
FORMAT = "internlab.ood streaming scores, version 1"


class StreamingScores:
    """Counts of outliers and inliers at each score, in bounded memory.

    Any float score will do, of any range and sign, without a range given beforehand: bins are
    made where the scores are, so that each holds about the same share. A histogram of fixed bins
    would put all the confident pixels, 1 - p = 0.00001 and 0.0000001, into one.

    Parameters
    ----------
    bins : int
        Distinct scores kept, at least 2. Each costs 24 bytes, with the scores that wait to be
        counted up to 60, and 500 at the moment of counting. The error falls as one over the bins.

    References
    ----------
    Greenwald and Khanna, "Space-efficient online computation of quantile summaries", SIGMOD 2001,
    for the idea: neighbours may be merged while the mass between them is small.

    Examples
    --------
    >>> stream = StreamingScores()
    >>> stream.add([False, False], [0.1, 0.4]).add([True, False], [0.9, 0.4]).result().auroc
    1.0
    """

    def __init__(self, bins: int = DEFAULT_BINS) -> None:
        if bins < 2:
            raise ValueError(
                f"bins is {bins}, expected at least 2, and thousands for good metrics."
            )
        self.bins = bins
        # Ascending, and with each score the outliers and inliers that have it.
        self._score = np.empty(0)
        self._outliers = np.empty(0, np.int64)
        self._inliers = np.empty(0, np.int64)
        self._pending: list[tuple[np.ndarray, np.ndarray]] = []
        self._waiting = 0
        # Outliers and inliers that merging can have put on the wrong side of a threshold.
        self._moved = np.zeros(2, np.int64)

    def add(self, is_outlier: ArrayLike, score: ArrayLike) -> Self:
        """Add pixels of equal shape, none or millions; an image without outliers is fine.

        Raises
        ------
        ValueError
            As `internlab.ood.metrics.evaluate`, but one kind may be missing. Nothing is added then.
        """
        is_outlier, score = checked(is_outlier, score)
        self._pending.append((score[is_outlier], score[~is_outlier]))
        self._waiting += score.size
        if self._waiting >= PENDING_PER_BIN * self.bins or len(self._pending) >= PENDING_CALLS:
            self._take_in()
        return self

    def merge(self, other: StreamingScores) -> Self:
        """Add what another stream counted, which stays as it is: parts may be counted apart."""
        self._take_in()
        other._take_in()
        self._insert(other._score, other._outliers, other._inliers)
        self._moved += other._moved
        self._fit_into_bins()
        return self

    def thresholds(self) -> Thresholds:
        """Return the counts at each score kept, for curves and for the best F1.

        Raises
        ------
        ValueError
            If nothing was added.
        """
        self._take_in()
        if not self._score.size:
            raise ValueError("Nothing was added yet: call add(is_outlier, score) for each image.")
        return Thresholds(
            self._score[::-1],
            np.cumsum(self._outliers[::-1]),
            np.cumsum(self._inliers[::-1]),
        )

    def result(self) -> Scores:
        """Return the metrics of all pixels so far; more can be added afterwards.

        Raises
        ------
        ValueError
            If nothing was added, or no outlier, or no inlier.
        """
        return Scores.of(self.thresholds())

    @property
    def pixels(self) -> int:
        """Number of pixels so far."""
        return int(self._outliers.sum() + self._inliers.sum()) + self._waiting

    @property
    def rank_error(self) -> float:
        """Bound on what merging cost, 0 while exact.

        At no threshold is the flagged share of the outliers, or that of the inliers, off by more.
        """
        self._take_in()
        totals = np.array([self._outliers.sum(), self._inliers.sum()])
        return float(np.max(self._moved / np.maximum(totals, 1)))

    def save(self, path: Path | str) -> None:
        """Write the state to a .npz file, in one step: a kill leaves the earlier file whole."""
        self._take_in()
        with atomic_write(path) as temporary, open(temporary, "wb") as stream:
            np.savez(stream, format=FORMAT, **self.state())

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Return a stream that goes on from a saved state.

        Raises
        ------
        ValueError
            If the file is no such state, or is cut off.
        """
        try:
            with np.load(path) as saved:
                if str(saved["format"]) != FORMAT:
                    raise KeyError("format")
                return cls.from_state(dict(saved))
        # A TypeError comes from a .npy file, which is an array and no archive of them.
        except (KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(
                f"{path} is not a saved state of StreamingScores ({error}). Expected a .npz "
                "file written by save(); remove it and count again."
            ) from error

    def state(self) -> dict[str, np.ndarray]:
        """Return everything that is kept, as arrays."""
        self._take_in()
        return {
            "bins": np.array(self.bins),
            "score": self._score,
            "outliers": self._outliers,
            "inliers": self._inliers,
            "moved": self._moved,
        }

    @classmethod
    def from_state(cls, state: dict[str, np.ndarray]) -> Self:
        """Return a stream that goes on from what `state` returned."""
        stream = cls(int(state["bins"]))
        stream._score, stream._moved = state["score"], state["moved"].copy()
        stream._outliers, stream._inliers = state["outliers"], state["inliers"]
        return stream

    def _take_in(self) -> None:
        """Count the scores that wait."""
        if not self._pending:
            return
        outlying, inlying = (np.concatenate(each) for each in zip(*self._pending, strict=True))
        self._pending, self._waiting = [], 0
        score, count = np.unique(outlying, return_counts=True)
        self._insert(score, count, np.zeros_like(count))
        score, count = np.unique(inlying, return_counts=True)
        self._insert(score, np.zeros_like(count), count)
        self._fit_into_bins()

    def _insert(self, score: np.ndarray, outliers: np.ndarray, inliers: np.ndarray) -> None:
        score = np.concatenate([self._score, score])
        outliers = np.concatenate([self._outliers, outliers])
        inliers = np.concatenate([self._inliers, inliers])
        # Two sorted runs, which a stable sort merges in linear time.
        order = np.argsort(score, kind="stable")
        score = score[order]
        start = np.flatnonzero(np.append(True, score[1:] != score[:-1])[: score.size])
        if start.size:
            self._score = score[start]
            self._outliers = np.add.reduceat(outliers[order], start)
            self._inliers = np.add.reduceat(inliers[order], start)

    def _fit_into_bins(self) -> None:
        """Let neighbours share a score until about one is left for each bin.

        A group holds at most ``2 / bins`` of the outliers and inliers. A score that is heavier by
        itself, such as the ties of a saturated softmax, stays alone; so up to three times as many
        scores as bins can be left.
        """
        if self._score.size <= self.bins:
            return
        totals = [max(self._outliers.sum(), 1), max(self._inliers.sum(), 1)]
        share = self._outliers / totals[0] + self._inliers / totals[1]
        step = share.sum() / self.bins
        group = ((np.cumsum(share) - share) / step).astype(np.int64)
        alone = share > step
        starts = np.append(True, (group[1:] != group[:-1]) | alone[1:] | alone[:-1])
        start = np.flatnonzero(starts)
        size = np.diff(start, append=share.size)
        self._score = self._score[start + (size - 1) // 2]
        self._outliers = np.add.reduceat(self._outliers, start)
        self._inliers = np.add.reduceat(self._inliers, start)
        merged = size > 1
        self._moved[0] += self._outliers[merged].max(initial=0)
        self._moved[1] += self._inliers[merged].max(initial=0)
