"""What lesson 05 says of probes, forecasts, ladders and agreement."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from internlab.claims import Measurement, claim
from internlab.data.shortcuts import load
from internlab.files import data_dir
from internlab.practice.reading import agreement, chance_of, decide, forecast, kappa, walk
from internlab.practice.reading.digit_curves import VERSIONS, errors
from internlab.practice.reading.digit_tasks import DEMANDS, scores
from internlab.practice.reading.first_cue import singled_out
from internlab.practice.reading.ideas import IDEAS, TRAIN, gains
from internlab.practice.reading.learning_curve import SHAPES
from internlab.practice.reading.probe import CANNOT_TELL, GO, NO_GO

SEEDS = range(5)
SIZES, LARGER = (50, 100, 200, 400, 800), (1_600, 3_200, 6_400, 12_800)
SETTINGS = (
    ("coloured-mnist", 0.95),
    ("coloured-mnist", 0.98),
    ("coloured-mnist", 0.99),
    ("portraits", 0.98),
    ("corrupted-textures", 0.98),
    ("textured-digits", 0.98),
)
# A tenth or a quarter of the training images; the other parts as small as they may be.
SMALL = {"train": 1_000, "validation": 1_000, "balanced": 490, "test": 490}
CUE_LINE, GAIN_LINE = 0.8, 1.0


@claim(
    "practice",
    "kappa-against-sklearn",
    "Cohen's kappa against scikit-learn, 500 random pairs of readers: largest difference",
    at_most=1e-12,
)
def kappa_against_sklearn() -> Measurement:
    """Compare on readers of 2 to 60 items and 2 to 5 judgements."""
    rng = np.random.default_rng(0)
    differences = []
    while len(differences) < 500:
        count, kinds = rng.integers(2, 61), rng.integers(2, 6)
        first = rng.integers(0, kinds, count)
        second = np.where(rng.random(count) < 0.6, first, rng.integers(0, kinds, count))
        if len(set(first) | set(second)) > 1:
            ours = kappa(first.tolist(), second.tolist())
            differences.append(abs(ours - cohen_kappa_score(first, second)))
    return Measurement(max(differences), f"{len(differences)} pairs")


@claim(
    "practice",
    "verdict-chances",
    "verdicts of simulated probes against the non-central t distribution, 36 cases: largest "
    "difference in standard errors",
    at_most=4.0,
)
def verdict_chances() -> Measurement:
    """Simulate 20,000 probes for each of 12 settings and count each verdict."""
    rng, worst, where = np.random.default_rng(1), 0.0, ""
    repeats = 20_000
    for seeds in (3, 5, 10):
        for effect in (-1.0, 0.0, 0.5, 1.5):
            values = rng.normal(effect, 1.0, (repeats, seeds))
            counted = counted_verdicts(values, 0.0)
            for verdict, share in counted.items():
                chance = chance_of(verdict, effect, 1.0, seeds, 0.0)
                error = np.sqrt(max(chance * (1 - chance), 1 / repeats) / repeats)
                if abs(share - chance) / error > worst:
                    worst = abs(share - chance) / error
                    where = (
                        f"{seeds} seeds, effect {effect:g}, {verdict}: {share:.4f}, {chance:.4f}"
                    )
    return Measurement(worst, where)


def counted_verdicts(values: np.ndarray, line: float) -> dict[str, float]:
    """Return the share of each verdict of `decide` over rows of values (probes, seeds)."""
    mean, error = values.mean(axis=1), values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
    half = stats.t.ppf(0.95, values.shape[1] - 1) * error
    go, no_go = (mean - half >= line).mean(), (mean + half < line).mean()
    return {GO: float(go), NO_GO: float(no_go), CANNOT_TELL: float(1 - go - no_go)}


@claim(
    "practice",
    "probe-of-lff",
    "the half-hour probe of LfF on coloured MNIST 98 %: AUROC of the early loss for conflicting "
    "images, lowest of 5 seeds",
    reported=True,
)
def probe_of_lff() -> Measurement:
    """A tenth of the images, 100 steps."""
    coloured, textured = (cue(name, 0.98) for name in ("coloured-mnist", "textured-digits"))
    return Measurement(
        coloured.min(), f"coloured {_listed(coloured)}; textured digits {_listed(textured)}"
    )


@claim(
    "practice",
    "lff-probe-agrees",
    "probe's go against a gain of LfF over ERM in the recorded full runs, of 6 settings: judged "
    "alike (go or not)",
    reported=True,
)
def lff_probe_agrees() -> Measurement:
    """The probe at a tenth or quarter of the data; the full runs with seeds 0 to 2."""
    rows, alike = [], 0
    for name, ratio in SETTINGS:
        probed, full = (
            decide(cue(name, ratio, range(3)), CUE_LINE),
            decide(lff_gain(name, ratio), 0),
        )
        alike += (probed.verdict == GO) == (full.verdict == GO)
        rows.append(
            f"{name} {ratio}: AUROC {probed.mean:.2f} {probed.verdict}, "
            f"gain {full.mean:+.1f} {full.verdict}"
        )
    return Measurement(alike, "; ".join(rows))


def cue(name: str, ratio: float, seeds: range = SEEDS) -> np.ndarray:
    """Return the AUROC of the early loss, one for each seed."""
    found = []
    for seed in seeds:
        train = load(name, ratio, seed, sizes=SMALL).train
        found.append(singled_out(train.images, train.labels, ~train.aligned, seed))
    return np.array(found)


def lff_gain(name: str, ratio: float, steps: int | None = None) -> np.ndarray:
    """Return what LfF gained over ERM in the recorded runs of seeds 0 to 2, in points."""
    grid = pd.read_csv(data_dir() / "debias" / "grid.csv")
    here = grid[(grid["data"] == name) & (grid["ratio"] == ratio) & (grid["seed"] < 3)]
    here = here[here["steps"] == (steps or here["steps"].min())]
    by = here.pivot(index="seed", columns="method", values="test_unbiased")
    return 100 * (by["lff"] - by["erm"]).to_numpy()


@claim(
    "practice",
    "probe-agrees",
    "16 ideas on digits, probe on 5 % of the data and full experiment, 5 seeds each: share of "
    "verdicts that agree",
    reported=True,
)
def probe_agrees() -> Measurement:
    """Go at one point of gain over logistic regression; with other shares of the data."""
    full = [decide(gains(idea, TRAIN, SEEDS), GAIN_LINE).verdict for idea in IDEAS]
    details = []
    for size in (60, 120, 300, 600):
        probed = [decide(gains(idea, size, SEEDS), GAIN_LINE).verdict for idea in IDEAS]
        found = agreement(probed, full)
        pairs = list(zip(probed, full, strict=True))
        details.append(
            f"{size / TRAIN:.0%}: {found.observed:.2f}, kappa {found.kappa:.2f}, "
            f"missed {sum(a == NO_GO and b == GO for a, b in pairs)} of {full.count(GO)}, "
            f"false go {sum(a == GO and b != GO for a, b in pairs)} of {probed.count(GO)}"
        )
        if size == 60:
            value = found.observed
    return Measurement(value, "; ".join(details))


@claim(
    "practice",
    "forecasts-in-range",
    "learning curves of 4 tasks fitted to 50 to 800 images, held against 1,600 to 12,800: "
    "measured errors inside the 90 % range of three shapes, of 16",
    reported=True,
)
def forecasts_in_range() -> Measurement:
    """The power law alone, with a floor, and with a bend as well."""
    counts = {number: [] for number in (1, 2, 3)}
    for version in VERSIONS:
        measured = errors(SIZES + LARGER, SEEDS, version)
        known, held_out = measured[:, : len(SIZES)], measured[:, len(SIZES) :].mean(axis=0)
        for number in counts:
            found = forecast(SIZES, known, LARGER, np.random.default_rng(0), shapes=SHAPES[:number])
            inside = [f.low <= e <= f.high for f, e in zip(found, held_out, strict=True)]
            counts[number].append(int(sum(inside)))
    each = "; ".join(
        f"{' + '.join(SHAPES[:number])}: {found} = {sum(found)}" for number, found in counts.items()
    )
    return Measurement(sum(counts[3]), f"{', '.join(VERSIONS)}: {each}")


@claim(
    "practice",
    "ladder-is-maximal",
    "the ladder's answer on digits, 120 orders of five demands against all 32 tasks: answers to "
    "which one more demand could be added",
    equals=0,
)
def ladder_is_maximal() -> Measurement:
    """Measure every task once, with 20 seeds, then walk in every order."""
    names = [demand.name for demand in DEMANDS]
    table = {
        frozenset(kept): scores(frozenset(kept), range(20))
        for count in range(len(names) + 1)
        for kept in combinations(names, count)
    }
    solvable = {kept for kept, found in table.items() if decide(found, 0.9).verdict == GO}
    found, could_add = set(), 0
    for order in permutations(DEMANDS):
        solved = walk(order, table.__getitem__, 0.9).solved
        found.add(solved)
        could_add += any(solved | {name} in solvable for name in set(names) - solved)
    largest = max(map(len, solvable))
    return Measurement(
        could_add,
        f"{len(found)} answers, of {sorted({len(kept) for kept in found})} demands; the largest "
        f"solvable task has {largest}; {len(solvable)} of 32 tasks are solvable",
    )


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{value:.3f}" for value in values)
