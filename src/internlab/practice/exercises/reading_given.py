"""What lab 05 is given: the gain of an idea on a small and on a larger set of digits."""

from __future__ import annotations

from functools import cache

from internlab.practice.reading.ideas import IDEAS, accuracy

SMALL, LARGE = 60, 600
IDEA = next(idea for idea in IDEAS if idea.says == "vote among the five nearest images")


@cache
def measure(seed: int) -> tuple[float, float]:
    """Return what a vote among the five nearest images gains over logistic regression, in points.

    On 60 and on 600 training images of one seed; the smaller set lies within the larger one.
    """
    small, large = (
        100 * (accuracy(IDEA, size, seed) - accuracy(None, size, seed)) for size in (SMALL, LARGE)
    )
    return small, large
