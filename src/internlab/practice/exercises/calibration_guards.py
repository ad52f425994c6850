"""Checks of lab 01: two guards, each tried on code that keeps the rule and on code that does not.

The versions below are what a guard meets; a learner sees none of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from internlab.exercises import NotYet, call

ROWS, COLUMNS, CHOSEN = 40, 60, 5
IMAGES, PIXELS, CLASSES = 8, 12, 3


def check_blind(answer: Callable[..., bool]) -> None:
    """Expect a function of (choose, rows, labels, train) to whether the test stays out of it."""
    rng = np.random.default_rng()
    rows, labels, train = _people(rng)
    versions = (
        (_by_correlation, True, "that looks at the training rows alone"),
        (_by_ranks, True, "that looks at the training rows alone, and orders them by rank"),
        (_by_all_rows, False, "that looks at all rows and labels"),
        (_scaled_by_all_rows, False, "that takes the labels of the training rows and no others, "
         "but the spread of a column over all rows"),
    )  # fmt: skip
    for choose, keeps, what in versions:
        asks = {
            _by_correlation: "did something of the training change between your calls, or does "
            "your code expect one special choice?",
            _by_ranks: "which columns are right is not the question: what must not change?",
            _by_all_rows: "what is different for it between the calls that you compare?",
            _scaled_by_all_rows: "do the test rows as a whole hold other values in your second "
            "call?",
        }[choose]
        _judge(call(answer, choose, rows, labels, train), keeps, f"code {what}", asks)


def check_alone(answer: Callable[..., bool]) -> None:
    """Expect a function of (predict, images) to whether an image is answered by itself."""
    rng = np.random.default_rng()
    weights = rng.normal(size=(PIXELS, CLASSES))
    images = rng.normal(size=(IMAGES, PIXELS)) + rng.normal(size=PIXELS)

    def plain(batch: np.ndarray) -> np.ndarray:
        # Row by row: a product of matrices may be summed otherwise for another number of rows.
        return np.concatenate([_softmax(image[None] @ weights) for image in batch])

    def rounded(batch: np.ndarray) -> np.ndarray:
        # In float32 a sum is rounded otherwise in a larger batch; this is no fault.
        return plain(batch) * (1 + 1e-7 * len(batch))

    def batch_norm(batch: np.ndarray) -> np.ndarray:
        spread = batch.std(axis=0) + 1e-3
        return _softmax((batch - batch.mean(axis=0)) / spread @ weights)

    def anchored(batch: np.ndarray) -> np.ndarray:
        return _softmax((batch - batch[0]) @ weights)

    def company_of_many(batch: np.ndarray) -> np.ndarray:
        # As a rule "normalise if there are at least two" would have it.
        return batch_norm(batch) if len(batch) > 1 else plain(batch)

    versions = (
        (plain, True, "that answers each image by itself",
         "do the two calls that you compare hold the same images?"),
        (rounded, True, "in float32, whose sums are rounded otherwise in a larger batch,",
         "how equal must two floats be?"),
        (batch_norm, False, "that normalises by mean and spread of the batch",
         "in whose company was an image asked for the second time?"),
        (anchored, False, "that subtracts the first image of the batch",
         "was the first image another one in your second call?"),
        (company_of_many, False, "that normalises by the batch if it has two images or more",
         "was any image asked in two kinds of company?"),
    )  # fmt: skip
    for predict, keeps, what, asks in versions:
        _judge(call(answer, predict, images), keeps, f"a network {what}", asks)


def _judge(said: object, keeps: bool, what: str, asks: str) -> None:
    if not isinstance(said, (bool, np.bool_)):
        raise NotYet(
            f"your function returned {type(said).__name__}, expected True or False: what does "
            "`assert` do with an array, or with a text?"
        )
    if bool(said) != keeps:
        raise NotYet(f"for {what} you say {bool(said)}, expected {keeps}: {asks}")


def _people(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows (40, 60), labels (40,), and which rows are for training (40,).

    Drawn until each fault chooses other columns for other test rows, in whatever way they differ.
    """
    while True:
        labels = rng.permutation(np.arange(ROWS) % 2)
        train = rng.permutation(np.arange(ROWS) < ROWS // 2)
        # Of the test the columns vary in a way of their own, as if it came from elsewhere.
        scale = np.where(train[:, None], 1.0, rng.uniform(0.2, 3, COLUMNS))
        rows = rng.normal(size=(ROWS, COLUMNS)) * scale
        others = [np.zeros_like(rows), rng.normal(size=rows.shape), 100 * rows, rows + 1000]
        if 6 <= labels[train].sum() <= 14 and all(
            set(fault(rows, labels, train))
            != set(fault(np.where(train[:, None], rows, other), labels, train))
            for fault in (_by_all_rows, _scaled_by_all_rows)
            for other in others
        ):
            return rows, labels, train


def _top(score: np.ndarray) -> np.ndarray:
    return np.argsort(-score)[:CHOSEN]


def _by_correlation(rows: np.ndarray, labels: np.ndarray, train: np.ndarray) -> np.ndarray:
    rows, labels = rows[train], labels[train]
    centred = rows - rows.mean(axis=0)
    return _top(np.abs((labels - labels.mean()) @ centred) / np.linalg.norm(centred, axis=0))


def _by_ranks(rows: np.ndarray, labels: np.ndarray, train: np.ndarray) -> np.ndarray:
    ranks = rows[train].argsort(axis=0).argsort(axis=0)
    yes = labels[train] == 1
    return np.sort(_top(np.abs(ranks[yes].mean(axis=0) - ranks[~yes].mean(axis=0))))


def _by_all_rows(rows: np.ndarray, labels: np.ndarray, train: np.ndarray) -> np.ndarray:
    return _by_correlation(rows, labels, np.ones(len(rows), dtype=bool))


def _scaled_by_all_rows(rows: np.ndarray, labels: np.ndarray, train: np.ndarray) -> np.ndarray:
    yes = labels == 1
    apart = rows[train & yes].mean(axis=0) - rows[train & ~yes].mean(axis=0)
    return _top(np.abs(apart) / rows.std(axis=0))


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
