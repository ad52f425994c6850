"""Checks of lab 42: what a grid still has to compute, an equal budget, and the conclusion."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from internlab.answers import number, tell, told_apart
from internlab.debias.exercises.benchmark_given import measure
from internlab.exercises import NotYet, call
from internlab.study import Study

Entry = tuple[str, float, int]


def check_missing(answer: Callable[..., list[Entry]]) -> None:
    """Expect a function of (plan, journal, code) to the runs that are still to compute."""
    plan, journal, code = _half_done(np.random.default_rng())
    right, known = _ways_to_continue(plan, journal, code)
    result = call(answer, plan, journal, code)
    if isinstance(result, (set, frozenset, dict)) and set(result) == set(right):
        raise NotYet(
            f"you gave a {type(result).__name__} of the right {len(right)} runs, and it has no "
            "order; expected a list in the order of the plan: in which order will they be computed?"
        )
    got = _runs(result)
    if got == right:
        return
    told = f"you would compute {len(got)} of {len(plan)} runs, expected {len(right)}"
    if _sorted(got) == _sorted(right):
        raise NotYet(
            f"{told}, the right ones in another order: would somebody who watches find his way in "
            "the plan's order more easily?"
        )
    for meaning, runs in known.items():
        if _sorted(got) == _sorted(runs):
            raise NotYet(f"{told}. Yours {meaning}")
    strange = [run for run in got if run not in plan]
    if strange:
        raise NotYet(f"{told}. {strange[0]} is not in the plan: who asked for it?")
    missed = [run for run in right if run not in got]
    if missed:
        raise NotYet(
            f"{told}. {missed[0]} is not among yours: is there a record of it, made with this code?"
        )
    extra = [run for run in got if run not in right]
    if extra:
        raise NotYet(f"{told}. {extra[0]} has a record made with this code: why once more?")
    twice = next(run for run in got if got.count(run) > 1)
    raise NotYet(f"{told}. {twice} is there {got.count(twice)} times: how often does it run?")


def _runs(result: Any) -> list[Entry]:
    """Return the runs of an answer as tuples, or say that a list of them was expected."""
    wanted = "expected a list of runs (method, ratio, seed) from the plan"
    try:
        entries = list(result)
    except TypeError:
        raise NotYet(f"you gave {type(result).__name__}, {wanted}: what is in one entry?") from None
    for entry in entries:
        if isinstance(entry, str) or not hasattr(entry, "__len__"):
            raise NotYet(
                f"you gave {type(result).__name__} with an entry {entry!r}, {wanted}: what else "
                "belongs to a run?"
            )
    return [tuple(entry) for entry in entries]


def _sorted(runs: list[Entry]) -> list[Entry]:
    return sorted(runs, key=str)


def _ways_to_continue(
    plan: list[Entry], journal: dict[Entry, dict[str, str]], code: dict[str, str]
) -> tuple[list[Entry], dict[str, list[Entry]]]:
    """Return the right runs, and what people would compute instead by what to say of it."""
    new = {run for run in plan if run not in journal}
    stale = {run for run in plan if run not in new and journal[run]["code"] != code[run[0]]}
    failed = {run for run in plan if run not in new and journal[run]["status"] == "failed"}
    done_pairs = {run[:2] for run in journal}
    done_seeds = {(run[0], run[2]) for run in journal}
    done_methods = {run[0] for run in journal}
    known = {
        "takes over results of a method whose code has changed since: what would the table "
        "compare?": new,
        "computes failed runs again, with the same code, the same seed and so the same failure: "
        "what would be different this time?": new | stale | failed,
        "leaves out what failed with an earlier code: since that code was mended, what do you know "
        "about these runs?": new | (stale - failed),
        "goes by the status alone, so it repeats failures and keeps results of other code. What "
        "has to have changed for a run to give something else?": new | failed,
        "computes what has a record from other code, and nothing else: what of the runs without a "
        "record?": stale,
        "computes everything again: what is the journal for?": set(plan),
        "computes what is done already: which way round is the comparison?": (
            set(plan) - new - stale
        ),
        "leaves out every seed of a method and ratio of which one seed is there: is a further seed "
        "the same run?": {run for run in plan if run[:2] not in done_pairs},
        "leaves out every ratio of a method and seed of which one ratio is there: is another ratio "
        "the same run?": {run for run in plan if (run[0], run[2]) not in done_seeds},
        "leaves out every run of a method of which one is there: is another seed the same run?": {
            run for run in plan if run[0] not in done_methods
        },
        "computes nothing: which runs of the plan have no record?": set(),
    }
    in_order = {says: [run for run in plan if run in runs] for says, runs in known.items()}
    return [run for run in plan if run in new | stale], in_order


def _half_done(
    rng: np.random.Generator,
) -> tuple[list[Entry], dict[Entry, dict[str, str]], dict[str, str]]:
    """Return a plan, a journal that knows a part of it, and today's code of each method.

    Every wrong way of `_ways_to_continue` computes other runs than all others.
    """
    methods, ratios, seeds = ("erm", "lff", "jtt", "mine", "dfr"), (0.95, 0.98), range(4)
    plan = list(itertools.product(methods, ratios, seeds))
    code = {method: f"{rng.integers(2**24):06x}" for method in methods}
    journal: dict[Entry, dict[str, str]] = {}
    for method, ratio, seed in plan:
        # All but the last seed were there; one method was begun at one ratio, and one not at all.
        if seed == 3 or method == "dfr" or (method == "jtt" and ratio == 0.98):
            continue
        stale = method == "mine" and ratio == 0.95
        journal[method, ratio, seed] = {
            "status": "done",
            "code": "an earlier one" if stale else code[method],
        }
    # Two have failed with today's code, and one with code that was mended since.
    for method, ratio in (("lff", 0.98), ("erm", 0.95), ("mine", 0.95)):
        journal[method, ratio, int(rng.integers(3))]["status"] = "failed"
    # And a run of a method that nobody asks for today.
    journal["vrex", 0.98, 0] = {"status": "done", "code": "1a2b3c"}
    return plan, journal, code


def check_budget(answer: Callable[..., float]) -> None:
    """Expect a function of (values, reported, tried) to the mean over all ways to try so many."""
    rng = np.random.default_rng()
    # Three first: of two, one fewer leaves no choice, and of four, most ways keep the best.
    for tried in (3, 2, 4):
        values, reported, right, known = _tuned(rng, tried)
        got = number(call(answer, values, reported, tried), "the accuracy")
        asks = (
            f"of all ways to pick {tried} settings, which one is kept in each, and what is "
            "reported for it?"
        )
        given = f"for {tried} of {len(values)} settings you gave"
        tell(got, right, known, asks, given=given, share=True)


def _tuned(
    rng: np.random.Generator, tried: int
) -> tuple[np.ndarray, np.ndarray, float, dict[str, float]]:
    """Return values and what is reported, on which no two ways to spend a budget agree."""
    while True:
        skill = rng.uniform(0.45, 0.7, 7)
        values, reported = skill + rng.normal(0, 0.05, (2, 7))
        right, known = _ways_to_spend(values, reported, tried)
        if told_apart(right, 100 * right, *known.values()):
            return values, reported, right, known


def _ways_to_spend(
    values: np.ndarray, reported: np.ndarray, tried: int
) -> tuple[float, dict[str, float]]:
    """Return the right mean, and what people give instead by what to say of it."""
    count = len(values)

    def picks(size: int) -> list[list[int]]:
        return [list(pick) for pick in itertools.combinations(range(count), size)]

    def kept(ways: Iterable[Iterable[int]]) -> list[float]:
        return [float(reported[max(pick, key=lambda i: values[i])]) for pick in ways]

    order = np.argsort(-values)
    known = {
        "lets `reported` choose, which is the test set: which array was there when the setting "
        "was chosen?": _mean([reported[pick].max() for pick in picks(tried)]),
        "is the value that chose, not what is then reported: which of the two has had luck?": (
            _mean([values[pick].max() for pick in picks(tried)])
        ),
        "takes the best of all settings, as if all had been tried: what does somebody find who can "
        "pay for fewer?": float(reported[order[0]]),
        "tries the first few of the list only: who says that the others come later?": kept(
            [range(tried)]
        )[0],
        "is the mean of the best few: of those that are tried, how many are kept?": _mean(
            reported[order[:tried]]
        ),
        "is the mean of all settings, without a choice: what is tuning for?": _mean(reported),
        "draws with replacement, so that one setting may be tried twice: who would pay for that?": (
            _mean(kept(itertools.product(range(count), repeat=tried)))
        ),
        "counts sets in which a setting is there twice: how many would be tried in those?": (
            _mean(kept(itertools.combinations_with_replacement(range(count), tried)))
        ),
        "looks a setting up by its place within the pick: which array does that number count?": (
            _mean([reported[int(np.argmax(values[pick]))] for pick in picks(tried)])
        ),
        "keeps the lowest of each pick: is larger better?": _mean(
            [reported[min(pick, key=lambda i: values[i])] for pick in picks(tried)]
        ),
        "is the best of all ways: over what is the mean taken?": max(kept(picks(tried))),
        "tries one more setting than were paid for: how many are in a pick?": _mean(
            kept(picks(tried + 1))
        ),
    }
    if tried > 2:
        known["tries one setting fewer than were paid for: how many are in a pick?"] = _mean(
            kept(picks(tried - 1))
        )
    if tried < 4:
        known["is the median over all ways: which middle is asked for?"] = float(
            np.median(kept(picks(tried)))
        )
    return _mean(kept(picks(tried))), known


def _mean(values: Any) -> float:
    return float(np.mean(values))


def _ldd_minus_lff(seed: int) -> float:
    return measure("ldd", seed) - measure("lff", seed)


def _slips(seed: int) -> list[tuple[float, str]]:
    alone = "Yours is the accuracy of one method: better than which?"
    return [(measure("ldd", seed), alone), (measure("lff", seed), alone)]


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
