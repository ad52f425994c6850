"""Checks of lab 40: a bias, a choice, a swap and a map."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from internlab.debias.exercises.telling import one_number, tell, too_close
from internlab.exercises import NotYet, call


def check_biased(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of (labels, ratio, rng) to biases (N,), three classes and biases."""
    rng = np.random.default_rng()
    ratio = float(rng.uniform(0.7, 0.75))
    labels = rng.permutation(np.repeat([0, 1, 2], 2000))
    given = labels.copy()
    got = np.asarray(call(answer, labels, ratio, rng))
    if got.shape != labels.shape:
        raise NotYet(
            f"you gave shape {got.shape} for labels of shape {labels.shape}, expected one bias an "
            "image: which bias has the last one?"
        )
    if got.dtype == bool:
        raise NotYet(
            "you gave True and False, expected the bias of each image, 0, 1 or 2: which of the "
            "three does an image get that is not aligned?"
        )
    if not np.isin(got, (0, 1, 2)).all():
        raise NotYet(
            f"you gave a bias {got[~np.isin(got, (0, 1, 2))][0]!r}, expected 0, 1 or 2: what "
            "happens behind the last one?"
        )
    aligned = got == given
    told = f"{aligned.mean():.1%} of the images are aligned, expected {ratio:.1%}"
    if aligned.all():
        raise NotYet(f"{told}. Every bias is the label: which images are to conflict?")
    if not _near(aligned.mean(), ratio, 0.02):
        if _near(aligned.mean(), 1 - ratio, 0.02):
            raise NotYet(f"{told}. The ratio is inverted: is it the share that fits, or not?")
        if _near(aligned.mean(), ratio + (1 - ratio) / 3, 0.02):
            raise NotYet(
                f"{told}. If a bias is drawn from all three, one draw in three is the bias of "
                "the image's own class: from which two should it be drawn?"
            )
        raise NotYet(f"{told}: how many images does your code take out of which it leaves?")
    of_class = [aligned[given == label].mean() for label in range(3)]
    if max(abs(share - ratio) for share in of_class) > 0.06:
        shares = ", ".join(f"{share:.0%}" for share in of_class)
        raise NotYet(
            f"over all images the share is right, but by class it is {shares}, expected "
            f"{ratio:.0%} in each: does a class have more conflicting images than another?"
        )
    for label in range(3):
        among = got[(given == label) & ~aligned]
        others = [bias for bias in range(3) if bias != label]
        share = float((among == others[0]).mean())
        if not 0.35 < share < 0.65:
            raise NotYet(
                f"conflicting images of class {label} have bias {others[0]} in {share:.0%} of the "
                f"cases and bias {others[1]} in the others, expected about half of each: could a "
                "network learn a second rule from yours?"
            )
    for label in range(3):
        order = np.flatnonzero(given == label)
        half = (~aligned[order])[: len(order) // 2].sum() / max((~aligned[order]).sum(), 1)
        if not 0.3 < half < 0.7:
            raise NotYet(
                f"{half:.0%} of the conflicting images of class {label} lie in the first half of "
                "the array, expected about half: which images conflict if the order means "
                "something?"
            )


def check_deploy(answer: Callable[..., tuple[str, float]]) -> None:
    """Expect a function of (models, ratio) to the best model's name and expected accuracy."""
    for _ in range(3):
        models, ratio = _candidates(np.random.default_rng())
        result = call(answer, models, ratio)
        if not isinstance(result, (tuple, list, pd.Series)) or len(result) != 2:
            raise NotYet(
                f"you gave {type(result).__name__}, expected two values, a name and an accuracy: "
                "which one is missing?"
            )
        _check_deploy(*list(result), models.set_index("name"), ratio)


def _check_deploy(name: Any, value: Any, models: pd.DataFrame, ratio: float) -> None:
    there = ratio * models.aligned + (1 - ratio) * models.conflicting
    best = there.idxmax()
    if name not in models.index:
        raise NotYet(
            f"the first of your values is {name!r}, expected a name from the column `name`: how "
            "is the model called?"
        )
    told = f"you choose {name!r}, expected {best!r}"
    choices = {
        "has the highest validation accuracy. Validation was drawn like training, nearly all "
        "aligned: who lives at the place of use?": models.validation.idxmax(),
        "is the best on aligned images. A network that looks at nothing but the bias is perfect on "
        "those: what does it do to the others?": models.aligned.idxmax(),
        "is the best on conflicting images. How many of the images there are conflicting?": (
            models.conflicting.idxmax()
        ),
        "is the best if the ratio is inverted. Is it the share of aligned or of conflicting "
        "images?": ((1 - ratio) * models.aligned + ratio * models.conflicting).idxmax(),
    }
    for says, chosen in choices.items():
        if name == chosen != best:
            raise NotYet(f"{told}. Yours {says}")
    if name != best:
        raise NotYet(
            f"{told}, with {there[best]:.3f} against {there[name]:.3f}: is it the largest of them?"
        )
    row = models.loc[best]
    known = {
        "is its accuracy on aligned images. Of which share of the images is that true?": (
            row.aligned
        ),
        "is its accuracy on conflicting images. Of which share is that true?": row.conflicting,
        "is its accuracy on validation, where the ratio is another one. Which ratio is it there?": (
            row.validation
        ),
        "is the mean of both kinds. Are there as many of one as of the other?": (
            (row.aligned + row.conflicting) / 2
        ),
        "has the ratio inverted. Is it the share of aligned or of conflicting images?": (
            (1 - ratio) * row.aligned + ratio * row.conflicting
        ),
    }
    got = one_number(value, "the accuracy")
    if not math.isclose(got, there[best], abs_tol=1e-6):
        tell(got, float(there[best]), known, " for that model", "what is it made of?")


def check_changed(answer: Callable[..., float]) -> None:
    """Expect a function of (before, after), both (N, K), to the share of changed answers."""
    rng = np.random.default_rng()
    before, after = _swapped(rng)
    right, known = _changed(before, after)
    while too_close(right, known):
        before, after = _swapped(rng)
        right, known = _changed(before, after)
    got = one_number(call(answer, before, after), "the share")
    if not math.isclose(got, right, abs_tol=1e-6):
        tell(got, right, known, "", "for each face, is the answer after the swap the one before?")


def _changed(before: np.ndarray, after: np.ndarray) -> tuple[float, dict[str, float]]:
    first, then = before.argmax(axis=1), after.argmax(axis=1)
    count = before.shape[1]
    shares = [np.bincount(each, minlength=count) / len(each) for each in (first, then)]
    known = {
        "is the share that stays. Which one is asked for?": (first == then).mean(),
        "is how far the probabilities move on average. An answer can move and stay the same, or "
        "move a little and tip: how many tip?": np.abs(before - after).mean(),
        "is how far the probability of the first answer falls on average. How many answers are "
        "other ones?": (
            before[np.arange(len(first)), first] - after[np.arange(len(first)), first]
        ).mean(),
        "compares how often each class is answered. Two faces that swap their answers cancel: "
        "what happened to each face?": np.abs(shares[0] - shares[1]).sum() / 2,
        "is the share whose probabilities are no longer the same, however little. When is the "
        "*answer* another one?": (before != after).any(axis=1).mean(),
        "takes the largest along the wrong axis. Which class is the answer for one face?": (
            (before.argmax(axis=0) != after.argmax(axis=0)).mean()
        ),
        "is the share whose first class passed one half, up or down. With three classes an answer "
        "can change elsewhere: which class is the largest?": (
            ((before[:, 0] > 0.5) != (after[:, 0] > 0.5)).mean()
        ),
        "is a number of faces. Which share is it?": float((first != then).sum()),
    }
    return float((first != then).mean()), {says: float(v) for says, v in known.items()}


def check_grad_cam(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of (activations, gradients), both (C, h, w), to the map (h, w)."""
    rng = np.random.default_rng()
    for _ in range(2):
        given = _maps(rng)
        right, known = _grad_cam(*given)
        # Something speaks for the class, and no slip gives the right map by chance.
        while right.max() < 0.1 or any(np.allclose(right, wrong) for wrong in known.values()):
            given = _maps(rng)
            right, known = _grad_cam(*given)
        # Tensors without a gradient, lists and arrays are all welcome.
        got = np.asarray(call(answer, *given), dtype=float)
        if got.shape == (1, *right.shape):
            got = got[0]
        if got.shape != right.shape:
            raise NotYet(
                f"your map has shape {got.shape}, expected {right.shape}, one number for each "
                "place: over what is the sum?"
            )
        if np.allclose(got, right, atol=1e-6):
            continue
        told = f"your map has values from {got.min():.3f} to {got.max():.3f}, expected "
        told += f"{right.min():.3f} to {right.max():.3f}"
        for says, value in known.items():
            if np.allclose(got, value, atol=1e-6):
                raise NotYet(f"{told}. {says}")
        raise NotYet(f"{told}: what is the weight of a channel, and what happens after the sum?")


def _grad_cam(
    activations: np.ndarray, gradients: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the right map, and what people give instead by what to say of it."""
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    summed = (weights * activations).sum(axis=0)
    right = np.maximum(summed, 0)
    known = {
        "Without the ReLU what speaks against the class is in the map too: which places speak for "
        "it?": summed,
        "The absolute value shows what speaks against the class as if it spoke for it: which part "
        "is kept?": np.abs(summed),
        "That is gradient times activation, place by place. In Grad-CAM a channel has one weight: "
        "over which axes is the gradient averaged?": (
            np.maximum((gradients * activations).sum(axis=0), 0)
        ),
        "The gradient was averaged over the channels. What is the weight of *one* channel?": (
            np.maximum((gradients.mean(axis=0) * activations).sum(axis=0), 0)
        ),
        "The ReLU was taken of each channel before the sum, so nothing could speak against: when "
        "is it taken?": np.maximum(weights * activations, 0).sum(axis=0),
        "That is the sum of the activations: which of the channels speak for this class?": (
            activations.sum(axis=0)
        ),
        "The gradients were summed over the places, not averaged: what is divided by the number "
        "of places?": np.maximum(summed * gradients[0].size, 0),
        "The channels were averaged, not summed: what does the formula say?": (
            np.maximum(summed / len(activations), 0)
        ),
        "The ReLU was taken of the weights, so no channel could speak against: when is it taken?": (
            (np.maximum(weights, 0) * activations).sum(axis=0)
        ),
        "The map was scaled to 1. That is for drawing: what are its values?": (
            right / max(right.max(), 1e-12)
        ),
    }
    return right, known


def _maps(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    activations = rng.gamma(1, 1, (6, 5, 7)) * (rng.random((6, 5, 7)) < 0.6)
    return activations, rng.normal(0, 1, (6, 5, 7)) + rng.normal(0, 0.7, (6, 1, 1))


def _near(value: float, expected: float, within: float) -> bool:
    return abs(value - expected) < within


def _candidates(rng: np.random.Generator) -> tuple[pd.DataFrame, float]:
    """Return five models of which every wrong rule chooses a wrong one, and the ratio of use."""
    ratio = float(rng.uniform(0.56, 0.6))
    wobble = rng.uniform(-0.004, 0.004, (2, 5))
    aligned = np.array([0.99, 0.93, 0.78, 0.97, 0.60]) + wobble[0]
    conflicting = np.array([0.20, 0.80, 0.93, 0.50, 0.97]) + wobble[1]
    models = pd.DataFrame({"aligned": aligned, "conflicting": conflicting})
    models["validation"] = 0.98 * aligned + 0.02 * conflicting
    # The highest on validation is not the highest on aligned images.
    models.loc[3, "validation"] = models.validation.max() + 0.004
    models.insert(0, "name", rng.permutation(["ash", "birch", "cedar", "larch", "oak"]))
    return models.sample(frac=1, random_state=int(rng.integers(1000))), ratio


def _swapped(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities (60, 3) before and after a swap that tips some of the answers."""
    before = rng.dirichlet([1.2, 1.2, 1.2], 60)
    after = before + 0.0
    tipped = rng.random(60) < rng.uniform(0.3, 0.6)
    after[tipped] = rng.dirichlet([0.7, 1.2, 1.6], int(tipped.sum()))
    moved = ~tipped & (rng.random(60) < 0.5)
    after[moved] = 0.9 * before[moved] + 0.1 / 3
    return before, after
