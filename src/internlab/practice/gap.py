"""The gap between a baseline and the ideal, by cause: replace one part after another by its oracle.

An *oracle* is a part that is as good as we can have it, whatever it costs: the true labels, all of
the data. Nobody could use it in the product. It is there to say what a part's faults cost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial


@dataclass(frozen=True)
class Cause:
    """What one part of a system costs, three ways.

    Attributes
    ----------
    name : str
    first : float
        The gain if this part alone is replaced by its oracle, in the baseline.
    last : float
        The loss if this part alone is put back into the ideal.
    shared : float
        The mean gain over every order in which the parts could be replaced. Only these add up to
        the whole gap.
    """

    name: str
    first: float
    last: float
    shared: float


@dataclass(frozen=True)
class Gap:
    """The gap from the baseline to the ideal, and its causes."""

    baseline: float
    ideal: float
    causes: tuple[Cause, ...]

    @property
    def total(self) -> float:
        """Ideal minus baseline."""
        return self.ideal - self.baseline

    @property
    def largest(self) -> Cause:
        """The cause with the largest share of the gap."""
        return max(self.causes, key=lambda cause: cause.shared)


def by_cause(score: Callable[[frozenset[str]], float], parts: Sequence[str]) -> Gap:
    """Split the gap between baseline and ideal over the parts of a system.

    Parameters
    ----------
    score : callable
        From the set of parts that are replaced by their oracles to a number, higher is better. It
        is asked once for each of the 2**K sets.
    parts : sequence of str
        Their K names.

    Returns
    -------
    Gap
        The causes in the order of `parts`.

    Raises
    ------
    ValueError
        If there is no part, or a name comes twice.

    References
    ----------
    Shapley, A value for n-person games, in Contributions to the Theory of Games II, 1953: the mean
    over all orders.
    """
    if not parts or len(set(parts)) < len(parts):
        raise ValueError(f"Got the parts {list(parts)}, expected at least one and each name once.")
    scores = {
        frozenset(chosen): float(score(frozenset(chosen)))
        for count in range(len(parts) + 1)
        for chosen in combinations(parts, count)
    }
    everything = frozenset(parts)

    def cause(name: str) -> Cause:
        gains = {
            chosen: scores[chosen | {name}] - scores[chosen]
            for chosen in scores
            if name not in chosen
        }
        # Of all K! orders, k! (K - k - 1)! have exactly these k parts before this one.
        orders = factorial(len(parts))
        shared = sum(
            factorial(len(chosen)) * factorial(len(parts) - len(chosen) - 1) / orders * gain
            for chosen, gain in gains.items()
        )
        return Cause(name, gains[frozenset()], gains[everything - {name}], shared)

    return Gap(scores[frozenset()], scores[everything], tuple(cause(name) for name in parts))
