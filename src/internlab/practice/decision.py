"""The decision table: for each result which test, how much data it needs, and the verdict.

A verdict has three outcomes, not two. "Not significant" may mean that there is nothing worth
having, or that the test could not have seen it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from internlab.files import atomic_write
from internlab.practice.power import images_needed, seeds_needed
from internlab.practice.significance import discordant, mcnemar, over_seeds, redrawn_gains

REPEATS = 100_000  # of the bootstrap: with many tries the interval reaches far into the tails


@dataclass(frozen=True)
class Decision:
    """One row. Gain and interval in points, p of the test; `tries` is how many were looked at.

    The level of interval and verdict is alpha divided by the tries.
    """

    result: str
    luck: str
    test: str
    gain: float
    low: float
    high: float
    p: float
    tries: int
    has: str
    needs: str
    verdict: str


def decide_networks(
    result: str,
    right_a: np.ndarray,
    right_b: np.ndarray,
    rng: np.random.Generator,
    worth: float = 0.01,
    tries: int = 1,
    alpha: float = 0.05,
) -> Decision:
    """Decide between two trained networks: is B better than A on other images like these?

    Parameters
    ----------
    result : str
        What the row is about.
    right_a, right_b : array of bool (images,)
        On the same images.
    rng : numpy.random.Generator
        For the bootstrap.
    worth : float
        The smallest gain that would matter, as a share.
    tries : int
        How many results this one was chosen from; alpha is divided by it (Bonferroni).
    alpha : float
        Two-sided level.
    """
    level = _level(worth, tries, alpha)
    test = mcnemar(*discordant(right_a, right_b))
    gain = (test.only_b - test.only_a) / len(right_a)
    redrawn = redrawn_gains(test.only_a, test.only_b, len(right_a), rng, REPEATS)
    low, high = (float(each) for each in np.quantile(redrawn, [level / 2, 1 - level / 2]))
    share = max((test.only_a + test.only_b) / len(right_a), 1.01 * worth)
    return Decision(
        result,
        "which test images",
        "McNemar, exact",
        100 * gain,
        100 * low,
        100 * high,
        test.exact,
        tries,
        f"{len(right_a)} images",
        f"{images_needed(worth, share, alpha=level)} images",
        _verdict("network", test.exact < level, gain, low, high, worth),
    )


def decide_recipes(
    result: str,
    differences: np.ndarray,
    worth: float = 0.01,
    tries: int = 1,
    alpha: float = 0.05,
) -> Decision:
    """Decide between two recipes: is B better than A if both are trained again?

    Parameters
    ----------
    result : str
        What the row is about.
    differences : array (seeds,)
        Accuracy of B minus A, as shares, one for each seed.
    worth, tries, alpha
        As for `decide_networks`.
    """
    level = _level(worth, tries, alpha)
    test = over_seeds(differences, level=1 - level)
    needs = seeds_needed(worth, test.sd, alpha=level) if test.sd > 0 else 2
    return Decision(
        result,
        "which training run",
        "t over seeds",
        100 * test.mean,
        100 * test.low,
        100 * test.high,
        test.p,
        tries,
        f"{test.seeds} seeds",
        f"{needs} seeds",
        _verdict("recipe", test.p < level, test.mean, test.low, test.high, worth),
    )


def write_table(decisions: Sequence[Decision], folder: Path | str) -> tuple[Path, Path]:
    """Write ``decision_table.csv``, and the same in Markdown; return both paths.

    Raises
    ------
    ValueError
        If there is no decision.
    """
    if not decisions:
        raise ValueError("There is no decision. Give at least one row.")
    rows = [{name: _text(value) for name, value in asdict(row).items()} for row in decisions]
    names = list(rows[0])
    as_csv, as_markdown = (Path(folder) / f"decision_table.{kind}" for kind in ("csv", "md"))
    with atomic_write(as_csv) as path, open(path, "w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(rows)
    lines = [names, ["---"] * len(names), *([row[name] for name in names] for row in rows)]
    text = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
    with atomic_write(as_markdown) as path:
        path.write_text(
            "# Decisions\n\nGain and interval in points. `needs` is what finds the smallest gain "
            f"that matters four times in five.\n\n{text}\n",
            encoding="utf-8",
        )
    return as_csv, as_markdown


def _verdict(
    what: str, significant: bool, gain: float, low: float, high: float, worth: float
) -> str:
    if significant and gain > 0:
        if high < worth:
            return f"this {what} is better, by less than matters"
        return f"this {what} is better, {'by enough' if low >= worth else 'perhaps by enough'}"
    if significant:
        return f"this {what} is worse"
    if -worth < low and high < worth:
        return "no difference that matters"
    return "cannot tell"


def _level(worth: float, tries: int, alpha: float) -> float:
    if not 0 < worth < 1 or tries < 1 or not 0 < alpha < 1:
        raise ValueError(
            f"worth {worth}, tries {tries}, alpha {alpha}. Expected shares between 0 and 1 (0.01 "
            "is one point), and at least one try."
        )
    return alpha / tries


def _text(value: str | int | float) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"
    return str(value).replace("|", "/")
