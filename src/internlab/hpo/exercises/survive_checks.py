"""Checks of the lab on surviving, first half: resume, best of, retry, share of a GPU."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from internlab.exercises import NotYet, call

ACTIONS = ("retry", "retry changed", "give up")
MOST_RETRIES = 2
# What happened, and what to do about it as long as retries are left.
REASONS = {
    "worker killed": "retry",
    "node lost": "retry",
    "ValueError": "give up",
    "loss is NaN": "give up",
    "out of GPU memory": "retry changed",
}


def check_resume(answer: Callable[..., tuple[float, int]]) -> None:
    """Expect a function of a checkpoint folder or None to (weight, epoch to run first)."""
    rng = np.random.default_rng()
    for epoch in (int(rng.integers(4, 9)), 1):
        weight = round(float(rng.uniform(0.2, 0.9)), 4)
        with tempfile.TemporaryDirectory() as folder:
            state = {"weight": weight, "epoch": epoch}
            (Path(folder) / "state.json").write_text(json.dumps(state), encoding="utf-8")
            got = _pair(call(answer, Path(folder)))
        if got[1] == epoch:
            raise NotYet(
                f"the checkpoint was written after epoch {epoch} and you start with epoch {epoch}, "
                "which would run twice: which epoch comes next?"
            )
        if got[1] in (0, 1):
            raise NotYet(
                f"the checkpoint was written after epoch {epoch} and you start with epoch "
                f"{got[1]:g}, so {epoch} epochs would run on weights that had them already: what "
                "does state.json say about the epoch?"
            )
        if got[1] != epoch + 1:
            raise NotYet(
                f"after epoch {epoch} you start with epoch {got[1]:g}, expected {epoch + 1}: which "
                "epoch comes next?"
            )
        if not math.isclose(got[0], weight):
            raise NotYet(
                f"the weight in the checkpoint is {weight}, you start from {got[0]:g}: what else "
                "is in state.json?"
            )
    _check_fresh_start(answer)


def _check_fresh_start(answer: Callable[..., tuple[float, int]]) -> None:
    try:
        weight, first = _pair(call(answer, None))
    except NotYet as problem:
        raise NotYet(
            f"with a checkpoint it is right. For a new trial the checkpoint is None, and {problem}"
        ) from None
    if (weight, first) != (0.0, 1):
        raise NotYet(
            f"a new trial, whose checkpoint is None, starts from weight {weight:g} and epoch "
            f"{first:g} with you, expected 0 and 1: where does a training begin?"
        )


def _pair(got: Any) -> tuple[float, float]:
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        raise NotYet(
            f"you gave {got!r}, expected two values, the weight and the epoch to run first: which "
            "of the two is missing?"
        )
    try:
        return float(got[0]), float(got[1])
    except (TypeError, ValueError):
        raise NotYet(f"you gave {got!r}, expected two numbers: which key did you read?") from None


def check_best(answer: Callable[..., str]) -> None:
    """Expect a function of ({trial: score}, "max" or "min") to the name of the best trial."""
    rng = np.random.default_rng()
    drawn = np.sort(rng.choice(np.arange(100, 900), size=3, replace=False)) / 1000
    low, middle, high = drawn.tolist()
    plain = {"trial-1": middle, "trial-2": high, "trial-3": low}
    _expect_best(
        answer, plain, "max", "trial-2", lambda _: "of plain numbers, which is the largest?"
    )
    _expect_best(
        answer, plain, "min", "trial-3", lambda _: "mode 'min' asks for a loss, which is best then?"
    )
    _expect_best(
        answer,
        {"trial-0": math.nan, **plain},
        "max",
        "trial-2",
        lambda _: "every comparison with NaN is False, so how do you find one before comparing?",
    )
    _expect_best(
        answer,
        {**plain, "trial-4": math.nan},
        "min",
        "trial-3",
        lambda got: (
            "NaN became the lowest loss of all: what did you replace it with?"
            if got == "trial-4"
            else "a trial with NaN came last and changed the result: what was compared with it?"
        ),
    )
    _expect_best(
        answer,
        {"trial-0": -math.inf, **plain, "trial-4": math.inf},
        "max" if rng.random() < 0.5 else "min",
        None,
        lambda _: "an infinite score is a diverged trial as well: which function says finite?",
    )
    negative = {"trial-5": math.nan, "trial-6": -middle, "trial-7": -low}
    _expect_best(
        answer,
        negative,
        "max",
        "trial-7",
        lambda _: "a score can be below zero, so which number is worse than all others?",
    )


def _expect_best(
    answer: Callable[..., str],
    scores: dict[str, float],
    mode: str,
    right: str | None,
    question: Callable[[Any], str],
) -> None:
    if right is None:
        right = "trial-2" if mode == "max" else "trial-3"
    got = call(answer, scores, mode)
    if isinstance(got, (int, float)):
        raise NotYet(f"you gave the score {got:.3g}, expected the name of its trial: whose is it?")
    if got != right:
        shown = ", ".join(f"{name} {score:g}" for name, score in scores.items())
        raise NotYet(f"of {shown} with mode {mode!r} you chose {got!r}: {question(got)}")


def check_retry(answer: Callable[..., str]) -> None:
    """Expect a function of (reason, retries so far) to one of ACTIONS."""
    rng = np.random.default_rng()
    for reason in rng.permutation(list(REASONS)):
        for attempts in range(MOST_RETRIES + 2):
            got = call(answer, str(reason), attempts)
            if got not in ACTIONS:
                raise NotYet(
                    f"for {str(reason)!r} you gave {got!r}, expected one of {', '.join(ACTIONS)}: "
                    "which of them is meant?"
                )
    for reason, action in REASONS.items():
        _check_action(answer, reason, action)
    for reason in REASONS:
        for attempts in (MOST_RETRIES, MOST_RETRIES + 1):
            if call(answer, reason, attempts) != "give up":
                raise NotYet(
                    f"{reason!r} after {attempts} retries: you try again. What if it is this "
                    "configuration that brings the machine down each time?"
                )


def _check_action(answer: Callable[..., str], reason: str, action: str) -> None:
    questions = {
        ("ValueError", "retry"): "the same configuration runs the same code, so what will it raise",
        ("loss is NaN", "retry"): "the same seed and learning rate lead to the same loss, so what "
        "would another run show",
        ("loss is NaN", "retry changed"): "a changed configuration is another trial, so what is "
        "the result of this one",
        ("out of GPU memory", "retry"): "nothing has changed, so why should it fit now",
        ("out of GPU memory", "give up"): "the configuration is sound and only its place was too "
        "small, so what would have to be different",
    }
    for attempts in range(MOST_RETRIES):
        got = call(answer, reason, attempts)
        if got == action:
            continue
        question = questions.get((reason, got))
        if question is None and action == "retry":
            question = "was it the configuration that failed, or the machine under it"
        if question is None:
            question = "is anything about the configuration itself different the next time"
        raise NotYet(
            f"{reason!r} after {attempts} of {MOST_RETRIES} retries, you say {got!r}: {question}?"
        )


def check_share(answer: Callable[..., int]) -> None:
    """Expect a function of (GiB over time, capacity, context, margin) to a number of trials."""
    rng = np.random.default_rng()
    log, capacity, context, margin, wrong = _telling_gpu(rng)
    right = _trials(log, capacity, context, margin)
    got = call(answer, log, capacity, context, margin)
    try:
        got = float(got)
    except (TypeError, ValueError):
        raise NotYet(f"you gave {got!r}, expected a number of trials: how many fit?") from None
    told = (
        f"capacity {capacity:g} GiB, peak {log.max():.2f}, mean {log.mean():.2f}, context "
        f"{context:.2f}, margin {margin:.0%}: you gave {got:g}, expected {right}"
    )
    for value, question in wrong:
        if got == value:
            raise NotYet(f"{told}. {question}?")
    if not got.is_integer():
        raise NotYet(f"{told}. Can a part of a trial run?")
    if got != right:
        raise NotYet(f"{told}. What does one trial hold at its worst moment?")
    if call(answer, log, float(log.max()), context, margin) != 0:
        raise NotYet(
            f"on a GPU of {log.max():.2f} GiB not even one trial with its context fits, expected "
            "0: what would happen to the one that you start?"
        )


def _trials(log: np.ndarray, capacity: float, context: float, margin: float) -> int:
    return int(capacity * (1 - margin) // (log.max() + context))


def _telling_gpu(rng: np.random.Generator) -> tuple:
    """Return inputs on which every known mistake gives a number of its own, and those numbers."""
    while True:
        capacity = float(rng.choice([16, 24, 40, 80]))
        margin = float(rng.choice([0.05, 0.1, 0.15]))
        context = round(float(rng.uniform(0.3, 0.8)), 2)
        log = rng.uniform(0.8, 1.4, size=40).round(2)
        log[rng.integers(5, 35)] = round(float(rng.uniform(1.8, 2.6)), 2)
        usable, each = capacity * (1 - margin), log.max() + context
        wrong = [
            (usable // (log.mean() + context), "What happens in the moment of the peak"),
            (usable // log.max(), "Every trial is a process, so who pays for its context"),
            (capacity // each, "What is left for everything that the log does not show"),
            (math.ceil(usable / each), "Does the last one still fit as a whole"),
            ((usable - context) // log.max(), "How many contexts are there for several processes"),
        ]
        values = [value for value, _ in wrong]
        if len({*values, usable // each}) == len(values) + 1 and usable // each >= 3:
            return log, capacity, context, margin, wrong
