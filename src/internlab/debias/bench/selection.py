"""Rules that choose among settings, each with a name, what it needs, and whether it is a trap.

A result is a method *and* the rule that chose its settings. The rules differ in what they may look
at; two of them look at the test set, and are here so that a lesson can measure what they gain.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from internlab.debias.bench.plan import Settings
from internlab.debias.bench.record import Record
from internlab.debias.groups import align_conflict
from internlab.spelling import did_you_mean


@dataclass(frozen=True)
class Rule:
    """How settings are chosen.

    Parameters
    ----------
    name : str
        What a table calls it.
    looks_at : str
        What has to be there to use it.
    value : callable
        From a record to the number whose mean over seeds is maximised.
    reported : callable
        From a record to the number that is then reported.
    is_trap : bool
        Whether it looks at the test set, so that what it reports is too good.
    """

    name: str
    looks_at: str
    value: Callable[[Record], float]
    reported: Callable[[Record], float]
    is_trap: bool = False


@dataclass(frozen=True)
class Choice:
    """What a rule chose.

    Parameters
    ----------
    rule : Rule
        The rule.
    settings : tuple
        The chosen hyperparameters.
    value : float
        Mean over seeds of what the rule maximised.
    reported : dict of int to float
        By seed, what is reported.
    tried : int
        How many settings it chose from; those with a failed seed count as tried.
    """

    rule: Rule
    settings: Settings
    value: float
    reported: dict[int, float]
    tried: int

    @property
    def mean(self) -> float:
        """Mean over seeds of what is reported."""
        return float(np.mean(list(self.reported.values())))


def _on_balanced(record: Record, measure: str) -> float:
    # A data set as it was published has no balanced images.
    scores = record.scores.get("balanced")
    return math.nan if scores is None else getattr(scores, measure)


def _align_conflict(record: Record) -> float:
    scores = record.scores["validation"]
    return align_conflict(scores.aligned, scores.conflicting)


def _unbiased_test(record: Record) -> float:
    return record.scores["test"].unbiased


def _best_checkpoint(record: Record) -> float:
    return max([each.test.unbiased for each in record.history] or [math.nan])


KEPT_BACK = "bias labels of a small balanced set: of the half that no method trains on"
RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "validation average",
            "labels of the validation set, which is as biased as the training set",
            lambda record: record.scores["validation"].average,
            _unbiased_test,
        ),
        Rule(
            "balanced unbiased",
            KEPT_BACK,
            lambda record: _on_balanced(record, "unbiased"),
            _unbiased_test,
        ),
        Rule(
            "balanced worst group",
            KEPT_BACK,
            lambda record: _on_balanced(record, "smallest_group"),
            _unbiased_test,
        ),
        Rule(
            "align-conflict",
            "a validation set with bias labels, as biased as the training set",
            _align_conflict,
            _unbiased_test,
        ),
        Rule("test maximum", "the test set", _unbiased_test, _unbiased_test, is_trap=True),
        Rule(
            "maximum over epochs",
            "the test set, at every checkpoint of every run",
            _best_checkpoint,
            _best_checkpoint,
            is_trap=True,
        ),
    )
}
FAIR = tuple(name for name, rule in RULES.items() if not rule.is_trap)


def rule_named(name: str) -> Rule:
    """Return a rule.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if name not in RULES:
        raise ValueError(
            f"No selection rule {name!r}.{did_you_mean(name, RULES)} There are {', '.join(RULES)}."
        )
    return RULES[name]


def choose(records: Iterable[Record], rule: Rule | str) -> Choice:
    """Choose among the settings of one method on one data set and ratio.

    Settings of which a seed failed are not chosen. Of settings that are equally good, the one that
    comes first is taken; the default settings come first.

    Parameters
    ----------
    records : iterable of Record
        Several settings, each over the same seeds.
    rule : Rule or str
        The rule, or its name.

    Raises
    ------
    ValueError
        If there is no record, they are of several methods, data sets or ratios, a setting lacks a
        seed, or all have failed.
    """
    rule = rule_named(rule) if isinstance(rule, str) else rule
    cells: dict[Settings, dict[int, Record]] = defaultdict(dict)
    kinds = set()
    for record in records:
        cells[record.run.settings][record.run.seed] = record
        kinds.add(record.run.cell[:3])
    if len(kinds) != 1:
        named = "; ".join(f"{m} on {d} {r:.4g}" for m, d, r in sorted(kinds)) or "nothing"
        raise ValueError(f"Records of {named}; expected one method on one data set and ratio.")
    seeds = set().union(*cells.values())
    best: Choice | None = None
    for settings, by_seed in cells.items():
        if set(by_seed) != seeds:
            raise ValueError(
                f"Seed {', '.join(map(str, sorted(seeds - set(by_seed))))} is missing for the "
                "settings "
                f"{dict(settings)}; every setting needs the same seeds, or luck chooses."
            )
        if any(record.failed for record in by_seed.values()):
            continue
        value = float(np.mean([rule.value(by_seed[seed]) for seed in sorted(seeds)]))
        # NaN where a split has no image that the rule asks for.
        if math.isfinite(value) and (best is None or value > best.value):
            reported = {seed: rule.reported(by_seed[seed]) for seed in sorted(seeds)}
            best = Choice(rule, settings, value, reported, len(cells))
    if best is None:
        reasons = [r.failure for by in cells.values() for r in by.values() if r.failed]
        why = (
            f"a run of every setting failed, the first because: {reasons[0]}"
            if reasons
            else f"the rule {rule.name!r} has no value for any of them: it needs {rule.looks_at}"
        )
        raise ValueError(
            f"None of {len(cells)} settings of {next(iter(kinds))[0]} can be chosen; {why}."
        )
    return best
