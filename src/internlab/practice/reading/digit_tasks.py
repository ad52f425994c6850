"""One task with demands that can be relaxed, and its learning curves: reading small digits."""

from __future__ import annotations

from functools import cache

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from internlab.practice.reading.ladder import Demand

TEST = 400
DEMANDS = (
    Demand("ten digits", "all ten digits", "only 0, 1, 4 and 6"),
    Demand("anywhere", "anywhere on a field of 16 x 16", "in the middle of the field"),
    Demand("noise", "noise of half the range of the ink", "clean images"),
    Demand("few images", "six images of each digit", "forty images of each digit"),
    Demand("labels unchecked", "one label in eight is drawn by lot", "labels checked"),
)
EASY_DIGITS = (0, 1, 4, 6)


def task(
    kept: frozenset[str], seed: int, each: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a task with the named demands in force: training images and labels, test likewise.

    Parameters
    ----------
    kept : frozenset of str
        Names of `DEMANDS`.
    seed : int
        It draws the images, where they lie, the noise and the labels that are drawn by lot.
    each : int, optional
        Training images of each digit, in place of what the demands say.

    Returns
    -------
    tuple
        Images (N, 256) float in about [0, 1], labels (N,); test images and labels. Test labels are
        always right.

    Raises
    ------
    ValueError
        If a name is unknown, or more images are asked for than there are.
    """
    unknown = kept - {demand.name for demand in DEMANDS}
    if unknown:
        raise ValueError(f"No demand {sorted(unknown)}; expected {[d.name for d in DEMANDS]}.")
    rng = np.random.default_rng(seed)
    images, labels = _digits()
    classes = range(10) if "ten digits" in kept else EASY_DIGITS
    wanted = each if each is not None else (6 if "few images" in kept else 40)
    order = rng.permutation(len(labels))
    order = order[np.isin(labels[order], classes)]
    test, rest = order[:TEST], order[TEST:]
    per_class = [rest[labels[rest] == digit] for digit in classes]
    if min(map(len, per_class)) < wanted:
        raise ValueError(
            f"{wanted} images of each digit asked; there are {min(map(len, per_class))}."
        )
    train = np.concatenate([members[:wanted] for members in per_class])
    fields = [_laid_out(images[part], "anywhere" in kept, rng) for part in (train, test)]
    if "noise" in kept:
        fields = [field + rng.normal(0, 0.5, field.shape) for field in fields]
    given = labels[train].copy()
    if "labels unchecked" in kept:
        # Among all the classes, so that some of these labels are right by luck.
        drawn = rng.random(len(given)) < 1 / 8
        given[drawn] = rng.choice(list(classes), drawn.sum())
    return fields[0].reshape(-1, 256), given, fields[1].reshape(-1, 256), labels[test]


def scores(kept: frozenset[str], seeds: range, each: int | None = None) -> np.ndarray:
    """Return the test accuracy of logistic regression on a task, one for each seed."""
    found = []
    for seed in seeds:
        x, y, test_x, test_y = task(kept, seed, each)
        model = LogisticRegression(max_iter=100).fit(x, y)
        found.append(np.mean(model.predict(test_x) == test_y))
    return np.array(found)


def _laid_out(images: np.ndarray, anywhere: bool, rng: np.random.Generator) -> np.ndarray:
    """Lay images (N, 8, 8) on empty fields (N, 16, 16)."""
    fields = np.zeros((len(images), 16, 16))
    corners = rng.integers(0, 9, (len(images), 2)) if anywhere else np.full((len(images), 2), 4)
    for field, image, (row, column) in zip(fields, images, corners, strict=True):
        field[row : row + 8, column : column + 8] = image
    return fields


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    loaded = load_digits()
    return loaded.images / 16, loaded.target
