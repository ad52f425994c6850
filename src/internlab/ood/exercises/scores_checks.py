"""Checks of the lab on scores: the formulas, and what they are allowed to look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from internlab.exercises import NotYet, call
from internlab.ood.detectors import KNN, MSP, Energy, Mahalanobis
from internlab.ood.detectors.mahalanobis import cholesky, squared_distances
from internlab.ood.exercises.score_answers import (
    close,
    furthest,
    normal,
    numbers,
    refuse_company,
    refuse_known,
    scores,
)


def check_msp(answer: Callable[[Tensor], Tensor]) -> None:
    """Expect a function of logits (N, K) to scores (N,): minus the largest probability."""
    logits = 3 * normal(np.random.default_rng(), 20, 5)
    right = numbers(MSP.msp(logits))
    got = scores(call(answer, logits), len(logits))
    # One minus the probability is the same ranking, and often seen.
    if close(got, right) or close(got, 1 + right):
        return
    refuse_company(
        lambda rows: call(answer, rows), logits, got, "along which axis do they sum to 1"
    )
    known = {
        "the probability itself, so the surest image gets the highest score: which end of the "
        "scale is an outlier": -right,
        "minus the largest logit: which step turns logits into probabilities": -logits.amax(1),
        "the largest logit: which step turns logits into probabilities, and which end of the scale "
        "is an outlier": logits.amax(1),
        "minus the *smallest* probability: which one belongs to the answer of the network": (
            -logits.softmax(1).amin(1)
        ),
    }
    refuse_known(got, right, known)
    raise NotYet(f"{furthest(got, right)}: which probability does the score look at?")


def check_energy(answer: Callable[[Tensor, float], Tensor]) -> None:
    """Expect a function of logits (N, K) and a temperature to scores (N,)."""
    rng = np.random.default_rng()
    logits, temperature = 3 * normal(rng, 20, 5), float(rng.uniform(1.5, 3))
    right = numbers(Energy.energy(logits, temperature))
    got = scores(call(answer, logits, temperature), len(logits))
    if not close(got, right):
        refuse_company(
            lambda rows: call(answer, rows, temperature), logits, got, "along which axis is the sum"
        )
        scaled = logits / temperature
        known = {
            "the energy with its sign turned, so much evidence gives a high score: which end of "
            "the scale is an outlier": -right,
            "not multiplied by the temperature at the end: what is the unit of the result, for "
            "very large and very small temperatures": -scaled.logsumexp(1),
            "the logits times the temperature where the formula divides: what does a high "
            "temperature do to the differences between logits": (
                -temperature * (logits * temperature).logsumexp(1)
            ),
            "the energy at temperature 1: where does the temperature come in": -logits.logsumexp(1),
            "the sum without its logarithm: what does the formula take of the sum": (
                -temperature * scaled.exp().sum(1)
            ),
        }
        refuse_known(got, right, known)
        raise NotYet(
            f"{furthest(got, right)}, T = {temperature:.2f}: in which order do the "
            "division, the exponential, the sum and the logarithm come?"
        )
    huge = scores(call(answer, logits + 5000.0, temperature), len(logits), may_overflow=True)
    if not close(huge, right - 5000.0, tolerance=0.01):
        raise NotYet(
            f"right for small logits, but with 5000 added to each you gave {huge[0]:g}, expected "
            f"{right[0] - 5000:.1f}: what is exp(5000) as a float, and which function avoids it?"
        )


def check_gaussians(answer: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]) -> None:
    """Expect a function of features (N, D) and labels (N,) to (means (C, D), covariance (D, D))."""
    features, labels = _clouds(np.random.default_rng())
    means, covariance = (numbers(each) for each in Mahalanobis.gaussians(features, labels))
    got = call(answer, features, labels)
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        raise NotYet(
            f"you gave {type(got).__name__}, expected two values, means and covariance: what goes "
            "after the `return`?"
        )
    got_means, got_covariance = (numbers(each) for each in got)
    _shaped(got_means, means, "the means", "one row a class")
    _shaped(got_covariance, covariance, "the covariance", "one row and column a feature")
    if not close(got_means, means):
        overall = numbers(features.mean(dim=0))
        everywhere = close(got_means, np.broadcast_to(overall, means.shape))
        asked = (
            "is that the mean of everything, whatever its class"
            if everywhere
            else "over which images is the mean of a class taken"
        )
        raise NotYet(
            f"your mean of class 0 is {_list(got_means[0])}, expected {_list(means[0])}: {asked}?"
        )
    count, classes = len(features), len(means)
    for divisor in (count, count - 1, count - classes):
        if close(got_covariance, covariance * count / divisor):
            return
    each = [numbers(features[labels == c].T.cov(correction=0)) for c in range(classes)]
    unbiased = [numbers(features[labels == c].T.cov()) for c in range(classes)]
    share = numbers(labels.bincount()) / count
    if close(got_covariance, np.tensordot(share, np.stack(unbiased), axes=1)):
        return
    spread = np.sqrt(np.diag(covariance))
    total = numbers(features.T.cov(correction=0))
    sizes = ", ".join(str(int((labels == c).sum())) for c in range(classes))
    known = {
        "the spread of everything around one common mean, so the distance *between* classes is in "
        "it: around which mean does a feature of class 2 vary": (total, numbers(features.T.cov())),
        f"the plain average of the class covariances, though the classes have {sizes} images: how "
        "much should one image count": (np.mean(each, axis=0), np.mean(unbiased, axis=0)),
        "the covariance of one class alone: how many images could the estimate use": (
            *each,
            *unbiased,
        ),
        f"a sum over {count} images that is not divided by their number: would twice as many "
        "images mean twice the spread": (covariance * count,),
        "only the variances, each feature by itself: what of two features that vary together": (
            np.diag(np.diag(covariance)),
        ),
        "the inverse of the covariance, which comes into the distance later: what was asked for": (
            np.linalg.inv(covariance)
        ),
        "the correlations, with every variance scaled to 1: how far does each feature vary, in its "
        "own unit": covariance / np.outer(spread, spread),
    }
    refuse_known(got_covariance, covariance, known)
    raise NotYet(
        f"your first variance is {got_covariance[0, 0]:.3f}, expected {covariance[0, 0]:.3f}: is "
        "every feature centred on the mean of its own class?"
    )


def check_mahalanobis(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """Expect a function of training features, their labels and test features to scores."""
    rng = np.random.default_rng()
    train, labels = _clouds(rng)
    # Until the nearest class by plain distance is another one for some image.
    while True:
        test = train[rng.permutation(len(train))[:15]] + 2 * normal(rng, 15, train.shape[1])
        means, covariance = Mahalanobis.gaussians(train, labels)
        to_class = squared_distances(test, means, cholesky(covariance, 0.0))
        by_length = torch.cdist(test.double(), means).argmin(dim=1, keepdim=True)
        picked = to_class.gather(1, by_length)[:, 0]
        if not close(picked, to_class.amin(dim=1), 0.05):
            break
        train, labels = _clouds(rng)
    right = numbers(to_class.amin(dim=1))
    got = scores(call(answer, train, labels, test), len(test))
    # The common divisors of a covariance change the scale by a few per cent and no ranking.
    count = len(train)
    factors = [each / count for each in (count, count - 1, count - len(means))]
    if any(close(got, right * factor, 1e-3) for factor in factors):
        return
    refuse_company(
        lambda rows: call(answer, train, labels, rows),
        test,
        got,
        "which images say what is normal, those of `train` or those of `test`",
    )
    gap = [(test.double() - mean) for mean in means]
    euclid = torch.stack([each.square().sum(dim=1) for each in gap], dim=1)
    known = {
        "the squared distance without the covariance: is one unit equally far along every "
        "feature": euclid.amin(dim=1),
        "the covariance where its inverse belongs: should a direction in which the class varies "
        "much count more or less": torch.stack(
            [((each @ covariance) * each).sum(dim=1) for each in gap], dim=1
        ).amin(dim=1),
        "the distance to the *farthest* class: is a perfect image of class 0 an outlier because "
        "class 1 is far away": to_class.amax(dim=1),
        "the mean over the classes: is a perfect image of class 0 an outlier because class 1 is "
        "far away": to_class.mean(dim=1),
        "the distance with its sign turned: which end of the scale is an outlier": -right,
        "the distance, expected its square: which step came last": np.sqrt(right),
        "the distance to the class whose mean is nearest without the covariance: which distance "
        "says which class is the nearest": tuple(picked * factor for factor in factors),
        "with each class's own covariance, where the task takes one shared by all: how many images "
        "has the smallest class for its own": tuple(
            torch.stack([_own(test, train[labels == c], n) for c in range(len(means))]).amin(dim=0)
            for n in (0, 1)
        ),
    }
    refuse_known(got, right, known)
    whole = torch.zeros_like(labels)
    one = squared_distances(test, *_fitted(train, whole)).amin(dim=1)
    mixed = squared_distances(test, means, _fitted(train, whole)[1]).amin(dim=1)
    refuse_known(
        got,
        right,
        {
            "the distance to one Gaussian for everything: what do the labels say": one,
            "the right formula with a covariance that holds the distance *between* the classes: "
            "around which mean does each class vary": mixed,
        },
    )
    raise NotYet(
        f"{furthest(got, right)}: is it the smallest of the squared distances to all class means?"
    )


def check_knn(answer: Callable[[Tensor, Tensor, int], Tensor]) -> None:
    """Expect a function of training features, test features and k to scores."""
    rng = np.random.default_rng()
    # Of very different lengths, so that scaling matters.
    train, test = (normal(rng, n, 6) * (normal(rng, n, 1).abs() + 0.5) for n in (40, 12))
    k = int(rng.integers(4, 9))
    unit = F.normalize(train, dim=1)
    right = numbers(KNN.kth_distance(test, unit, k))
    got = scores(call(answer, train, test, k), len(test))
    if close(got, right, 1e-3):
        return
    refuse_company(
        lambda rows: call(answer, train, rows, k),
        test,
        got,
        "are the neighbours looked for in `train`, and is each image scaled by its own length",
    )
    distances = torch.cdist(F.normalize(test, dim=1), unit).sort(dim=1).values
    known = {
        "the distance with its sign turned: which end of the scale is an outlier": -right,
        "one neighbour too far: at which index is the k-th of a sorted row": distances[:, k],
        "the distance to the nearest neighbour, whatever k is: what does k say": distances[:, 0],
        "the mean of the k nearest distances: which one does the score ask for": (
            distances[:, :k].mean(dim=1)
        ),
        "the k-th *largest* distance: which neighbours are the near ones": distances[:, -k],
        "of features with their own lengths: what happens to a long and a short feature of one "
        "direction": torch.cdist(test, train).kthvalue(k, dim=1).values,
        "the cosine similarity, not a distance: is it larger for near or for far neighbours": (
            (F.normalize(test, dim=1) @ unit.T).topk(k, dim=1).values[:, -1]
        ),
        "the square of the distance, which ranks alike but is no distance: which step is left": (
            right**2
        ),
        "1 minus the cosine similarity, half the squared distance. It ranks alike but is no "
        "distance: how long is the difference of the two features": right**2 / 2,
    }
    refuse_known(got, right, known)
    raise NotYet(
        f"{furthest(got, right)}, k = {k}: is it the k-th smallest distance between "
        "features of length 1?"
    )


def _clouds(rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return features (N, 3) and labels of three classes: other means and sizes, tilted shapes."""
    sizes = (60, 30, 15)
    labels = torch.repeat_interleave(torch.arange(3), torch.tensor(sizes))
    labels = labels[rng.permutation(len(labels))]
    means = 8 * normal(rng, 3, 3)
    # A tilt keeps features from varying alone; other widths keep the classes' covariances apart.
    tilt = torch.tensor([[1.0, 0.8, 0.0], [0.0, 2.0, 0.5], [0.0, 0.0, 0.4]])
    widths = torch.tensor([1.0, 1.6, 0.5])
    features = means[labels] + widths[labels, None] * (normal(rng, len(labels), 3) @ tilt)
    return features, labels


def _fitted(features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    means, covariance = Mahalanobis.gaussians(features, labels)
    return means, cholesky(covariance, 0.0)


def _own(test: Tensor, members: Tensor, correction: int) -> Tensor:
    """Return the squared distances to one class by its own covariance."""
    members = members.double()
    scale = cholesky(members.T.cov(correction=correction), 0.0)
    return squared_distances(test, members.mean(dim=0, keepdim=True), scale)[:, 0]


def _shaped(got: np.ndarray, right: np.ndarray, what: str, rule: str) -> None:
    if got.shape != right.shape:
        raise NotYet(
            f"{what} came with shape {got.shape}, expected {right.shape}, {rule}: over which "
            "axis did you take them?"
        )


def _list(values: np.ndarray) -> str:
    return "(" + ", ".join(f"{value:.2f}" for value in values) + ")"
