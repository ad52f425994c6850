"""Checks of lab 20: the score that may be reported, and a gain measured in pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from internlab.exercises import NotYet, call
from internlab.hpo.exercises.baseline_checks import as_number
from internlab.hpo.exercises.baseline_given import validation_iou


def check_report(answer: Callable[..., tuple[float, float]]) -> None:
    """Expect a function of two (seeds, epochs) arrays to (mean, sample standard deviation)."""
    validation, test = _curves(np.random.default_rng())
    result = call(answer, validation, test)
    count = np.size(result)
    if count != 2:
        raise NotYet(
            f"you gave {count} number{'s' * (count != 1)}, expected two, a mean and a spread: what "
            "does one number hide?"
        )
    mean, spread = (as_number(value, "a part of your report") for value in result)
    scores = _accepted_scores(validation, test)
    fitting = [each for each in scores if math.isclose(mean, each.mean(), abs_tol=1e-6)]
    if not fitting:
        raise NotYet(_explain_mean(mean, validation, test, scores))
    if any(math.isclose(spread, each.std(ddof=1), abs_tol=1e-6) for each in fitting):
        return
    raise NotYet(_explain_spread(spread, fitting[0], test))


def _accepted_scores(validation: np.ndarray, test: np.ndarray) -> list[np.ndarray]:
    """Return one test IoU a seed by each rule that does not look at the test."""
    seeds = np.arange(len(test))
    return [
        test[:, -1],
        test[seeds, validation.argmax(axis=1)],
        test[:, validation.mean(axis=0).argmax()],
    ]


def _curves(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw curves of three seeds in which no two ways to report agree."""
    rise = 0.25 * (1 - np.exp(-np.arange(1, 13) / 3))
    while True:
        luck = rng.normal(0, 0.04, (3, 1))
        test = 0.2 + rise + luck + rng.normal(0, 0.03, (3, 12))
        validation = 0.32 + rise + luck + rng.normal(0, 0.03, (3, 12))
        scores = _accepted_scores(validation, test)
        flattery = [test.max(axis=1).mean() - each.mean() for each in scores]
        flattery += [test.max() - each.max() for each in scores]
        spreads = min(each.std(ddof=1) for each in scores)
        if min(flattery) > 0.01 and spreads > 0.01 and _told_apart(scores, test):
            return validation, test


def _told_apart(scores: list[np.ndarray], test: np.ndarray) -> bool:
    """Say whether no two kinds of wrong spread are the same number, nor one of them right."""
    for each in scores:
        kinds = [values for values, _ in _wrong_spreads(each, test)]
        kinds.append([each.std(ddof=1)])
        for number, values in enumerate(kinds):
            others = np.concatenate(kinds[:number] + kinds[number + 1 :])
            if np.abs(np.subtract.outer(values, others)).min() < 1e-5:
                return False
    return True


def _explain_mean(
    mean: float, validation: np.ndarray, test: np.ndarray, scores: list[np.ndarray]
) -> str:
    told = f"you gave a mean of {mean:.3f}"

    def is_one_of(*values: float) -> bool:
        return any(math.isclose(mean, value, abs_tol=1e-6) for value in values)

    if is_one_of(test.max(axis=1).mean(), test.mean(axis=0).max(), test.max()):
        return (
            f"{told}, the maximum over epochs of the test IoU. With noise alone it rises with "
            "every epoch you add: who chose the epoch, and looking at what?"
        )
    if is_one_of(*(each.max() for each in scores)):
        return f"{told}, the score of the best seed: which seed will the next user get?"
    if is_one_of(validation[:, -1].mean(), validation.max(axis=1).mean(), validation.max()):
        return (
            f"{told}, which is validation IoU. The epoch was chosen on it, so it flatters: where "
            "is a number that had no part in the choice?"
        )
    if is_one_of(test.mean()):
        return f"{told}, over all epochs: which epoch's network do you keep?"
    right = scores[0].mean()
    return f"{told}, and for the last epoch it is {right:.3f}: which epoch of each run counts?"


def _explain_spread(spread: float, scores: np.ndarray, test: np.ndarray) -> str:
    right = scores.std(ddof=1)
    told = f"the mean is right. You gave a spread of {spread:.4f}, expected {right:.4f}"

    def is_one_of(*values: float) -> bool:
        return any(math.isclose(spread, value, abs_tol=1e-6) for value in values)

    for values, says in _wrong_spreads(scores, test):
        if is_one_of(*values):
            return f"{told}. {says}"
    return f"{told}: what is the sample standard deviation over the seeds?"


