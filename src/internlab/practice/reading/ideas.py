"""Sixteen ideas that somebody could bring to a meeting, all about reading small digits.

Each is measured against the same baseline, logistic regression, on scikit-learn's digits: once on a
twentieth of the training images, as a probe, and once on all of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy import ndimage
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Binarizer, FunctionTransformer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

TRAIN, TEST = 1_200, 597


@dataclass(frozen=True)
class Idea:
    """A proposal in words and how to build it, given a seed."""

    says: str
    build: Callable[[int], Any]
    enlarge: Callable[..., tuple[np.ndarray, np.ndarray]] | None = None


def baseline(seed: int = 0) -> Any:
    """Return what every idea is compared with: logistic regression on pixels in [0, 1]."""
    return LogisticRegression(max_iter=200)


def accuracy(idea: Idea | None, size: int, seed: int) -> float:
    """Return the test accuracy of an idea, or of the baseline for None, at a training size.

    The seed draws which images are for training, and which `size` of them are used: at one seed,
    all ideas get the same images, and a smaller training set lies within a larger one.

    Raises
    ------
    ValueError
        If the size is not between 20 and `TRAIN`.
    """
    if not 20 <= size <= TRAIN:
        raise ValueError(f"size is {size}; expected 20 to {TRAIN}.")
    images, labels = _digits()
    order = np.random.default_rng(seed).permutation(len(labels))
    test, train = order[:TEST], order[TEST : TEST + size]
    x, y = images[train], labels[train]
    if idea is not None and idea.enlarge is not None:
        x, y = idea.enlarge(x, y)
    model = baseline(seed) if idea is None else idea.build(seed)
    with warnings.catch_warnings():
        # Of pixels that are empty in every image of a digit, which have no spread.
        warnings.filterwarnings("ignore", "self.within_class_std_dev_", UserWarning)
        model.fit(x, y)
    return float(np.mean(model.predict(images[test]) == labels[test]))


def gains(idea: Idea, size: int, seeds: range) -> np.ndarray:
    """Return the idea's accuracy minus the baseline's, in points, one for each seed."""
    return np.array([100 * (accuracy(idea, size, s) - base_accuracy(size, s)) for s in seeds])


@cache
def base_accuracy(size: int, seed: int) -> float:
    """Return the baseline's accuracy, measured once."""
    return accuracy(None, size, seed)


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    loaded = load_digits()
    return loaded.data / 16, loaded.target


def _moved(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add each image moved by one pixel in the four directions."""
    square = images.reshape(-1, 8, 8)
    steps = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]
    moved = [ndimage.shift(square, (0, *step), order=0) for step in steps]
    return np.concatenate(moved).reshape(-1, 64), np.tile(labels, len(steps))


def _blurred(images: np.ndarray) -> np.ndarray:
    return ndimage.gaussian_filter(images.reshape(-1, 8, 8), (0, 0.7, 0.7)).reshape(-1, 64)


def _sums(images: np.ndarray) -> np.ndarray:
    square = images.reshape(-1, 8, 8)
    return np.concatenate([square.sum(axis=1), square.sum(axis=2)], axis=1) / 8


def _logistic(*before: Any) -> Any:
    return make_pipeline(*before, LogisticRegression(max_iter=200))


IDEAS: tuple[Idea, ...] = (
    Idea("compare with the nearest image", lambda seed: KNeighborsClassifier(1)),
    Idea("compare with the mean image of each digit", lambda seed: NearestCentroid()),
    Idea("use a support vector machine with a curved border", lambda seed: SVC()),
    Idea("grow a random forest", lambda seed: RandomForestClassifier(50, random_state=seed)),
    Idea("grow one decision tree", lambda seed: DecisionTreeClassifier(random_state=seed)),
    Idea("take pixels as independent and normal", lambda seed: GaussianNB(var_smoothing=1e-2)),
    Idea("take classes as normal with one shape", lambda seed: LinearDiscriminantAnalysis()),
    Idea("make pixels black or white", lambda seed: _logistic(Binarizer(threshold=0.5))),
    Idea("keep 20 principal components", lambda seed: _logistic(PCA(20, random_state=seed))),
    Idea("blur a little", lambda seed: _logistic(FunctionTransformer(_blurred))),
    Idea("keep only row and column sums", lambda seed: _logistic(FunctionTransformer(_sums))),
    Idea("regularise ten times less", lambda seed: LogisticRegression(C=10, max_iter=400)),
    Idea("regularise ten times more", lambda seed: LogisticRegression(C=0.1, max_iter=200)),
    Idea("take the square root of the ink", lambda seed: _logistic(FunctionTransformer(np.sqrt))),
    Idea("add copies moved by one pixel", baseline, enlarge=_moved),
    Idea(
        "vote among the five nearest images",
        lambda seed: KNeighborsClassifier(5),
    ),
)
