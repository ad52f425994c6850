"""Tests of a difference, power, the best of many, designs and verification, against other ways.

Each is held against a closed form, or against an implementation that is not the kit's.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy import stats

from internlab.claims import Measurement, claim
from internlab.practice import best_of, factorial, power, significance, verification
from internlab.practice.exercises.significance_given import FLAWS, hand_in
from internlab.practice.small_net import Recipe, train


@claim(
    "practice",
    "mcnemar",
    "McNemar's exact p, for all counts up to 40 and 40, minus scipy.stats.binomtest: the largest "
    "difference",
    at_most=1e-12,
)
def mcnemar_against_scipy() -> Measurement:
    """Compare the normal approximation with scipy's chi-squared, too."""
    exact, normal = [], []
    for only_a, only_b in itertools.product(range(41), repeat=2):
        if only_a + only_b == 0:
            continue
        ours = significance.mcnemar(only_a, only_b)
        exact.append(abs(ours.exact - stats.binomtest(only_a, only_a + only_b).pvalue))
        chi2 = stats.chisquare([only_a, only_b]).pvalue
        normal.append(abs(ours.asymptotic - chi2))
    return Measurement(max(exact), f"normal approximation against chisquare: {max(normal):.1g}")


@claim(
    "practice",
    "bootstrap-coverage",
    "simulated test sets whose 95 % bootstrap interval holds the true gain, of 2,000: distance "
    "from 95 %",
    at_most=2.0,
    unit="points",
)
def bootstrap_coverage() -> Measurement:
    """Take test sets of 400 images with 10 % disagreement and a true gain of two points."""
    rng = np.random.default_rng(95)
    gain, disagreement, images, sets = 0.02, 0.10, 400, 2000
    shares = [(disagreement - gain) / 2, (disagreement + gain) / 2, 1 - disagreement]
    holds = 0
    for _ in range(sets):
        kinds = rng.choice(3, images, p=shares)
        low, high = significance.bootstrap_interval(kinds == 0, kinds == 1, rng, repeats=500)
        holds += low <= gain <= high
    covered = 100 * holds / sets
    return Measurement(abs(covered - 95), f"{covered:.1f} % of {sets} sets")


@claim(
    "practice",
    "power-simulated",
    "power of McNemar's test, simulated 20,000 times, minus the exact sum: the largest of 12 "
    "cases, in standard errors of the simulation",
    at_most=3.0,
    unit="standard errors",
)
def power_against_the_sum() -> Measurement:
    """Say beside it how far Connor's formula is from the exact sum."""
    rng, repeats = np.random.default_rng(1987), 20_000
    apart, formula = [], []
    cases = itertools.product((200, 1000, 4000), (0.01, 0.02), (0.06, 0.2))
    for images, gain, disagreement in cases:
        exact = power.mcnemar_power_exact(images, gain, disagreement)
        drawn = power.mcnemar_power_simulated(images, gain, disagreement, rng, repeats)
        apart.append(abs(drawn - exact) / math.sqrt(exact * (1 - exact) / repeats))
        formula.append(power.mcnemar_power(images, gain, disagreement) - exact)
    detail = f"formula minus exact {min(formula):+.3f} to {max(formula):+.3f}"
    return Measurement(max(apart), detail)


@claim(
    "practice",
    "seeds-power",
    "power of the t-test over seeds by the noncentral t minus scipy's ttest_1samp on 20,000 "
    "simulated studies: the largest of 6 cases, in standard errors",
    at_most=3.0,
    unit="standard errors",
)
def seeds_power_against_scipy() -> Measurement:
    """Take studies of 3, 6 and 12 seeds."""
    rng, repeats = np.random.default_rng(3), 20_000
    apart = []
    for seeds, gain in itertools.product((3, 6, 12), (0.5, 1.0)):
        right = power.seeds_power(seeds, gain, 1.0)
        test = stats.ttest_1samp(rng.normal(gain, 1, (repeats, seeds)), 0, axis=1)
        found = ((test.pvalue < 0.05) & (test.statistic > 0)).mean()
        apart.append(abs(found - right) / math.sqrt(right * (1 - right) / repeats))
    return Measurement(max(apart))


@claim(
    "practice",
    "best-of-twenty",
    "best of 20 equal tries on 1,000 images: simulated 20,000 times minus the formula, in standard "
    "errors",
    at_most=3.0,
    unit="standard errors",
)
def best_of_twenty() -> Measurement:
    """Say beside it how much too good it is, and what the normal curve would say."""
    rng, repeats = np.random.default_rng(20), 20_000
    right = best_of.expected_best_accuracy(20, 1000, 0.8)
    chosen = best_of.choose_best(20, 1000, 0.8, rng, repeats)
    error = chosen.where_chosen.std(ddof=1) / math.sqrt(repeats)
    normal = best_of.expected_best(20) * best_of.normal_spread(0.8, 1000)
    detail = (
        f"too good by {100 * (right - 0.8):.2f} points, by the normal curve {100 * normal:.2f}; on "
        f"other images {100 * (chosen.elsewhere.mean() - 0.8):+.3f}"
    )
    return Measurement(abs(chosen.where_chosen.mean() - right) / error, detail)


