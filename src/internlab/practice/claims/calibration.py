"""What lesson 01 claims: scores against scikit-learn and closed forms, gaps, guards, forecasts."""

from __future__ import annotations

import tempfile
from itertools import combinations, permutations

import numpy as np
from scipy import stats
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.svm import SVC

from internlab.claims import Measurement, claim
from internlab.practice import guard
from internlab.practice.calibration import brier, expected_brier, log_score, luck, murphy
from internlab.practice.experiments import AUTHOR, EXPERIMENTS
from internlab.practice.gap import by_cause
from internlab.practice.project import PARTS, Project, without_suspects
from internlab.practice.seeded import (
    evaluation_faulty,
    evaluation_mended,
    scaling_faulty,
    scaling_mended,
)

SETS, SEEDS = 300, range(10)
# What the guard tests below call; in the file that is written it comes from pipeline.py.
prepare, evaluate = scaling_faulty.prepare, evaluation_faulty.evaluate


def _forecasts(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return from 2 to 400 forecasts in twentieths, and outcomes that go a little with them."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 400))
    p = np.round(rng.random(count) * 20) / 20
    o = rng.random(count) < 0.2 + 0.6 * p
    o[:2] = False, True  # scikit-learn wants to see both
    return p, o


@claim(
    "practice",
    "brier-sklearn",
    "Brier and log score against scikit-learn, 300 random sets: largest difference",
    at_most=1e-12,
)
def brier_sklearn() -> Measurement:
    """Compare; for the log score forecasts of 0 and 1 are moved inwards, where it is finite."""
    apart = {"Brier": 0.0, "log": 0.0}
    for seed in range(SETS):
        p, o = _forecasts(seed)
        inner = np.clip(p, 0.05, 0.95)
        apart["Brier"] = max(apart["Brier"], abs(brier(p, o) - brier_score_loss(o, p)))
        apart["log"] = max(apart["log"], abs(log_score(inner, o) - log_loss(o, inner)))
    detail = ", ".join(f"{name} {value:.0e}" for name, value in apart.items())
    return Measurement(max(apart.values()), detail)


@claim(
    "practice",
    "murphy-identity",
    "reliability - resolution + uncertainty (+ within, for bins) = Brier, 300 random sets, by "
    "distinct forecast and in 5 bins: largest difference",
    at_most=1e-12,
)
def murphy_identity() -> Measurement:
    """Add the parts up, and compare; by distinct forecast the fourth part must be nothing."""
    worst = within = 0.0
    for seed in range(SETS):
        p, o = _forecasts(seed)
        distinct, binned = murphy(p, o), murphy(p, o, bins=5)
        within = max(within, abs(distinct.within))
        worst = max(worst, *(abs(each.brier - brier(p, o)) for each in (distinct, binned)), within)
    return Measurement(worst, f"within, by distinct forecast: {within:.0e}")


@claim(
    "practice",
    "base-rate-forecaster",
    "who forecasts the share of yes each time has no resolution, reliability 0 and the Brier score "
    "s (1 - s): largest difference",
    at_most=1e-12,
)
def base_rate_forecaster() -> Measurement:
    """Forecast the share itself."""
    worst = 0.0
    for seed in range(SETS):
        _, o = _forecasts(seed)
        share = o.mean()
        p = np.full(o.size, share)
        parts = murphy(p, o)
        found = parts.reliability, parts.resolution, brier(p, o) - share * (1 - share)
        worst = max(worst, *(abs(each) for each in found))
    return Measurement(worst)


@claim(
    "practice",
    "calibrated-brier",
    "a calibrated forecaster of the recorded probabilities, 20,000 simulated games: mean Brier "
    "score against mean p (1 - p), in standard errors",
    at_most=3,
    unit="standard errors",
)
def calibrated_brier() -> Measurement:
    """Let every probability be the true one."""
    scores = _games()
    expected = luck(list(AUTHOR.values()))
    error = scores.std(ddof=1) / np.sqrt(scores.size)
    detail = f"simulated {scores.mean():.4f}, closed form {expected.mean:.4f}"
    return Measurement(abs(scores.mean() - expected.mean) / error, detail)


@claim(
    "practice",
    "luck-of-twelve",
    "the same: standard deviation of the score of twelve questions against the root of the sum of "
    "p (1 - p)(1 - 2p)^2, over 12: relative difference",
    at_most=0.03,
)
def luck_of_twelve() -> Measurement:
    """Compare the spreads; that of 20,000 games is itself good to about half a per cent."""
    spread = _games().std(ddof=1)
    expected = luck(list(AUTHOR.values())).spread
    detail = f"simulated {spread:.4f}, closed form {expected:.4f}"
    return Measurement(abs(spread / expected - 1), detail)


def _games() -> np.ndarray:
    p = np.array(list(AUTHOR.values()))
    happened = np.random.default_rng(0).random((20_000, p.size)) < p
    return ((p - happened) ** 2).mean(axis=1)


@claim(
    "practice",
    "honesty-pays",
    "the report that minimises the expected Brier score is the belief, 101 beliefs: largest "
    "distance on a grid of steps of 0.001",
    at_most=0.0005,
)
def honesty_pays() -> Measurement:
    """Search the whole grid for each belief."""
    grid, beliefs = np.linspace(0, 1, 1001), np.linspace(0, 1, 101)
    best = grid[expected_brier(grid, beliefs[:, None]).argmin(axis=1)]
    return Measurement(float(np.abs(best - beliefs).max()))


@claim(
    "practice",
    "gap-by-cause",
    "shares of a gap among 4 parts against the plain mean over all 24 orders, and their sum "
    "against the gap, 100 random systems: largest difference",
    at_most=1e-12,
)
def gap_by_cause() -> Measurement:
    """Go through every order by hand."""
    worst = 0.0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        sets = [frozenset(c) for k in range(5) for c in combinations(PARTS, k)]
        scores = dict(zip(sets, rng.random(len(sets)), strict=True))
        gap = by_cause(scores.__getitem__, PARTS)
        orders = list(permutations(PARTS))
        for cause in gap.causes:
            gains = [
                scores[frozenset(order[: place + 1])] - scores[frozenset(order[:place])]
                for order in orders
                for place in [order.index(cause.name)]
            ]
            worst = max(worst, abs(np.mean(gains) - cause.shared))
        worst = max(worst, abs(sum(cause.shared for cause in gap.causes) - gap.total))
    return Measurement(float(worst))


@claim(
    "practice",
    "parts-interact",
    "digits project, 10 seeds: what the better model is worth in the ideal minus what it is worth "
    "in the baseline",
    at_least=0.05,
)
def parts_interact() -> Measurement:
    """Take the means over the seeds, as the lesson does."""
    projects = [Project(seed) for seed in SEEDS]
    gap = by_cause(lambda o: float(np.mean([each.accuracy(o) for each in projects])), PARTS)
    model = next(cause for cause in gap.causes if cause.name == "model")
    detail = f"alone {model.first:+.3f}, in the ideal {model.last:+.3f}, gap {gap.total:.3f}"
    return Measurement(model.last - model.first, detail)


@claim(
    "practice",
    "idea-in-its-state",
    "digits project, 10 seeds: gain of the support vector machine with 30 images of each digit "
    "minus its gain with 10, in standard errors of the difference",
    at_least=3,
    unit="standard errors",
)
def idea_in_its_state() -> Measurement:
    """Try the same idea in both states, at the same seeds."""
    gains = {}
    for per_digit in (10, 30):
        gains[per_digit] = np.array([_gain_of_svc(seed, per_digit) for seed in SEEDS])
    more = gains[30] - gains[10]
    detail = f"with 10 {gains[10].mean():+.3f}, with 30 {gains[30].mean():+.3f}"
    return Measurement(float(more.mean() / (more.std(ddof=1) / np.sqrt(more.size))), detail)


def _gain_of_svc(seed: int, per_digit: int) -> float:
    project = Project(seed)
    training = project.training(per_digit=per_digit)
    with_svc = project.accuracy({"features"}, training=training, model=SVC())
    return with_svc - project.accuracy({"features"}, training=training)


@claim(
    "practice",
    "dropping-suspects",
    "digits project, 10 seeds, 10 images of each digit: accuracy with suspicious labels dropped "
    "minus without",
    reported=True,
)
def dropping_suspects() -> Measurement:
    """Compare at the same seeds."""
    gains = []
    for seed in SEEDS:
        project = Project(seed)
        training = project.training()
        dropped = project.accuracy({"features"}, training=without_suspects(training))
        gains.append(dropped - project.accuracy({"features"}, training=training))
    error = np.std(gains, ddof=1) / np.sqrt(len(gains))
    return Measurement(float(np.mean(gains)), f"standard error {error:.3f}")


@claim(
    "practice",
    "two-guards",
    "guard tests that fail on the planted fault and pass on the mended code: a leak by scaling, an "
    "evaluation in training mode",
    equals=2,
    unit="of 2",
)
def two_guards() -> Measurement:
    """Write both and run each on both versions, in processes of their own."""
    lesson = guard.LessonLearned(*["measured for a claim"] * 5)
    cases = (
        (test_blind_to_the_test, "prepare", scaling_faulty, scaling_mended),
        (test_evaluation_mode, "evaluate", evaluation_faulty, evaluation_mended),
    )
    proofs = {}
    with tempfile.TemporaryDirectory() as folder:
        for test, name, fault, mended in cases:
            path = guard.write(lesson, test, name, folder=folder)
            proofs[name] = guard.prove(path, fault, mended)
    detail = "; ".join(
        f"{name}: {proof.on_fault.outcome}, {proof.on_mended.outcome}"
        for name, proof in proofs.items()
    )
    return Measurement(float(sum(proof.guards for proof in proofs.values())), detail)


def test_blind_to_the_test() -> None:
    """Ask for the training data with two different tests."""
    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(20, 3)), rng.normal(size=(10, 3))
    assert np.array_equal(prepare(train, test)[0], prepare(train, 100 * test)[0])


