"""Checks of lab 40: unbiased accuracy and follow rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from internlab.answers import number, tell, told_apart
from internlab.exercises import call


def check_unbiased(answer: Callable[..., float]) -> None:
    """Expect a function of (labels, biases, predictions) to the mean over groups."""
    for empty in (False, True):
        given = _scored(np.random.default_rng(), empty)
        right, known = _unbiased(*given)
        while not told_apart(right, 100 * right, *known.values()):
            given = _scored(np.random.default_rng(), empty)
            right, known = _unbiased(*given)
        got = number(call(answer, *given), "the unbiased accuracy")
        after = " (one group has no image)" if empty else ""
        asks = "which images form a group, and what is averaged?"
        tell(got, right, known, asks, after=after, share=True)


def _unbiased(
    labels: np.ndarray, biases: np.ndarray, predictions: np.ndarray
) -> tuple[float, dict[str, float]]:
    """Return the right answer, and what people answer instead by what to say of it."""
    ok, aligned = predictions == labels, labels == biases
    table = _by_group(labels, biases, ok)
    known = {
        "is the mean over images: large groups outvote small ones. What should each group "
        "count?": ok.mean(),
        "is the mean over classes. Within a class most images are aligned: what should the "
        "conflicting ones count?": np.mean([ok[labels == c].mean() for c in range(3)]),
        "is the mean over biases. Within a bias most images are of the class that goes with it: "
        "what should the others count?": np.mean([ok[biases == c].mean() for c in range(3)]),
        "is the mean of aligned and conflicting accuracy, two groups. How many pairs of class and "
        "bias are there?": (ok[aligned].mean() + ok[~aligned].mean()) / 2,
        "is the accuracy on aligned images, where following the bias is right. Where is it not?": (
            ok[aligned].mean()
        ),
        "is the accuracy on conflicting images alone. What of the aligned groups?": (
            ok[~aligned].mean()
        ),
        "counts a group without an image as zero. What is known about it?": (
            np.nansum(table) / table.size
        ),
        "counts a group without an image as right. What is known about it?": (
            np.nansum(np.nan_to_num(table, nan=1.0)) / table.size
        ),
        "is the worst group. What is the mean of all?": np.nanmin(table),
        "is the share of errors. Which images are to count?": 1 - np.nanmean(table),
        "is the median of the groups. How far does one group move a mean, and how far a median?": (
            np.nanmedian(table)
        ),
        "groups by the prediction. Which of the two says what an image is?": (
            np.nanmean(_by_group(predictions, biases, ok))
        ),
    }
    right = float(np.nanmean(table))
    return right, {
        says: float(value)
        for says, value in known.items()
        # Without an empty group, counting it as anything is right.
        if not ("without an image" in says and not np.isnan(table).any())
    }


def check_follow(answer: Callable[..., float]) -> None:
    """Expect a function of (labels, biases, predictions) to the follow rate."""
    given = _scored(np.random.default_rng(), False)
    right, known = _follow(*given)
    while not told_apart(right, 100 * right, *known.values()):
        given = _scored(np.random.default_rng(), False)
        right, known = _follow(*given)
    got = number(call(answer, *given), "the follow rate")
    tell(got, right, known, "among which images, and what is counted?", share=True)


def _follow(
    labels: np.ndarray, biases: np.ndarray, predictions: np.ndarray
) -> tuple[float, dict[str, float]]:
    conflicting, follows = labels != biases, predictions == biases
    wrong = predictions != labels
    rates = _by_group(labels, biases, follows)
    known = {
        "is taken over all images. On an aligned one the bias says the class, so every right "
        "answer seems to follow: on which images do the two part?": follows.mean(),
        "is taken over the images that are wrong. A network that errs once, and follows there, "
        "would have 100 %: out of how many could it have followed?": follows[wrong].mean(),
        "is the share of conflicting images that are wrong. Some get a third class: which wrong "
        "answer does the bias point to?": wrong[conflicting].mean(),
        "is the accuracy on conflicting images. Which of their answers is the bias's?": (
            1 - wrong[conflicting].mean()
        ),
        "is taken over the aligned images, where following is right. On which is it not?": (
            follows[~conflicting].mean()
        ),
        "counts the conflicting ones that follow, but divides by all images. Which of them could "
        "not have been counted?": (follows & conflicting).mean(),
        "is a number of images. Which share of the conflicting ones is it?": (
            float((follows & conflicting).sum())
        ),
        "is the share that does not follow. Which one is asked for?": (
            1 - follows[conflicting].mean()
        ),
        "is taken over the conflicting images that are wrong. One that is right has not followed, "
        "and could have: out of how many?": follows[conflicting & wrong].mean(),
        "is the mean over the groups of each one's rate: which images, not which groups, count the "
        "same?": np.nanmean(np.where(np.eye(3, dtype=bool), np.nan, rates)),
    }
    return float(follows[conflicting].mean()), {says: float(v) for says, v in known.items()}


def _by_group(labels: np.ndarray, biases: np.ndarray, ok: np.ndarray) -> np.ndarray:
    """Return the accuracy of each class and bias (3, 3), NaN without an image."""
    return np.array(
        [
            [ok[here].mean() if (here := (labels == c) & (biases == b)).any() else np.nan
             for b in range(3)]
            for c in range(3)
        ]
    )  # fmt: skip


def _scored(rng: np.random.Generator, empty: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, biases and predictions of 240 images of three classes, most aligned."""
    labels = rng.choice(3, 240, p=rng.dirichlet([6, 6, 6]))
    biases = np.where(rng.random(240) < 0.6, labels, rng.integers(0, 3, 240))
    # Every group has an image, unless one is to have none.
    labels[:9], biases[:9] = np.repeat(range(3), 3), np.tile(range(3), 3)
    draw = rng.random(240)
    predictions = np.where(draw < 0.4, biases, np.where(draw < 0.85, labels, 2 - labels))
    keep = (labels != 2) | (biases != 0) if empty else np.full(240, True)
    return labels[keep], biases[keep], predictions[keep]
