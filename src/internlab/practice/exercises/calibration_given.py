"""What lab 01 gives to measure: does it help to drop training images with suspicious labels?"""

from __future__ import annotations

from functools import cache

from internlab.practice.project import Project, without_suspects


@cache
def measure(seed: int) -> tuple[float, float]:
    """Return the accuracy with suspicious labels dropped, and with all of them kept.

    The digits project of lesson 01 with twenty images of each digit, about a fifth of them
    mislabelled, shrunk to 4 by 4 pixels; nearest centroid, on validation.
    """
    project = Project(seed)
    training = project.training(per_digit=20)
    dropped = project.accuracy(training=without_suspects(training))
    return dropped, project.accuracy(training=training)
