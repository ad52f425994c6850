"""A probe is sealed before it runs, keeps its promise of seeds, and can say that it cannot tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from internlab import notes
from internlab.practice.claims.reading import counted_verdicts
from internlab.practice.reading import chance_of, decide, open_probe

GIVEN = {
    "question": "Does it help?",
    "why": "It did elsewhere.",
    "metric": "gain",
    "line": 1.0,
    "if_go": "build it.",
    "if_no_go": "leave it.",
    "seeds": (0, 1, 2),
}


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([1.4, 1.5, 1.6], "go"),
        ([0.4, 0.5, 0.6], "no go"),
        ([0.0, 1.5, 3.0], "cannot tell"),
        ([1.0, 1.0], "go"),  # the line itself is enough
        ([0.999, 0.999], "no go"),
    ],
)
def test_a_verdict_on_small_cases(values, verdict):
    assert decide(values, 1.0).verdict == verdict


@given(
    st.lists(st.floats(-100, 100).map(lambda v: round(v, 3)), min_size=2, max_size=9),
    st.floats(-100, 100),
    st.floats(0.5, 0.99),
)
def test_the_interval_is_that_of_scipy(values, line, confidence):
    found = decide(values, line, confidence)
    if np.std(values) > 0:
        low, high = stats.t.interval(
            confidence, len(values) - 1, np.mean(values), stats.sem(values)
        )
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9, abs=1e-9)
    expected = "go" if found.low >= line else "no go" if found.high < line else "cannot tell"
    assert found.verdict == expected


@pytest.mark.parametrize(
    ("values", "confidence"),
    [([1.0], 0.9), ([], 0.9), ([[1.0, 2.0]], 0.9), ([1.0, np.nan], 0.9), ([1.0, 2.0], 1.0)],
)
def test_what_cannot_be_decided_is_refused(values, confidence):
    with pytest.raises(ValueError):
        decide(values, 1.0, confidence)


@pytest.mark.parametrize("seeds", [2, 5])
@pytest.mark.parametrize("effect", [-0.7, 0.0, 1.2])
def test_the_chances_are_those_of_simulated_probes(seeds, effect):
    values = np.random.default_rng(seeds).normal(effect, 2.0, (20_000, seeds))
    counted = counted_verdicts(values, 0.5)
    for verdict, share in counted.items():
        assert share == pytest.approx(chance_of(verdict, effect, 2.0, seeds, 0.5), abs=0.015)


def test_counting_many_is_deciding_one_by_one():
    values = np.random.default_rng(0).normal(0.5, 1, (300, 4))
    said = [decide(row, 0.2).verdict for row in values]
    for verdict, share in counted_verdicts(values, 0.2).items():
        assert share == pytest.approx(np.mean([each == verdict for each in said]))


@given(st.floats(-3, 3), st.floats(0.1, 3), st.integers(2, 12))
def test_chances_add_to_one_and_mirror(effect, sd, seeds):
    go, no_go, unsure = (
        chance_of(verdict, effect, sd, seeds, 0) for verdict in ("go", "no go", "cannot tell")
    )
    assert go + no_go + unsure == pytest.approx(1, abs=1e-9)
    assert go == pytest.approx(chance_of("no go", -effect, sd, seeds, 0), abs=1e-9)


def test_at_the_line_one_probe_in_twenty_says_go():
    for seeds in (2, 3, 10):
        assert chance_of("go", 1.0, 0.3, seeds, 1.0) == pytest.approx(0.05, abs=1e-9)
    with pytest.raises(ValueError, match="verdict"):
        chance_of("maybe", 0, 1, 3, 0)
    with pytest.raises(ValueError, match="sd"):
        chance_of("go", 0, 0, 3, 0)


def test_a_probe_is_a_sealed_note_with_its_verdict():
    probe = open_probe(**GIVEN)
    for part in ("Seeds: 0, 1, 2", "build it.", "leave it.", "90%", "at 1 or above"):
        assert part in probe.note.hypothesis
    found = probe.close([1.4, 1.5, 1.6], 4, learned="It helps.", ask="More data?")
    assert found.verdict == "go"
    kept = notes.load(probe.note.path)
    assert kept.learned == "Verdict: go. It helps."
    assert kept.results["seed 1"] == 1.5
    assert kept.verdicts == {"gain": "held", "minutes": "held"}


def test_a_probe_that_took_too_long_is_surprised():
    probe = open_probe(**GIVEN, minutes=5)
    probe.close([0.0, 0.1, 0.2], 20, learned="x")
    assert probe.note.verdicts == {"gain": "surprised", "minutes": "surprised"}


@pytest.mark.parametrize("values", [[1.4, 1.5], [1.4, 1.5, 1.6, 1.7]])
def test_seeds_that_were_promised_are_run_and_no_others(values):
    probe = open_probe(**GIVEN)
    with pytest.raises(ValueError, match="promised"):
        probe.close(values, 4, learned="x")
    assert not notes.load(probe.note.path).is_closed


def test_a_line_that_was_moved_is_seen():
    probe = open_probe(**GIVEN)
    text = probe.note.path.read_text(encoding="utf-8")
    moved = text.replace("threshold: 1.0", "threshold: 0.5")
    assert moved != text
    probe.note.path.write_text(moved, encoding="utf-8")
    with pytest.raises(ValueError, match="edited"):
        probe.close([1.4, 1.5, 1.6], 4, learned="x")


@pytest.mark.parametrize(
    "change",
    [
        {"seeds": (0,)},
        {"seeds": (0, 0)},
        {"line": float("nan")},
        {"if_go": " "},
        {"if_no_go": ""},
        {"if_no_go": "Build it."},
        {"confidence": 90},
    ],
)
def test_a_probe_that_decides_nothing_is_refused(change, notes_elsewhere):
    with pytest.raises(ValueError):
        open_probe(**{**GIVEN, **change})
    assert not notes_elsewhere.exists()
