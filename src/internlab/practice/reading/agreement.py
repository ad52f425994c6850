"""How far two readers of the same things agree, beyond what chance would give."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """Share of equal judgements, the share that chance would give, and kappa."""

    observed: float
    by_chance: float
    kappa: float
    items: int


def agreement(first: Sequence[Hashable], second: Sequence[Hashable]) -> Agreement:
    """Compare the judgements of two readers, item by item.

    Kappa is ``(observed - by_chance) / (1 - by_chance)``, where ``by_chance`` is the share of equal
    judgements of two readers who have these habits and do not look: the sum over judgements of the
    product of how often each reader gives it. It is 1 for full agreement, 0 for chance, and NaN
    where both give one and the same judgement throughout, so that nothing can be told.

    Parameters
    ----------
    first, second : sequence of hashable
        One judgement an item, in the same order; of the same length, at least one.

    Raises
    ------
    ValueError
        If the lengths differ or are zero.

    References
    ----------
    Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
    Measurement 20 (1960).

    Examples
    --------
    >>> agreement(["read", "skip", "skip", "skip"], ["read", "read", "skip", "skip"]).kappa
    0.5
    """
    if len(first) != len(second) or len(first) == 0:
        raise ValueError(
            f"The readers judged {len(first)} and {len(second)} items; expected the same items, "
            "at least one."
        )
    count = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / count
    kinds = set(first) | set(second)
    by_chance = sum(
        (sum(a == kind for a in first) / count) * (sum(b == kind for b in second) / count)
        for kind in kinds
    )
    beyond = (observed - by_chance) / (1 - by_chance) if len(kinds) > 1 else float("nan")
    return Agreement(observed, by_chance, beyond, count)


def kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Return Cohen's kappa of two readers; see `agreement`."""
    return agreement(first, second).kappa


def interval(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    rng: np.random.Generator,
    resamples: int = 2000,
    confidence: float = 0.9,
) -> tuple[float, float]:
    """Return a bootstrap interval of kappa: items are drawn again, with replacement.

    Resamples in which kappa is not defined are left out.

    Raises
    ------
    ValueError
        If kappa is defined in none of them.
    """
    pairs = list(zip(first, second, strict=True))
    found = []
    for _ in range(resamples):
        drawn = [pairs[i] for i in rng.integers(0, len(pairs), len(pairs))]
        found.append(kappa([a for a, _ in drawn], [b for _, b in drawn]))
    known = np.array(found)[~np.isnan(found)]
    if known.size == 0:
        raise ValueError("Both readers give one judgement throughout: there is no kappa.")
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