def _wrong_spreads(scores: np.ndarray, test: np.ndarray) -> list[tuple[list[float], str]]:
    """Return spreads that people give, each kind with what is said of it."""
    return [
        (
            [scores.std()],
            "Yours divides by 3, but the mean was estimated from the same three values: by what is "
            "the sum of squares divided in a sample?",
        ),
        (
            [scores.std(ddof=1) / math.sqrt(3), scores.std() / math.sqrt(3)],
            "Yours is the standard error, the uncertainty of the mean: which one says how far "
            "apart two runs are?",
        ),
        (
            [np.ptp(scores), np.ptp(scores) / 2],
            "Yours comes from the range: what happens to it with more seeds?",
        ),
        (
            [scores.var(ddof=1), scores.var()],
            "Yours is the variance: which of the two has the unit of the IoU?",
        ),
        (
            [
                *(test.std(axis=1).mean(), test.std(axis=1, ddof=1).mean()),
                *(test.std(), test.std(ddof=1), *test.std(axis=1)),
            ],
            "Yours is taken over epochs: over what should it be?",
        ),
    ]


CONCLUSIONS = ("helps", "hurts", "cannot tell")


def check_gain(answer: Mapping[str, Any]) -> None:
    """Expect {"gains": {seed: gain}, "error": of the mean gain, "conclusion": CONCLUSIONS}."""
    keys = ("gains", "error", "conclusion")
    if not isinstance(answer, Mapping) or set(answer) != set(keys):
        raise NotYet(f"expected a dictionary with the keys {', '.join(keys)}: what is missing?")
    if any(value is ... for value in answer.values()):
        raise NotYet("an entry is still blank: what did you measure, and what follows?")
    gains = _measured_gains(answer["gains"])
    error = _check_error(as_number(answer["error"], "the error"), gains)
    values = np.array(list(gains.values()))
    side = "helps" if values.mean() > 0 else "hurts"
    follows = side if abs(values.mean()) > 2 * error else "cannot tell"
    if answer["conclusion"] not in CONCLUSIONS:
        raise NotYet(
            f"the conclusion is {answer['conclusion']!r}, expected one of "
            f"{', '.join(CONCLUSIONS)}: which does the rule give?"
        )
    if answer["conclusion"] != follows:
        raise NotYet(
            f"the mean gain is {values.mean():+.3f} with a standard error of {error:.3f}, and you "
            f"conclude {answer['conclusion']!r}: how many standard errors is the mean from zero?"
        )


def _measured_gains(given: Any) -> dict[int, float]:
    if not isinstance(given, Mapping):
        raise NotYet(
            f"gains is of type {type(given).__name__}, expected a dictionary from seed to gain: "
            "which seed made which of them?"
        )
    gains = {int(seed): as_number(gain, f"the gain of seed {seed}") for seed, gain in given.items()}
    if len(gains) < 5:
        raise NotYet(
            f"you measured {len(gains)} seed{'s' * (len(gains) != 1)}, expected at least five: how "
            "would you know that it was not luck?"
        )
    if sorted(gains) != list(range(len(gains))):
        raise NotYet(
            f"you used the seeds {sorted(gains)}, expected 0, 1, 2 and on: were some left out "
            "after you had seen them?"
        )
    for seed, gain in gains.items():
        right = validation_iou(0.5, seed) - validation_iou(0.0, seed)
        if math.isclose(gain, right, abs_tol=1e-9):
            continue
        told = f"for seed {seed} you gave {gain:+.4f}, expected {right:+.4f}"
        if math.isclose(gain, -right, abs_tol=1e-9):
            raise NotYet(f"{told}: which of the two is taken from which?")
        if math.isclose(gain, validation_iou(0.5, seed), abs_tol=1e-9):
            raise NotYet(f"{told}. Yours is a score: what is it compared with?")
        if math.isclose(gain, validation_iou(1.0, seed) - validation_iou(0.0, seed), abs_tol=1e-9):
            raise NotYet(f"{told}. Yours is for a strength of 1: which strength is claimed?")
        raise NotYet(
            f"{told}. A hard area in one run and an easy one in the other look like a gain: did "
            "both runs get the same seed?"
        )
    return gains


def _check_error(error: float, gains: dict[int, float]) -> float:
    values = np.array(list(gains.values()))
    count = len(values)
    right = float(values.std(ddof=1) / math.sqrt(count))
    if math.isclose(error, right, rel_tol=1e-3):
        return right
    told = f"you gave an error of {error:.4f}, expected {right:.4f}"
    if math.isclose(error, values.std(ddof=1), rel_tol=1e-3):
        raise NotYet(
            f"{told}. Yours is the spread of single gains: how much better is the mean of "
            f"{count} known?"
        )
    if math.isclose(error, values.std() / math.sqrt(count), rel_tol=1e-3):
        raise NotYet(f"{told}: what does `ddof=1` change for {count} values?")
    arms = [np.array([validation_iou(colour, seed) for seed in gains]) for colour in (0.5, 0.0)]
    apart = math.sqrt(sum(arm.var(ddof=1) for arm in arms) / count)
    if math.isclose(error, apart, rel_tol=1e-3):
        raise NotYet(
            f"{told}. Yours treats the two groups as if they had seen different areas: of which "
            "numbers do you need the spread when runs come in pairs?"
        )
    raise NotYet(f"{told}: what is the standard deviation of the gains, over which root?")
