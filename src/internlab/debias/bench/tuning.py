"""Settings to tune with: the same number for every method, its default among them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

import numpy as np

from internlab.debias.bench.plan import Settings, settings_of
from internlab.debias.bench.sources import Source
from internlab.debias.bench.together import RATE, default_settings
from internlab.debias.methods import Method

# The learning rate is drawn between a third of the recipe's and three times it.
RATE_RANGE = (1 / 3, 3.0)


def draw_settings(method: type[Method], count: int, seed: int = 0) -> list[Settings]:
    """Return `count` settings of a method: its default, then random ones.

    Every method has its learning rate drawn, the same rates in the same order: also one without
    hyperparameters of its own has a budget to spend. A longer list begins with the shorter one.

    Parameters
    ----------
    method : class
        Its `hyperparameters` say from where to draw.
    count : int
        The budget, at least 1.
    seed : int
        Of the draws.

    Raises
    ------
    ValueError
        If the budget is less than 1.
    """
    if count < 1:
        raise ValueError(f"{count} settings; expected at least 1, which is the default one.")
    rates = np.random.default_rng([seed, 0])
    digest = hashlib.sha256(method.name.encode()).digest()
    own = np.random.default_rng([seed, 1, int.from_bytes(digest[:8], "little")])
    low, high = (math.log(each) for each in RATE_RANGE)
    settings = [default_settings(method)]
    for _ in range(count - 1):
        values = {name: each.draw(own) for name, each in method.hyperparameters.items()}
        settings.append(settings_of({**values, RATE: math.exp(rates.uniform(low, high))}))
    return settings


def budget(sources: Mapping[str, Source], count: int, seed: int = 0) -> dict[str, list[Settings]]:
    """Return the settings of each method, the same number for all; see `draw_settings`.

    Parameters
    ----------
    sources : mapping
        Methods by name, from `find_methods`.
    count : int
        Settings of each method, its default among them.
    seed : int
        Of the drawing.
    """
    return {name: draw_settings(each.load(), count, seed) for name, each in sources.items()}


def best_of(values: np.ndarray, reported: np.ndarray, tried: int) -> float:
    """Return what is reported, on average, by somebody who tries so many of the settings.

    Of all ways to try `tried` of n settings, in each the one with the highest value is taken; the
    mean of what is reported for it. So a method that was tuned with 20 settings can be compared
    with one that was tuned with 5.

    Parameters
    ----------
    values : array
        (n,), by which settings are chosen, such as validation accuracy.
    reported : array
        (n,), what is reported for them, such as test accuracy.
    tried : int
        1 to n.

    Raises
    ------
    ValueError
        If `tried` is out of range, or the arrays differ in length.

    References
    ----------
    Dodge, Gururangan, Card, Schwartz, Smith, "Show Your Work: Improved Reporting of Experimental
    Results", EMNLP 2019, section 3, gives it for draws with replacement; here without.
    """
    values, reported = np.asarray(values, float), np.asarray(reported, float)
    count = values.size
    if values.shape != reported.shape or values.ndim != 1 or not 1 <= tried <= count:
        raise ValueError(
            f"{tried} of {count} settings, {reported.size} reported; expected as many of both, and "
            "1 to all of them tried."
        )
    # From best to worst: number i is taken if it is tried and none of the i better ones is.
    order = np.argsort(-values, kind="stable")
    ways = [math.comb(count - 1 - i, tried - 1) for i in range(count)]
    return float(np.dot(reported[order], ways) / math.comb(count, tried))
