"""Pixels to measure streaming with, in any number, and their exact metrics by two passes."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from internlab.ood.metrics.ranking import Scores
from internlab.ood.metrics.thresholds import Thresholds

# A hundred images of 1024 x 2048.
IMAGES, PIXELS = 100, 1024 * 2048
BASE_RATE = 0.01
# Three shapes that scores come in: unbounded and negative; -p of a sure network, whose mass lies
# within float32's last digits of -1; and a distance with a tail over many powers of ten.
KINDS = ("max logit", "softmax", "distance")


def scores_of(
    kind: str, images: int = IMAGES, pixels: int = PIXELS
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Draw the labels and scores of one image after another, the same ones each time.

    Parameters
    ----------
    kind : {"max logit", "softmax", "distance"}
        The shape of the scores.
    images, pixels : int
        How many, and of how many pixels each.

    Yields
    ------
    is_outlier, score : array
        (pixels,) bool and float32.
    """
    for number in range(images):
        rng = np.random.default_rng([KINDS.index(kind), number])
        is_outlier = rng.random(pixels, dtype=np.float32) < BASE_RATE
        evidence = rng.standard_normal(pixels, dtype=np.float32)
        # Images differ, as weather does: the scores drift along the stream.
        evidence += 2 * is_outlier + np.float32(np.sin(number / 15) / 2)
        if kind == "max logit":
            score = 4 * evidence - 12
        elif kind == "softmax":
            score = -1 / (1 + np.exp(3 * evidence - 9))
        else:
            score = np.exp(4 * evidence)
        yield is_outlier, score.astype(np.float32)


def exact_scores(kind: str, images: int = IMAGES, pixels: int = PIXELS) -> Scores:
    """Return the metrics without any merging, by two passes over the same pixels.

    Only the thresholds at outliers matter for AP and FPR95. The first pass keeps all outliers;
    the second counts, for each of their scores, the inliers that reach it.
    """
    outlying = np.concatenate(
        [score[is_outlier] for is_outlier, score in scores_of(kind, images, pixels)]
    )
    threshold, outliers = np.unique(outlying, return_counts=True)
    reached, halves = np.zeros(threshold.size + 1, np.int64), 0.0
    for is_outlier, score in scores_of(kind, images, pixels):
        inlying = np.sort(score[~is_outlier])
        # For every inlier, the number of thresholds that it reaches.
        place = np.searchsorted(threshold, inlying, side="right")
        reached += np.bincount(place, minlength=threshold.size + 1)
        hit = place > 0
        tied = threshold[place[hit] - 1] == inlying[hit]
        halves += outliers[place[hit][tied] - 1].sum() / 2
    true_positives = np.cumsum(outliers[::-1])
    false_positives = np.cumsum(reached[:0:-1])
    counts = Thresholds(threshold[::-1], true_positives, false_positives)
    inliers = int(reached.sum())
    # An inlier is beaten by the outliers above every threshold it reaches, ties counted half.
    above = np.append(true_positives[::-1], 0)
    return Scores(
        auroc=float((reached @ above + halves) / (inliers * outlying.size)),
        average_precision=counts.average_precision(),
        fpr95=float(false_positives[np.argmax(counts.recall >= 0.95)] / inliers),
        base_rate=outlying.size / (outlying.size + inliers),
        pixels=outlying.size + inliers,
    )


def peak_memory() -> float:
    """Return the peak memory (resident set) of this process, Python included, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not ru_maxrss: on Linux a process that was just started inherits it from its parent.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 2**10
    # Bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
