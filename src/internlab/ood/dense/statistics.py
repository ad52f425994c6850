"""Mean and spread of the max logit for each predicted class, gathered batch by batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from internlab.ood.dense.network import CLASSES


@dataclass(frozen=True)
class Moments:
    """What standardising needs to know of the max logits of each predicted class.

    Parameters
    ----------
    count : tensor
        (K,) int64: pixels that were predicted as the class.
    mean, sd : tensor
        (K,) float64: of their max logits; every sd is positive.

    Raises
    ------
    ValueError
        If the lengths differ, a mean is not finite, or an sd is not positive and finite.
    """

    count: torch.Tensor
    mean: torch.Tensor
    sd: torch.Tensor

    def __post_init__(self) -> None:
        shapes = [tuple(each.shape) for each in (self.count, self.mean, self.sd)]
        if len(shapes[0]) != 1 or len(set(shapes)) != 1:
            raise ValueError(
                f"Got count, mean and sd of shapes {', '.join(map(str, shapes))}. Expected (K,) "
                "for each."
            )
        usable = torch.isfinite(self.mean) & torch.isfinite(self.sd) & (self.sd > 0)
        if not usable.all():
            first = int(torch.nonzero(~usable)[0])
            raise ValueError(
                f"Class {first} has mean {float(self.mean[first]):.4g} and sd "
                f"{float(self.sd[first]):.4g}. Expected finite numbers and a positive sd, as "
                "scores are divided by it; `ClassStatistics` gives them."
            )


class ClassStatistics:
    """Gather the moments of max logits by predicted class, in one pass and constant memory.

    The class is the *predicted* one: at test time there is no other. So the statistics need images
    of the training distribution and no labels.

    Batches are merged in float64 by the parallel update of Chan, Golub and LeVeque, so that it does
    not matter how the pixels were dealt into batches.

    Parameters
    ----------
    classes : int
        K.

    Notes
    -----
    A class that was predicted at fewer than two pixels, or with one value only, has no spread to
    divide by. It gets the mean and the pooled spread of all pixels: for want of knowledge, a pixel
    of it is judged as an average pixel.

    References
    ----------
    Jung, Lee, Gwak, Choi, Choo, "Standardized max logits: a simple yet effective approach for
    identifying unexpected road obstacles in urban-scene segmentation", ICCV 2021, section 3.2
    (2107.11264); Chan, Golub, LeVeque, "Algorithms for computing the sample variance", The American
    Statistician 37(3), 1983, equation 2.1.

    Examples
    --------
    >>> logits = torch.tensor([[4.0, 0.0], [2.0, 1.0], [0.0, 5.0]])
    >>> statistics = ClassStatistics(classes=2).add(logits)
    >>> statistics.count.tolist(), statistics.mean.tolist()
    ([2, 1], [3.0, 3.6666666666666665])
    """

    def __init__(self, classes: int = CLASSES) -> None:
        if classes < 1:
            raise ValueError(f"Got {classes} classes. Expected at least one.")
        self.count = torch.zeros(classes, dtype=torch.int64)
        self._mean = torch.zeros(classes, dtype=torch.float64)
        self._squares = torch.zeros(classes, dtype=torch.float64)  # of distances from the mean

    def add(self, logits: torch.Tensor) -> ClassStatistics:
        """Add the pixels of a batch, and return the object itself.

        Parameters
        ----------
        logits : tensor
            (N, K) or (N, K, H, W) float.

        Raises
        ------
        ValueError
            If the number of classes is another, or a logit is NaN or infinite.
        """
        classes = len(self.count)
        if logits.ndim not in (2, 4) or logits.shape[1] != classes:
            raise ValueError(
                f"Got logits of shape {tuple(logits.shape)}. Expected (N, {classes}) or "
                f"(N, {classes}, H, W)."
            )
        highest, predicted = logits.detach().max(1)
        if not torch.isfinite(highest).all():
            raise ValueError(
                "A max logit is NaN or infinite. Expected finite logits; look for the image that "
                "makes them before its statistics spoil all others."
            )
        highest, predicted = highest.flatten().double().cpu(), predicted.flatten().cpu()
        count = torch.bincount(predicted, minlength=classes)
        mean = torch.bincount(predicted, highest, minlength=classes) / count.clamp_min(1)
        off = highest - mean[predicted]
        squares = torch.bincount(predicted, off * off, minlength=classes)

        together = self.count + count
        step = mean - self._mean
        share = count.double() / together.clamp_min(1)
        self._squares += squares + step * step * self.count * share
        self._mean += step * share
        self.count = together
        return self

    @property
    def mean(self) -> torch.Tensor:
        """(K,) float64: mean max logit of each predicted class."""
        return self.moments().mean

    @property
    def sd(self) -> torch.Tensor:
        """(K,) float64: standard deviation of the max logits of each predicted class."""
        return self.moments().sd

    def moments(self) -> Moments:
        """Return count, mean and standard deviation of each class.

        Raises
        ------
        ValueError
            If nothing was added, or all max logits are one value: nothing can be standardised.
        """
        total = int(self.count.sum())
        if total == 0:
            raise ValueError("No logits were added. Add those of training images first.")
        overall, pooled = pool(self.count, self._mean, self._squares)
        if pooled <= 0:
            raise ValueError(
                "Every class has one max logit only, so there is no spread to divide by. Expected "
                "logits of a trained network on more than one pixel."
            )
        # Rounding leaves a trace of spread on pixels that are all alike.
        enough = (self.count >= 2) & (self._squares > 1e-18 * self.count * pooled**2)
        mean = torch.where(enough, self._mean, overall)
        sd = torch.where(enough, (self._squares / (self.count - 1).clamp_min(1)).sqrt(), pooled)
        return Moments(self.count.clone(), mean, sd)


def pool(
    count: torch.Tensor, mean: torch.Tensor, squares: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the mean over all pixels, and the spread within classes: two float64 scalars."""
    total = count.sum()
    return (count * mean).sum() / total, (squares.sum() / total).sqrt()


def shrink(statistics: ClassStatistics | Moments, strength: float) -> Moments:
    """Draw the moments of rare classes towards those of all pixels.

    With n of N pixels in a class, its own moments keep the share n / (n + strength * N). At
    strength 0 nothing changes. As the strength grows, all classes are standardised alike, and
    standardised max logits rank pixels as plain max logits do.

    Parameters
    ----------
    statistics : ClassStatistics or Moments
    strength : float
        At least 0. It is the share of all pixels at which a class keeps half of its own.

    Returns
    -------
    Moments

    Raises
    ------
    ValueError
        If the strength is negative or not finite.

    References
    ----------
    Shrinkage of a group's estimate by its size: Efron and Morris, "Data analysis using Stein's
    estimator and its generalizations", Journal of the American Statistical Association 70, 1975.
    """
    if not 0 <= strength < float("inf"):
        raise ValueError(f"Got strength {strength}. Expected a finite number of at least 0.")
    moments = statistics.moments() if isinstance(statistics, ClassStatistics) else statistics
    count = moments.count.double()
    mean, sd = pool(count, moments.mean, count * moments.sd**2)
    own = count / (count + strength * count.sum()) if strength else torch.ones_like(count)
    return Moments(
        moments.count, own * moments.mean + (1 - own) * mean, own * moments.sd + (1 - own) * sd
    )
