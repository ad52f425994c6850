"""Claims: registered once, measured on demand, and an exit status that tells."""

import pytest

from internlab import claims
from internlab.claims import Measurement


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(claims, "_REGISTRY", {})
    return claims._REGISTRY


def _add(name, value, **bar):
    claims.claim("demo", name, f"claim {name}", **bar)(lambda: Measurement(value, "detail"))


def test_the_table_counts_what_holds(registry, capsys):
    _add("high", 2.0, at_least=1.0, unit="dB")
    _add("low", 2.0, at_most=1.0)
    _add("told", 5.0, reported=True)
    assert claims.run(list(registry["demo"].values())) == 1
    lines = capsys.readouterr().out.strip().split("\n")
    assert lines[-1] == "2 of 3 claims hold"
    assert "| claim high | 2 dB (detail) | at least 1 dB | yes |" in lines
    assert "| claim low | 2 (detail) | at most 1 | no |" in lines
    assert "| claim told | 5 (detail) | reported | reported |" in lines


def test_all_held_is_status_zero(registry, capsys):
    _add("same", 0.0, equals=0.0)
    assert claims.run(list(registry["demo"].values())) == 0
    assert capsys.readouterr().out.endswith("1 of 1 claims hold\n")


def test_a_measurement_that_fails_is_a_claim_that_does_not_hold(registry, capsys):
    def broken():
        raise OSError("no data")

    claims.claim("demo", "broken", "claim broken", at_least=1)(broken)
    assert claims.run(list(registry["demo"].values())) == 1
    assert "no data" in capsys.readouterr().out


@pytest.mark.parametrize("bars", [{}, {"at_least": 1, "at_most": 2}, {"equals": 1, "reported": 1}])
def test_exactly_one_bar(registry, bars):
    with pytest.raises(ValueError, match="exactly one"):
        claims.claim("demo", "x", "x", **bars)


def test_a_name_is_registered_once(registry):
    claims.claim("demo", "x", "x", reported=True)(test_exactly_one_bar)
    with pytest.raises(ValueError, match="twice"):
        claims.claim("demo", "x", "x", reported=True)(test_a_name_is_registered_once)


def test_a_lesson_can_expect_the_bar_of_a_claim():
    expected = claims.expectation("superres", "psnr-gain", "gain_db")
    assert (expected.metric, expected.comparison) == ("gain_db", ">=")
    with pytest.raises(ValueError, match="No claim"):
        claims.expectation("superres", "no-such-claim", "x")


def test_an_unknown_track_is_named():
    with pytest.raises(ValueError, match="superres"):
        claims.of_track("poetry")


SUPERRES = {
    "psnr-gain": "at least 0.8 dB",
    "fusion-error": "at most 1e-05",
    "onnx-error": "at most 1e-05",
    "int8-loss": "at most 0.1 dB",
    "onnxruntime-speedup": "at least 1.2 times",
    "best-cpu-path": "at least 2 times",
    "tiled-equals-whole": "exactly 0 px",
    "scene-memory": "at most 1.3 x",
    "tiled-throughput": "at least 0.9 x",
    "engines-without-gpu": "exactly 12 engines",
    "kill-and-resume": "exactly 20",
}


HPO = {
    "best-of-16": "at least 1.5 x",
    "colour-augmentation": "at least 1.5 x",
    "right-split": "at least 0.85",
    "asha-replayed-cost": "at most 0.7 x",
    "asha-replayed-kept": "at least 0.9",
    "asha-live": "at most 0.75 x",
    "asha-live-best": "at most 0.03",
    "tpe-against-random": "None",
    "ray-overhead": "at most 1.5 CPU-s",
    "driver-killed": "exactly 0",
    "driver-killed-best": "exactly 0",
    "node-lost": "exactly 1",
    "loading-share": "at most 0.25",
}


OOD = {
    "street-miou": "at least 0.74",
    "street-training": "at most 200 CPU-s",
    "called-road": "exactly 3 of 3",
    "ladder-small": "exactly 3 of 3",
    "called-road-fresh": "exactly 3 of 3",
    "ladder-fresh": "exactly 3 of 3",
    "sml-mixed": "None",
    "sml-shrunken": "at least 1 x",
    "sml-shrunken-fresh": "at least 1 x",
    "leaderboard-few-images": "at least 0.02 AP",
    "pasted-ordinary": "None",
    "fog-as-novelty": "None",
    "dense-seconds": "at most 0.5 x",
    "pytorch-ood": "at most 0.0005",
    "streaming-error": "at most 0.0005",
    "streaming-memory": "at most 500 MB",
    "base-rate-formula": "at most 0.005",
}


