"""Checks of the lab on surviving, second half: state, population, interval."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from internlab.exercises import NotYet, call
from internlab.hpo.exercises.survive_given import Trainer, hours_lost, restore

LR_BOUNDS = (1e-4, 1e-1)
FACTORS = (0.8, 1.2)
COLLEAGUE, YOUNG = 0.25, 2.0
CONCLUSIONS = ("save more often", "save less often", "cannot tell")


def check_state(answer: Callable[..., Mapping[str, Any]]) -> None:
    """Expect a function of a `Trainer` to a dictionary that `restore` makes an equal one from."""
    rng = np.random.default_rng()
    lr, seed = float(rng.uniform(0.01, 0.02)), int(rng.integers(1000))
    interrupted = Trainer(lr, seed)
    for _ in range(3):
        interrupted.one_epoch()
    # Not through call(), which copies its inputs: whether the answer copies is the question here.
    state = _state_of(answer, interrupted)
    frozen = copy.deepcopy(dict(state))
    uninterrupted = copy.deepcopy(interrupted)
    for _ in range(3):
        interrupted.one_epoch()  # the training goes on until it is killed
        uninterrupted.one_epoch()
    if not _same_dictionary(state, frozen):
        raise NotYet(
            "the checkpoint changed while the training went on: what you put into it is the "
            "trainer's own array or generator, so what did you have to take instead?"
        )
    resumed = Trainer(lr, seed)
    restore(resumed, state)
    try:
        for _ in range(3):
            resumed.one_epoch()
    except Exception as error:
        raise NotYet(
            f"the restored trainer cannot go on ({type(error).__name__}: {error}): is every value "
            "of the type that the trainer had?"
        ) from None
    if _equal(resumed, uninterrupted):
        return
    apart = np.abs(resumed.weights - uninterrupted.weights).max()
    told = f"resumed and uninterrupted weights differ by {apart:.1g} after three more epochs"
    raise NotYet(f"{told}: {_what_is_missing(state, lr, seed)}?")


def _state_of(answer: Callable[..., Any], trainer: Trainer) -> Mapping[str, Any]:
    state = call(lambda: answer(trainer)) if callable(answer) else call(answer)
    if not isinstance(state, Mapping):
        raise NotYet(
            f"you gave {type(state).__name__}, expected a dictionary from names of attributes to "
            "values: which attributes does the trainer change?"
        )
    unknown = sorted(set(map(str, state)) - set(vars(trainer)))
    if unknown:
        raise NotYet(
            f"the trainer has no attribute {', '.join(unknown)}, so restore() sets something that "
            f"nobody reads. It has {', '.join(vars(trainer))}: which of them do you mean?"
        )
    return state


def _what_is_missing(state: Mapping[str, Any], lr: float, seed: int) -> str:
    """Ask about the first part of the state that is not what it was after three epochs."""
    right = Trainer(lr, seed)
    for _ in range(3):
        right.one_epoch()
    restored = Trainer(lr, seed)
    restore(restored, state)
    if not np.array_equal(restored.weights, right.weights):
        return "the weights are not those of the interrupted trainer, where are they kept"
    if not np.array_equal(restored.velocity, right.velocity):
        return "the first step goes elsewhere, so what does momentum remember between two steps"
    if restored.epoch != right.epoch:
        return "the learning rate is that of another epoch, so what does its decay count"
    if _rng_state(restored) != _rng_state(right):
        return "the examples come in another order, so what decides about that order"
    return "which attribute changes during an epoch and is not in your dictionary"


def _rng_state(trainer: Trainer) -> Any:
    return getattr(getattr(trainer.rng, "bit_generator", None), "state", None)


def _equal(one: Trainer, other: Trainer) -> bool:
    return bool(np.array_equal(one.weights, other.weights)) and one.epoch == other.epoch


def _same_dictionary(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    def plain(value: Any) -> Any:
        if isinstance(value, np.random.Generator):
            return value.bit_generator.state
        return value.tolist() if isinstance(value, np.ndarray) else value

    return {k: plain(v) for k, v in one.items()} == {k: plain(v) for k, v in other.items()}


def check_population(answer: Callable[..., list]) -> None:
    """Expect a function of (members, generator) to the members after exploit and explore."""
    rng = np.random.default_rng()
    directions = set()
    for trial in range(20):
        members = _population(rng, near_bound=trial % 2 == 0)
        got = call(answer, members, np.random.default_rng(int(rng.integers(10_000))))
        directions |= _check_step(members, got)
    if len(directions) < 2:
        way = "down" if directions == {FACTORS[0]} else "up"
        raise NotYet(
            f"in many steps every learning rate went {way}: what decides between {FACTORS[0]} and "
            f"{FACTORS[1]}?"
        )


def _population(rng: np.random.Generator, near_bound: bool) -> list[dict]:
    members = [
        {
            "name": f"member-{i}",
            "weights": rng.normal(size=3),
            "lr": float(10 ** rng.uniform(-3, -1.5)),
            "score": round(float(score), 3),
        }
        for i, score in enumerate(rng.permutation(np.linspace(0.2, 0.7, 8)))
    ]
    if near_bound:
        # The two best sit at a bound, so that a step outwards would leave the space.
        for member in sorted(members, key=lambda m: m["score"])[-2:]:
            member["lr"] = LR_BOUNDS[1]
    return members


def _check_step(before: list[dict], got: Any) -> set[float]:
    """Hold one step against the rules; return the factors it used where no bound hid them."""
    if not isinstance(got, list) or len(got) != len(before):
        raise NotYet(
            f"you gave {type(got).__name__} of {len(got) if hasattr(got, '__len__') else 1}, "
            f"expected a list of all {len(before)} members: who is missing?"
        )
    after = {member["name"]: member for member in got}
    if set(after) != {member["name"] for member in before}:
        raise NotYet("a member lost its name: which of its entries does a copy replace?")
    ranked = sorted(before, key=lambda member: member["score"])
    worst, others, best = ranked[:2], ranked[2:], ranked[-2:]
    for member in others:
        now = after[member["name"]]
        if now["lr"] != member["lr"] or not np.array_equal(now["weights"], member["weights"]):
            place = "best" if member in best else "middle"
            raise NotYet(
                f"{member['name']}, one of the {place}, was changed: whom does the step replace?"
            )
    used = set()
    for member in worst:
        used |= _check_replaced(member, after[member["name"]], best)
    copies = [after[member["name"]]["weights"] for member in worst]
    originals = [after[member["name"]]["weights"] for member in others]
    if any(np.shares_memory(one, other) for one in copies for other in originals):
        raise NotYet(
            "a replaced member and its model share one array, so that the next training step of "
            "either changes both: what has to be copied?"
        )
    if np.shares_memory(*copies):
        raise NotYet("the two replaced members share one array: what has to be copied?")
    return used


def _check_replaced(member: dict, now: dict, best: list[dict]) -> set[float]:
    who = f"{member['name']}, one of the two worst"
    models = [m for m in best if np.array_equal(now["weights"], m["weights"])]
    if not models:
        if np.array_equal(now["weights"], member["weights"]):
            kept = "" if now["lr"] == member["lr"] else " and only its learning rate is new"
            raise NotYet(
                f"{who}, still has its own weights{kept}: what is a good learning rate worth "
                "without the training that it was good for?"
            )
        raise NotYet(f"{who}, has weights of none of the two best: from whom did it copy?")
    model = models[0]
    low, high = LR_BOUNDS
    if not low <= now["lr"] <= high:
        raise NotYet(
            f"{who}, has learning rate {now['lr']:.3g}, outside {low:g} to {high:g}: what holds a "
            "step inside the space?"
        )
    if now["lr"] == model["lr"] and model["lr"] not in LR_BOUNDS:
        raise NotYet(
            f"{who}, copied learning rate {now['lr']:.3g} as it is: how does the population ever "
            "try a value that it did not start with?"
        )
    for factor in FACTORS:
        if math.isclose(now["lr"], min(max(model["lr"] * factor, low), high), rel_tol=1e-9):
            return {factor} if model["lr"] not in LR_BOUNDS else set()
    for factor in (1.0, *FACTORS):
        if math.isclose(now["lr"], min(max(member["lr"] * factor, low), high), rel_tol=1e-9):
            raise NotYet(
                f"{who}, has the weights of {model['name']} and the learning rate of its own past: "
                "whose learning rate made these weights?"
            )
    raise NotYet(
        f"{who}, went from {model['name']}'s learning rate {model['lr']:.3g} to {now['lr']:.3g}, "
        f"expected {FACTORS[0]} or {FACTORS[1]} times it: by what is it multiplied?"
    )


def check_interval(answer: Mapping[str, Any]) -> None:
    """Expect {"interval": hours, "lost_now": [...], "lost_then": [...], "conclusion": ...}."""
    keys = ("interval", "lost_now", "lost_then", "conclusion")
    if not isinstance(answer, Mapping) or set(answer) != set(keys):
        raise NotYet(f"expected a dictionary with the keys {', '.join(keys)}: what is missing?")
    if any(value is ... for value in answer.values()):
        raise NotYet("an entry is still blank: what did you measure, and what follows?")
    _check_young(float(answer["interval"]))
    now, then = (_hours(answer[key], key) for key in ("lost_now", "lost_then"))
    if now.size != then.size:
        raise NotYet(
            f"lost_now has {now.size} runs and lost_then {then.size}: how do you compare run by "
            "run when the machine must fail at the same times in both?"
        )
    # Any seed is welcome, so what can be held against the simulation is how large the losses are.
    for hours, interval, key in ((now, COLLEAGUE, "lost_now"), (then, YOUNG, "lost_then")):
        usual = np.array([hours_lost(interval, seed) for seed in range(40)])
        if np.abs(hours - usual.mean()).max() > 6 * usual.std():
            raise NotYet(
                f"{key} runs from {hours.min():.0f} to {hours.max():.0f} hours, and saving every "
                f"{interval:g} hours loses about {usual.mean():.0f}: which interval did you pass?"
            )
    follows = CONCLUSIONS[1 if (now > then).all() else 0 if (now < then).all() else 2]
    if answer["conclusion"] not in CONCLUSIONS:
        raise NotYet(
            f"the conclusion is {answer['conclusion']!r}, expected one of "
            f"{', '.join(CONCLUSIONS)}: which do the losses support?"
        )
    if answer["conclusion"] != follows:
        raise NotYet(
            f"your colleague loses {now.mean():.0f} hours on average, the interval of the formula "
            f"{then.mean():.0f}, and you conclude {answer['conclusion']!r}: which of the two "
            "saves more often?"
        )


def _check_young(interval: float) -> None:
    saving, between = 0.1, 20.0
    if math.isclose(interval, YOUNG, rel_tol=0.02):
        return
    told = f"you gave an interval of {interval:.3g} hours"
    if math.isclose(interval, math.sqrt(2 * 6 * between), rel_tol=0.02):
        raise NotYet(
            f"{told}: the saving is in minutes and the rest in hours, what is it in hours?"
        )
    if math.isclose(interval, 60 * YOUNG, rel_tol=0.02):
        raise NotYet(f"{told}: are these hours, or minutes?")
    if math.isclose(interval, math.sqrt(saving * between), rel_tol=0.02):
        raise NotYet(
            f"{told}: a failure strikes half-way between two checkpoints on average, so which "
            "factor stands under the root?"
        )
    raise NotYet(f"{told}, expected the root of 2 x saving x time between failures: in hours?")


def _hours(values: Any, key: str) -> np.ndarray:
    hours = np.atleast_1d(np.asarray(values, dtype=float))
    if hours.size < 5:
        raise NotYet(
            f"{key} holds {hours.size} run(s), expected at least five: with failures at random, "
            "how would you know that it was not luck?"
        )
    if not np.isfinite(hours).all():
        raise NotYet(f"{key} holds {hours.tolist()}, expected hours: which run went wrong?")
    if np.unique(hours).size < hours.size:
        raise NotYet(f"runs in {key} repeat exactly: did every run get a seed of its own?")
    return hours
