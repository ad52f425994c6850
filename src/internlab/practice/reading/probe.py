"""A probe: a cheap experiment whose go or no-go line is sealed before it runs.

The line, the number of seeds and what follows from either verdict are written into an experiment
note, which seals them. A probe that cannot tell says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from internlab import notes
from internlab.notes import Note

GO, NO_GO, CANNOT_TELL = "go", "no go", "cannot tell"
CONFIDENCE = 0.9


@dataclass(frozen=True)
class Decision:
    """What a probe said: the verdict, the mean, and the interval that was held against the line."""

    verdict: str
    mean: float
    low: float
    high: float
    seeds: int


def decide(values: Sequence[float], line: float, confidence: float = CONFIDENCE) -> Decision:
    """Hold the mean over seeds against a line.

    "go" if the whole confidence interval of the mean (Student's t) reaches the line or lies above
    it, "no go" if it lies below, "cannot tell" if the line is inside.

    Parameters
    ----------
    values : sequence of float
        One for each seed, at least two; more is better.
    line : float
        The smallest mean that is worth going on for.
    confidence : float
        Of the two-sided interval, between 0 and 1.

    Raises
    ------
    ValueError
        If there are fewer than two values, one is not finite, or the confidence is no share.

    References
    ----------
    Student, "The probable error of a mean", Biometrika 6 (1908).
    """
    found = np.asarray(values, dtype=float)
    if found.ndim != 1 or found.size < 2:
        raise ValueError(
            f"values has shape {found.shape}; expected at least two seeds in one list. One run "
            "says nothing about the next one."
        )
    if not np.isfinite(found).all():
        raise ValueError("values holds a number that is not finite; repair the run, or count it.")
    _check_confidence(confidence)
    mean, error = found.mean(), found.std(ddof=1) / math.sqrt(found.size)
    half = stats.t.ppf((1 + confidence) / 2, found.size - 1) * error
    low, high = float(mean - half), float(mean + half)
    verdict = GO if low >= line else NO_GO if high < line else CANNOT_TELL
    return Decision(verdict, float(mean), low, high, int(found.size))


def chance_of(
    verdict: str, effect: float, sd: float, seeds: int, line: float, confidence: float = CONFIDENCE
) -> float:
    """Return how likely a verdict of `decide` is, if seeds are normal around a true effect.

    The t statistic of the mean against the line follows a non-central t distribution with
    ``seeds - 1`` degrees of freedom and non-centrality ``(effect - line) / (sd / sqrt(seeds))``.

    Parameters
    ----------
    verdict : {"go", "no go", "cannot tell"}
    effect, sd : float
        Mean and standard deviation over seeds; `sd` above 0.
    seeds : int
        At least 2.
    line, confidence : float
        As in `decide`.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    if verdict not in (GO, NO_GO, CANNOT_TELL):
        raise ValueError(f"verdict is {verdict!r}; expected {GO!r}, {NO_GO!r} or {CANNOT_TELL!r}.")
    if not sd > 0 or seeds < 2:
        raise ValueError(f"sd is {sd} and seeds {seeds}; expected above 0 and at least 2.")
    _check_confidence(confidence)
    edge = stats.t.ppf((1 + confidence) / 2, seeds - 1)
    shift = (effect - line) / (sd / math.sqrt(seeds))
    go = float(stats.nct.sf(edge, seeds - 1, shift))
    # By mirror, because the tail far from the shift is where the distribution function is poor.
    no_go = float(stats.nct.sf(edge, seeds - 1, -shift))
    return {GO: go, NO_GO: no_go, CANNOT_TELL: max(0.0, 1 - go - no_go)}[verdict]


@dataclass
class Probe:
    """An open or closed probe; make one with `open_probe`."""

    note: Note
    metric: str
    line: float
    seeds: tuple[int, ...]
    minutes: float
    confidence: float
    decision: Decision | None = None

    def close(
        self, values: Sequence[float], minutes: float, *, learned: str, ask: str = ""
    ) -> Decision:
        """Write the verdict and the measured values into the note.

        Parameters
        ----------
        values : sequence of float
            One for each promised seed, in their order.
        minutes : float
            What it cost.
        learned, ask : str
            As in `internlab.notes.Note.close`.

        Raises
        ------
        ValueError
            If there are more or fewer values than seeds were promised, or the note was edited.
        """
        if len(values) != len(self.seeds):
            raise ValueError(
                f"{len(values)} values for {len(self.seeds)} promised seeds. Whoever may stop "
                "early or go on chooses the verdict: run the seeds that the probe was opened with."
            )
        decision = decide(values, self.line, self.confidence)
        self.note.close(
            {
                self.metric: decision.mean,
                "minutes": float(minutes),
                "low": decision.low,
                "high": decision.high,
                **{f"seed {s}": float(v) for s, v in zip(self.seeds, values, strict=True)},
            },
            learned=f"Verdict: {decision.verdict}. {learned.strip()}",
            ask=ask,
        )
        self.decision = decision
        return decision

    def _repr_markdown_(self) -> str:
        return self.note._repr_markdown_()


def open_probe(
    question: str,
    why: str,
    metric: str,
    line: float,
    *,
    if_go: str,
    if_no_go: str,
    seeds: Sequence[int],
    minutes: float = 30,
    confidence: float = CONFIDENCE,
    slug: str = "probe",
    **more: Any,
) -> Probe:
    """Seal a probe: its line, its seeds, its budget, and what follows from each verdict.

    Parameters
    ----------
    question, why : str
        What the probe is to answer, and what makes you think so.
    metric : str
        The number, larger is better.
    line : float
        The smallest mean of the metric that is worth going on for.
    if_go, if_no_go : str
        What you will do; a probe that changes nothing need not be run.
    seeds : sequence of int
        At least two different ones.
    minutes : float
        The most it may cost.
    **more
        Passed on to `internlab.notes.open`, such as ``folder``.

    Raises
    ------
    ValueError
        If the line is not finite, there are fewer than two different seeds, either decision is
        empty, or both are the same.
    """
    promised = tuple(int(seed) for seed in seeds)
    if len(set(promised)) < max(2, len(promised)):
        raise ValueError(f"seeds is {promised}; expected two or more, all different.")
    if not math.isfinite(line):
        raise ValueError(f"line is {line}; expected a finite number.")
    if not if_go.strip() or not if_no_go.strip():
        raise ValueError("if_go or if_no_go is empty. What will you do then?")
    if if_go.strip().lower() == if_no_go.strip().lower():
        raise ValueError(
            "if_go and if_no_go are the same: whatever it says, you do this. Why run the probe?"
        )
    _check_confidence(confidence)
    hypothesis = (
        f"{why.strip()} Seeds: {', '.join(map(str, promised))}. Go if the whole {confidence:.0%} "
        f"interval of the mean is at {line:g} or above: {if_go.strip()} No go if it is below: "
        f"{if_no_go.strip()} In between the probe cannot tell."
    )
    expect = [notes.Expect(metric, ">=", line), notes.Expect("minutes", "<=", minutes)]
    note = notes.open(question, hypothesis, expect, seed=promised[0], slug=slug, **more)
    return Probe(note, metric, float(line), promised, float(minutes), confidence)


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a share between 0 and 1.")
