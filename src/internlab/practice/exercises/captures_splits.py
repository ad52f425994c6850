"""Checks of lab 03: a test of whole sessions, and a study of two splits over twelve deals."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from internlab.exercises import Blank, NotYet, call
from internlab.practice.antispoofing import detector, metrics, splits
from internlab.practice.antispoofing.collecting import Sizes, development
from internlab.practice.antispoofing.features import features
from internlab.study import Study

SESSIONS, WANTED = 8, 2
# A collection of its own: small, and no seed of the lesson.
SEED, SMALL = 20, Sizes(sessions=6, people=6, live=2)


def check_session_test(answer: Callable[..., Any]) -> None:
    """Expect a function of (sessions, rng) to a mask of the frames of two whole sessions."""
    rng = np.random.default_rng()
    # Sessions of unlike size, in no order, and names that are no numbers.
    names = np.array([f"{day}-{place}" for day in ("Mon", "Tue", "Wed", "Thu") for place in "ab"])
    sessions = rng.permutation(np.repeat(names, rng.integers(5, 40, SESSIONS)))
    drawn = set()
    for seed in range(12):
        got = call(answer, sessions, np.random.default_rng(seed))
        drawn.add(_tested(got, sessions))
    if len(drawn) == 1:
        raise NotYet(
            f"with twelve generators you drew {' and '.join(sorted(*drawn))} each time, expected "
            "other sessions for another generator: where does `rng` come in?"
        )


def _tested(got: Any, sessions: np.ndarray) -> frozenset[str]:
    """Return the sessions that a mask tests, if it tests two whole ones."""
    if got is ...:
        raise Blank
    mask = np.asarray(got)
    if mask.dtype.kind in "US":
        raise NotYet(
            f"you gave {mask.size} names, expected a mask of {sessions.size} frames, True where a "
            "frame is for the test: which frames belong to these sessions?"
        )
    if mask.shape != sessions.shape:
        raise NotYet(
            f"you gave an array of shape {mask.shape}, expected {sessions.shape}: one value for "
            "each frame?"
        )
    if mask.dtype != bool:
        raise NotYet(
            f"your mask holds {mask.dtype} values, expected True and False: what would `~` make of "
            "it?"
        )
    tested, trained = set(sessions[mask].tolist()), set(sessions[~mask].tolist())
    if both := sorted(tested & trained):
        raise NotYet(
            f"{len(both)} sessions, such as {both[0]}, are in the test and in training as well, "
            "expected none: what did you draw, frames or sessions?"
        )
    if len(tested) != WANTED:
        more = "train on the others and test on these" if len(tested) == SESSIONS - WANTED else ""
        asks = "did you mark the training frames?" if more else "how many are to be drawn?"
        raise NotYet(f"your test holds {len(tested)} sessions, expected {WANTED}: {asks}")
    return frozenset(tested)


@cache
def _collected() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    frames = development(SEED, SMALL)
    return features(frames.images), frames.attacks, frames.kinds, frames.sessions


@cache
def measure(seed: int) -> tuple[float, float]:
    """Return the balanced errors of a detector: frames dealt at random, and sessions dealt whole.

    One small collection, dealt into three parts in another way for each seed.

    Parameters
    ----------
    seed : int
        Which deal.
    """
    inputs, attacks, kinds, sessions = _collected()
    rng = np.random.default_rng(seed)
    dealt = (splits.random_folds(len(inputs), rng, 3), splits.folds_by(sessions, rng, 3))
    scores = (detector.cross_scores(detector.kernel, inputs, attacks, folds) for folds in dealt)
    at_random, by_session = (metrics.balanced_error(each, kinds, 0.0) for each in scores)
    return at_random, by_session


def _slips(seed: int) -> list[tuple[float, str]]:
    at_random, by_session = measure(seed)
    return [
        (at_random, "Yours is the error of the random split: what is it to be compared with?"),
        (by_session, "Yours is the error of the split by session: what is to be taken from it?"),
        (
            by_session / at_random if at_random else np.nan,
            "Yours is a ratio: is one divided or taken from the other?",
        ),
    ]


STUDY = Study(
    measure=lambda seed: measure(seed)[1] - measure(seed)[0],
    what="the error with sessions apart minus that with frames apart",
    conclusions=("the random split flatters", "the split by session flatters", "too near to tell"),
    of_each="deal",
    asks="which side of zero is it on, and by how many standard errors?",
    asks_of_number="which of the two errors of this deal is taken from which?",
    slips=_slips,
)
