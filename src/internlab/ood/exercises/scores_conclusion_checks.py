"""Checks of the lab on scores: what is chosen, measured and concluded."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from internlab.exercises import NotYet, call
from internlab.ood.exercises.scores_given import KINDS, measure

CONCLUSIONS = ("better", "worse", "cannot tell")
SEEDS = (0, 1, 2, 3, 4)


def check_choose(answer: Callable[[pd.DataFrame], tuple[int, float, float]]) -> None:
    """Expect a function of a frame of settings to (k, AUROC near, AUROC far), both of the test."""
    rng = np.random.default_rng()
    for _ in range(5):
        runs = _runs(rng)
        by = runs.set_index("k")
        best = int(by[["validation_near", "validation_far"]].mean(axis=1).idxmax())
        k, near, far = _three(call(answer, runs))
        if k not in by.index:
            raise NotYet(
                f"your first value is {k}, expected one of the k in the frame: is it a row's "
                "position or its k?"
            )
        right = by.loc[best]
        told = {
            int(by[["test_near", "test_far"]].mean(axis=1).idxmax()): "the best on the test: what "
            "is left to test it with",
            int(by["validation_near"].idxmax()): "the best for near outliers alone: what will the "
            "far ones do to it",
            int(by["validation_far"].idxmax()): "the best for far outliers alone: what will the "
            "near ones do to it",
            int(by[["validation_near", "validation_far"]].min(axis=1).idxmax()): "the best for the "
            "worse of the two kinds, a rule one can defend, but not the one asked for: which "
            "number of the two kinds is to be highest",
        }
        if k != best:
            reason = told.get(k, "not the best on validation: is a larger AUROC better")
            raise NotYet(f"you chose k = {k}, expected k = {best}. Yours is {reason}?")
        for got, kind in ((near, "near"), (far, "far")):
            if math.isclose(got, right[f"test_{kind}"], abs_tol=1e-9):
                continue
            start = f"k = {k} is right; for {kind} you report {got:.3f}, its test AUROC is "
            start += f"{right[f'test_{kind}']:.3f}"
            if math.isclose(got, right[f"validation_{kind}"], abs_tol=1e-9):
                raise NotYet(
                    f"{start}. Yours is from validation, where k was chosen because the "
                    "number was high: which number had no part in the choice?"
                )
            if math.isclose(got, by[f"test_{kind}"].max(), abs_tol=1e-9):
                raise NotYet(
                    f"{start}. Yours belongs to another k: will a user switch k when a "
                    f"{kind} outlier comes?"
                )
            raise NotYet(f"{start}: in which row and column do you read it?")


def check_conclude(answer: Mapping[str, Any]) -> None:
    """Expect {kind: {"differences": {seed: kNN minus MSP}, "conclusion": ...}} for both kinds."""
    if not isinstance(answer, Mapping) or set(answer) != set(KINDS):
        raise NotYet(
            "expected a dictionary with the keys 'near' and 'noise': what would one answer for "
            "both hide?"
        )
    for kind in KINDS:
        _check_kind(kind, answer[kind])


def _check_kind(kind: str, answer: Any) -> None:
    if not isinstance(answer, Mapping) or set(answer) != {"differences", "conclusion"}:
        raise NotYet(
            f"for {kind}, expected a dictionary with the keys 'differences' and 'conclusion': what "
            "is missing?"
        )
    differences, conclusion = answer["differences"], answer["conclusion"]
    if not isinstance(differences, Mapping):
        raise NotYet(
            f"for {kind}, the differences are a {type(differences).__name__}, expected a "
            "dictionary from seed to difference: which seed made which of them?"
        )
    missing = [seed for seed in SEEDS if seed not in differences]
    if missing:
        raise NotYet(
            f"for {kind}, seeds {', '.join(map(str, missing))} are missing, expected 0 to 4: would "
            "they have said the same?"
        )
    for seed in SEEDS:
        knn, msp = measure("knn", kind, seed), measure("msp", kind, seed)
        right = knn - msp
        rounded = [
            value
            for digits in (0, 1)
            for value in (round(right, digits), round(knn, digits) - round(msp, digits))
        ]
        got = float(differences[seed])
        if math.isclose(got, right, abs_tol=0.01):
            continue
        if math.isclose(got, -right, abs_tol=0.01):
            asked = "which is taken from which"
        elif math.isclose(100 * got, right, abs_tol=0.01):
            asked = "is it in percent"
        elif any(math.isclose(got, value, abs_tol=1e-6) for value in rounded):
            asked = "did you round"
        else:
            asked = "did both get the same kind and the same seed"
        raise NotYet(
            f"for {kind}, seed {seed}, you give {got:+.2f}, kNN minus MSP is {right:+.2f}: {asked}?"
        )
    if conclusion not in CONCLUSIONS:
        raise NotYet(
            f"for {kind}, the conclusion is {conclusion!r}, expected one of "
            f"{', '.join(CONCLUSIONS)}: which does the rule give?"
        )
    values = [float(differences[seed]) for seed in SEEDS]
    above = sum(value > 0 for value in values)
    follows = CONCLUSIONS[0 if above == len(SEEDS) else 1 if above == 0 else 2]
    if conclusion != follows:
        listed = ", ".join(f"{value:+.1f}" for value in values)
        raise NotYet(
            f"for {kind}, the differences are {listed}, and you conclude {conclusion!r}: do all "
            "five seeds agree on the sign?"
        )


def _three(value: Any) -> tuple[int, float, float]:
    try:
        k, near, far = value
        return int(k), float(near), float(far)
    except (TypeError, ValueError):
        raise NotYet(
            f"you gave {type(value).__name__}, expected three numbers, k and two AUROC: what goes "
            "after the `return`?"
        ) from None


def _runs(rng: np.random.Generator) -> pd.DataFrame:
    """Return settings in which every tempting choice is another row."""
    ks = np.sort(rng.choice(np.arange(10, 60), 8, replace=False))
    best, even, near, far, luckiest, lucky_near, lucky_far = (
        int(row) for row in rng.choice(8, 7, replace=False)
    )
    table = {
        name: rng.uniform(0.70, 0.80, 8)
        for name in ("validation_near", "validation_far", "test_near", "test_far")
    }
    table["validation_near"][best], table["validation_far"][best] = 0.79, 0.95
    table["validation_near"][even], table["validation_far"][even] = 0.84, 0.84
    table["validation_near"][near], table["validation_far"][near] = 0.97, 0.70
    table["validation_near"][far], table["validation_far"][far] = 0.69, 0.99
    table["test_near"][luckiest], table["test_far"][luckiest] = 0.91, 0.92
    table["test_near"][lucky_near], table["test_far"][lucky_far] = 0.95, 0.96
    return pd.DataFrame({"k": ks, **table})
