"""What a shortcut costs, what wins it back, and where none forms."""

from __future__ import annotations

from functools import cache

import numpy as np

from internlab.claims import Measurement, claim
from internlab.data.shortcuts import load
from internlab.debias.groups import GroupScores
from internlab.debias.methods import METHODS
from internlab.debias.stack import Runs, recipe_for, train

SEEDS = (0, 1, 2, 3, 4)
RATIO = 0.98
ABOVE_ERM = ("resample", "group_dro", "lff", "ldd", "jtt", "dfr")
# Shown beside JTT's default, which the claim is about: of its settings on portraits this has the
# best mean on the *balanced* sets of seeds 10, 11 and 12: 82.9, against 82.3 and 78.5 with upweight
# 20 and a first stage of 0.5 and 0.3, and 77.7 by default. So it was tuned with bias labels, and so
# was the default (see `JTT`), as every method here may be.
JTT_ON_PORTRAITS = (("first_stage", 0.5), ("upweight", 50.0))
# Of 2,500 test images one is this much of the unbiased accuracy: a tie is not above.
ONE_IMAGE = 100 / 2_500


@claim(
    "debias",
    "order-98",
    "coloured MNIST 98 %: unbiased accuracy above ERM, the least of resampling, GroupDRO, LfF, "
    "LDD, JTT and DFR and of 5 seeds; one test image or more",
    at_least=ONE_IMAGE,
    unit="points",
)
def order_at_98() -> Measurement:
    """Pair by seed."""
    erm = _unbiased("coloured-mnist", "erm")
    gains = {name: _unbiased("coloured-mnist", name) - erm for name in ABOVE_ERM}
    each = ", ".join(f"{METHODS[name].title} {_range(gain)}" for name, gain in gains.items())
    detail = f"ERM {erm.mean():.1f} ± {erm.std(ddof=1):.1f}; above it {each}"
    return Measurement(float(min(gain.min() for gain in gains.values())), detail)


@claim(
    "debias",
    "portraits-follow",
    "portraits 98 %: share of conflicting faces that ERM gives the class of their hair, mean of 5 "
    "seeds",
    at_least=0.9,
)
def portraits_follow() -> Measurement:
    """Read the follow rate of plain training."""
    scores = _scores("portraits", "erm")
    rates = np.array([each.follow_rate for each in scores])
    detail = (
        f"{(rates >= 0.9).sum()} of {len(rates)} seeds reach 0.9: "
        f"{', '.join(f'{rate:.3f}' for rate in rates)}; right on aligned faces "
        f"{_percent(scores, 'aligned')}, on conflicting {_percent(scores, 'conflicting')}"
    )
    return Measurement(float(rates.mean()), detail)


@claim(
    "debias",
    "portraits-jtt",
    "portraits 98 %: JTT with its default settings minus ERM, unbiased accuracy, mean of 5 seeds",
    at_least=20.0,
    unit="points",
)
def portraits_jtt() -> Measurement:
    """Pair by seed; show the setting beside it that balanced sets of other seeds have chosen."""
    default = _gain("portraits", "jtt")
    tuned = _gain("portraits", "jtt", JTT_ON_PORTRAITS)
    setting = ", ".join(f"{name} {value:g}" for name, value in JTT_ON_PORTRAITS)
    return Measurement(
        default.value,
        f"{default.detail}; tuned on balanced sets of other seeds ({setting}) {tuned.value:+.1f}: "
        f"{tuned.detail}",
    )


@claim(
    "debias",
    "portraits-resample",
    "portraits 98 %: resampling minus ERM, unbiased accuracy, mean of 5 seeds",
    at_least=20.0,
    unit="points",
)
def portraits_resample() -> Measurement:
    """Pair by seed."""
    return _gain("portraits", "resample")


@claim(
    "debias",
    "textures-gap",
    "textured digits 98 %, the control: ERM's accuracy on aligned minus on conflicting images, "
    "mean of 5 seeds",
    reported=True,
    unit="points",
)
def textures_gap() -> Measurement:
    """Show beside it what debiasing costs where there is hardly a shortcut."""
    scores = _scores("textured-digits", "erm")
    gaps = 100 * np.array([each.aligned - each.conflicting for each in scores])
    follow = 100 * np.mean([each.follow_rate for each in scores])
    cost = _unbiased("textured-digits", "resample") - _unbiased("textured-digits", "erm")
    detail = (
        f"seeds {_range(gaps)}; it follows the texture on {follow:.1f} % of conflicting images "
        f"(coloured MNIST: {100 * np.mean([e.follow_rate for e in _mnist()]):.1f} %); resampling "
        f"minus ERM, unbiased {_range(cost)}"
    )
    return Measurement(float(gaps.mean()), detail)


@cache
def _scores(
    data: str, method: str, settings: tuple[tuple[str, float], ...] = ()
) -> tuple[GroupScores, ...]:
    """Train by the data set's recipe on all seeds; return the scores on the test set."""
    runs = Runs.of([load(data, RATIO, seed) for seed in SEEDS])
    trained = train(METHODS[method](**dict(settings)), runs, recipe_for(data))
    failed = [reason for reason in trained.failures if reason]
    if failed:
        raise RuntimeError(f"{method} on {data}: {failed[0]}")
    return trained.scores("test")


def _mnist() -> tuple[GroupScores, ...]:
    return _scores("coloured-mnist", "erm")


def _unbiased(data: str, method: str, settings: tuple[tuple[str, float], ...] = ()) -> np.ndarray:
    return 100 * np.array([each.unbiased for each in _scores(data, method, settings)])


def _gain(data: str, method: str, settings: tuple[tuple[str, float], ...] = ()) -> Measurement:
    ours, erm = _unbiased(data, method, settings), _unbiased(data, "erm")
    detail = (
        f"seeds {', '.join(f'{gain:+.1f}' for gain in ours - erm)}; "
        f"{METHODS[method].title} {ours.mean():.1f} ± "
        f"{ours.std(ddof=1):.1f}, ERM {erm.mean():.1f} ± {erm.std(ddof=1):.1f}"
    )
    return Measurement(float((ours - erm).mean()), detail)


def _range(values: np.ndarray) -> str:
    return f"{values.min():+.1f} to {values.max():+.1f}"


def _percent(scores: tuple[GroupScores, ...], field: str) -> str:
    return f"{100 * np.mean([getattr(each, field) for each in scores]):.0f} %"
