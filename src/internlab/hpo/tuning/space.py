"""The search space: which hyperparameters are searched, between which bounds, on which scale.

An objective is a function whose first argument is the trial and whose keyword arguments, with their
defaults, are its hyperparameters. So its signature says which names a space may use.
"""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from internlab.spelling import did_you_mean


def _check_bounds(bounds: Uniform | LogUniform) -> None:
    if not (math.isfinite(bounds.low) and math.isfinite(bounds.high) and bounds.low < bounds.high):
        raise ValueError(
            f"The range [{bounds.low}, {bounds.high}]; expected two finite numbers, lower first."
        )


@dataclass(frozen=True)
class Uniform:
    """A number between `low` and `high`, every value as likely as any other.

    Raises
    ------
    ValueError
        Unless both are finite and `low` is below `high`.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_bounds(self)

    def sample(self, rng: np.random.Generator) -> float:
        """Draw one value."""
        return float(rng.uniform(self.low, self.high))

    def spread(self, points: int) -> list[float]:
        """Return `points` evenly spaced values, both ends included."""
        return [float(value) for value in np.linspace(self.low, self.high, points)]


@dataclass(frozen=True)
class LogUniform:
    """A positive number between `low` and `high`, every factor as likely as any other.

    Between 1e-4 and 1e-1 a third of the draws lies in each power of ten. A uniform draw would put
    nine tenths of them above 1e-2, and learning rates differ by factors, not by distances.

    Raises
    ------
    ValueError
        Unless both are finite and 0 < `low` < `high`.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_bounds(self)
        if self.low <= 0:
            raise ValueError(f"A log-uniform range starts at {self.low}; expected more than 0.")

    def sample(self, rng: np.random.Generator) -> float:
        """Draw one value."""
        drawn = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        return float(min(max(drawn, self.low), self.high))  # exp(log(x)) may miss x by a rounding

    def spread(self, points: int) -> list[float]:
        """Return `points` values a constant factor apart, both ends included."""
        return [float(value) for value in np.geomspace(self.low, self.high, points)]


@dataclass(frozen=True)
class Choice:
    """One of several values, each as likely as any other.

    Raises
    ------
    ValueError
        If there is no value.
    """

    values: tuple[Any, ...]

    def __init__(self, values: Any) -> None:
        object.__setattr__(self, "values", tuple(values))
        if not self.values:
            raise ValueError("A choice between no values; expected at least one.")

    def sample(self, rng: np.random.Generator) -> Any:
        """Draw one value."""
        return self.values[int(rng.integers(len(self.values)))]

    def spread(self, points: int) -> list[Any]:
        """Return every value; a choice has no points in between, so `points` is not used."""
        return list(self.values)


Range = Uniform | LogUniform | Choice
Space = Mapping[str, Range]

# What lesson 21 searches. Bounds reach well past what is sensible on both sides: a search that ends
# at a bound says that the bound was wrong.
BUILDING_SPACE: Space = {
    "lr": LogUniform(1e-4, 5e-2),
    "weight_decay": LogUniform(1e-6, 0.3),
    "width": Choice((8, 12, 16)),
    "dice": Uniform(0.0, 1.0),
    "batch_size": Choice((8, 16, 32)),
    "colour": Uniform(0.0, 1.0),
    "geometry": Choice(("none", "flip", "d4")),
}


def sample(space: Space, rng: np.random.Generator) -> dict[str, Any]:
    """Draw a configuration: a value for every name, in the order of the space."""
    return {name: each.sample(rng) for name, each in space.items()}


def grid(space: Space, points: int) -> list[dict[str, Any]]:
    """Return every combination of `points` values a range (a choice keeps all of its own).

    Raises
    ------
    ValueError
        If `points` is not positive.
    """
    if points < 1:
        raise ValueError(f"A grid with {points} points on each axis; expected at least 1.")
    axes = [each.spread(points) for each in space.values()]
    return [dict(zip(space, values, strict=True)) for values in itertools.product(*axes)]