@claim(
    "practice",
    "factorial-variance",
    "variance of an effect one factor at a time over that in a full design, equal runs, simulated "
    "for 3 factors, minus (k + 1) / 2: share of the latter",
    at_most=0.05,
)
def factorial_variance() -> Measurement:
    """Simulate 20,000 experiments of 32 runs with noise only."""
    rng, factors, runs, repeats = np.random.default_rng(3), 3, 32, 20_000
    design = np.tile(factorial.design(factors), (runs // 8, 1))
    full = rng.normal(size=(repeats, runs)) @ design[:, 0] / (runs / 2)
    noise = rng.normal(size=(repeats, factors + 1, runs // (factors + 1))).mean(axis=2)
    single = noise[:, 1] - noise[:, 0]
    ratio = single.var() / full.var()
    expected = (factors + 1) / 2
    return Measurement(abs(ratio / expected - 1), f"simulated {ratio:.3f}, by formula {expected:g}")


@claim(
    "practice",
    "interaction-missed",
    "digits: accuracy of the best of all combinations minus what one factor at a time keeps, the "
    "least of 3 sets of 8 seeds",
    at_least=2.0,
    unit="points",
)
def interaction_missed() -> Measurement:
    """Scale, learning rate and width: two of them each do harm alone."""
    names, gains, alone = ("scale", "rate", "wide"), [], []
    for first in (0, 100, 200):
        results = np.array(
            [
                train(
                    Recipe(
                        scaled=scale > 0,
                        rate=0.1 if rate > 0 else 0.003,
                        hidden=128 if wide > 0 else 32,
                    ),
                    range(first, first + 8),
                ).mean(axis=1)
                for scale, rate, wide in factorial.design(3)
            ]
        )
        kept = factorial.kept(100 * results, names)
        gains.append(kept["all combinations"][1] - kept["one at a time"][1])
        single = factorial.one_at_a_time(100 * results, names)
        alone.append(max(single["scale"], single["rate"]))
    detail = (
        f"{', '.join(f'{each:.1f}' for each in gains)}; scale and rate alone at most "
        f"{max(alone):+.1f}"
    )
    return Measurement(min(gains), detail)


@claim(
    "practice",
    "found-gains",
    "share of real gains among the promising ones, 200,000 simulated ideas tested by McNemar, "
    "minus the formula: the largest of 3 base rates",
    at_most=0.01,
)
def found_gains() -> Measurement:
    """Say beside it how many promising ideas fall at verification."""
    rng, apart, falls = np.random.default_rng(9), [], []
    chance = power.mcnemar_power_exact
    for base in (0.05, 0.1, 0.3):
        ideas = verification.simulate_ideas(200_000, base, 0.02, 0.1, rng, 200, 1.0, 2000)
        formula = verification.share_true(
            base, chance(200, 0.02, 0.1, alpha=1), chance(200, 0.0, 0.1, alpha=1)
        )
        apart.append(abs(ideas.good[ideas.promising].mean() - formula))
        falls.append(f"{base:.0%}: {1 - ideas.verified[ideas.promising].mean():.1%}")
    return Measurement(max(apart), f"promising ideas that fall, by base rate: {', '.join(falls)}")


@claim(
    "practice",
    "exaggeration",
    "how many times too large a found gain looks, simulated on 200 images, minus the formula's: "
    "share of the latter",
    at_most=0.1,
)
def exaggeration() -> Measurement:
    """Test 200,000 good ideas at p < 0.05; counts are lumpy, the formula is normal."""
    rng = np.random.default_rng(14)
    ideas = verification.simulate_ideas(200_000, 1.0, 0.02, 0.1, rng, 200, 0.05, 2000)
    simulated = ideas.measured[ideas.promising].mean() / 0.02
    formula = verification.exaggeration(0.02, math.sqrt((0.1 - 0.02**2) / 200))
    return Measurement(abs(simulated / formula - 1), f"{simulated:.2f} against {formula:.2f}")


@claim(
    "practice",
    "recipe-against-itself",
    "plain training against itself with another seed, 276 pairs of 24 seeds: share that McNemar's "
    "test calls different at 0.05",
    reported=True,
)
def recipe_against_itself() -> Measurement:
    """Repeat with three sets of seeds."""
    shares = []
    for first in (0, 100, 200):
        right = train(Recipe(), range(first, first + 24))
        found = [
            significance.mcnemar(*significance.discordant(a, b)).exact < 0.05
            for a, b in itertools.combinations(right, 2)
        ]
        shares.append(float(np.mean(found)))
    return Measurement(shares[0], f"three sets of seeds: {', '.join(f'{s:.3f}' for s in shares)}")


@claim(
    "practice",
    "three-flaws",
    "results with a leak, a confounder, a picked seed or no flaw, 50 drawn of each, told apart by "
    "overlap, night shares and runs left out",
    equals=200,
    unit="results",
)
def three_flaws() -> Measurement:
    """Measure all three in each result; a result with two findings is not told apart."""
    rng, right = np.random.default_rng(7), dict.fromkeys(FLAWS, 0)
    for kind in FLAWS * 50:
        result = hand_in(kind, rng)
        overlap = result.log.source.isin(result.report["trained_on"]).any()
        nights = (result.log.light == "night").groupby(result.log.model).mean()
        left_out = set(result.log.seed) - set(result.report["seeds"])
        found = [
            name
            for name, seen in zip(
                FLAWS, (overlap, abs(nights["A"] - nights["B"]) > 0.1, left_out), strict=False
            )
            if seen
        ]
        right[kind] += found == [kind] or (not found and kind == "none")
    detail = ", ".join(f"{kind} {count} of 50" for kind, count in right.items())
    return Measurement(sum(right.values()), detail)
