"""Data against algorithm: what the same hours buy, measured on other days in other places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from internlab.data.captures import Frames, draw_session, joined
from internlab.practice.antispoofing import detector, metrics
from internlab.practice.antispoofing.collecting import Sizes, development, more_people, other_days
from internlab.practice.antispoofing.features import features
from internlab.practice.antispoofing.network import EPOCHS, NetworkDetector

# Hours. Assumptions, to be replaced by your own.
SESSION_HOURS = 4.0
FRAME_HOURS = 0.05


@dataclass(frozen=True)
class Bought:
    """What one way to spend the hours gave.

    Parameters
    ----------
    name : str
    spent_on : str
        ``"nothing"``, ``"data"``, ``"algorithm"``, ``"both"``, which costs twice the budget, or
        ``"set-up there"``: minutes in every new place.
    frames : int
        To train on.
    balanced_error : float
        At the detector's own threshold, on other days; see `metrics.balanced_error`.
    ordering_error : float
        Share of pairs of a live frame and an attack in which the live one looks more like an
        attack: one minus the area under the ROC curve. It does not depend on a threshold.
    fitted : object
        The trained detector, with a `decision_function`, to be used again.
    """

    name: str
    spent_on: str
    frames: int
    balanced_error: float
    ordering_error: float
    fitted: Any = field(repr=False, compare=False)


def hours_for_sessions(sessions: int, frames: int) -> float:
    """Return what it costs to set up sessions and to capture so many frames in each."""
    return sessions * (SESSION_HOURS + frames * FRAME_HOURS)


def arms(
    seed: int,
    sizes: Sizes,
    epochs: int = EPOCHS,
    *,
    collected: Frames | None = None,
    test: Frames | None = None,
) -> list[Bought]:
    """Return what the same hours buy, spent on data or on the algorithm.

    The start is half of the development sessions and logistic regression. The budget is what the
    other half costs.

    Parameters
    ----------
    seed : int
    sizes : Sizes
    epochs : int
        Of the network.
    collected, test : Frames, optional
        `collecting.development` and `collecting.other_days` of this seed, where they are at hand.
    """
    everything = development(seed, sizes) if collected is None else collected
    test = other_days(seed, sizes) if test is None else test
    half = sizes.sessions // 2
    start = everything[np.isin(everything.sessions, [f"{seed}/{n}" for n in range(half)])]
    per_person = len(start) // (half * sizes.people)
    # The hours of the other sessions, spent on frames alone.
    bought = hours_for_sessions(half, len(start) // half) / FRAME_HOURS
    extra = round(bought / (half * per_person))
    sessions = [draw_session(seed, number) for number in range(half)]
    crowd = joined(start, more_people(seed, sessions, sizes.people, extra, sizes.live))
    seen = {id(frames): features(frames.images) for frames in (start, crowd, everything, test)}
    # The first person at a new place is known to be live, and is scored by no arm.
    scored = test.people != test.people.min()

    def bought(name: str, spent_on: str, frames: Frames, fitted: Any, inputs: Any) -> Bought:
        scores = fitted.decision_function(inputs)
        got, judged = scores[scored], test[scored]
        error = metrics.balanced_error(got, judged.kinds, 0.0)
        ordering = 1 - float(roc_auc_score(judged.attacks, got))
        return Bought(name, spent_on, len(frames), error, ordering, fitted)

    def on_features(name: str, spent_on: str, make, frames: Frames) -> Bought:
        fitted = make().fit(seen[id(frames)], frames.attacks)
        return bought(name, spent_on, frames, fitted, seen[id(test)])

    def on_pixels(name: str, spent_on: str, augment: bool, frames: Frames) -> Bought:
        fitted = NetworkDetector(seed, augment, epochs).fit(frames.images, frames.attacks)
        return bought(name, spent_on, frames, fitted, test.images)

    def calibrated(name: str, spent_on: str) -> Bought:
        inputs, known = {}, {}
        for each in (start, test):
            known[id(each)] = (each.people == each.people.min()) & ~each.attacks
            inputs[id(each)] = detector.calibrated(seen[id(each)], each.sessions, known[id(each)])
        rest = ~known[id(start)]
        fitted = detector.linear().fit(inputs[id(start)][rest], start.attacks[rest])
        return bought(name, spent_on, start, fitted, inputs[id(test)])

    return [
        on_features("start", "nothing", detector.linear, start),
        on_features("more people, same sessions", "data", detector.linear, crowd),
        on_features("more sessions, same people", "data", detector.linear, everything),
        on_features("kernel machine", "algorithm", detector.kernel, start),
        on_pixels("network", "algorithm", False, start),
        on_pixels("network, augmented", "algorithm", True, start),
        on_pixels("network, augmented, and more sessions", "both", True, everything),
        calibrated("calibrated on one known person", "set-up there"),
    ]
