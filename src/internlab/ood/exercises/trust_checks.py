"""Checks of lab 32: region, report, what vanishes, and fog."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from internlab.data.streets import ANOMALY, ROAD, VOID
from internlab.exercises import NotYet, call


def check_region(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of (labels, predicted), both (H, W) uint8, to the (H, W) bool region."""
    rng = np.random.default_rng()
    labels = rng.choice([0, 0, 0, 1, 2, 5, 7], (18, 24)).astype(np.uint8)
    labels[5:9, 4:9], labels[4, 4:9] = ANOMALY, VOID
    # The network loses a part of the road, and paints a part of the anomaly as road.
    predicted = np.where(labels >= ANOMALY, 0, labels).astype(np.uint8)
    predicted[12:, :8] = 1
    predicted[5:7, 4:9] = 6
    # And it paints a part of the sidewalk as road.
    labels[0, :6], predicted[0, :6] = 1, ROAD
    right = (labels == ROAD) | (labels == ANOMALY)
    got = np.asarray(call(answer, labels, predicted))
    if got.shape != right.shape:
        raise NotYet(
            f"your region has shape {got.shape}, expected {right.shape}: is it one yes or no for "
            "each pixel?"
        )
    if got.dtype != bool and not np.isin(got, (0, 1)).all():
        raise NotYet(
            f"your region holds {got.flat[0]!r}, expected True and False: which comparison makes "
            "them?"
        )
    got = got.astype(bool)
    if np.array_equal(got, right):
        return
    told = f"your region has {int(got.sum())} pixels, expected {int(right.sum())}"
    seen = (predicted == ROAD) | (labels == ANOMALY)
    either = right | (predicted == ROAD) & (labels < ANOMALY)
    known = {
        "the whole image without void. The sky cannot be run over: which pixels can?": (
            labels != VOID
        ),
        "the true road without the anomalies, so there is nothing to find in it: which label is "
        "missing?": labels == ROAD,
        "road, anomalies and the void around them. Is an edge pixel that nobody could label right "
        "or wrong?": (labels == ROAD) | (labels >= ANOMALY),
        "the road as the network sees it. A network that loses half the road would be asked about "
        "half of it: whose road should all networks be asked about?": predicted == ROAD,
        "the predicted road and the anomalies. Another network would be asked about other pixels: "
        "would you compare their numbers?": seen,
        "the road as either of the two sees it, and the anomalies. A network that paints the "
        "sidewalk as road would be asked about more pixels: would you compare its numbers with "
        "another's?": either,
        "the anomalies only, where every score is right. (In Python `|` binds tighter than `==`: "
        "`labels == 0 | 254` is `labels == 254`.) Among which pixels should they stand out?": (
            labels == ANOMALY
        ),
    }
    for meaning, region in known.items():
        if np.array_equal(got, region):
            raise NotYet(f"{told}. Yours is {meaning}")
    for name, pixels, wanted in (
        ("road pixels", labels == ROAD, True),
        ("anomaly pixels", labels == ANOMALY, True),
        ("void pixels", labels == VOID, False),
    ):
        if (got[pixels] != wanted).any():
            raise NotYet(
                f"{told}: {int((got[pixels] != wanted).sum())} {name} are on the wrong side. What "
                "do the *true* labels say there?"
            )
    raise NotYet(f"{told}: which pixels that are neither road nor anomaly are in it?")


def check_report(answer: Callable[..., tuple[str, float, float]]) -> None:
    """Expect a function of (submissions, is_outlier) to (name, AP, base rate)."""
    rng = np.random.default_rng()
    for _ in range(3):
        board, best, is_outlier = _submissions(rng)
        result = call(answer, board, is_outlier)
        several = isinstance(result, (tuple, list, np.ndarray, pd.Series)) and np.ndim(result)
        count = len(result) if several else 1
        if count != 3:
            raise NotYet(
                f"you gave {count} value{'s' * (count != 1)}, expected three, a name, an AP and a "
                "base rate: what AP would a score have that knows nothing?"
            )
        _check_report(tuple(result), board, best, is_outlier)


