"""Checks of the lab on search: when to stop a trial, what a search cost, and a fair race."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from internlab.exercises import NotYet, call
from internlab.hpo.exercises.search_checks import number


def check_rung(answer: Callable[..., bool]) -> None:
    """Expect a function of (value, epoch, recorded, eta) to True (go on) or False (stop)."""
    rng = np.random.default_rng()
    if not _decision(call(answer, 0.2, 4, {4: [], 8: [], 16: []}, 2)):
        raise NotYet(
            "the first trial to reach a rung was stopped, expected to go on: with whom could it "
            "have been compared?"
        )
    while True:
        cases = [case for eta in (2, 3, 4) * 3 for case in _rung_cases(eta, rng)]
        right = [_goes_on(value, recorded[4], eta) for value, recorded, eta in cases]
        # Rules that resemble the right one agree with it on a few draws in a thousand.
        if all([rule(*case) for case in cases] != right for rule, _ in _OTHER_RULES):
            break
    got = [_decision(call(answer, value, 4, recorded, eta)) for value, recorded, eta in cases]
    if got == right:
        return
    wrong = next(i for i in range(len(cases)) if got[i] != right[i])
    value, recorded, eta = cases[wrong]
    above = sum(other > value for other in recorded[4])
    told = (
        f"with eta {eta}, {above} of the {len(recorded[4])} values recorded at epoch 4 are above "
        f"this trial's, and you {'let it go on' if got[wrong] else 'stop it'}"
    )
    for rule, question in _OTHER_RULES:
        if got == [rule(*case) for case in cases]:
            raise NotYet(f"{told}. {question}")
    raise NotYet(f"{told}: where is the quantile that the best 1 in {eta} lie above?")


def _goes_on(value: float, others: Sequence[float], eta: int) -> bool:
    return bool(value >= np.quantile(others, 1 - 1 / eta))


# Rules that people write instead, as functions of (value, recorded, eta), and what each is asked.
_OTHER_RULES = (
    (
        lambda value, recorded, eta: _goes_on(value, recorded[16], eta),
        "It is compared with values of epoch 16: had those trials done better at this trial's age?",
    ),
    (
        lambda value, recorded, eta: _goes_on(value, list(chain(*recorded.values())), eta),
        "It is compared with the values of all rungs: is a value after 16 epochs a fair opponent "
        "for one after 4?",
    ),
    (
        lambda value, recorded, eta: bool(value >= np.quantile(recorded[4], 1 / eta)),
        "Your cutoff is the quantile 1 / eta: what share of the trials lies above that one?",
    ),
    (
        lambda value, recorded, eta: bool(value <= np.quantile(recorded[4], 1 / eta)),
        "You keep the lowest values: is the metric here a loss?",
    ),
    (
        lambda value, recorded, eta: _goes_on(value, recorded[4], 2),
        "Your cutoff is the median whatever eta is: which share should go on for eta 4?",
    ),
    (
        lambda value, recorded, eta: value >= max(recorded[4]),
        "Only a new best goes on with your rule: how many in eta should?",
    ),
    (
        lambda value, recorded, eta: _goes_on(value, [*recorded[4], value], eta),
        "You count the trial among its own opponents: which values were recorded before it came?",
    ),
)


def check_cost(answer: Callable[..., float]) -> None:
    """Expect a function of (cumulative CPU-seconds by trial, last epoch by trial) to the total."""
    rng = np.random.default_rng()
    for _ in range(3):
        names = [f"trial-{i:02}" for i in range(8)]
        curves = {name: np.cumsum(rng.uniform(0.8, 1.6, 16)) for name in names}
        stopped = {name: int(rng.choice([4, 8, 16])) for name in names}
        stopped.update({names[0]: 4, names[1]: 8, names[2]: 16, names[3]: 16})
        got = number(call(answer, curves, stopped), "the cost")
        spent = {name: curves[name][stopped[name] - 1] for name in names}
        right = sum(spent.values())
        if math.isclose(got, right, rel_tol=1e-9):
            continue
        told = f"you gave {got:.1f} CPU-seconds, expected {right:.1f}"
        finished = sum(spent[name] for name in names if stopped[name] == 16)
        known = (
            (sum(curve[-1] for curve in curves.values()), "what all trials would have cost in "
             "full: up to which epoch did a stopped trial compute?"),
            (finished, "the trials that ran to the end: who paid for those that were stopped?"),
            (max(spent.values()), "the most expensive trial alone: who paid for the others?"),
            (sum(curves[n][: stopped[n]].sum() for n in names), "far too much, because the curves "
             "are cumulative already: what does their entry of the last epoch hold?"),
            (sum(curves[n][stopped[n] - 2] for n in names), "one epoch too few for each trial: at "
             "which index is the value after epoch 4?"),
            (right / len(names), "the mean of a trial: what did the whole search cost?"),
        )  # fmt: skip
        for value, meaning in known:
            if math.isclose(got, value, rel_tol=1e-9):
                raise NotYet(f"{told}. That is {meaning}")
        raise NotYet(f"{told}: what had each trial used when it was stopped?")


def check_budget(answer: Callable[..., float]) -> None:
    """Expect a function of two frames of trials to the difference of their best at equal cost."""
    rng = np.random.default_rng()
    for _ in range(4):
        first, second = _two_searches(rng)
        budget = min(first.cpu_seconds.sum(), second.cpu_seconds.sum())
        right = _best(first, budget) - _best(second, budget)
        got = number(call(answer, first, second), "the difference")
        if math.isclose(got, right, abs_tol=1e-9):
            continue
        told = f"you gave {got:+.3f}, expected {right:+.3f}"
        fewer = min(len(first), len(second))
        whole = first.validation_iou.max() - second.validation_iou.max()
        head = first.validation_iou[:fewer].max() - second.validation_iou[:fewer].max()
        running = _best(first, budget, True) - _best(second, budget, True)
        known = (
            (-right, "has the opposite sign: which of the two is taken from which?"),
            (head, f"compares {fewer} trials with {fewer}, which cost "
             f"{first.cpu_seconds[:fewer].sum():.0f} and {second.cpu_seconds[:fewer].sum():.0f} "
             "CPU-seconds: would you call that a fair race?"),
            (running, "counts a trial that was still running when the budget was used up: could "
             "you have known its score by then?"),
            (whole, f"compares everything, that is {first.cpu_seconds.sum():.0f} CPU-seconds with "
             f"{second.cpu_seconds.sum():.0f}: what would the cheaper search have found with the "
             "rest of the time?"),
        )  # fmt: skip
        for value, meaning in known:
            if math.isclose(got, value, abs_tol=1e-9):
                raise NotYet(f"{told}. Yours {meaning}")
        raise NotYet(f"{told}: how far is each search when the smaller budget is used up?")


def _decision(value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise NotYet(
            f"you gave {value!r}, expected True (the trial goes on) or False: what does a "
            "comparison return?"
        )
    return bool(value)


def _rung_cases(
    eta: int, rng: np.random.Generator
) -> list[tuple[float, dict[int, list[float]], int]]:
    """Return (value that reaches epoch 4, values recorded before it by rung, eta), many times."""
    # Values rise with the epoch, and fewer trials get there.
    sizes = {4: (0.1, 0.4, 12), 8: (0.3, 0.5, 6), 16: (0.4, 0.6, 3)}
    recorded = {epoch: rng.uniform(*size).tolist() for epoch, size in sizes.items()}
    # One value in every gap of the rung, so that rules which resemble each other part somewhere.
    edges = np.sort([0.05, *recorded[4], 0.45])
    return [(float(value), recorded, eta) for value in rng.uniform(edges[:-1], edges[1:])]


def _two_searches(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a search of many cheap trials and one of few dear ones, in random order.

    Every way to compare them gives another difference: the dear search finds its best after the
    cheap one has ended, and a good value in the trial that runs at that moment.
    """
    cheap = pd.DataFrame({"cpu_seconds": rng.uniform(3, 6, 14)})
    dear = pd.DataFrame({"cpu_seconds": rng.uniform(12, 20, 8)})
    for trials in (cheap, dear):
        trials["validation_iou"] = rng.uniform(0.2, 0.45, len(trials))
    running = int((dear.cpu_seconds.cumsum() <= cheap.cpu_seconds.sum()).sum())
    step = rng.uniform(0.005, 0.01)
    for trials, row, score in (
        (cheap, 3, 0.48 - step),
        (cheap, 11, 0.60),
        (dear, 0, 0.54 + 2 * step),
        (dear, running, 0.57 + step),
        (dear, 7, 0.64 + 3 * step),
    ):
        trials.loc[row, "validation_iou"] = score
    return (cheap, dear) if rng.random() < 0.5 else (dear, cheap)


def _best(trials: pd.DataFrame, budget: float, with_running: bool = False) -> float:
    """Return the best validation IoU that `trials` had reached when `budget` was used up."""
    done = trials.cpu_seconds.cumsum()
    if with_running:
        done = done - trials.cpu_seconds
        return float(trials.validation_iou[done < budget].max())
    return float(trials.validation_iou[done <= budget * (1 + 1e-12)].max())
