"""Experiments in which there is nothing to find: labels and answers by coin."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from internlab.bars import Bar
from internlab.practice.experiments.experiment import Experiment


def _coin_labels(seed: int) -> float:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(50) % 2)
    columns = rng.normal(size=(50, 5000))
    centred = columns - columns.mean(axis=0)
    correlation = np.abs((labels - 0.5) @ centred) / np.linalg.norm(centred, axis=0)
    chosen = np.argsort(correlation)[-20:]
    return float(cross_val_score(KNeighborsClassifier(1), columns[:, chosen], labels, cv=5).mean())


def _best_of_twenty(seed: int) -> float:
    return float(np.random.default_rng(seed).binomial(100, 0.5, size=20).max())


def _winner_again(seed: int) -> float:
    rng = np.random.default_rng(seed)
    validation, test = rng.binomial(200, 0.8, size=(2, 20))
    winner = rng.choice(np.flatnonzero(validation == validation.max()))
    return float(test[winner] - test.mean())


CHANCE = (
    Experiment(
        "coin-labels",
        "50 people with labels by coin, 5,000 columns of noise. The 20 columns that go best with "
        "the labels are chosen. Does 5-fold cross-validation of the nearest neighbour on these 20 "
        "report at least 75 % accuracy?",
        "The columns are chosen on all 50 people; then the people are cut into 5 parts, each of "
        "which is the test once. The truth is 50 %.",
        "accuracy reported",
        _coin_labels,
        Bar(">=", 0.75),
        "The choice of columns had seen the labels of the test. With 5,000 columns some go well "
        "with any labels (Ambroise and McLachlan, 2002). Only what is chosen within the training "
        "part may be called validated.",
    ),
    Experiment(
        "best-of-twenty",
        "Twenty programs toss a coin for each of the same 100 test images, of two classes. Does "
        "the best of them have at least 60 right?",
        "One program alone has 60 or more right in about 3 of 100 cases.",
        "right answers of the best",
        _best_of_twenty,
        Bar(">=", 60.0),
        "Twenty chances of 3 in 100 make about 44 in 100 for one seed: nearly a coin, and anything "
        "far from that was luck.",
    ),
    Experiment(
        "winner-again",
        "Twenty models that are equally good: each is right with probability 80 %. The best on 200 "
        "validation images is chosen. On 200 test images, is it above the mean of all twenty?",
        "Validation and test are drawn independently. Ties for the best are broken by lot.",
        "right answers above the mean",
        _winner_again,
        Bar(">", 0.0),
        "Equal models differ by luck, and luck on validation says nothing of luck on the test. "
        "The honest forecast is one half, whichever way it went.",
    ),
)
