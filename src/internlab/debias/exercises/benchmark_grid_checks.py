"""Checks of lab 42: what a grid still has to compute, an equal budget, and the conclusion."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from internlab.debias.exercises.benchmark_given import measure
from internlab.debias.exercises.benchmark_numbers import apart, as_number, known_mistake
from internlab.exercises import NotYet, call
from internlab.study import Study

Entry = tuple[str, float, int]


def check_missing(answer: Callable[..., list[Entry]]) -> None:
    """Expect a function of (plan, journal, code) to the runs that are still to compute."""
    rng = np.random.default_rng()
    plan, journal, code = _half_done(rng)
    right = [run for run in plan if run not in journal or journal[run]["code"] != code[run[0]]]
    result = call(answer, plan, journal, code)
    if isinstance(result, (set, frozenset, dict)) and set(result) == set(right):
        raise NotYet(
            f"you gave a {type(result).__name__} of the right {len(right)} runs, and it has no "
            "order; expected a list in the order of the plan: in which order will they be computed?"
        )
    try:
        got = [tuple(run) for run in result]
    except TypeError:
        raise NotYet(
            f"you gave {type(result).__name__}, expected a list of runs from the plan: what is in "
            "one entry?"
        ) from None
    if got == right:
        return
    told = f"you would compute {len(got)} of {len(plan)} runs, expected {len(right)}"
    if sorted(got) == sorted(right):
        raise NotYet(
            f"{told}, the right ones in another order: would somebody who watches find his way in "
            "the plan's order more easily?"
        )
    done_pairs = {run[:2] for run in journal}
    done_seeds = {(run[0], run[2]) for run in journal}
    failed = [
        run
        for run in plan
        if run not in journal
        or journal[run]["status"] == "failed"
        or journal[run]["code"] != code[run[0]]
    ]
    known: dict[str, list[Entry]] = {
        "Yours takes over results of a method whose code has changed since: what would the table "
        "compare?": [run for run in plan if run not in journal],
        "Yours computes failed runs again, with the same code, the same seed and so the same "
        "failure: what would be different this time?": failed,
        "Yours computes everything again: what is the journal for?": list(plan),
        "Yours computes what is done already: which way round is the comparison?": [
            run for run in plan if run in journal and journal[run]["code"] == code[run[0]]
        ],
        "Yours leaves out every seed of a method and ratio of which one seed is there: is a "
        "further seed the same run?": [run for run in plan if run[:2] not in done_pairs],
        "Yours leaves out every ratio of a method and seed of which one ratio is there: is another "
        "ratio the same run?": [run for run in plan if (run[0], run[2]) not in done_seeds],
    }
    for meaning, runs in known.items():
        if sorted(got) == sorted(runs):
            raise NotYet(f"{told}. {meaning}")
    strange = [run for run in got if run not in plan]
    if strange:
        raise NotYet(f"{told}. {strange[0]} is not in the plan: who asked for it?")
    missed = [run for run in right if run not in got]
    if missed:
        raise NotYet(
            f"{told}. {missed[0]} is not among yours: is there a record of it, made with this code?"
        )
    extra = next(run for run in got if run not in right)
    raise NotYet(f"{told}. {extra} has a record made with this code: why once more?")


def _half_done(
    rng: np.random.Generator,
) -> tuple[list[Entry], dict[Entry, dict[str, str]], dict[str, str]]:
    """Return a plan, a journal that knows a part of it, and today's code of each method."""
    methods, ratios, seeds = ("erm", "lff", "jtt", "mine"), (0.95, 0.98), range(4)
    plan = list(itertools.product(methods, ratios, seeds))
    code = {method: f"{rng.integers(2**24):06x}" for method in methods}
    journal: dict[Entry, dict[str, str]] = {}
    for method, ratio, seed in plan:
        # All but the last seed were there; one method was begun at one ratio only.
        if seed == 3 or (method == "jtt" and ratio == 0.98 and seed > 0):
            continue
        stale = method == "mine" and ratio == 0.95
        journal[method, ratio, seed] = {
            "status": "done",
            "code": "an earlier one" if stale else code[method],
        }
    for run in (("lff", 0.98, int(rng.integers(3))), ("erm", 0.95, int(rng.integers(3)))):
        journal[run]["status"] = "failed"
    # And a run of a method that nobody asks for today.
    journal["vrex", 0.98, 0] = {"status": "done", "code": "1a2b3c"}
    return plan, journal, code


