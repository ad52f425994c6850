"""A training run that takes no time: a formula in which areas differ more than settings do.

It stands in for lesson 20's training so that a lab can repeat runs over many seeds. It says nothing
about buildings.
"""

from __future__ import annotations

import numpy as np


def validation_iou(colour: float, seed: int) -> float:
    """Return the validation IoU of a run with a strength of colour augmentation and a seed.

    The seed draws the validation area, which may be an easy or a hard one. The strength moves the
    IoU by less than the areas differ, and each run adds some noise of its own.

    Raises
    ------
    ValueError
        If the strength is outside [0, 1].
    """
    if not 0 <= colour <= 1:
        raise ValueError(f"A colour strength of {colour}; expected 0 to 1.")
    ease_of_area = np.random.default_rng([20, seed]).normal(0, 0.08)
    noise = np.random.default_rng([20, seed, round(1000 * colour)]).normal(0, 0.015)
    return float(np.clip(0.40 + 0.08 * colour + ease_of_area + noise, 0, 1))
