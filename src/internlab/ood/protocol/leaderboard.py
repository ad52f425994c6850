"""A small leaderboard: everybody sees the public half, the hidden half is shown once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from internlab.data.label_ids import ANOMALY, VOID
from internlab.ood.protocol.image_counts import ImageCounts


@dataclass(frozen=True)
class Standing:
    """One line of a board.

    Parameters
    ----------
    rank : int
        By public average precision, from 1.
    name : str
    public : float
        Average precision on the public images.
    hidden : float or None
        On the hidden images; None until they are revealed.
    hidden_rank : int or None
        By hidden average precision.
    """

    rank: int
    name: str
    public: float
    hidden: float | None = None
    hidden_rank: int | None = None

    def as_row(self) -> dict[str, float | int | str]:
        """Return the line as a dictionary, for a table; before the end without the hidden half."""
        row = {"rank": self.rank, "name": self.name, "public AP": self.public}
        if self.hidden is not None:
            row |= {"hidden AP": self.hidden, "hidden rank": self.hidden_rank}
        return row


class Leaderboard:
    """Rank submissions on a public part of the test images, and in the end on the hidden part.

    A submission is a score map for every image. Its owner is told the average precision on the
    public images, as often as they like. What is on top then was chosen by those images, and only
    images that had no part in the choice can say what it is worth.

    Parameters
    ----------
    labels : array
        (N, H, W) integer, the truth. A learner's code has no need to see it.
    public : int
        Number of public images; the others are hidden.
    rng : numpy.random.Generator
        Deals the images out.
    limit : int, optional
        Most submissions; by default no limit.
    outlier, void : int
        Labels.

    Raises
    ------
    ValueError
        If a part would have no image, or no outlier, or no inlier.
    """

    def __init__(
        self,
        labels: np.ndarray,
        public: int,
        rng: np.random.Generator,
        *,
        limit: int | None = None,
        outlier: int = ANOMALY,
        void: int = VOID,
    ) -> None:
        self.labels = np.asarray(labels)
        if not 0 < public < len(self.labels):
            raise ValueError(
                f"{public} of {len(self.labels)} images are to be public; expected at least 1, "
                "and at least 1 left to hide."
            )
        self.limit, self._ids = limit, {"outlier": outlier, "void": void}
        self.is_public = np.zeros(len(self.labels), dtype=bool)
        self.is_public[rng.choice(len(self.labels), public, replace=False)] = True
        for name, part in (("public", self.is_public), ("hidden", ~self.is_public)):
            inside = self.labels[part]
            outliers = int((inside == outlier).sum())
            if not outliers or outliers == int((inside != void).sum()):
                raise ValueError(
                    f"The {name} part of {int(part.sum())} images has {outliers} outlier pixels "
                    "and no other, or none at all; a rank needs both. Give it more images."
                )
        self._submissions: dict[str, ImageCounts] = {}
        self._revealed = False

    def __len__(self) -> int:
        return len(self._submissions)

    def submit(self, name: str, score: np.ndarray) -> float:
        """Enter score maps (N, H, W) for all images; return the average precision in public.

        Raises
        ------
        ValueError
            If the board is closed or full, the name is taken, or the scores do not fit.
        """
        if self._revealed:
            raise ValueError(
                f"{name!r} comes after the hidden half was revealed. Whoever has seen it cannot be "
                "judged by it: open a new board on fresh images."
            )
        if self.limit is not None and len(self) >= self.limit:
            raise ValueError(
                f"{name!r} would be submission {len(self) + 1} of at most {self.limit}. Choose on "
                "validation images before you submit."
            )
        if name in self._submissions:
            raise ValueError(f"There is a submission {name!r} already. Give this one its own name.")
        self._submissions[name] = ImageCounts.of(self.labels, score, **self._ids)
        return self._submissions[name].scores(self.is_public).average_precision

    def standings(self) -> list[Standing]:
        """Return the board from the top; the hidden half shows only after `reveal`."""
        public = self._ranked(self.is_public)
        if not self._revealed:
            return [Standing(rank, name, ap) for rank, (name, ap) in enumerate(public, start=1)]
        hidden = self._ranked(~self.is_public)
        of_hidden = {name: (rank, ap) for rank, (name, ap) in enumerate(hidden, start=1)}
        return [
            Standing(rank, name, ap, hidden=of_hidden[name][1], hidden_rank=of_hidden[name][0])
            for rank, (name, ap) in enumerate(public, start=1)
        ]

    def reveal(self) -> list[Standing]:
        """Close the board for good, and return it with the hidden half.

        Raises
        ------
        ValueError
            If nothing was submitted.
        """
        if not self._submissions:
            raise ValueError("Nothing was submitted, so there is nothing to reveal.")
        self._revealed = True
        return self.standings()

    @property
    def counts(self) -> dict[str, ImageCounts]:
        """What each submission has in each image, by name; only once the board is closed.

        Raises
        ------
        ValueError
            If the hidden half has not been revealed.
        """
        if not self._revealed:
            raise ValueError("The counts hold the hidden half. Reveal it; that ends the board.")
        return dict(self._submissions)

    def _ranked(self, images: np.ndarray) -> list[tuple[str, float]]:
        found = {
            name: counts.scores(images).average_precision
            for name, counts in self._submissions.items()
        }
        return sorted(found.items(), key=lambda item: -item[1])
