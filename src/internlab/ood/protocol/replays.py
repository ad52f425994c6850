"""The same submissions on many random boards: how much of a public gain is real?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from internlab.ood.protocol.image_counts import ImageCounts


@dataclass(frozen=True)
class Replays:
    """Average precision of S submissions on R random boards.

    Parameters
    ----------
    public, hidden : array
        (R, S) float64. Submission 0 is the one that everybody starts from.
    """

    public: np.ndarray
    hidden: np.ndarray

    def gains(self, tries: int, rng: np.random.Generator) -> Gains:
        """Submit the start and `tries` others to each board, and keep what leads in public.

        Parameters
        ----------
        tries : int
            At most S - 1; which ones is drawn for each board.
        rng : numpy.random.Generator

        Returns
        -------
        Gains

        Raises
        ------
        ValueError
            If there are not so many submissions.
        """
        boards, submissions = self.public.shape
        if not 1 <= tries < submissions:
            raise ValueError(
                f"{tries} tries; expected 1 to {submissions - 1}, as many as there are submissions "
                "beside the start."
            )
        others = 1 + rng.permuted(np.tile(np.arange(submissions - 1), (boards, 1)), axis=1)
        entered = np.hstack([np.zeros((boards, 1), dtype=int), others[:, :tries]])
        leader = np.take_along_axis(self.public, entered, axis=1).argmax(axis=1)
        chosen = entered[np.arange(boards), leader]
        return self.of_choice(chosen)

    def of_choice(self, chosen: np.ndarray | int) -> Gains:
        """Return the gains of a choice over the start: one submission, or one for each board."""
        boards = np.arange(len(self.public))
        return Gains(
            self.public[boards, chosen] - self.public[:, 0],
            self.hidden[boards, chosen] - self.hidden[:, 0],
        )


@dataclass(frozen=True)
class Gains:
    """What a choice gained over the start on each board, in average precision.

    Parameters
    ----------
    public, hidden : array
        (R,) float64.
    """

    public: np.ndarray
    hidden: np.ndarray

    @property
    def vanished(self) -> np.ndarray:
        """(R,): the part of the public gain that is not there on the hidden images."""
        return self.public - self.hidden

    @property
    def kept(self) -> float:
        """Mean hidden gain as a share of the mean public gain; NaN if nothing was gained."""
        gained = self.public.mean()
        return float(self.hidden.mean() / gained) if gained > 0 else float("nan")


def replay(
    submissions: Sequence[ImageCounts], public: int, boards: int, rng: np.random.Generator
) -> Replays:
    """Deal the images out anew for each board, and score every submission on both parts.

    Parameters
    ----------
    submissions : sequence of ImageCounts
        Of the same N images; the first is the start.
    public : int
        Number of public images on a board, at least 1 and less than N.
    boards : int
        Number of boards R.
    rng : numpy.random.Generator

    Returns
    -------
    Replays

    Raises
    ------
    ValueError
        If there are no two submissions, they differ in the number of images, a part is empty, or a
        board has a part without an outlier or without an inlier: nothing could be ranked there.
    """
    sizes = {len(each) for each in submissions}
    if len(submissions) < 2 or len(sizes) != 1:
        raise ValueError(
            f"{len(submissions)} submissions of {sorted(sizes)} images; expected at least two, all "
            "of the same images."
        )
    count = sizes.pop()
    if not 0 < public < count or boards < 1:
        raise ValueError(
            f"{boards} boards with {public} of {count} images in public; expected at least one "
            "board, one public and one hidden image."
        )
    order = rng.permuted(np.tile(np.arange(count), (boards, 1)), axis=1)
    is_public = order < public
    _refuse_one_kind(submissions[0], is_public)
    return Replays(
        np.stack([each.average_precisions(is_public) for each in submissions], axis=1),
        np.stack([each.average_precisions(~is_public) for each in submissions], axis=1),
    )


def _refuse_one_kind(counts: ImageCounts, is_public: np.ndarray) -> None:
    for part, images in (("public", is_public), ("hidden", ~is_public)):
        for kind in ("outliers", "inliers"):
            has = getattr(counts, kind).sum(axis=1) > 0
            empty = int((images @ has.astype(int) == 0).sum())
            if empty:
                raise ValueError(
                    f"{empty} of {len(is_public)} boards have a {part} part without {kind}, which "
                    f"are in {int(has.sum())} of {len(has)} images. Expected both kinds in each "
                    "part: take more public images, or only images with an anomaly."
                )
