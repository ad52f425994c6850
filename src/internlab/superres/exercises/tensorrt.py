"""Exercises and hints of lab 12."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.superres.exercises.tensorrt_checks import (
    check_accept,
    check_build_or_raise,
    check_cache_key,
    check_cause,
    check_needed_speedup,
    check_plan,
    check_profile,
    check_symmetric,
)

lab = Lab(
    "superres.tensorrt",
    [
        Exercise(
            "profile",
            check_profile,
            (
                "The optimum is not the middle. It is the shape that the engine should be best at.",
                "A tile is read with its overlap on the left and the right, and above and below.",
                "side = tile + 2 * overlap; minimum (smallest, smallest), optimum and maximum "
                "(side, side).",
            ),
        ),
        Exercise(
            "plan",
            check_plan,
            (
                "Strongly typed: the file says it all. What is left for flags and a calibrator "
                "to say?",
                'INT8 keeps float32 weights in the exported file and has "qdq": True; the scales '
                "stand in the Q/DQ nodes.",
                '{"weights": "float16" if precision == "fp16" else "float32", "qdq": precision == '
                '"int8", "flags": [], "calibrator": False}',
            ),
        ),
        Exercise(
            "symmetric",
            check_symmetric,
            (
                "The grid of int8 is the same to the left and to the right of zero.",
                "The end that is further from zero must still fit, at code 127.",
                "scale = max(abs(low), abs(high)) / 127, zero point 0.",
            ),
        ),
        Exercise(
            "cause",
            check_cause,
            (
                "Print the five messages above, and underline in each what only TensorRT can have "
                "written.",
                "A whole phrase is safer than a word: a node may be called profile_head.",
                'Search for "no optimization profile", "Plugin not found", "same input types", '
                '"Non-zero zero point", "type Int32".',
            ),
        ),
        Exercise(
            "build_or_raise",
            check_build_or_raise,
            (
                "Nothing is raised for you. What does the builder return instead?",
                "`if plan is None:` and then raise RuntimeError, with what TensorRT said.",
                'raise RuntimeError("TensorRT refused: " + "; ".join(errors))',
            ),
        ),
        Exercise(
            "cache_key",
            check_cache_key,
            (
                "For each fact, ask: if it changes, is the old engine still right?",
                "Four facts count. The model counts by its bytes, not by its name.",
                "hashlib.sha256 over model, profile, gpu and tensorrt, in this fixed order; "
                ".hexdigest() is a string.",
            ),
        ),
        Exercise(
            "needed_speedup",
            check_needed_speedup,
            (
                "Write down the minutes that are not the network. They stay.",
                "What is left of `after` once the rest is subtracted is the time the network may "
                "take.",
                "rest = (1 - share) * before; share * before / (after - rest), or math.inf if "
                "nothing is left.",
            ),
        ),
        Exercise(
            "accept",
            check_accept,
            (
                "Five rules: finite, loss, provider, the best baseline, and clear of its spread.",
                "nan > 0.1 is False. Ask instead whether the loss is at most the limit.",
                "best = min(torch rows, key=median_ms); accept if finite and loss_db <= "
                'max_loss_db and provider != "cpu" and q75_ms < best["q25_ms"].',
            ),
        ),
    ],
    solution="solutions/12_tensorrt.ipynb",
)
check, hint = lab.check, lab.hint