def _check_report(
    result: tuple[Any, Any, Any], board: pd.DataFrame, best: str, is_outlier: np.ndarray
) -> None:
    name, ap, rate = result[0], as_number(result[1], "the AP"), as_number(result[2], "the rate")
    by_name = board.set_index("name")
    if name not in by_name.index:
        raise NotYet(
            f"the first of your values is {name!r}, expected a name from the column `name`: how "
            "is the submission called?"
        )
    if name == by_name.public_ap.idxmax():
        raise NotYet(
            f"you choose {name!r}, which leads on the public test images, expected {best!r}: if "
            "test images choose, which images are left that had no part in it and look like them?"
        )
    if name == by_name.hidden_ap.idxmax():
        raise NotYet(
            f"you choose {name!r}, which leads on the hidden images, expected {best!r}: when you "
            "had to choose, could you see that column?"
        )
    if name != best:
        raise NotYet(
            f"you choose {name!r} with validation AP {by_name.validation_ap[name]:.3f}, expected "
            f"{best!r} with {by_name.validation_ap[best]:.3f}: is larger better?"
        )
    for column, meaning in (
        ("validation_ap", "the AP on the validation images, which chose it"),
        ("public_ap", "the AP on the public images, which you saw while you tuned"),
    ):
        if math.isclose(ap, by_name[column][best], abs_tol=1e-9):
            raise NotYet(
                f"the name is right, but {ap:.3f} is {meaning}. Which column had no part in any "
                "choice?"
            )
    if not math.isclose(ap, by_name.hidden_ap[best], abs_tol=1e-9):
        raise NotYet(
            f"the name is right, its AP is given as {ap:.3f}, expected "
            f"{by_name.hidden_ap[best]:.3f}: in whose row do you read it?"
        )
    right = float(is_outlier.mean())
    if math.isclose(rate, right, abs_tol=1e-9):
        return
    told = f"name and AP are right, the base rate is {rate:.4g}, expected {right:.4g}"
    if math.isclose(rate, 1 - right, abs_tol=1e-9):
        raise NotYet(f"{told}. Yours is the share of ordinary pixels: which ones are looked for?")
    if math.isclose(rate, right / (1 - right), abs_tol=1e-9):
        raise NotYet(f"{told}. Yours is the odds, outliers for each inlier: a share of what is it?")
    raise NotYet(f"{told}: how many of all pixels are outliers?")


def check_vanished(answer: Callable[..., float]) -> None:
    """Expect a function of (public, hidden), both (boards, submissions), to the mean loss."""
    rng = np.random.default_rng()
    public, hidden = _boards(rng)
    right, known = _vanished(public, hidden)
    # Two wrong ways that agree on these boards could not be told apart.
    while len(known) < 8 or np.diff(np.sort([right, *known])).min() < 1e-4:
        public, hidden = _boards(rng)
        right, known = _vanished(public, hidden)
    got = call(answer, public, hidden)
    try:
        got = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(
            f"you gave {type(got).__name__}, expected one number: what goes after the `return`?"
        ) from None
    if np.size(got) != 1:
        raise NotYet(f"you gave {np.size(got)} numbers, expected one: over what is the mean taken?")
    got = as_number(np.reshape(got, ()), "what vanished")
    # A float32 has seven digits.
    if math.isclose(got, right, abs_tol=1e-6):
        return
    told = f"you gave {got:+.4f}, expected {right:+.4f}"
    for value, meaning in known.items():
        if math.isclose(got, value, abs_tol=1e-6):
            raise NotYet(f"{told}. Yours {meaning}")
    raise NotYet(
        f"{told}: for each board, who leads in public, and what has that submission gained over "
        "submission 0 on either half?"
    )


def _vanished(public: np.ndarray, hidden: np.ndarray) -> tuple[float, dict[float, str]]:
    """Return the right answer, and what people answer instead."""
    boards = np.arange(len(public))
    lead, luck = public.argmax(axis=1), hidden.argmax(axis=1)
    one = int(public.mean(axis=0).argmax())
    other = 1 + public[:, 1:].argmax(axis=1)
    gain = public[boards, lead] - public[:, 0]
    kept = hidden[boards, lead] - hidden[:, 0]
    right = float((gain - kept).mean())
    known = {
        -right: "has the sign turned round: if the public half promises more than the hidden half "
        "keeps, is that more or less than zero?",
        float((public.max(axis=1) - hidden.max(axis=1)).mean()): "takes the best of the hidden "
        "half there. Nobody could have submitted that one: which submission was kept?",
        float((public[boards, luck] - public[:, 0] - hidden[boards, luck] + hidden[:, 0]).mean()): (
            "lets the hidden half choose: when was it opened?"
        ),
        float((public[boards, lead] - hidden[boards, lead]).mean()): "compares the two halves "
        "without the start. Some halves are simply easier: what would submission 0 say?",
        float((public[:, one] - public[:, 0] - hidden[:, one] + hidden[:, 0]).mean()): "keeps the "
        "same submission on every board. Each board sees other images: who leads on this one?",
        float(
            (public[boards, other] - public[:, 0] - hidden[boards, other] + hidden[:, 0]).mean()
        ): (
            "never keeps submission 0. Where every change made things worse in public, nothing is "
            "gained and nothing lost: who leads on such a board?"
        ),
        float(kept.mean()): "is what is left of the gain on the hidden half: how much was there "
        "in public?",
        float(gain.mean()): "is the gain in public: how much of it is on the hidden half as well?",
    }
    return right, known


