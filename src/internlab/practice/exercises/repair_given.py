"""Given in lab 04: five small training programs, four of them with one fault."""

from __future__ import annotations

import random

import numpy as np

DIAGNOSES = ("sound", "no seed", "one seed", "training mode", "batch")
IMAGES = 2000
CENTRE = np.array([0.6, 0.0, 0.0])


class Program:
    """A program that trains, and evaluates what it trained: both in milliseconds.

    Parameters
    ----------
    name : str
        One letter.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def train(self, seed: int) -> np.ndarray:
        """Train from a seed; return the model."""
        return _train(_TRUTH[self.name], seed)

    def evaluate(self, model: np.ndarray, batch: int = 40) -> float:
        """Return the accuracy of a model, in per cent, on 2,000 images, `batch` at a time."""
        return _evaluate(_TRUTH[self.name], model, batch)


def _train(fault: str, seed: int) -> np.ndarray:
    start = {"no seed": None, "one seed": 0}.get(fault, seed)
    rng = np.random.default_rng(start)
    return np.array([2.0, -1.0, 1.0]) + rng.normal(0, 0.7, 3)


def _evaluate(fault: str, model: np.ndarray, batch: int) -> float:
    rng = np.random.default_rng(7)
    x = rng.normal(loc=CENTRE, size=(IMAGES, 3))
    labels = x @ [2.0, -1.0, 1.0] + rng.normal(0, 0.8, IMAGES) > 1.0
    right = 0
    for start in range(0, IMAGES, batch):
        part = x[start : start + batch]
        if fault == "training mode":
            part = part * (np.random.default_rng().random(part.shape) > 0.3) / 0.7
        if fault == "batch":
            part = part - part.mean(axis=0) + CENTRE
        right += int((((part @ model) > 1.0) == labels[start : start + batch]).sum())
    return 100 * right / IMAGES


def programs() -> dict[str, Program]:
    """Return the five programs by name. Which has which fault is drawn anew in each session."""
    return {name: Program(name) for name in sorted(_TRUTH)}


def truth() -> dict[str, str]:
    """Return the fault of each program. (Reading this is not an experiment.)"""
    return dict(_TRUTH)


def _drawn() -> dict[str, str]:
    faults: list[str] = list(DIAGNOSES)
    random.shuffle(faults)
    return dict(zip("ABCDE", faults, strict=True))


_TRUTH = _drawn()
