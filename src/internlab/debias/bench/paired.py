"""Is one method better than another? Differences within seeds, and what they can show.

Both methods of a seed see the same images. As far as these make a seed easy or hard for both, their
results rise and fall together, and the difference within a seed leaves that out: a paired test may
then be sharper than an unpaired one. Where luck lies in the training, it is not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Paired:
    """The differences of two methods, seed by seed, and two tests of them.

    Parameters
    ----------
    differences : tuple of float
        First minus second, one a seed, in the order of the seeds.
    mean, sd, standard_error : float
        Of the differences; the standard deviation with n - 1.
    interval : tuple of float
        95 % confidence interval of the mean, by Student's t.
    t_test : float
        Two-sided p of the paired t-test. NaN if all differences are equal.
    sign_flip : float
        Two-sided p of the permutation test that flips the sign of each difference: how often
        chance alone gives a mean at least as far from zero.
    """

    differences: tuple[float, ...]
    mean: float
    sd: float
    standard_error: float
    interval: tuple[float, float]
    t_test: float
    sign_flip: float

    @property
    def won(self) -> int:
        """How many seeds the first is better in."""
        return sum(each > 0 for each in self.differences)


def compare(first: Mapping[int, float], second: Mapping[int, float]) -> Paired:
    """Compare two methods over the same seeds.

    Parameters
    ----------
    first, second : mapping
        From seed to result.

    Raises
    ------
    ValueError
        If the seeds differ, there are fewer than two, or a result is not finite.

    References
    ----------
    Demsar, "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR 7, 2006, section
    3.1, on paired tests of classifiers. Bouthillier et al., "Accounting for Variance in Machine
    Learning Benchmarks", MLSys 2021, on what a seed has to vary.
    """
    if set(first) != set(second):
        alone = sorted(set(first) ^ set(second))
        raise ValueError(
            f"Seed {', '.join(map(str, alone))} is there for one method only; a paired comparison "
            "needs both of each. Compute the missing runs, or leave the seed out for both."
        )
    if len(first) < 2:
        raise ValueError(
            f"{len(first)} seed; expected at least 2, because one difference has no spread."
        )
    differences = np.array([first[seed] - second[seed] for seed in sorted(first)], dtype=float)
    if not np.isfinite(differences).all():
        raise ValueError(
            f"The differences are {differences.tolist()}; expected finite numbers. A failed run "
            "has no result: leave its seed out for both methods, and say so."
        )
    count = differences.size
    mean, sd = float(differences.mean()), float(differences.std(ddof=1))
    error = sd / math.sqrt(count)
    half = float(stats.t.ppf(0.975, count - 1)) * error
    return Paired(
        differences=tuple(differences.tolist()),
        mean=mean,
        sd=sd,
        standard_error=error,
        interval=(mean - half, mean + half),
        t_test=2 * float(stats.t.sf(abs(mean) / error, count - 1)) if sd > 0 else math.nan,
        sign_flip=sign_flip(differences),
    )


def sign_flip(differences: Sequence[float] | np.ndarray) -> float:
    """Return the two-sided p of the sign-flip test of mean zero.

    If the two methods were equally good, each difference could as well have had the other sign.
    All 2^n ways are counted up to 13 seeds; beyond, 10,000 are drawn from a fixed generator.

    Parameters
    ----------
    differences : array
        (n,), finite.
    """
    values = np.asarray(differences, dtype=float)
    if not values.any():
        return 1.0
    found = stats.permutation_test(
        (values,),
        lambda x, axis: x.mean(axis=axis),
        permutation_type="samples",
        n_resamples=10_000,
        alternative="two-sided",
        rng=np.random.default_rng(0),
    )
    return min(1.0, float(found.pvalue))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for being several, by Holm's step-down method.

    Of twenty comparisons in which nothing differs, on average one has p below 0.05. Corrected, the
    chance that *any* of them has is at most 0.05.

    Parameters
    ----------
    p_values : sequence of float
        Each 0 to 1; NaN stays NaN and counts as a comparison.

    References
    ----------
    Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
    Statistics 6, 1979.
    """
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values)  # NaN comes last.
    steps = values[order] * np.arange(values.size, 0, -1)
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return corrected.tolist()
