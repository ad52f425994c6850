"""Which runs a benchmark has: method x data set x ratio x seed x hyperparameters."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Settings = tuple[tuple[str, float], ...]


@dataclass(frozen=True, order=True)
class Run:
    """One training of one method.

    Parameters
    ----------
    method, data : str
        Names of the method and of the data set.
    ratio : float
        Share of bias-aligned training images, between 0 and 1.
    seed : int
        Of the training set, the weights and every other random number of the run.
    settings : tuple of (str, float)
        Every hyperparameter, sorted by name; make it with `settings_of`.
    """

    method: str
    data: str
    ratio: float
    seed: int
    settings: Settings = ()

    @property
    def cell(self) -> tuple[str, str, float, Settings]:
        """All but the seed: runs of one cell are repetitions of each other."""
        return self.method, self.data, self.ratio, self.settings

    def __str__(self) -> str:
        return f"{self.method} on {self.data} {self.ratio:.4g}, seed {self.seed}"


def settings_of(values: Mapping[str, float]) -> Settings:
    """Return hyperparameters in the form that a `Run` holds them: sorted, as floats."""
    return tuple(sorted((str(name), float(value)) for name, value in values.items()))


def describe(settings: Settings, *, but: Settings = ()) -> str:
    """Return hyperparameters in words; with `but`, only those that differ from it."""
    usual = dict(but)
    shown = [f"{name} {value:.4g}" for name, value in settings if usual.get(name) != value]
    return ", ".join(shown) or "as they come"


def plan_runs(
    methods: Mapping[str, Iterable[Settings]],
    data: Iterable[str],
    ratios: Iterable[float],
    seeds: int | Iterable[int],
) -> list[Run]:
    """Return every combination, in the order in which they are best computed.

    Parameters
    ----------
    methods : mapping
        From the name of a method to the settings it is run with.
    data : iterable of str
        Names of data sets.
    ratios : iterable of float
        Shares of bias-aligned training images.
    seeds : int or iterable of int
        How many seeds, counted from 0, or which ones.

    Raises
    ------
    ValueError
        If a list is empty, a ratio is not between 0 and 1, a seed is negative, or something is
        named twice.
    """
    chosen = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    lists = {"method": list(methods), "data set": list(data), "ratio": list(ratios), "seed": chosen}
    for what, values in lists.items():
        if not values:
            raise ValueError(f"No {what} to run; name at least one.")
        twice = sorted({str(v) for v in values if values.count(v) > 1})
        if twice:
            raise ValueError(f"The {what} {', '.join(twice)} is named twice; name it once.")
    for ratio in lists["ratio"]:
        if not 0 < ratio < 1:
            raise ValueError(
                f"Ratio {ratio:g}; expected the share of bias-aligned training images, more than 0 "
                "and less than 1, such as 0.98. With 1 no image shows that the bias is not the "
                "class, and with 0 nothing is biased this way."
                + (f" For {ratio:g} % write {ratio / 100:g}." if 1 < ratio < 100 else "")
            )
    if min(chosen) < 0:
        raise ValueError(f"Seed {min(chosen)}; expected 0 or more.")
    return [
        Run(method, name, float(ratio), int(seed), settings)
        for name, method in itertools.product(lists["data set"], methods)
        for settings in methods[method]
        for ratio, seed in itertools.product(lists["ratio"], chosen)
    ]
