"""Experiments on two small tables: wines by their chemistry, tumours by their cells."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from internlab.bars import Bar
from internlab.practice.experiments.experiment import Experiment


def halves(load, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return training and test rows and training and test labels, half each."""
    rows, labels = load(return_X_y=True)
    return train_test_split(rows, labels, test_size=0.5, stratify=labels, random_state=seed)


def _scaled_neighbours(seed: int) -> float:
    train, test, labels, wanted = halves(load_wine, seed)
    raw = KNeighborsClassifier(5).fit(train, labels).score(test, wanted)
    scaled = make_pipeline(StandardScaler(), KNeighborsClassifier(5))
    return scaled.fit(train, labels).score(test, wanted) - raw


def _scaled_tree(seed: int) -> float:
    train, test, labels, _ = halves(load_breast_cancer, seed)
    tree = DecisionTreeClassifier(random_state=seed)
    raw = tree.fit(train, labels).predict(test)
    scaler = StandardScaler().fit(train)
    scaled = tree.fit(scaler.transform(train), labels).predict(scaler.transform(test))
    return float(np.mean(raw != scaled))


def _noise_columns(seed: int) -> float:
    train, test, labels, wanted = halves(load_breast_cancer, seed)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    clean = model.fit(train, labels).score(test, wanted)
    rng = np.random.default_rng(seed)
    train, test = (np.hstack([each, rng.normal(size=(len(each), 300))]) for each in (train, test))
    return clean - model.fit(train, labels).score(test, wanted)


TABLES = (
    Experiment(
        "scaled-neighbours",
        "Three kinds of wine, 13 measurements. Does standardising the columns raise the accuracy "
        "of the vote of the 5 nearest neighbours by at least 15 points?",
        "Standardising means: subtract the mean, divide by the standard deviation. One column "
        "(proline) goes up to 1,680, another (hue) up to 1.7. 89 wines for training, 89 for the "
        "test.",
        "gain of accuracy",
        _scaled_neighbours,
        Bar(">=", 0.15),
        "Without it the distance is the difference in proline and little else.",
    ),
    Experiment(
        "scaled-tree",
        "569 tumours, 30 measurements. Does standardising the columns change the answer of a "
        "decision tree for at least 1 % of the test patients?",
        "A tree asks of one column at a time whether it lies below a threshold. The same seed for "
        "both trees; half of the patients for training.",
        "share of changed answers",
        _scaled_tree,
        Bar(">=", 0.01),
        "Standardising keeps the order of the values in a column, and a tree sees only the order: "
        "its thresholds move along. At most a tie is decided otherwise by rounding.",
    ),
    Experiment(
        "noise-columns",
        "569 tumours, 30 measurements, and 300 further columns of pure noise. Does a logistic "
        "regression lose at least 5 points of accuracy by them?",
        "All columns standardised, scikit-learn's usual regularisation (C = 1), 284 patients for "
        "training.",
        "loss of accuracy",
        _noise_columns,
        Bar(">=", 0.05),
        "It costs something: with more columns than patients some noise always fits the training "
        "labels. The regularisation keeps the weight of each column small, and so the damage.",
    ),
)
