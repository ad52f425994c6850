"""What lab 02 is given: a study that takes a moment, and results with a flaw or none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from internlab.practice.small_net import Recipe, train
from internlab.study import Study

FLAWS = ("leak", "confounder", "picked seed", "none")


def measure(seed: int) -> tuple[float, float]:
    """Train two networks on 200 digits with this seed; return both test accuracies, in per cent.

    Returns
    -------
    tuple of float
        With weight decay, and without.
    """
    return _measured(int(seed))


@cache
def _measured(seed: int) -> tuple[float, float]:
    with_decay, plain = (train(Recipe(decay=decay), [seed]).mean() for decay in (0.01, 0.0))
    return 100 * float(with_decay), 100 * float(plain)


STUDY = Study(
    measure=lambda seed: measure(seed)[0] - measure(seed)[1],
    what="with weight decay minus without",
    conclusions=("helps", "costs", "cannot tell"),
    of_each="seed",
    asks="how many standard errors is the mean from zero, and on which side?",
    asks_of_number="is it the difference of the two numbers that measure(seed) returns?",
    slips=lambda seed: [
        (measure(seed)[0], "Yours is the accuracy with weight decay alone: compared with what?"),
        (measure(seed)[1], "Yours is the accuracy without it alone: compared with what?"),
        *[
            (
                measure(seed)[0] - measure(other)[1],
                f"Yours takes away the accuracy of seed {other}: are both numbers of one seed?",
            )
            for other in range(12)
            if other != seed and measure(other)[1] != measure(seed)[1]
        ],
    ],
)


@dataclass(frozen=True)
class HandedIn:
    """A report and its log, and what the three measurements would have said."""

    kind: str
    report: dict[str, Any]
    log: pd.DataFrame
    overlap: float
    nights: dict[str, float]
    gains: pd.Series

    def says(self, given: str) -> str:
        """Return the question for a wrong diagnosis."""
        leak = f"{self.overlap:.0%} of the log's sources are in report['trained_on']"
        light = f"A met {self.nights['A']:.0%} night photos and B {self.nights['B']:.0%}"
        seeds = (
            f"the report says {self.report['gain']:+.3f}, the log has {self.gains.mean():+.3f} "
            f"over {len(self.gains)} seeds"
        )
        facts = {"leak": leak, "confounder": light, "picked seed": seeds}
        asks = {
            "leak": "has it seen them before?",
            "confounder": "do both face the same task?",
            "picked seed": "which runs does the report leave out?",
        }
        if self.kind == "none":
            return f"{facts[given]}. Is that a flaw?"
        return f"{facts[self.kind]}: {asks[self.kind]}"


def hand_in(kind: str, rng: np.random.Generator) -> HandedIn:
    """Return a result with this flaw.

    The log has a row for each photo, model and seed, with the columns `model` ("A", "B"), `seed`,
    `source` (who is on the photo), `light` ("day", "night") and `right`. The report says `gain`,
    the accuracy of B minus A, `seeds`, the seeds it speaks of, and `trained_on`, a set of sources.
    """
    seeds, photos = list(range(int(rng.integers(6, 10)))), 400
    sources = rng.permutation(1000)
    trained_on = {int(each) for each in sources[:300]}
    if kind == "leak":
        tested = rng.choice(sources[150:450], photos)  # half of whom are known
    else:
        tested = rng.choice(sources[300:600], photos)
    rows = []
    edge = rng.normal(0.02, 0.02, len(seeds))
    for seed in seeds:
        night = rng.random(photos) < rng.uniform(0.35, 0.45)
        for model in "AB":
            if kind == "confounder":
                night = rng.random(photos) < (0.65 if model == "A" else 0.2)
            share = np.where(night, 0.7, 0.9) + (edge[seed] if model == "B" else 0)
            rows.append(
                pd.DataFrame(
                    {
                        "model": model,
                        "seed": seed,
                        "source": tested,
                        "light": np.where(night, "night", "day"),
                        "right": rng.random(photos) < share,
                    }
                )
            )
    log = pd.concat(rows, ignore_index=True)
    by_seed = log.groupby(["seed", "model"]).right.mean().unstack()
    gains = by_seed["B"] - by_seed["A"]
    reported = [int(gains.idxmax())] if kind == "picked seed" else seeds
    report = {
        "gain": float(gains[reported].mean()),
        "seeds": reported,
        "trained_on": trained_on,
    }
    nights = (log.light == "night").groupby(log.model).mean().to_dict()
    overlap = float(log.source.isin(trained_on).mean())
    return HandedIn(kind, report, log.sample(frac=1, random_state=1), overlap, nights, gains)
