"""Checks of the lab on dense scores: what is asked on fresh maps, and what each mistake is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from internlab.exercises import NotYet, call
from internlab.ood.dense.boundary import sum3x3
from internlab.ood.dense.standardised import StandardizedMaxLogit
from internlab.ood.dense.statistics import ClassStatistics, Moments, shrink
from internlab.ood.detectors import MSP
from internlab.ood.exercises.dog_answers import (
    CLASSES,
    draw_labels,
    draw_logits,
    explain,
    fresh_generator,
    read_map,
    read_mean_and_sd,
    refuse_swapped,
)
from internlab.ood.exercises.score_answers import close, furthest, numbers
from internlab.ood.outputs import Outputs


def check_msp(answer: Callable[..., Any]) -> None:
    """Expect a function of logits (N, K, H, W) to minus the largest probability, (N, H, W)."""
    logits = draw_logits(fresh_generator())
    right = MSP().score(Outputs(logits))
    got = read_map(call(answer, logits), right.shape, "one number for each pixel")
    if close(got, right) or close(got, right + 1):  # minus the largest, or one minus it
        return
    explain(
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
    generator = fresh_generator()
    logits = draw_logits(generator)
    labels = draw_labels(logits, generator)
    right = ClassStatistics(CLASSES).add(logits).moments()
    got = read_mean_and_sd(call(answer, logits, labels))
    highest = logits.double().amax(1)
    few = right.sd * ((right.count - 1) / right.count).sqrt()
    if close(got[0], right.mean) and (close(got[1], right.sd) or close(got[1], few)):
        return
    refuse_swapped(got, right.mean, right.sd, few)
    by_label = [highest[labels == c] for c in range(CLASSES)]
    channel = logits.double().movedim(1, 0).flatten(1)
    own_channel = [logits.double()[:, c][labels == c] for c in range(CLASSES)]
    explain(
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
        if close(got[1], sd**2):
            raise NotYet(
                "the means are right, and your sd holds the variances: which of the two has the "
                "unit of a logit?"
            )
    raise NotYet(
        f"the means are right, and in your sd {furthest(got[1], numbers(right.sd))}: over which "
        "pixels is the spread of a class taken?"
    )


def check_standardise(answer: Callable[..., Any]) -> None:
    """Expect a function of (logits, mean, sd) to the standardised max logit, higher is newer."""
    generator = fresh_generator()
    logits = draw_logits(generator)
    mean = 1 + 3 * torch.rand(CLASSES, generator=generator)
    sd = torch.tensor([0.5, 1.6, 2.5, 0.8])[torch.randperm(CLASSES, generator=generator)]
    right = StandardizedMaxLogit.standardise(
        logits, Moments(torch.ones(CLASSES), mean.double(), sd.double())
    )
    got = read_map(call(answer, logits, mean, sd), right.shape, "one number for each pixel")
    if close(got, right):
        return
    highest, predicted = logits.max(1)
    every = (logits - mean[:, None, None]) / sd[:, None, None]
    explain(
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
    generator = fresh_generator()
    train, test = 3 + draw_logits(generator), draw_logits(generator)
    test = torch.cat([test - 2, test[:1] + 1])
    outputs = Outputs(test)
    right = StandardizedMaxLogit().fit(Outputs(train)).score(outputs)
    got = read_map(call(answer, train, test), right.shape, "one for each test pixel")
    usual = ClassStatistics(CLASSES).add(train).moments()
    few = Moments(usual.count, usual.mean, usual.sd * ((usual.count - 1) / usual.count).sqrt())
    # Exercise 2 takes either divisor of the variance, so this one does.
    if close(got, right) or close(got, StandardizedMaxLogit.standardise(test, few)):
        return
    both = StandardizedMaxLogit().fit(Outputs(torch.cat([train, test])))
    each = [StandardizedMaxLogit().fit(Outputs(x[None])).score(Outputs(x[None])) for x in test]
    explain(
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
    generator = fresh_generator()
    score = torch.randn(1, 12, 16, generator=generator).double()
    band = torch.zeros(1, 12, 16, dtype=torch.bool)
    column = int(torch.randint(3, 6, (1,), generator=generator))
    band[:, :, column : column + 2] = True
    band[:, 7:11, 9:14] = True  # thick enough that its middle has nothing beside it
    outside = (~band).double()
    # At the image's edge one may repeat the border, as `sum3x3` does, or count what is there.
    ways = []
    for sum_of in (sum3x3, _sum_inside):
        total, count = sum_of(score * outside), sum_of(outside)
        ways.append((total, count, total / count.clamp_min(1), sum_of(score)))
    every = _sum_inside(torch.ones_like(score))
    rights = [torch.where(band & (count > 0.5), mean, score)[0] for _, count, mean, _ in ways]
    got = read_map(
        call(answer, score[0], band[0]),
        rights[0].shape,
        "like the given one",
        "what do you divide by where no neighbour lies outside the band",
    )
    if any(close(got, right) for right in rights):
        return
    known = {
        "the mean of all nine neighbours, those in the band among them: which of them does the "
        "boundary make untrustworthy": [
            torch.where(band, everything / size, score)
            for everything, size in ((ways[0][3], 9), (ways[1][3], 9), (ways[1][3], every))
        ],
        "a sum over the outside neighbours divided by nine: how many of them are there": [
            torch.where(band & (count > 0.5), total / 9, score) for total, count, _, _ in ways
        ],
        "changed outside the band as well: which pixels need another value": [
            torch.where(count > 0.5, mean, score) for _, count, mean, _ in ways
        ],
        "0 where no neighbour lies outside the band: what should such a pixel keep": [
            torch.where(band, mean, score) for _, _, mean, _ in ways
        ],
        "the scores as they were: where does the band get its new values": [score],
    }
    explain(
        got,
        {text: tuple(wrong[0] for wrong in wrongs) for text, wrongs in known.items()},
        rights[0],
        "does each band pixel get the mean of its neighbours outside the band",
    )


def check_shrink(answer: Callable[..., Any]) -> None:
    """Expect a function of (count, mean, sd, strength) to the shrunken (mean, sd)."""
    generator = fresh_generator()
    count = torch.tensor([7000, 2000, 900, 100])[torch.randperm(CLASSES, generator=generator)]
    mean = 2 + 4 * torch.rand(CLASSES, generator=generator).double()
    sd = 0.4 + 2 * torch.rand(CLASSES, generator=generator).double()
    strength = 0.05 + 0.1 * float(torch.rand(1, generator=generator))
    share = count / count.sum()
    right = shrink(Moments(count, mean, sd), strength)
    got = read_mean_and_sd(call(answer, count, mean, sd, strength))
    refuse_swapped(got, right.mean, right.sd)
    own = (share / (share + strength)).double()
    target, pooled = (share * mean).sum(), (share * sd**2).sum().sqrt()
    explain(
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
    explain(
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


def _sum_inside(values: Tensor) -> Tensor:
    """Sum over those of the 3 x 3 neighbours that lie in the image, (1, H, W)."""
    return 9 * F.avg_pool2d(values, 3, stride=1, padding=1)