DEBIAS = {
    "order-98": "at least 0.04 points",
    "lff-above-erm-99": "at least 0.04 points",
    "ldd-above-erm-99": "at least 0.04 points",
    "ldd-minus-lff-99": "None",
    "ldd-minus-lff-99-fresh": "None",
    "portraits-follow": "at least 0.9",
    "portraits-jtt": "at least 20 points",
    "portraits-resample": "at least 20 points",
    "textures-gap": "None",
    "stack-equal": "at most 1e-06",
    "stack-cpu": "at most 0.6 x",
    "stack-cpu-plain": "None",
    "grid-cost": "at most 900 CPU-s",
    "grid-killed": "at most 0 runs",
    "grid-killed-table": "exactly 0 cells",
    "grid-new-seed": "exactly 0 runs",
    "losses-by-hand": "at most 1e-10",
    "hair-decides": "at least 0.7",
    "heat-on-hair": "None",
}


PRACTICE = {
    "brier-sklearn": "at most 1e-12",
    "murphy-identity": "at most 1e-12",
    "base-rate-forecaster": "at most 1e-12",
    "calibrated-brier": "at most 3 standard errors",
    "luck-of-twelve": "at most 0.03",
    "honesty-pays": "at most 0.0005",
    "gap-by-cause": "at most 1e-12",
    "parts-interact": "at least 0.05",
    "idea-in-its-state": "at least 3 standard errors",
    "dropping-suspects": "None",
    "two-guards": "exactly 2 of 2",
    "recorded-forecast": "None",
    "other-seeds": "None",
    "computed-forecast": "at most 0.005",
    "random-split-flatters": "at most 0.5",
    "alike-sessions-agree": "at most 0.02",
    "pad-rates-agree": "at most 1e-12",
    "bpcer-at-apcer-agrees": "at most 1e-12",
    "pairwise-complete": "exactly 1",
    "hidden-test-opens-once": "exactly 1",
    "data-against-algorithm": "None",
    "receiver-every-fact": "exactly 0 cards",
    "receiver-wrong-fact": "exactly 0 cards",
    "receiver-whole-card": "at most 1e-06",
    "receiver-on-trust": "None",
    "front-by-hand": "exactly 0 options",
    "late-change-closed-form": "at most 4 standard errors",
    "progress-room": "exactly 45 rows",
    "kappa-against-sklearn": "at most 1e-12",
    "verdict-chances": "at most 4",
    "probe-of-lff": "None",
    "lff-probe-agrees": "None",
    "probe-agrees": "None",
    "forecasts-in-range": "None",
    "ladder-is-maximal": "exactly 0",
    "fault-has-its-check": "exactly 8 faults",
    "stated-number-reached": "at least 9 runs",
    "stated-number-measured": "at most 0.1 g",
    "stated-number-seed-0": "at most 1",
    "broken-number-missed": "at least 2",
    "stranger-same-number": "exactly 0 g",
    "stranger-needs-every-fact": "exactly 0 facts",
    "mcnemar": "at most 1e-12",
    "bootstrap-coverage": "at most 2 points",
    "power-simulated": "at most 3 standard errors",
    "seeds-power": "at most 3 standard errors",
    "best-of-twenty": "at most 3 standard errors",
    "factorial-variance": "at most 0.05",
    "interaction-missed": "at least 2 points",
    "found-gains": "at most 0.01",
    "exaggeration": "at most 0.1",
    "recipe-against-itself": "None",
    "three-flaws": "exactly 200 results",
}


TRACKS = {
    "superres": SUPERRES,
    "hpo": HPO,
    "ood": OOD,
    "debias": DEBIAS,
    "practice": PRACTICE,
}


@pytest.mark.parametrize(("track", "bars"), TRACKS.items())
def test_the_bars_of_a_track_stay_where_they_were_set(track, bars):
    registered = claims.of_track(track)
    assert {name: str(registered[name].bar) for name in bars} == bars
