"""Lab 02: a p-value, an interval, images, a report, effects, real gains, flaws, and a study."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.practice.exercises.significance_checks import (
    check_images,
    check_interval,
    check_p_value,
)
from internlab.practice.exercises.significance_choices import (
    check_effects,
    check_flaw,
    check_real,
    check_report,
)
from internlab.practice.exercises.significance_given import STUDY

lab = Lab(
    "practice.significance",
    [
        Exercise(
            "p_value",
            check_p_value,
            hints=(
                "Count the images that only A gets right, and those that only B gets right. If the "
                "two were equally good, each of them would be a fair coin.",
                "scipy.stats.binom.cdf(k, n, 0.5) is the probability of at most k heads in n "
                "tosses. Which k, which n, and how many tails?",
                "few = min(only_a, only_b); min(1, 2 * binom.cdf(few, only_a + only_b, 0.5))",
            ),
        ),
        Exercise(
            "interval",
            check_interval,
            hints=(
                "What is drawn is images. With each come both answers to it.",
                "ids = rng.integers(0, n, n) draws a test set; the gain on it is "
                "right_b[ids].mean() - right_a[ids].mean(). Do that 2,000 times.",
                "np.quantile(gains, [0.025, 0.975])",
            ),
        ),
        Exercise(
            "images",
            check_images,
            hints=(
                "scipy.stats.norm.ppf(0.975) is the z of a two-sided 0.05, and norm.ppf(0.8) that "
                "of the power.",
                "Both roots are added, then the sum is divided by the gain, then all is squared.",
                "math.ceil(((z_alpha * sqrt(d) + z_power * sqrt(d - gain**2)) / gain) ** 2)",
            ),
        ),
        Exercise(
            "report",
            check_report,
            hints=(
                "Two jobs: choose, and report. The images that did the one cannot do the other.",
                "tries['validation'].idxmax() is the row of the best on validation.",
                "best = tries.loc[tries['validation'].idxmax()]; then its name and its test.",
            ),
        ),
        Exercise(
            "effects",
            check_effects,
            hints=(
                "Two runs have idea a, and two have not.",
                "The effect of a: (only_a + both) / 2 - (none + only_b) / 2. For the pair, `none` "
                "and `both` have an even number of ideas, the other two an odd one.",
                "The pair: (none + both) / 2 - (only_a + only_b) / 2",
            ),
        ),
        Exercise(
            "real",
            check_real,
            hints=(
                "Imagine a thousand ideas. How many are good? How many of those are found? How "
                "many useless ones are found besides?",
                "Found and good: base * power. Found and useless: (1 - base) * false_alarm.",
                "base * power / (base * power + (1 - base) * false_alarm)",
            ),
        ),
        Exercise(
            "flaw",
            check_flaw,
            hints=(
                "One measurement a flaw: sources in both sets; night photos by model; the gain of "
                "all runs against the one reported.",
                "log['source'].isin(report['trained_on']).any(); (log['light'] == 'night') grouped "
                "by log['model'], with a difference well above chance; log['seed'].nunique() "
                "against len(report['seeds']).",
                "if the first is true: 'leak'; elif the shares differ by more than 0.1: "
                "'confounder'; elif there are more seeds in the log than in the report: 'picked "
                "seed'; else 'none'",
            ),
        ),
        Exercise(
            "study",
            STUDY.check,
            hints=(
                "measure(seed) gives two numbers for one seed. Subtract within the seed.",
                "The standard error is the standard deviation of the differences, with ddof=1, "
                "over the square root of their number.",
                "differences = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}, "
                "then compare the mean with twice its standard error.",
            ),
        ),
    ],
    solution="solutions/02_is_one_point_real.ipynb",
)
check, hint = lab.check, lab.hint