def check_budget(answer: Callable[..., float]) -> None:
    """Expect a function of (values, reported, tried) to the mean over all ways to try so many."""
    rng = np.random.default_rng()
    for tried in (2, 3, 4):
        values, reported, ways = _tuned(rng, tried)
        got = as_number(call(answer, values, reported, tried), "the accuracy")
        if math.isclose(got, ways["right"], abs_tol=1e-6):
            continue
        told = (
            f"for {tried} of {len(values)} settings you gave {got:.4f}, expected "
            f"{ways['right']:.4f}"
        )
        asks = {
            "lets `reported` choose, which is the test set: which array was there when the "
            "setting was chosen?": ways["by test"],
            "is the value that chose, not what is then reported: which of the two has had luck?": (
                ways["value"]
            ),
            "takes the best of all settings, as if all had been tried: what does somebody find who "
            "can pay for fewer?": ways["all"],
            "tries the first few of the list only: who says that the others come later?": (
                ways["first"]
            ),
            "is the mean of the best few: of those that are tried, how many are kept?": ways["top"],
            "is the mean of all settings, without a choice: what is tuning for?": ways["mean"],
            "draws with replacement, so that one setting may be tried twice: who would pay for "
            "that?": ways["replaced"],
        }
        meaning = known_mistake(got, asks, 1e-6)
        raise NotYet(
            f"{told}. Yours {meaning}"
            if meaning
            else f"{told}: of all ways to pick {tried} settings, which one is kept in each, and "
            "what is reported for it?"
        )


def _tuned(rng: np.random.Generator, tried: int) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    count = 7
    while True:
        skill = rng.uniform(0.45, 0.7, count)
        values, reported = skill + rng.normal(0, 0.05, (2, count))
        picks = [list(pick) for pick in itertools.combinations(range(count), tried)]
        again = [list(pick) for pick in itertools.product(range(count), repeat=tried)]
        order = np.argsort(-values)
        first = list(range(tried))
        ways = {
            "right": _mean([reported[p[int(np.argmax(values[p]))]] for p in picks]),
            "by test": _mean([reported[p].max() for p in picks]),
            "value": _mean([values[p].max() for p in picks]),
            "all": float(reported[order[0]]),
            "first": float(reported[first[int(np.argmax(values[first]))]]),
            "top": float(reported[order[:tried]].mean()),
            "mean": float(reported.mean()),
            "replaced": _mean([reported[p[int(np.argmax(values[p]))]] for p in again]),
        }
        if apart(list(ways.values()), 1e-4):
            return values, reported, ways


def _mean(values: list[Any]) -> float:
    return float(np.mean(values))


def _ldd_minus_lff(seed: int) -> float:
    return measure("ldd", seed) - measure("lff", seed)


def _slips(seed: int) -> list[tuple[float, str]]:
    alone = "Yours is the accuracy of one method: better than which?"
    share = "Yours is a share, `measure` gives percent: did you divide by 100?"
    return [
        (measure("ldd", seed), alone),
        (measure("lff", seed), alone),
        (_ldd_minus_lff(seed) / 100, share),
    ]


CONCLUSION = Study(
    measure=_ldd_minus_lff,
    what="LDD minus LfF",
    conclusions=("LDD is better", "LfF is better", "cannot tell"),
    of_each="seed",
    asks="on which side of zero is the mean, by two standard errors?",
    asks_of_number="are both numbers of the same seed?",
    slips=_slips,
)


def check_conclusion(answer: Mapping[str, Any]) -> None:
    """Expect {"differences": {seed: points}, "conclusion": one of three}."""
    CONCLUSION.check(answer)