def test_evaluation_mode() -> None:
    """Evaluate a stand-in that is right in evaluation mode only."""

    class StandIn:
        training = True

        def train(self, mode: bool = True) -> None:
            self.training = mode

        def eval(self) -> None:
            self.training = False

        def __call__(self, images: np.ndarray) -> np.ndarray:
            return -images if self.training else images

    network = StandIn()
    assert evaluate(network, np.eye(3), np.arange(3)) == 1
    assert network.training


@claim(
    "practice",
    "recorded-forecast",
    "Brier score of the forecast that was recorded before the twelve experiments had run",
    reported=True,
)
def recorded_forecast() -> Measurement:
    """Run them at their five seeds."""
    outcomes = {name: each.run() for name, each in EXPERIMENTS.items()}
    score = brier(list(AUTHOR.values()), [outcomes[name].yes for name in AUTHOR])
    expected = luck(list(AUTHOR.values()))
    votes = ", ".join(f"{name} {each.votes}/5" for name, each in outcomes.items())
    detail = f"if calibrated {expected.mean:.3f} ± {expected.spread:.3f}; seeds that say yes: "
    return Measurement(score, detail + votes)


@claim(
    "practice",
    "other-seeds",
    "answers of the twelve experiments that are different at five other seeds",
    reported=True,
    unit="of 12",
)
def other_seeds() -> Measurement:
    """Run them twice."""
    changed = [
        name for name, each in EXPERIMENTS.items() if each.run().yes != each.run(range(5, 10)).yes
    ]
    return Measurement(float(len(changed)), ", ".join(changed))


@claim(
    "practice",
    "computed-forecast",
    "recorded forecast of best-of-twenty against the binomial distribution: difference",
    at_most=0.005,
)
def computed_forecast() -> Measurement:
    """Compute the probability that three or more of five seeds say yes."""
    one = stats.binom.sf(59, 100, 0.5)
    seed = 1 - (1 - one) ** 20
    majority = stats.binom.sf(2, 5, seed)
    detail = f"one program {one:.3f}, one seed {seed:.3f}, majority of five {majority:.3f}"
    return Measurement(abs(AUTHOR["best-of-twenty"] - majority), detail)