def hyperparameters(objective: Callable[..., Any]) -> dict[str, Any] | None:
    """Return the hyperparameters of an objective with their defaults; None if it takes any name.

    Raises
    ------
    ValueError
        If the objective does not take the trial as its first argument.
    """
    parameters = list(inspect.signature(objective).parameters.values())
    name = getattr(objective, "__name__", str(objective))
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if not parameters or parameters[0].kind not in positional:
        raise ValueError(
            f"The objective {name} does not take a trial. Expected "
            f"def {name}(trial, *, lr=1e-3, ...): the trial first, then the hyperparameters."
        )
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters[1:]):
        return None
    return {each.name: each.default for each in parameters[1:]}


def check_space(
    space: Space, objective: Callable[..., Any], fixed: Mapping[str, Any] | None = None
) -> None:
    """Check that an objective knows every name that is searched or fixed, before any trial runs.

    Parameters
    ----------
    space : mapping of str to range
        What is searched.
    objective : callable
        Its signature names the hyperparameters.
    fixed : mapping, optional
        Hyperparameters that are set to one value for all trials.

    Raises
    ------
    ValueError
        If the space is empty, a range is none of the three kinds, a name is unknown or both
        searched and fixed, or one without a default is neither.
    """
    fixed = fixed or {}
    if not space:
        raise ValueError("The search space is empty; expected at least one hyperparameter.")
    for name, each in space.items():
        if not isinstance(each, (Uniform, LogUniform, Choice)):
            raise ValueError(
                f"The range of {name!r} is {each!r}; expected Uniform, LogUniform or Choice."
            )
    both = sorted(set(space) & set(fixed))
    if both:
        raise ValueError(f"{', '.join(both)}: both searched and fixed. Keep one of the two.")
    known = hyperparameters(objective)
    if known is None:
        return
    for name in [*space, *fixed]:
        if name not in known:
            raise ValueError(
                f"The search space names {name!r}, which the objective {objective.__name__} does "
                f"not have.{did_you_mean(name, known)} It has {', '.join(known)}."
            )
    missing = [
        name
        for name, default in known.items()
        if default is inspect.Parameter.empty and name not in space and name not in fixed
    ]
    if missing:
        raise ValueError(
            f"{', '.join(missing)}: the objective {objective.__name__} has no default for it, and "
            "the search neither searches nor fixes it."
        )


def from_mapping(description: Mapping[str, Any]) -> Space:
    """Read a space as a file holds it: ``{"lr": {"loguniform": [1e-4, 1e-1]}}``.

    Raises
    ------
    ValueError
        If an entry is not one of ``uniform: [low, high]``, ``loguniform: [low, high]`` and
        ``choice: [...]``; the message names the entry.
    """
    if not isinstance(description, Mapping):
        raise ValueError(
            f"The space is {description!r}; expected a hyperparameter and its range on each line, "
            "such as lr: {loguniform: [1.0e-4, 1.0e-1]}."
        )
    return {name: _range_from(name, entry) for name, entry in description.items()}


def to_mapping(space: Space) -> dict[str, dict[str, list[Any]]]:
    """Write a space as `from_mapping` reads it."""
    written = {}
    for name, each in space.items():
        values = each.values if isinstance(each, Choice) else (each.low, each.high)
        written[name] = {type(each).__name__.lower(): list(values)}
    return written


def _range_from(name: str, entry: Any) -> Range:
    kinds = {"uniform": Uniform, "loguniform": LogUniform, "choice": Choice}
    expected = (
        f"Hyperparameter {name!r} has the range {entry!r}; expected one of uniform: [low, high], "
        "loguniform: [low, high], choice: [value, ...]."
    )
    if not isinstance(entry, Mapping) or len(entry) != 1:
        raise ValueError(expected)
    kind, values = next(iter(entry.items()))
    if kind not in kinds or not isinstance(values, (list, tuple)):
        raise ValueError(expected)
    if kind == "choice":
        return Choice(values)
    if len(values) != 2:
        raise ValueError(expected)
    try:
        low, high = (float(value) for value in values)
    except (TypeError, ValueError):
        raise ValueError(f"{expected} Its bounds are not numbers.") from None
    try:
        return kinds[kind](low, high)
    except ValueError as problem:
        raise ValueError(f"Hyperparameter {name!r}: {problem}") from None
