"""What lesson 03 claims: splits that flatter, rates that agree, coverage that is complete."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, product
from pathlib import Path

import numpy as np
from sklearn.metrics import confusion_matrix, roc_curve

from internlab.claims import Measurement, claim
from internlab.practice.antispoofing import cases, detector, metrics, protocol, splits
from internlab.practice.antispoofing.budget import arms
from internlab.practice.antispoofing.collecting import Sizes, development
from internlab.practice.antispoofing.features import features

SEEDS = (0, 1, 2)


def split_errors(seed: int, sizes: Sizes, spread: float = 1.0) -> tuple[float, float]:
    """Return the balanced error with frames apart and with sessions apart."""
    frames = development(seed, sizes, spread)
    inputs, rng = features(frames.images), np.random.default_rng(seed)
    dealt = (splits.random_folds(len(frames), rng), splits.folds_by(frames.sessions, rng))
    scores = (detector.cross_scores(detector.kernel, inputs, frames.attacks, f) for f in dealt)
    first, second = (metrics.balanced_error(each, frames.kinds, 0.0) for each in scores)
    return first, second


@claim(
    "practice",
    "random-split-flatters",
    "Attack detection: error of a random split over that of a split by session, each of 3 seeds",
    at_most=0.5,
)
def random_split_flatters() -> Measurement:
    """Return the largest ratio of the seeds."""
    found = [split_errors(seed, Sizes()) for seed in SEEDS]
    detail = ", ".join(f"{frames:.3f} / {sessions:.3f}" for frames, sessions in found)
    return Measurement(max(f / s for f, s in found), f"seeds 0, 1, 2: {detail}")


@claim(
    "practice",
    "alike-sessions-agree",
    "Attack detection, control: difference of the two splits' errors where all sessions share "
    "their settings, each of 3 seeds",
    at_most=0.02,
)
def alike_sessions_agree() -> Measurement:
    """Return the largest difference of the seeds."""
    found = [split_errors(seed, Sizes(), spread=0.0) for seed in SEEDS]
    detail = ", ".join(f"{frames:.4f} and {sessions:.4f}" for frames, sessions in found)
    return Measurement(max(abs(f - s) for f, s in found), f"seeds 0, 1, 2: {detail}")


def scores_by_lot(seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return scores with ties, kinds and a threshold, by lot."""
    rng = np.random.default_rng(seed)
    kinds = np.append(rng.choice(["live", "paper", "mask", "screen"], 80), ["live", "paper"])
    return rng.integers(0, 15, kinds.size) / 5, kinds, float(rng.uniform(0, 3))


@claim(
    "practice",
    "pad-rates-agree",
    "APCER of each species and BPCER against scikit-learn's confusion matrix, 1,000 score sets: "
    "largest difference",
    at_most=1e-12,
)
def rates_agree() -> Measurement:
    """Return the largest difference from scikit-learn."""
    largest, compared = 0.0, 0
    for seed in range(1000):
        scores, kinds, threshold = scores_by_lot(seed)
        ours = metrics.apcer(scores, kinds, threshold)
        ours["live"] = metrics.bpcer(scores, kinds, threshold)
        for kind, rate in ours.items():
            mine = kinds == kind
            truth = np.full(mine.sum(), kind != "live")
            table = confusion_matrix(truth, scores[mine] >= threshold, labels=[False, True])
            wrong = table[1, 0] if kind != "live" else table[0, 1]
            largest = max(largest, abs(rate - wrong / mine.sum()))
            compared += 1
    return Measurement(largest, f"{compared} rates")


@claim(
    "practice",
    "bpcer-at-apcer-agrees",
    "BPCER at a worst APCER of at most 5 % against a search of scikit-learn's ROC curves, 1,000 "
    "score sets: largest difference",
    at_most=1e-12,
)
def fixed_apcer_agrees() -> Measurement:
    """Return the largest difference from the best threshold of all ROC curves."""
    largest = 0.0
    for seed in range(1000):
        scores, kinds, _ = scores_by_lot(seed)
        limits = []
        for species in set(kinds) - {"live"}:
            mine = np.isin(kinds, ["live", species])
            _, caught, thresholds = roc_curve(
                kinds[mine] != "live", scores[mine], drop_intermediate=False
            )
            # Of the thresholds that miss at most 5 %, the largest.
            limits.append(thresholds[1 - caught <= 0.05 + 1e-12].max())
        found = float((scores[kinds == "live"] >= min(limits)).mean())
        largest = max(largest, abs(found - metrics.bpcer_at_apcer(scores, kinds, 0.05)))
    return Measurement(largest)


@claim(
    "practice",
    "pairwise-complete",
    "Pairwise cases: share of all pairs of levels that are held, by brute force, least of 300 "
    "tables of factors",
    equals=1.0,
)
def pairwise_complete() -> Measurement:
    """Return the least share of pairs that a loop over all of them finds."""
    least, over_bound = 1.0, []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        counts = rng.integers(1, 6, rng.integers(2, 6))
        factors = {f"f{i}": tuple(f"l{k}" for k in range(n)) for i, n in enumerate(counts)}
        chosen = cases.pairwise(factors, rng, tries=3)
        wanted = held = 0
        for first, second in combinations(factors, 2):
            for a, b in product(factors[first], factors[second]):
                wanted += 1
                held += any(case[first] == a and case[second] == b for case in chosen)
        least = min(least, held / wanted)
        sizes = np.sort(counts)
        over_bound.append(len(chosen) / (sizes[-1] * sizes[-2]))
    detail = f"cases over the lower bound {np.mean(over_bound):.2f}, at most {max(over_bound):.2f}"
    return Measurement(least, detail)


@claim(
    "practice",
    "hidden-test-opens-once",
    "Hidden test: how many of 32 who ask at the same moment get in",
    equals=1,
)
def opens_once() -> Measurement:
    """Return how many openings succeeded."""

    def ask(number: int) -> bool:
        try:
            protocol.open_once(path, "hidden", f"person {number}", "as agreed", lambda: {"x": 1})
        except protocol.AlreadyOpened:
            return False
        return True

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.jsonl"
        with ThreadPoolExecutor(16) as pool:
            entered = sum(pool.map(ask, range(32)))
        attempts = len(protocol.read(path).attempts)
    return Measurement(entered, f"{attempts} later attempts are on record")


@claim(
    "practice",
    "data-against-algorithm",
    "Attack detection at equal hours: gain by data minus gain by algorithm, in pairs ordered "
    "wrongly on other days, best purchase of each, mean of 3 seeds",
    reported=True,
)
def data_against_algorithm() -> Measurement:
    """Return the difference of the gains; the detail has each purchase."""
    bought = list(zip(*(arms(seed, Sizes()) for seed in SEEDS), strict=True))
    means = {arm[0].name: np.mean([each.ordering_error for each in arm]) for arm in bought}
    best = {
        kind: min(means[arm[0].name] for arm in bought if arm[0].spent_on == kind)
        for kind in ("data", "algorithm")
    }
    detail = ", ".join(f"{name} {value:.3f}" for name, value in means.items())
    return Measurement(best["algorithm"] - best["data"], detail)
