"""Checks of lab 40: a bias, a choice and a swap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from internlab.answers import check_name, number, several, tell, told_apart
from internlab.exercises import NotYet, call

# So many that a right answer is never off by more than what is allowed: 0.02 is seven standard
# deviations of the share of 30,000 images.
IMAGES_OF_CLASS, ALLOWED = 10_000, 0.02


def check_biased(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of (labels, ratio, rng) to biases (N,), three classes and biases."""
    rng = np.random.default_rng()
    ratio = float(rng.uniform(0.7, 0.75))
    labels = rng.permutation(np.repeat([0, 1, 2], IMAGES_OF_CLASS))
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
    _check_values(got)
    aligned = got == given
    told = f"{aligned.mean():.1%} of the images are aligned, expected {ratio:.1%}"
    if aligned.all():
        raise NotYet(f"{told}. Every bias is the label: which images are to conflict?")
    if not _near(aligned.mean(), ratio):
        if _near(aligned.mean(), 1 - ratio):
            raise NotYet(f"{told}. The ratio is inverted: is it the share that fits, or not?")
        if _near(aligned.mean(), ratio + (1 - ratio) / 3):
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


def _check_values(biases: np.ndarray) -> None:
    """Refuse a bias that is not 0, 1 or 2, and ask where it comes from."""
    strange = biases[~np.isin(biases, (0, 1, 2))]
    if strange.size == 0:
        return
    told = f"you gave a bias {strange[:1].tolist()[0]!r}, expected 0, 1 or 2"
    if not np.issubdtype(strange.dtype, np.number):
        raise NotYet(f"{told}: which number stands for it?")
    if np.isnan(strange).any():
        raise NotYet(f"{told}: which images were given none?")
    if (strange % 1 != 0).any():
        raise NotYet(f"{told}: which whole number is it to be?")
    if (strange < 0).any():
        raise NotYet(f"{told}: what lies before the first one?")
    raise NotYet(f"{told}: what happens behind the last one?")


def check_deploy(answer: Callable[..., tuple[str, float]]) -> None:
    """Expect a function of (models, ratio) to the best model's name and expected accuracy."""
    for _ in range(3):
        models, ratio = _candidates(np.random.default_rng())
        result = call(answer, models, ratio)
        name, value = several(result, "a name", "an accuracy", asks="which one is missing?")
        _check_deploy(name, value, models.set_index("name"), ratio)


def _check_deploy(name: Any, value: Any, models: pd.DataFrame, ratio: float) -> None:
    there = ratio * models.aligned + (1 - ratio) * models.conflicting
    best = there.idxmax()
    check_name(name, value, set(models.index), "name", "how is the model called?")
    name = str(name)
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
    if name == there.idxmin():
        raise NotYet(f"{told}. Yours is the worst there: is a larger accuracy better?")
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
    got = number(value, "the accuracy")
    asks, after = "what is it made of?", " for that model"
    tell(got, float(there[best]), known, asks, after=after, share=True)


def check_changed(answer: Callable[..., float]) -> None:
    """Expect a function of (before, after), both (N, K), to the share of changed answers."""
    rng = np.random.default_rng()
    before, after = _swapped(rng)
    right, known = _changed(before, after)
    while not told_apart(right, 100 * right, *known.values()):
        before, after = _swapped(rng)
        right, known = _changed(before, after)
    got = number(call(answer, before, after), "the share")
    asks = "for each face, is the answer after the swap the one before?"
    tell(got, right, known, asks, share=True)


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
        "is the share for which some class passed one half. Without any that does, which class is "
        "the answer?": ((before > 0.5) != (after > 0.5)).any(axis=1).mean(),
        "is how far the probabilities of a face move in all, on average: how many answers are "
        "other ones?": np.abs(before - after).sum(axis=1).mean(),
        "is half of what the probabilities of a face move in all, on average: of how many is the "
        "largest another one?": np.abs(before - after).sum(axis=1).mean() / 2,
    }
    return float((first != then).mean()), {says: float(v) for says, v in known.items()}


def _near(value: float, expected: float) -> bool:
    return abs(value - expected) < ALLOWED


def _candidates(rng: np.random.Generator) -> tuple[pd.DataFrame, float]:
    """Return six models of which every wrong rule chooses a wrong one, and the ratio of use."""
    ratio = float(rng.uniform(0.56, 0.6))
    wobble = rng.uniform(-0.001, 0.001, (2, 6))
    # The best on aligned images, the best there, where the ratio is inverted, on validation, on
    # conflicting images; and the worst.
    aligned = np.array([0.99, 0.93, 0.78, 0.986, 0.60, 0.62]) + wobble[0]
    conflicting = np.array([0.20, 0.80, 0.93, 0.50, 0.97, 0.40]) + wobble[1]
    models = pd.DataFrame({"aligned": aligned, "conflicting": conflicting})
    models["validation"] = 0.98 * aligned + 0.02 * conflicting
    models.insert(0, "name", rng.permutation(["ash", "birch", "cedar", "larch", "maple", "oak"]))
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
