"""Three results that look honest, each with one flaw that one measurement finds.

Nobody lies in them. Each report says what was done, and each log holds what was measured.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from internlab.practice.significance import discordant, mcnemar
from internlab.practice.small_net import Recipe, split, train


@dataclass(frozen=True)
class Result:
    """What a colleague hands in: a report, the log behind it, and the code that made it."""

    title: str
    report: str
    log: pd.DataFrame
    code: str

    def _repr_markdown_(self) -> str:
        rows = self.log.reset_index() if self.log.index.name else self.log
        some = rows.sample(4, random_state=3).sort_index().itertuples(index=False, name=None)
        lines = [list(rows), ["---"] * len(rows.columns), *some]
        table = "\n".join("| " + " | ".join(map(_as_text, line)) + " |" for line in lines)
        return (
            f"#### {self.title}\n\n{self.report}\n\n```python\n{self.code.rstrip()}\n```\n\n"
            f"The log has {len(rows):,} rows, such as these:\n\n{table}\n"
        )


def all_three(seed: int = 0) -> dict[str, Result]:
    """Return the results by name: first, second and third."""
    return {"first": copies(seed), "second": two_cameras(seed), "third": new_sampler()}


def _as_text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return "" if value is pd.NA else str(value)


# --- first ----------------------------------------------------------------------------------------


def copies(seed: int = 0) -> Result:
    """Nearest neighbour on augmented digits."""
    rng = np.random.default_rng([2, 1, seed])
    log = augment_and_split(rng)
    score = log.right.mean()
    report = (
        f"From 60 digits we made 900 images, each moved and a little noisy, as is usual with so "
        f"little data. A random fifth is the test. The nearest neighbour in the training part, "
        f"without any training, is right on {score:.1%} of the test images."
    )
    return Result(
        "First: augmentation is enough", report, log, inspect.getsource(augment_and_split)
    )


def augment_and_split(rng):
    """Make fifteen images of each of 60 digits, then set a fifth of the images aside."""
    source, pixels, labels = fifteen_of_each(rng)
    part = np.where(rng.permutation(900) < 180, "test", "train")
    return nearest_neighbour(source, pixels, labels, part)


def split_and_augment(rng):
    """Set a fifth of the *digits* aside, with all images of each."""
    source, pixels, labels = fifteen_of_each(rng)
    aside = rng.permutation(np.unique(source))[:12]
    part = np.where(np.isin(source, aside), "test", "train")
    return nearest_neighbour(source, pixels, labels, part)


def fifteen_of_each(rng):
    """Return source (900,), pixels (900, 64) of moved, noisy digits, and labels (900,)."""
    images, labels, *_ = split()
    source = np.repeat(rng.permutation(len(images))[:60], 15)
    moves = rng.integers(-1, 2, (900, 2))
    moved = [np.roll(images[i], move, (0, 1)) for i, move in zip(source, moves, strict=True)]
    return source, np.reshape(moved, (900, 64)) + rng.normal(0, 1, (900, 64)), labels[source]


def nearest_neighbour(source, pixels, labels, part):
    """Give each test image the label of the training image nearest to it."""
    known, asked = part == "train", part == "test"
    distance = ((pixels[asked, None] - pixels[None, known]) ** 2).sum(axis=2)
    log = pd.DataFrame({"source": source, "part": part})
    log["right"] = pd.array([pd.NA] * len(log), dtype="boolean")
    log.loc[asked, "right"] = labels[known][distance.argmin(axis=1)] == labels[asked]
    return log


# --- second ---------------------------------------------------------------------------------------


def two_cameras(seed: int = 0) -> Result:
    """Two models in two places (simulated)."""
    log = field_test(np.random.default_rng([2, 2, seed]))
    shares, p = compare_weeks(log)
    report = (
        f"Model A ran for a week, model B for the next one, 1,500 photos each, labelled by people "
        f"who did not know the model. A is right on {shares['A']:.1%}, B on {shares['B']:.1%}. "
        f"The chi-squared test of the two counts says p = {p:.1g}. We switch to B."
    )
    return Result("Second: B is better in the field", report, log, inspect.getsource(compare_weeks))


def compare_weeks(log):
    """Return each model's share of right answers, and p."""
    shares = log.groupby("model").right.mean()
    table = pd.crosstab(log.model, log.right)
    return shares, stats.chi2_contingency(table).pvalue


def field_test(rng):
    """Draw the photos of two weeks (simulated)."""
    night_share = {"A": 0.7, "B": 0.1}
    accuracy = {("A", "day"): 0.93, ("A", "night"): 0.79, ("B", "day"): 0.88, ("B", "night"): 0.71}
    model = np.repeat(["A", "B"], 1500)
    night = rng.random(3000) < [night_share[each] for each in model]
    light = np.where(night, "night", "day")
    right = rng.random(3000) < [accuracy[pair] for pair in zip(model, light, strict=True)]
    return pd.DataFrame({"model": model, "light": light, "right": right})


# --- third ----------------------------------------------------------------------------------------


def new_sampler() -> Result:
    """Plain training against plain training with other random numbers."""
    plain, new = twenty_seeds()
    runs = pd.DataFrame({"plain": plain.mean(axis=1), "new sampler": new.mean(axis=1)})
    runs.index.name = "seed"
    seed = int((runs["new sampler"] - runs["plain"]).idxmax())
    p = mcnemar(*discordant(plain[seed], new[seed])).exact
    report = (
        f"Our sampler draws all random numbers of a run anew. Same network, same steps, same 1,000 "
        f"test images: plain {runs.plain[seed]:.1%}, ours {runs['new sampler'][seed]:.1%}. "
        f"McNemar's test says p = {p:.1g}. Seed {seed}; all runs are in the log."
    )
    return Result("Third: a better sampler", report, runs, inspect.getsource(twenty_seeds))


def twenty_seeds():
    """Train twenty networks with the plain sampler, and twenty with the new one."""
    plain = train(Recipe(), seeds=range(20))
    new = train(Recipe(), seeds=range(1000, 1020))
    return plain, new
