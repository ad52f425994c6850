"""A small project to improve: digits read from few, small and partly mislabelled images."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

PARTS = ("data", "labels", "features", "model")
TEST, VALIDATION = 400, 397
PER_DIGIT, WRONG = 10, 0.2


class NearestCentroid:
    """The smallest classifier there is: the class whose mean image is nearest."""

    def fit(self, features: np.ndarray, labels: np.ndarray) -> NearestCentroid:
        """Keep one mean a class. `features` is (N, D), `labels` (N,)."""
        self.classes = np.unique(labels)
        self.means = np.stack([features[labels == each].mean(axis=0) for each in self.classes])
        return self

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the class (N,) of the nearest mean, by squared distance."""
        squared = ((features[:, None] - self.means) ** 2).sum(axis=2)
        return self.classes[squared.argmin(axis=1)]


@dataclass(frozen=True)
class Training:
    """What a model is trained on: images (N, 64) in [0, 1] and the labels as they were given."""

    images: np.ndarray
    labels: np.ndarray


class Project:
    """The digits project at one seed: what was collected, and what could be.

    Ten images of each digit were labelled, about a fifth of them wrongly. Images are shrunk to 4 by
    4 pixels, to be quick. The model is `NearestCentroid`.

    Parameters
    ----------
    seed : int
        Draws the split into 1,000 images to train on, 397 for validation and 400 for the test, and
        the wrong labels.
    """

    def __init__(self, seed: int) -> None:
        images, labels = load_digits(return_X_y=True)
        images = images / 16
        rest, self._test, others, self._test_labels = train_test_split(
            images, labels, test_size=TEST, stratify=labels, random_state=seed
        )
        pool, self._validation, truth, self._validation_labels = train_test_split(
            rest, others, test_size=VALIDATION, stratify=others, random_state=seed
        )
        rng = np.random.default_rng(seed)
        wrong = rng.random(len(truth)) < WRONG
        self._pool, self._truth = pool, truth
        self._given = np.where(wrong, (truth + rng.integers(1, 10, len(truth))) % 10, truth)

    def training(self, oracles: Set[str] = frozenset(), per_digit: int = PER_DIGIT) -> Training:
        """Return what there is to train on, with the oracles of ``data`` and ``labels``."""
        if "data" in oracles:
            chosen = np.arange(len(self._truth))
        else:
            # Somebody collected so many of each digit; which digit it is they knew by the true one.
            chosen = np.concatenate(
                [np.flatnonzero(self._truth == digit)[:per_digit] for digit in range(10)]
            )
        labels = self._truth if "labels" in oracles else self._given
        return Training(self._pool[chosen], labels[chosen])

    def accuracy(
        self,
        oracles: Set[str] = frozenset(),
        *,
        training: Training | None = None,
        model: object | None = None,
        on: str = "validation",
    ) -> float:
        """Train and return the share of right answers.

        Parameters
        ----------
        oracles : set of str
            Which of `PARTS` are replaced by the best that we have.
        training, model : optional
            An idea to try: other training data, another model with `fit` and `predict`.
        on : {"validation", "test"}
            Ideas are compared on validation; the test is for the end.

        Raises
        ------
        ValueError
            If a part or a set is unknown.
        """
        unknown = set(oracles) - set(PARTS)
        if unknown:
            raise ValueError(f"No part {sorted(unknown)}. The project has {', '.join(PARTS)}.")
        if on not in ("validation", "test"):
            raise ValueError(f"on is {on!r}, expected 'validation' or 'test'.")
        training = training or self.training(oracles)
        model = model or (SVC() if "model" in oracles else NearestCentroid())
        seen = (lambda images: images) if "features" in oracles else thumbnails
        model.fit(seen(training.images), training.labels)
        images = self._validation if on == "validation" else self._test
        labels = self._validation_labels if on == "validation" else self._test_labels
        return float(np.mean(model.predict(seen(images)) == labels))


def thumbnails(images: np.ndarray) -> np.ndarray:
    """Return 4 by 4 images (N, 16) from 8 by 8 ones (N, 64): the mean of each 2 by 2 block."""
    return images.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16)


def without_suspects(training: Training, neighbours: int = 5) -> Training:
    """Return the images whose given label wins the vote of their nearest neighbours, or ties.

    References
    ----------
    Wilson, Asymptotic properties of nearest neighbor rules using edited data, IEEE Transactions
    on Systems, Man, and Cybernetics 2(3), 1972.
    """
    model = KNeighborsClassifier(neighbours).fit(training.images, training.labels)
    nearest = model.kneighbors(return_distance=False)  # of the others: no image votes for itself
    votes = np.stack([np.bincount(row, minlength=10) for row in training.labels[nearest]])
    # In a tie the given label stands: it is no suspect.
    kept = votes[np.arange(len(votes)), training.labels] == votes.max(axis=1)
    return Training(training.images[kept], training.labels[kept])
