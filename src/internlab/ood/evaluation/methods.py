"""Methods that need nothing but logits, by name: ``msp``, ``sml+bs+ds``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from internlab.ood.dense.standardised import (
    PUBLISHED,
    CleanUp,
    StandardizedMaxLogit,
    predicted_classes,
)
from internlab.ood.dense.statistics import ClassStatistics, Moments
from internlab.ood.detectors import DETECTORS, Detector, KLMatching
from internlab.ood.outputs import Outputs
from internlab.spelling import did_you_mean

LOGITS_ONLY = ("msp", "entropy", "max_logit", "energy", "kl_matching", "sml")
STEPS = {"bs": "boundary suppression", "ds": "dilated smoothing"}
# The detectors that learn what is usual from logits of training images.
NEED_TRAINING = ("kl_matching", "sml")
# From this height the published widths of the two steps are used, below it those of 128 x 256.
PUBLISHED_FROM_HEIGHT = 512


@dataclass(frozen=True)
class Method:
    """A detector and the steps after it, in order.

    Parameters
    ----------
    name : str
        As the user writes it.
    detector : str
        One of `LOGITS_ONLY`.
    steps : tuple of str
        Keys of `STEPS`.
    """

    name: str
    detector: str
    steps: tuple[str, ...] = field(default=())


def parse(names: Iterable[str]) -> list[Method]:
    """Return the methods that are named; ``all`` is every detector, and SML with its steps.

    Raises
    ------
    ValueError
        For a name that is unknown, or that needs more than logits, or comes twice.
    """
    methods: dict[str, Method] = {}
    for name in names:
        for each in [*LOGITS_ONLY, "sml+bs", "sml+bs+ds"] if name == "all" else [name]:
            if each in methods:
                raise ValueError(f"The method {each!r} is named twice; once is enough.")
            methods[each] = _parse_one(each)
    if not methods:
        raise ValueError(f"No method was named; expected some of {', '.join(LOGITS_ONLY)}.")
    return list(methods.values())


def _parse_one(name: str) -> Method:
    detector, *steps = name.split("+")
    if detector in DETECTORS and detector not in LOGITS_ONLY:
        raise ValueError(
            f"{DETECTORS[detector].title} needs more than logits, so saved logits cannot be "
            f"scored with it. Expected one of {', '.join(LOGITS_ONLY)}; the others are in "
            "internlab.ood.detectors."
        )
    if detector not in LOGITS_ONLY:
        raise ValueError(
            f"No method {detector!r}.{did_you_mean(detector, LOGITS_ONLY)} There are "
            f"{', '.join(LOGITS_ONLY)}, each with or without +bs and +ds."
        )
    for step in steps:
        if step not in STEPS:
            raise ValueError(
                f"No step {step!r} in {name!r}. There are +bs ({STEPS['bs']}) and +ds "
                f"({STEPS['ds']})."
            )
    return Method(name, detector, tuple(steps))


class Statistics:
    """What SML and KL matching learn from training logits, gathered image by image.

    Parameters
    ----------
    typical_answers : bool
        Gather what KL matching needs too: it takes a softmax of every pixel.
    """

    def __init__(self, typical_answers: bool = True) -> None:
        self._typical_answers = typical_answers
        self._classes: ClassStatistics | None = None
        self._log_sums: Tensor | None = None

    def add(self, outputs: Outputs) -> None:
        """Add the logits of one training image."""
        classes = outputs.classes
        if self._classes is None:
            self._classes = ClassStatistics(classes)
            self._log_sums = torch.full((classes, classes), -torch.inf, dtype=torch.float64)
        self._classes.add(outputs.logits)
        if not self._typical_answers:
            return
        log_p = outputs.logits.movedim(1, -1).reshape(-1, classes).log_softmax(1)
        called = log_p.argmax(1)
        for k in called.unique():
            # Sums stay logarithms: no probability may become 0.
            of_image = log_p[called == k].logsumexp(0).double()
            self._log_sums[k] = torch.logaddexp(self._log_sums[k], of_image)

    def arrays(self) -> dict[str, Tensor]:
        """Return all that the detectors need, as tensors to be saved."""
        moments = self._classes.moments()
        return {
            "count": moments.count,
            "mean": moments.mean,
            "sd": moments.sd,
            "log_sums": self._log_sums,
        }


def ready(
    methods: Iterable[Method], statistics: dict[str, Tensor] | None, strength: float
) -> dict[str, Detector]:
    """Return the fitted detectors of the methods, by name.

    Parameters
    ----------
    methods : iterable of Method
    statistics : dict of tensor, optional
        `Statistics.arrays`; needed for `NEED_TRAINING`.
    strength : float
        How much SML shrinks the statistics of rare classes.
    """
    detectors: dict[str, Detector] = {}
    for name in {method.detector: None for method in methods}:
        if name == "sml":
            moments = Moments(statistics["count"], statistics["mean"], statistics["sd"])
            detectors[name] = StandardizedMaxLogit(moments, strength)
        elif name == "kl_matching":
            detectors[name] = KLMatching()
            called = statistics["count"] > 0
            mean = statistics["log_sums"] - statistics["count"].log()[:, None]
            detectors[name].log_typical = mean[called].float()
        else:
            detectors[name] = DETECTORS[name]()
    return detectors


def clean_up_for(height: int) -> CleanUp:
    """Return the widths of the two steps for images of this height, in pixels."""
    return PUBLISHED if height >= PUBLISHED_FROM_HEIGHT else CleanUp()


def score(
    methods: list[Method], detectors: dict[str, Detector], outputs: Outputs, clean_up: CleanUp
) -> dict[str, Tensor]:
    """Return the score maps (H, W) of one image by method; what methods share is computed once."""
    prediction = predicted_classes(outputs.logits)
    apply: dict[str, Callable[[Tensor], Tensor]] = {
        "bs": lambda scores: clean_up.suppress(scores, prediction),
        "ds": clean_up.smooth,
    }
    known: dict[tuple[str, ...], Tensor] = {}
    for method in methods:
        if (method.detector,) not in known:
            known[method.detector,] = detectors[method.detector].score(outputs)
        for taken, step in enumerate(method.steps):
            before = method.detector, *method.steps[:taken]
            if (*before, step) not in known:
                known[*before, step] = apply[step](known[before])
    return {method.name: known[method.detector, *method.steps][0] for method in methods}
