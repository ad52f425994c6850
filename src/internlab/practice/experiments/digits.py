"""Experiments on the 1,797 handwritten digits of scikit-learn: 64 pixels, 17 grey levels."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from internlab.bars import Bar
from internlab.practice.experiments.experiment import Experiment

HALF_OF_THE_DEEPEST = 8  # of 16


def halves(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return training and test pixels in [0, 16] and training and test labels, half each."""
    pixels, labels = load_digits(return_X_y=True)
    return train_test_split(pixels, labels, test_size=0.5, stratify=labels, random_state=seed)


def _shuffled_pixels(seed: int) -> float:
    train, test, labels, wanted = halves(seed)
    order = np.random.default_rng(seed).permutation(train.shape[1])
    model = KNeighborsClassifier(3)
    usual = model.fit(train, labels).score(test, wanted)
    return usual - model.fit(train[:, order], labels).score(test[:, order], wanted)


def _wrong_labels(seed: int) -> float:
    train, test, labels, wanted = halves(seed)
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(len(labels))[: round(0.3 * len(labels))]
    labels = labels.copy()
    labels[wrong] = (labels[wrong] + rng.integers(1, 10, wrong.size)) % 10
    return KNeighborsClassifier(15).fit(train, labels).score(test, wanted)


def _few_labels(seed: int) -> float:
    pixels, labels = load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    of_class = [rng.permutation(np.flatnonzero(labels == digit))[:5] for digit in range(10)]
    chosen = np.concatenate(of_class)
    rest = np.setdiff1d(np.arange(len(labels)), chosen)
    model = KNeighborsClassifier(1).fit(pixels[chosen], labels[chosen])
    return model.score(pixels[rest], labels[rest])


def _black_and_white(seed: int) -> float:
    train, test, labels, wanted = halves(seed)
    model = LogisticRegression(max_iter=300)
    grey = model.fit(train / 16, labels).score(test / 16, wanted)
    train, test = (np.where(each >= HALF_OF_THE_DEEPEST, 1.0, 0.0) for each in (train, test))
    return grey - model.fit(train, labels).score(test, wanted)


def _eight_numbers(seed: int) -> float:
    train, test, labels, wanted = halves(seed)
    model = make_pipeline(PCA(8, random_state=seed), KNeighborsClassifier(5))
    return model.fit(train, labels).score(test, wanted)


DIGITS = (
    Experiment(
        "shuffled-pixels",
        "The 64 pixels are put into another order, the same one for every image. Does the vote of "
        "the 3 nearest neighbours lose at least 1 point of accuracy?",
        "Half of the digits for training, half for the test. Near means a small sum of squared "
        "differences of pixels.",
        "loss of accuracy",
        _shuffled_pixels,
        Bar(">=", 0.01),
        "A distance is a sum over pixels, and a sum does not care about the order. To this method "
        "an image is a list of numbers; it never knew which pixels are neighbours.",
    ),
    Experiment(
        "wrong-labels",
        "30 % of the training labels are replaced by another digit, drawn at random. Does the vote "
        "of the 15 nearest neighbours still read at least 90 % of the test digits?",
        "898 training images; the labels of the test are right.",
        "accuracy",
        _wrong_labels,
        Bar(">=", 0.90),
        "Wrong labels that are spread over nine other digits are outvoted. Were all of them the "
        "same wrong digit, or the wrong ones alike, it would be another question.",
    ),
    Experiment(
        "few-labels",
        "5 labelled images of each digit, 50 in all. Does the nearest of them read at least 80 % "
        "of all other digits?",
        "The label of the single nearest training image is the answer. The 50 are drawn at random.",
        "accuracy",
        _few_labels,
        Bar(">=", 0.80),
        "Digits vary less than one thinks, and 50 examples cover much of it; how much depends on "
        "which 50 were drawn.",
    ),
    Experiment(
        "black-and-white",
        "Every pixel is made black or white, at half of the deepest grey. Does a logistic "
        "regression lose at least 5 points of accuracy?",
        "Half of the digits for training. The grey values come from shrinking larger images, so "
        "they hold where an edge lies within a pixel.",
        "loss of accuracy",
        _black_and_white,
        Bar(">=", 0.05),
        "It costs something, and less than one thinks: most of what tells digits apart is where "
        "there is ink, and one bit a pixel says that.",
    ),
    Experiment(
        "eight-numbers",
        "The 64 pixels are squeezed into 8 numbers by principal components. Does the vote of the "
        "5 nearest neighbours still read at least 90 % of the test digits?",
        "Principal components are the 8 weighted sums of pixels that vary most over the training "
        "images. Half of the digits for training.",
        "accuracy",
        _eight_numbers,
        Bar(">=", 0.90),
        "Neighbouring pixels say nearly the same, so 64 of them hold far fewer than 64 facts.",
    ),
)
