"""Checks of the lab on dense scores: what is asked on fresh maps, and what each mistake is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from internlab.exercises import NotYet, call
from internlab.ood.dense.boundary import sum3x3
from internlab.ood.dense.standardised import StandardizedMaxLogit
from internlab.ood.dense.statistics import ClassStatistics, Moments, shrink
from internlab.ood.detectors import MSP

CLASSES = 4
CLOSE = 1e-4


def check_msp(answer: Callable[..., Any]) -> None:
    """Expect a function of logits (N, K, H, W) to minus the largest probability, (N, H, W)."""
    logits = _logits(_generator())
    right = MSP().score(_as_outputs(logits))
    got = _map(call(answer, logits), right.shape, "the score", "one number for each pixel")
    if _same(got, right) or _same(got, right + 1):  # minus the largest, or one minus it
        return
    _explain(
        got,
        {
            "the largest probability with its sign kept, so that a pixel scores high where the "
            "network is sure: which sign makes unsure pixels score high": -right,
            "a softmax over the columns of the image: which axis of (N, K, H, W) holds the "
            "classes that compete for one pixel": -logits.softmax(-1).amax(1),
            "a softmax over the rows of the image: which axis of (N, K, H, W) holds the classes "
            "that compete for one pixel": -logits.softmax(2).amax(1),
            "a softmax over the images of the batch: should a pixel's score depend on the other "
            "images": -logits.softmax(0).amax(1),
            "the max logit, without a softmax: what makes logits add up to one": -logits.amax(1),
        },
        right,
        "for one pixel, which numbers must add up to one",
    )


def check_statistics(answer: Callable[..., Any]) -> None:
    """Expect a function of logits and labels to (mean, sd) of max logits by predicted class."""
    logits, labels = _logits_and_labels(_generator())
    right = ClassStatistics(CLASSES).add(logits).moments()
    got = _pair(call(answer, logits, labels), ("mean", "sd"))
    highest = logits.double().amax(1)
    few = right.sd * ((right.count - 1) / right.count).sqrt()
    if _same(got[0], right.mean) and (_same(got[1], right.sd) or _same(got[1], few)):
        return
    by_label = [highest[labels == c] for c in range(CLASSES)]
    channel = logits.double().movedim(1, 0).flatten(1)
    own_channel = [logits.double()[:, c][labels == c] for c in range(CLASSES)]
    _explain(
        got[0],
        {
            "": right.mean,
            "grouped by the true label, which nobody has at test time: which class will a test "
            "pixel be compared with": torch.stack([each.mean() for each in by_label]),
            "the mean of each class's own logit over the pixels of that true class: which class, "
            "and which logit, does a score see at test time": torch.stack(
                [each.mean() for each in own_channel]
            ),
            "the mean of each class's logit over all pixels, also where another class won: at "
            "which pixels is this class's logit the largest": channel.mean(1),
            "one mean for all classes: which pixels belong to which": highest.mean().expand(
                CLASSES
            ),
        },
        right.mean,
        "is it the largest logit, at the pixels where this class is predicted",
        what="mean",
    )
    for sd in (right.sd, few):
        if _same(got[1], sd**2):
            raise NotYet(
                "the means are right, and your sd holds the variances: which of the two has the "
                "unit of a logit?"
            )
    raise NotYet(
        f"the means are right, your sd is {_shown(got[1])}, expected {_shown(right.sd)}: over "
        "which pixels is the spread of a class taken?"
    )


def check_standardise(answer: Callable[..., Any]) -> None:
    """Expect a function of (logits, mean, sd) to the standardised max logit, higher is newer."""
    generator = _generator()
    logits = _logits(generator)
    mean = 1 + 3 * torch.rand(CLASSES, generator=generator)
    sd = torch.tensor([0.5, 1.6, 2.5, 0.8])[torch.randperm(CLASSES, generator=generator)]
    right = StandardizedMaxLogit.standardise(
        logits, Moments(torch.ones(CLASSES), mean.double(), sd.double())
    )
    got = _map(
        call(answer, logits, mean, sd), right.shape, "the score", "one number for each pixel"
    )
    if _same(got, right):
        return
    highest, predicted = logits.max(1)
    every = (logits - mean[:, None, None]) / sd[:, None, None]
    _explain(
        got,
        {
            "right but for its sign: what should an unusually small max logit score": -right,
            "divided by the variance: in which unit is the distance from the mean, and in which "
            "the variance": (mean[predicted] - highest) / sd[predicted] ** 2,
            "every logit standardised and then the largest taken, so another class than the "
            "predicted one may win: which comes first, the prediction or the standardising": (
                -every.amax(1)
            ),
            "not divided by the spread: is one logit below the mean as odd for a class that "
            "varies as for one that does not": mean[predicted] - highest,
            "without the class mean: what is usual for this class": -highest / sd[predicted],
        },
        right,
        "is the largest logit compared with the mean and sd of the class that is predicted there",
    )


def check_fit(answer: Callable[..., Any]) -> None:
    """Expect a function of (train_logits, test_logits) to the scores of the test pixels."""
    generator = _generator()
    train, test = 3 + _logits(generator), _logits(generator)
    test = torch.cat([test - 2, test[:1] + 1])
    outputs = _as_outputs(test)
    right = StandardizedMaxLogit().fit(_as_outputs(train)).score(outputs)
    got = _map(call(answer, train, test), right.shape, "the score", "one for each test pixel")
    if _same(got, right):
        return
    both = StandardizedMaxLogit().fit(_as_outputs(torch.cat([train, test])))
    each = [
        StandardizedMaxLogit().fit(_as_outputs(x[None])).score(_as_outputs(x[None])) for x in test
    ]
    _explain(
        got,
        {
            "standardised with statistics of the test images: if half of the test is new, what "
            "does new mean to them": StandardizedMaxLogit().fit(outputs).score(outputs),
            "standardised with each image's own statistics: what would an image full of animals "
            "be compared with": torch.cat(each),
            "standardised with training and test images together: which of the two should say "
            "what is usual": both.score(outputs),
            "right but for its sign: what should an unusually small max logit score": -right,
        },
        right,
        "do mean and sd come from the training logits, and the scores from the test logits",
    )


def check_suppress(answer: Callable[..., Any]) -> None:
    """Expect a function of (score, band) to the score with the band filled from beside it."""
    generator = _generator()
    score = torch.randn(1, 12, 16, generator=generator).double()
    band = torch.zeros(1, 12, 16, dtype=torch.bool)
    column = int(torch.randint(3, 6, (1,), generator=generator))
    band[:, :, column : column + 2] = True
    band[:, 7:11, 9:14] = True  # thick enough that its middle has nothing beside it
    outside = (~band).double()
    total, count = sum3x3(score * outside), sum3x3(outside)
    mean = total / count.clamp_min(1)
    right = torch.where(band & (count > 0), mean, score)
    got = _map(call(answer, score[0], band[0]), right.shape[1:], "the score", "like the given one")
    if _same(got, right[0]):
        return
    told = {
        "the mean of all nine neighbours, those in the band among them: which of them does the "
        "boundary make untrustworthy": torch.where(band, sum3x3(score) / 9, score),
        "a sum over the outside neighbours divided by nine: how many of them are there": (
            torch.where(band & (count > 0), total / 9, score)
        ),
        "changed outside the band as well: which pixels need another value": torch.where(
            count > 0, mean, score
        ),
        "0 where no neighbour lies outside the band: what should such a pixel keep": torch.where(
            band, mean, score
        ),
        "the scores as they were: where does the band get its new values": score,
    }
    if not np.isfinite(got).all():
        raise NotYet(
            f"{int((~np.isfinite(got)).sum())} of your values are NaN or infinite, expected "
            "numbers: what do you divide by where no neighbour lies outside the band?"
        )
    _explain(
        got,
        {text: wrong[0] for text, wrong in told.items()},
        right[0],
        "does each band pixel get the mean of its neighbours outside the band",
    )


def check_shrink(answer: Callable[..., Any]) -> None:
    """Expect a function of (count, mean, sd, strength) to the shrunken (mean, sd)."""
    generator = _generator()
    count = torch.tensor([7000, 2000, 900, 100])[torch.randperm(CLASSES, generator=generator)]
    mean = 2 + 4 * torch.rand(CLASSES, generator=generator).double()
    sd = 0.4 + 2 * torch.rand(CLASSES, generator=generator).double()
    strength = 0.05 + 0.1 * float(torch.rand(1, generator=generator))
    share = count / count.sum()
    right = shrink(Moments(count, mean, sd), strength)
    got = _pair(call(answer, count, mean, sd, strength), ("mean", "sd"))
    own = (share / (share + strength)).double()
    target, pooled = (share * mean).sum(), (share * sd**2).sum().sqrt()
    _explain(
        got[0],
        {
            "": right.mean,
            "the other way round, rare classes kept and common ones moved: which class do you "
            "know least about": (1 - own) * mean + own * target,
            "drawn to the mean of the classes, where a rare class weighs as much as the road: "
            "what is usual for a pixel": own * mean + (1 - own) * mean.mean(),
            "drawn by the same share for every class: which class has too few pixels to be "
            "trusted": mean / (1 + strength) + strength / (1 + strength) * target,
            "not shrunken: is a mean over a few pixels as sure as one over many": mean,
        },
        right.mean,
        "is the share of its own n / (n + strength * N), with N all pixels",
        what="mean",
    )
    _explain(
        got[1],
        {
            "": right.sd,
            "drawn to the mean of the classes' sd, each counted once: what is the spread of a "
            "pixel within its class": own * sd + (1 - own) * sd.mean(),
            "drawn to the mean of the sd: is it the variances that average, or their roots": (
                own * sd + (1 - own) * (share * sd).sum()
            ),
            "not shrunken: is the spread of a rare class better known than its mean": sd,
            "the pooled sd for every class: what does a class with many pixels know of itself": (
                pooled.expand(CLASSES)
            ),
        },
        right.sd,
        "is the pooled spread the root of the mean variance over pixels",
        what="sd",
    )


def _generator() -> torch.Generator:
    generator = torch.Generator()
    generator.seed()
    return generator


def _logits(generator: torch.Generator) -> Tensor:
    """Return (2, K, 9, 11) logits in which every class is predicted at several pixels."""
    while True:
        logits = 2 * torch.randn(2, CLASSES, 9, 11, generator=generator)
        logits = logits + torch.arange(CLASSES)[:, None, None] / 4
        if torch.bincount(logits.argmax(1).flatten(), minlength=CLASSES).min() >= 8:
            return logits


def _logits_and_labels(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    logits = _logits(generator)
    right = logits.argmax(1)
    wrong = torch.rand(right.shape, generator=generator) < 0.25
    other = torch.randint(CLASSES, right.shape, generator=generator)
    return logits, torch.where(wrong, other, right)


def _as_outputs(logits: Tensor) -> Any:
    from internlab.ood.outputs import Outputs

    return Outputs(logits)


def _array(value: Any) -> np.ndarray:
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    elif isinstance(value, (list, tuple)):
        value = [float(each) for each in value]
    return np.asarray(value, dtype=np.float64)


def _map(value: Any, shape: tuple[int, ...], what: str, meaning: str) -> np.ndarray:
    got = _array(value)
    if got.shape != tuple(shape):
        raise NotYet(
            f"{what} has shape {got.shape}, expected {tuple(shape)}, {meaning}: over which axis "
            "did you reduce?"
        )
    return got


def _pair(value: Any, names: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise NotYet(
            f"expected two values, {names[0]} and {names[1]}, got {type(value).__name__}: does "
            "your function return both?"
        )
    found = tuple(_array(each) for each in value)
    for name, each in zip(names, found, strict=True):
        if each.shape != (CLASSES,):
            raise NotYet(
                f"{name} has shape {each.shape}, expected ({CLASSES},), one number for each "
                "class: over what did you loop?"
            )
    return found


def _same(got: np.ndarray | Tensor, expected: np.ndarray | Tensor) -> bool:
    got, expected = _array(got), _array(expected)
    return bool(np.allclose(got, expected, atol=CLOSE, rtol=CLOSE))


def _explain(
    got: np.ndarray, known: Mapping[str, Tensor], right: Tensor, else_ask: str, what: str = "score"
) -> None:
    """Raise NotYet with what a wrong answer is; return if it equals the value under ""."""
    for meaning, value in known.items():
        if _same(got, value):
            if not meaning:
                return
            raise NotYet(f"your {what} is {meaning}?")
    raise NotYet(
        f"your {what} starts with {_shown(got)}, expected {_shown(_array(right))}: {else_ask}?"
    )


def _shown(values: np.ndarray | Tensor) -> str:
    return ", ".join(f"{each:.3f}" for each in _array(values).ravel()[:4])