def _boards(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    boards, submissions = 8, 12
    skill = 0.25 + rng.uniform(0, 0.06, submissions)
    easy, hard = rng.normal(0.06, 0.02, (boards, 1)), rng.normal(0, 0.02, (boards, 1))
    public = skill + easy + rng.normal(0, 0.04, (boards, submissions))
    hidden = skill + hard + rng.normal(0, 0.015, (boards, submissions))
    return public, hidden


def check_flagged(answer: Callable[..., float]) -> None:
    """Expect a function of (clear, fog, share) to the share of fog pixels above the threshold."""
    rng = np.random.default_rng()
    # Skewed as scores are, so that mean and standard deviation do not give the quantile.
    clear = rng.gamma(2, 1, (6, 20, 20)) - 5
    fog = 1.3 * (rng.gamma(2, 1, (4, 20, 20)) - 5) + rng.uniform(1.5, 2.5)
    for share in (0.05, 0.2):
        _check_flagged(answer, clear, fog, share)


def _check_flagged(
    answer: Callable[..., float], clear: np.ndarray, fog: np.ndarray, share: float
) -> None:
    threshold = np.quantile(clear, 1 - share)
    right = float((fog > threshold).mean())
    got = as_number(call(answer, clear, fog, share), "the share")
    # There are several ways to take a quantile; they agree up to the neighbouring scores.
    ordered, place = np.sort(clear, axis=None), round((1 - share) * clear.size)
    low, high = ordered[place - 2], ordered[place + 1]
    if (fog > high).mean() <= got <= (fog > low).mean():
        return
    told = f"you gave {got:.3f}, expected {right:.3f}"
    both = np.quantile(np.concatenate([clear, fog]), 1 - share)
    known = {
        share: "that comes out in any weather, because the threshold is taken from the images that "
        "it judges: from which ones is it known before the fog comes?",
        float((fog > both).mean()): "your threshold has seen the fog, for it comes from both sets "
        "together: which images were there when it was fixed?",
        float((fog > np.quantile(clear, share)).mean()): "that threshold flags nearly all clear "
        "pixels: which end of the scores is out of distribution?",
        float((fog <= threshold).mean()): "that is the share that is *not* flagged: on which side "
        "of the threshold is an alarm?",
        100 * right: "that is per cent: what is it as a share between 0 and 1?",
        float((fog > clear.mean() + 1.645 * clear.std()).mean()): "mean and standard deviation "
        "give the quantile of a normal distribution, and these scores are skewed: which function "
        "takes the quantile of the scores themselves?",
    }
    for value, meaning in known.items():
        if math.isclose(got, value, abs_tol=1.5 / fog.size):
            raise NotYet(f"{told}: {meaning}")
    raise NotYet(f"{told}: which threshold flags a share of {share:g} of the clear pixels?")


def as_number(value: Any, what: str) -> float:
    """Return a learner's value as a float, or say that one number was expected."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise NotYet(
            f"{what} is of type {type(value).__name__}, expected one number: is a sum or a mean "
            "missing?"
        ) from None
    if not math.isfinite(number):
        raise NotYet(f"{what} is {number}, expected a finite number: what do you divide by?")
    return number


def _submissions(rng: np.random.Generator) -> tuple[pd.DataFrame, str, np.ndarray]:
    """Return submissions, the best by validation, and the labels of the hidden pixels."""
    names = [f"setting-{i:02}" for i in range(10)]
    validation, public, hidden = rng.uniform(0.1, 0.3, (3, 10))
    best, of_public, of_hidden = (int(i) for i in rng.choice(10, 3, replace=False))
    validation[best], public[best], hidden[best] = 0.36, 0.31, 0.28
    validation[of_public] = validation[of_hidden] = 0.3
    public[of_public], hidden[of_hidden] = 0.41, 0.37
    # Nor may a mean that has the test columns in it choose rightly.
    hidden[of_public] = 0.3
    board = pd.DataFrame(
        {"name": names, "validation_ap": validation, "public_ap": public, "hidden_ap": hidden}
    )
    is_outlier = rng.random(4000) < rng.uniform(0.02, 0.06)
    return board, names[best], is_outlier
