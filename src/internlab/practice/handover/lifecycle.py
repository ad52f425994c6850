"""What a misunderstanding costs, by the stage in which it is found: a simulation to disagree with.

A feature passes through stages, each of which builds on the ones before. A misunderstanding of the
first stage is carried on until a stage notices it. Then the touched share of all work since is
done again. That is all the model says; the efforts and chances are assumptions, so vary them.

References
----------
Boehm, "Software Engineering Economics", 1981, chapter 4, is the usual source for a cost that grows
with the stage. Menzies, Nichols, Shull and Layman, "Are delayed issues harder to resolve?",
Empirical Software Engineering 22, 2017, arXiv 1609.04886, found no such growth in 171 projects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Stage:
    """One stage of the life of a feature.

    Parameters
    ----------
    name : str
    effort : float
        Person-weeks.
    notices : float
        Chance that a misunderstanding that is still there is found at the end of this stage.
    """

    name: str
    effort: float
    notices: float


# Assumed, not measured. The order is the one that the passage tells.
STAGES = (
    Stage("research", 4, 0.1),
    Stage("planning and design", 3, 0.3),
    Stage("development", 8, 0.3),
    Stage("marketing material", 2, 0.2),
    Stage("sales", 3, 0.5),
)


def cost_if_found(stages: tuple[Stage, ...] = STAGES, touched: float = 0.5) -> NDArray[np.float64]:
    """Return the work done again if the mistake of the first stage is found at each stage, (n,)."""
    return touched * np.cumsum([stage.effort for stage in stages])


def expected_cost(stages: tuple[Stage, ...] = STAGES, touched: float = 0.5) -> float:
    """Return the mean of the work done again, in closed form.

    The chance to reach stage k unnoticed is the product of (1 - notices) over the stages before
    it. What no stage notices the customer does, and all of it is done again.
    """
    notices = np.array([stage.notices for stage in stages])
    reached = np.concatenate([[1.0], np.cumprod(1 - notices)])
    cost = cost_if_found(stages, touched)
    return float(reached[:-1] @ (notices * cost) + reached[-1] * cost[-1])


def simulate(
    count: int,
    rng: np.random.Generator,
    stages: tuple[Stage, ...] = STAGES,
    touched: float = 0.5,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Follow `count` misunderstandings through the stages.

    Returns
    -------
    found_at : array
        (count,): the stage that noticed it; the number of stages for what the customer found.
    cost : array
        (count,): person-weeks done again.
    """
    found_at = np.full(count, len(stages))
    cost = np.zeros(count)
    hidden = np.ones(count, dtype=bool)
    for number, stage in enumerate(stages):
        cost[hidden] += touched * stage.effort
        noticed = hidden & (rng.random(count) < stage.notices)
        found_at[noticed] = number
        hidden &= ~noticed
    return found_at, cost
