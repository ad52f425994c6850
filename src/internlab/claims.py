"""Executable claims: every quantity that the kit states, as a measurement that can be run again.

``python -m internlab.claims --track superres`` measures a track's claims and prints a table.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from internlab.bars import Bar, show_number
from internlab.notes import Expect

TRACKS = ("superres", "hpo", "ood", "debias", "practice")


@dataclass(frozen=True)
class Measurement:
    """What measuring a claim gave.

    Parameters
    ----------
    value : float
        The number held against the bar; of several seeds or rounds, the one furthest from meeting
        it.
    detail : str
        What stands behind the number, for example the value of each seed.
    """

    value: float
    detail: str = ""


@dataclass(frozen=True)
class Claim:
    """A registered claim. `bar` is None for one that is reported whichever way it falls."""

    track: str
    name: str
    statement: str
    bar: Bar | None
    unit: str
    measure: Callable[[], Measurement]


_REGISTRY: dict[str, dict[str, Claim]] = {}


def claim(
    track: str,
    name: str,
    statement: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    equals: float | None = None,
    reported: bool = False,
    unit: str = "",
) -> Callable[[Callable[[], Measurement]], Callable[[], Measurement]]:
    """Register the decorated function as the measurement of a claim.

    Exactly one of `at_least`, `at_most`, `equals` and `reported` is given.

    Raises
    ------
    ValueError
        If none or several bars are given, or the name is taken.
    """
    given = [
        Bar(comparison, threshold, unit)
        for comparison, threshold in ((">=", at_least), ("<=", at_most), ("==", equals))
        if threshold is not None
    ]
    if len(given) + reported != 1:
        raise ValueError(
            f"Claim {track}.{name}: give exactly one of at_least, at_most, equals, reported."
        )

    def register(measure: Callable[[], Measurement]) -> Callable[[], Measurement]:
        claims = _REGISTRY.setdefault(track, {})
        known = claims.get(name)
        if known is not None and known.measure.__qualname__ != measure.__qualname__:
            raise ValueError(f"Claim {track}.{name} is registered twice.")
        bar = given[0] if given else None
        claims[name] = Claim(track, name, statement, bar, unit, measure)
        return measure

    return register


def of_track(track: str) -> dict[str, Claim]:
    """Return a track's claims by name, in the order of their modules.

    Raises
    ------
    ValueError
        If there is no such track.
    """
    if track not in TRACKS:
        raise ValueError(f"No track {track!r}. Expected one of {', '.join(TRACKS)}.")
    importlib.import_module(f"internlab.{track}.claims")
    return dict(_REGISTRY.get(track, {}))


def expectation(track: str, name: str, metric: str) -> Expect:
    """Return the bar of a claim as an expectation for an experiment note.

    So a lesson's hypothesis and ``make claims`` hold the same number.

    Raises
    ------
    ValueError
        If the claim is unknown or has no bar.
    """
    claims = of_track(track)
    if name not in claims:
        raise ValueError(f"No claim {name!r} in track {track!r}. It has {', '.join(claims)}.")
    bar = claims[name].bar
    if bar is None:
        raise ValueError(f"Claim {track}.{name} is only reported: it has no bar to expect.")
    return Expect(metric, bar.comparison, bar.threshold, bar.unit)


def run(claims: list[Claim]) -> int:
    """Measure claims one after another, print each as it is done, then the table.

    Returns
    -------
    int
        1 if a claim falls short or cannot be measured, else 0.
    """
    rows, holding = [], 0
    for number, each in enumerate(claims, start=1):
        print(f"[{number}/{len(claims)}] {each.name}: {each.statement}", flush=True)
        start = time.process_time()
        try:
            measured = each.measure()
        except Exception as error:
            traceback.print_exc()
            rows.append((each, "failed", f"{type(error).__name__}: {error}", "no"))
            continue
        holds = each.bar is None or each.bar.holds(measured.value)
        holding += holds
        verdict = "reported" if each.bar is None else ("yes" if holds else "no")
        value = f"{show_number(measured.value)} {each.unit}".strip()
        rows.append((each, value, measured.detail, verdict))
        spent = time.process_time() - start
        print(f"    {value}  ({measured.detail})  {spent:.0f} CPU-s", flush=True)
    print()
    print("| claim | measured | bar | holds |")
    print("|---|---|---|---|")
    for each, value, detail, verdict in rows:
        bar = "reported" if each.bar is None else str(each.bar)
        shown = f"{value} ({detail})" if detail else value
        print(f"| {each.statement} | {shown} | {bar} | {verdict} |")
    print(f"{holding} of {len(claims)} claims hold")
    return 0 if holding == len(claims) else 1


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m internlab.claims``; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m internlab.claims",
        description="Measure again what the lessons of a track claim.",
    )
    parser.add_argument("--track", required=True, help=f"one of: {', '.join(TRACKS)}")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these claims")
    parser.add_argument("--list", action="store_true", help="list the claims, measure nothing")
    options = parser.parse_args(arguments)
    try:
        known = of_track(options.track)
    except ValueError as error:
        parser.error(str(error))
    unknown = [name for name in options.only or [] if name not in known]
    if unknown:
        parser.error(f"no claim {', '.join(unknown)}; the track has {', '.join(known)}")
    chosen = [known[name] for name in options.only or known]
    if options.list:
        for each in chosen:
            print(f"{each.name:28} {each.bar or 'reported'}: {each.statement}")
        return 0
    return run(chosen)


if __name__ == "__main__":
    # Under -m this file runs as __main__, while the claims register with internlab.claims.
    from internlab.claims import main as registered_main

    sys.exit(registered_main())
