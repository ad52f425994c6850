"""How much each hyperparameter matters, and how little a few trials can say about it.

Importance plots come with most search tools, nearly always without an uncertainty. Here each
number has two companions: the interval it takes when the trials are resampled, and what the same
computation gives when there is nothing to find because the results were shuffled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from internlab.hpo.tuning.space import Choice, LogUniform, Space

if TYPE_CHECKING:
    import pandas as pd

# A hyperparameter that does nothing, added to every table: what it gets is chance.
NOISE = "pure noise"
# The share of resamples within low and high.
SHARE = 0.9


def importance(
    trials: pd.DataFrame,
    space: Space,
    metric: str,
    rng: np.random.Generator,
    *,
    resamples: int = 60,
    trees: int = 40,
) -> pd.DataFrame:
    """Estimate permutation importance with a random forest, on trials it was not fitted to.

    The trials are resampled with replacement. A forest learns to predict the metric from the
    hyperparameters of the drawn trials, and is asked about those that were not drawn. Then one
    hyperparameter at a time is mixed up among these, and the importance is how much the mean
    absolute error rises. One column more holds random numbers, and for each resample all is done
    again with the metric shuffled among the trials.

    Parameters
    ----------
    trials : DataFrame
        One row per trial, with a column for `metric` and each hyperparameter. Trials without a
        value are left out. Stopped trials are not: leave them out yourself, or their early values
        pass for final ones.
    space : mapping of str to range
        Says which hyperparameters there are and on which scale.
    metric : str
        The column that the forest predicts.
    rng : numpy.random.Generator
        Draws resamples, permutations, the noise column and the forests' seeds.
    resamples, trees : int
        How many forests, and of how many trees each.

    Returns
    -------
    DataFrame
        Columns hyperparameter, importance (mean over resamples, in the unit of the metric), low
        and high (the interval that holds 90 % of the resamples), chance, chance_low and chance_high
        (the same with the metric shuffled). The most important first, the noise column among them.

    Raises
    ------
    ValueError
        If a column is missing or fewer than eight trials have a value.

    References
    ----------
    Breiman, "Random Forests", Machine Learning 45, 2001, section 10.
    """
    import pandas as pd

    missing = [name for name in [*space, metric] if name not in trials.columns]
    if missing:
        raise ValueError(
            f"The trials have no column {', '.join(missing)}. They have "
            f"{', '.join(map(str, trials.columns))}."
        )
    trials = trials[np.isfinite(trials[metric].astype(float))]
    if len(trials) < 8:
        raise ValueError(
            f"{len(trials)} trials have a value of {metric}; expected at least 8, and with fewer "
            "than about 100 expect intervals that say nothing."
        )
    features = np.column_stack([encode(trials, space), rng.random(len(trials))])
    target = trials[metric].to_numpy(float)
    found = np.empty((2, resamples, features.shape[1]))
    for number in range(resamples):
        drawn = _resample(len(target), rng)
        found[0, number] = _one_forest(features, target, drawn, trees, rng)
        found[1, number] = _one_forest(features, rng.permutation(target), drawn, trees, rng)
    tail = (1 - SHARE) / 2
    columns: dict[str, object] = {"hyperparameter": [*space, NOISE]}
    for prefix, values in zip(("importance", "chance"), found, strict=True):
        low, high = np.quantile(values, [tail, 1 - tail], axis=0)
        start = "" if prefix == "importance" else "chance_"
        columns |= {prefix: values.mean(axis=0), f"{start}low": low, f"{start}high": high}
    table = pd.DataFrame(columns).sort_values("importance", ascending=False)
    return table.reset_index(drop=True)


def encode(trials: pd.DataFrame, space: Space) -> np.ndarray:
    """Return hyperparameters as numbers on their own scale: (trials, hyperparameters) float64.

    A log-uniform one is its decimal logarithm, a choice the place of its value among the choices.

    Raises
    ------
    ValueError
        If a trial has a value that is not among the choices.
    """
    columns = []
    for name, each in space.items():
        values = trials[name].tolist()
        if isinstance(each, Choice):
            unknown = [value for value in values if value not in each.values]
            if unknown:
                raise ValueError(
                    f"A trial has {name}={unknown[0]!r}, which is not among {each.values}."
                )
            columns.append([float(each.values.index(value)) for value in values])
        else:
            numbers = np.asarray(values, dtype=float)
            columns.append(np.log10(numbers) if isinstance(each, LogUniform) else numbers)
    return np.column_stack(columns)


def stands_out(table: pd.DataFrame) -> Mapping[str, bool]:
    """Say of each hyperparameter whether its interval lies wholly above that of chance."""
    above = table["low"] > table["chance_high"]
    return dict(zip(table["hyperparameter"], above.tolist(), strict=True))


def _resample(count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw trials with replacement, leaving out at least two, or there is nothing to mix up."""
    while True:
        drawn = rng.integers(count, size=count)
        if len(np.unique(drawn)) <= count - 2:
            return drawn


def _one_forest(
    features: np.ndarray,
    target: np.ndarray,
    drawn: np.ndarray,
    trees: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the rise of the error on trials that were not drawn, for each column mixed up."""
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(trees, random_state=int(rng.integers(2**31)), n_jobs=1)
    forest.fit(features[drawn], target[drawn])
    left_out = np.setdiff1d(np.arange(len(target)), drawn)
    asked = features[left_out]
    mixed = np.repeat(asked[None], asked.shape[1] + 1, axis=0)
    for column in range(asked.shape[1]):
        # The first copy stays as it is.
        mixed[column + 1, :, column] = rng.permutation(asked[:, column])
    # One call for all copies: most of the time of a small forest goes into calling it.
    predicted = forest.predict(mixed.reshape(-1, asked.shape[1])).reshape(mixed.shape[:2])
    errors = np.abs(predicted - target[left_out]).mean(axis=1)
    return errors[1:] - errors[0]
