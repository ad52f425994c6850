"""The checks of lab 12. They need no TensorRT: the exercises work on plain data."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from internlab.exercises import Blank, NotYet, call
from internlab.superres.tensorrt_profile import Profile

CAUSES = ("missing profile", "unsupported operator", "mixed types", "zero point", "int32 bias")

# TensorRT-RTX 1.7's own words, with the node's name left open.
MESSAGES = {
    "missing profile": "IBuilder::buildSerializedNetwork: Error Code 4: API Usage Error "
    "(Network has dynamic or shape inputs, but no optimization profile has been defined.)",
    "unsupported operator": 'node {node}: creator && "Plugin not found, are the plugin name, '
    'version, and namespace correct?"',
    "mixed types": "ITensor::getDimensions: Error Code 4: API Usage Error ({node}: "
    "ElementWiseOperation SUM must have same input types. But they are of types Float and Half.)",
    "zero point": "node {node}: Assertion failed: shiftIsAllZeros(zeroPoint): Non-zero zero point "
    "is not supported.",
    "int32 bias": "ITensor::getDimensions: Error Code 4: API Usage Error ({node}: input has type "
    "Int32 but must have type FP8, FP4, Int4, Int8, or UInt8.)",
}
# Names as exporters make them; some hold a word that a careless search would take for the cause.
_NODES = ("conv2d_3", "node_add_85", "blocks.0.bias", "zero_point_type", "Plugin_7", "profile_head")


def check_profile(answer: Any) -> None:
    """answer: function (smallest, tile, overlap) -> Profile, or its three (height, width) pairs."""
    rng = np.random.default_rng()
    for _ in range(3):
        smallest, tile, overlap = (int(rng.integers(*r)) for r in ((8, 33), (64, 400), (4, 33)))
        got = call(answer, smallest, tile, overlap)
        if isinstance(got, Profile):
            got = (got.minimum, got.optimum, got.maximum)
        low, usual, high = (tuple(int(side) for side in pair) for pair in got)
        full = tile + 2 * overlap
        given = f"smallest {smallest}, tile {tile}, overlap {overlap}"
        if high == (tile + overlap,) * 2:
            raise NotYet(
                f"{given}: maximum {high}, expected {(full, full)}. How many sides overlap?"
            )
        if high == (tile, tile):
            raise NotYet(
                f"{given}: maximum {high}. What does the engine see beside the tile itself?"
            )
        if high != (full, full):
            raise NotYet(f"{given}: maximum {high}, expected {(full, full)}. Which is the largest?")
        if low != (smallest, smallest):
            raise NotYet(
                f"{given}: minimum {low}, expected {(smallest, smallest)}. Which comes last?"
            )
        if usual != (full, full):
            raise NotYet(f"{given}: optimum {usual}. Which shape do nearly all calls have?")


def check_plan(answer: Any) -> None:
    """answer: function (precision) -> dict with weights, qdq, flags, calibrator."""
    expected = {"fp32": ("float32", False), "fp16": ("float16", False), "int8": ("float32", True)}
    for precision, (weights, qdq) in expected.items():
        got = call(answer, precision)
        missing = {"weights", "qdq", "flags", "calibrator"} - set(got)
        if missing:
            raise NotYet(f"{precision}: where does the plan say {', '.join(sorted(missing))}?")
        flags = {str(flag).rpartition(".")[2].upper() for flag in got["flags"]}
        gone = flags & {"FP16", "INT8", "BF16", "FP8", "OBEY_PRECISION_CONSTRAINTS"}
        if gone:
            raise NotYet(
                f"{precision}: the flag {', '.join(sorted(gone))} is gone in TensorRT 11. Where "
                "does the precision stand instead?"
            )
        if got["calibrator"]:
            raise NotYet(
                f"{precision}: the calibrator is gone as well. In which file are the scales now?"
            )
        if bool(got["qdq"]) != qdq:
            raise NotYet(
                f"{precision}: qdq is {got['qdq']}. Which precision needs quantise/dequantise "
                "nodes?"
            )
        if str(got["weights"]).rpartition(".")[2].strip("'>") != weights:
            raise NotYet(
                f"{precision}: weights {got['weights']}, expected {weights}. In which type is this "
                "file exported?"
            )


def check_symmetric(answer: Any) -> None:
    """answer: function (low, high) -> (scale, zero point)."""
    rng = np.random.default_rng()
    cases = [(-float(rng.uniform(0.1, 1)), float(rng.uniform(2, 5)))]
    cases += [
        (-float(rng.uniform(2, 5)), float(rng.uniform(0.1, 1))),
        (0.0, float(rng.uniform(1, 9))),
    ]
    for low, high in cases:
        scale, zero = call(answer, low, high)
        given = f"range {low:.2f} to {high:.2f}"
        if float(zero) != 0:
            raise NotYet(f"{given}: zero point {float(zero):g}. Which one does TensorRT take?")
        scale, reach = float(scale), max(-low, high)
        if not scale > 0:
            raise NotYet(f"{given}: scale {scale:g}. Is a step of the grid ever zero or negative?")
        if math.isclose(scale, (high - low) / 255, rel_tol=1e-6):
            raise NotYet(
                f"{given}: scale {scale:.4f} spreads 255 steps over the range, which fits only a "
                "zero point that moves. How far from zero does the range reach?"
            )
        if math.isclose(scale, reach / 128, rel_tol=1e-6):
            raise NotYet(
                f"{given}: scale {scale:.5f} puts {reach:.2f} at code 128. Which is the largest "
                "number that int8 holds?"
            )
        if scale * 127 < reach * (1 - 1e-6):
            raise NotYet(
                f"{given}: with scale {scale:.4f} the largest code means {127 * scale:.2f}, so a "
                f"value of magnitude {reach:.2f} is clipped. Which end is further from zero?"
            )
        if not math.isclose(scale, reach / 127, rel_tol=1e-5):
            raise NotYet(f"{given}: scale {scale:.5f}, expected {reach / 127:.5f}. What is wasted?")


def check_cause(answer: Any) -> None:
    """answer: function (message) -> one of CAUSES."""
    rng = np.random.default_rng()
    for cause in rng.permutation(np.array(CAUSES)):
        for node in _NODES:
            message = MESSAGES[str(cause)].format(node=node)
            got = str(call(answer, message)).strip().lower()
            if got not in CAUSES:
                raise NotYet(f"you named {got!r}. Is it one of {', '.join(CAUSES)}?")
            if got != cause:
                raise NotYet(
                    f"you named {got!r} for {message[:150]!r}, where a node is called {node}. "
                    "Which words come from TensorRT, and which from whoever named the node?"
                )


def check_build_or_raise(answer: Any) -> None:
    """answer: function (builder, network, config, errors) -> bytes, or raises RuntimeError."""
    plan = np.random.default_rng().bytes(8)
    works = SimpleNamespace(build_serialized_network=lambda network, config: plan)
    refuses = SimpleNamespace(build_serialized_network=lambda network, config: None)
    got = call(answer, works, "network", "config", [])
    if bytes(got) != plan:
        raise NotYet("the builder returned an engine, you returned something else. Which?")
    for reason in ("no optimization profile has been defined", "out of memory"):
        error = _error_of(answer, refuses, "network", "config", ["first hint", reason])
        if error is None:
            raise NotYet(
                "the builder returned None, and your function raised nothing. Who finds out, and "
                "when?"
            )
        if not isinstance(error, RuntimeError):
            raise NotYet(
                f"the builder returned None, and the error is {type(error).__name__}: {error}. "
                "Does it come from your check, or from using None as if it were an engine?"
            )
        if reason not in str(error):
            raise NotYet(
                f"the error says {str(error)!r}, TensorRT said {reason!r}. What would help the "
                "person who reads it?"
            )


def check_cache_key(answer: Any) -> None:
    """answer: function (facts) -> str."""
    rng = np.random.default_rng()
    facts = {
        "model": rng.bytes(32),
        "file name": "model.onnx",
        "profile": "32 / 128 / 512",
        "gpu": "SM86",
        "tensorrt": "11.4.0",
        "date": "Monday",
        "user": "jiwoo",
    }
    key = call(answer, facts)
    if not isinstance(key, str) or not key:
        raise NotYet(
            f"the key is {type(key).__name__}, expected a string for a file name. "
            "How do you write it?"
        )
    if call(answer, dict(reversed(facts.items()))) != key:
        raise NotYet(
            "the same facts in another order give another key. What does the order decide?"
        )
    changes = {
        "model": rng.bytes(32),
        "profile": "32 / 128 / 1024",
        "gpu": "SM89",
        "tensorrt": "11.4.1",
    }
    for fact, new in changes.items():
        if call(answer, facts | {fact: new}) == key:
            raise NotYet(
                f"another {fact}, and the key is the same, so the old engine is used. Is it still "
                "valid?"
            )
    for fact, new in {"date": "Friday", "user": "minseo", "file name": "copy.onnx"}.items():
        if call(answer, facts | {fact: new}) != key:
            raise NotYet(
                f"another {fact}, and the key changes, so the same engine is built again. Does the "
                f"engine depend on the {fact}?"
            )


def check_needed_speedup(answer: Any) -> None:
    """answer: function (share, before, after) -> times faster, math.inf if none is enough."""
    rng = np.random.default_rng()
    for _ in range(4):
        before, share, s = (float(rng.uniform(*r)) for r in ((30, 90), (0.55, 0.95), (1.5, 9)))
        after = before * (1 - share + share / s)
        got = float(call(answer, share, before, after))
        given = f"{before:.0f} to {after:.1f} minutes with a share of {share:.2f}"
        if math.isclose(got, before / after, rel_tol=1e-6):
            raise NotYet(
                f"{given}: {got:.2f} is the speed-up of the whole. Which part of the time shrinks?"
            )
        if not math.isclose(got, s, rel_tol=1e-6):
            raise NotYet(f"{given}: {got:.2f}, expected {s:.2f}. How long does the rest take?")
    for share, after in ((0.4, 30.0), (0.5, 30.0)):
        got = float(call(answer, share, 60.0, after))
        if got != math.inf:
            raise NotYet(
                f"60 to {after:.0f} minutes with a share of {share}: {got:g}, expected math.inf. "
                "How long does the rest take on its own?"
            )


def check_accept(answer: Any) -> None:
    """answer: function (rows, max_loss_db) -> list of names."""

    def row(name: str, ms: float, spread: float = 0.05, **more: Any) -> dict[str, Any]:
        quartiles = {"median_ms": ms, "q25_ms": ms - spread, "q75_ms": ms + spread}
        usual = {"loss_db": 0.01, "finite": True, "provider": "gpu"}
        return {"name": name, **quartiles, **usual, **more}

    base = float(np.random.default_rng().uniform(0.8, 1.2))
    rows = [row("torch fp32", 4 * base, loss_db=0.0), row("torch fp16 compiled", base)]
    cases = {
        "a clear winner": (row("tensorrt fp16", 0.5 * base), True),
        "faster than float32 PyTorch only, not than the best PyTorch": (
            row("tensorrt fp16", 2 * base),
            False,
        ),
        "an output that is not finite, so its loss is NaN": (
            row("tensorrt fp16", 0.3 * base, loss_db=math.nan, finite=False),
            False,
        ),
        "a loss of 0.5 dB": (row("tensorrt int8", 0.3 * base, loss_db=0.5), False),
        "a run that fell back to the CPU": (
            row("onnxruntime tensorrt", 0.3 * base, provider="cpu"),
            False,
        ),
        "quartiles that overlap the best PyTorch's": (
            row("tensorrt fp16", 0.97 * base, spread=0.2),
            False,
        ),
    }
    for what, (candidate, accepted) in cases.items():
        got = call(answer, [*rows, candidate], 0.1)
        if isinstance(got, str) or not hasattr(got, "__iter__"):
            raise NotYet(
                f"you returned {got!r}, expected a list of names. Is it "
                "empty, or was it never made?"
            )
        names = [str(name) for name in got]
        if any(name.startswith("torch") for name in names):
            raise NotYet(f"you accepted {names}. What are the torch rows there for?")
        if (candidate["name"] in names) != accepted:
            verb, question = (
                ("rejected", "Which rule does it break?")
                if accepted
                else ("accepted", "What would you tell the person who signs this off?")
            )
            raise NotYet(f"you {verb} an engine with {what}. {question}")


def _error_of(answer: Callable[..., Any], *inputs: Any) -> Exception | None:
    """Return what the learner's function raises, or None."""
    try:
        result = answer(*inputs)
    except Exception as error:
        return error
    if result is ...:
        raise Blank
    return None
