"""The lab on whole scenes: its hints, and the checks of time and of surviving a crash."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from internlab.exercises import Exercise, Lab, NotYet, call
from internlab.superres.exercises.scenes_checks import (
    as_number,
    check_count,
    check_crop,
    check_geotransform,
    check_seam,
    check_valid,
)

STEPS = ("write pixels", "sync pixels", "write journal", "sync journal")


def _check_amdahl(answer: Callable[..., float]) -> None:
    """Expect a function of (decode, network, write, speedup) in seconds to the whole speed-up."""
    rng = np.random.default_rng()
    for factor in (2.0, 10.0, 1000.0):
        decode, network, write = (float(each) for each in rng.uniform((2, 20, 3), (9, 60, 20)))
        got = as_number(call(answer, decode, network, write, factor), "your speed-up")
        before = decode + network + write
        right = before / (decode + network / factor + write)
        if math.isclose(got, right, rel_tol=1e-9):
            continue
        told = (
            f"decode {decode:.1f} s, network {network:.1f} s, write {write:.1f} s, network "
            f"{factor:g} times as fast: you gave {got:.3g}, expected {right:.3g}"
        )
        if math.isclose(got, factor):
            raise NotYet(f"{told}: do decode and write get faster too?")
        if math.isclose(got, 1 / right):
            raise NotYet(f"{told}: is a speed-up the new time over the old, or the reverse?")
        if math.isclose(got, before - before / right):
            raise NotYet(f"{told}; yours are seconds saved: how many times as fast is the whole?")
        if math.isclose(got, before / right):
            raise NotYet(f"{told}; yours is the new time in seconds: compared with what?")
        if math.isclose(got, before / (network / factor)):
            raise NotYet(f"{told}: is the network all that is left after it became faster?")
        raise NotYet(f"{told}: what is the whole time before, and what after?")


def _check_order(answer: Sequence[str]) -> None:
    """Expect the four steps in an order in which no crash breaks the journal's promise."""
    steps = list(answer) if isinstance(answer, Sequence) and not isinstance(answer, str) else None
    if steps is None:
        raise NotYet(f"you gave {answer!r}, expected a list of steps such as {STEPS[0]!r}.")
    if any(step is ... for step in steps):
        raise NotYet("there is still a ... in your list: which step belongs there?")
    unknown = [step for step in steps if step not in STEPS]
    if unknown:
        raise NotYet(f"{unknown[0]!r} is none of the steps. Choose among {', '.join(STEPS)}?")
    broken = _broken_promise(steps)
    if broken is not None:
        done = f"after {steps[broken - 1]!r}" if broken else "at the start"
        raise NotYet(
            f"if the power fails {done}, the journal may be on the disk and the pixels not: a "
            "resumed run would take over rubbish. What must be safe before the journal is written?"
        )
    if "write pixels" not in steps or "write journal" not in steps:
        raise NotYet(f"your list {steps} never writes both pixels and journal: what is missing?")
    if _may_be_lost(steps, "journal"):
        raise NotYet(
            "after your last step the journal may still be in memory only: a power cut then loses "
            "a row that was finished. Which step makes a written journal safe?"
        )


def _broken_promise(steps: Sequence[str]) -> int | None:
    """Return the number of steps done at the first crash that can break the promise, or None.

    What was written but not synced may or may not be on the disk after a crash.
    """
    for done in range(len(steps) + 1):
        written = {file for file in ("pixels", "journal") if f"write {file}" in steps[:done]}
        unsafe = [file for file in written if _may_be_lost(steps[:done], file)]
        for lost in itertools.product((False, True), repeat=len(unsafe)):
            on_disk = written - {f for f, is_lost in zip(unsafe, lost, strict=True) if is_lost}
            if "journal" in on_disk and "pixels" not in on_disk:
                return done
    return None


def _may_be_lost(steps: Sequence[str], file: str) -> bool:
    """Say whether `file` has a write with no sync after it."""
    position = {step: index for index, step in enumerate(steps)}
    return position.get(f"sync {file}", -1) < position.get(f"write {file}", -1)


def _check_estimate(answer: Callable[..., dict[str, Any]]) -> None:
    """Expect a function of the given measurements to seconds, the most speed-up, and a verdict."""
    rng = np.random.default_rng()
    for network_us, write_us in ((0.8, 0.05), (0.3, 0.3)):
        measured = {
            "pixels": 1e8,
            "tile": int(rng.integers(40, 70)),
            "overlap": 8,
            "scale": 2,
            "decode_us": 0.02,
            "network_us": network_us,
            "write_us": write_us,
        }
        extra = ((measured["tile"] + 16) / measured["tile"]) ** 2
        fixed = 100 * (0.02 + 4 * write_us)
        network = 100 * network_us * extra
        whole = fixed + network
        got = call(answer, measured)
        if not isinstance(got, dict) or not {"seconds", "most", "halved"} <= set(got):
            raise NotYet(f"you gave {got!r}, expected a dict with 'seconds', 'most' and 'halved'.")
        if any(value is ... for value in got.values()):
            raise NotYet("there is still a ... in your dict: which entry is not filled in?")
        _judge_seconds(as_number(got["seconds"], "'seconds'"), fixed, network, extra, write_us)
        most = as_number(got["most"], "'most'")
        if not math.isclose(most, whole / fixed, rel_tol=1e-6):
            raise NotYet(
                f"'most' is {most:.3g}, expected {whole / fixed:.3g}: with a network that takes no "
                "time at all, what is left of the whole time?"
            )
        if got["halved"] not in (True, False) or bool(got["halved"]) != (whole / fixed >= 2):
            raise NotYet(
                f"you say halved={got['halved']!r} where no network, however fast, makes the whole "
                f"more than {whole / fixed:.2f} times as fast: what does halving the time need?"
            )


def _judge_seconds(
    seconds: float, fixed: float, network: float, extra: float, write_us: float
) -> None:
    right = fixed + network
    if math.isclose(seconds, right, rel_tol=1e-6):
        return
    told = f"'seconds' is {seconds:.4g}, expected {right:.4g}"
    if math.isclose(seconds, fixed + network / extra, rel_tol=1e-6):
        raise NotYet(f"{told}: how many pixels does the network see for each tile of the plan?")
    if math.isclose(seconds, right - 300 * write_us, rel_tol=1e-6):
        raise NotYet(f"{told}: write_us is for a pixel of the result, and how many are there?")
    if math.isclose(seconds, network, rel_tol=1e-6):
        raise NotYet(f"{told}: what happens before and after the network?")
    if math.isclose(seconds, right * 1e6, rel_tol=1e-6):
        raise NotYet(f"{told}: the measurements are in microseconds, and the answer?")
    raise NotYet(f"{told}: decode once a pixel, the network once a window pixel, write once what?")


lab = Lab(
    "superres.scenes",
    [
        Exercise(
            "count",
            check_count,
            hints=(
                "A tile is needed for what is left over, too.",
                "Round up along each side, then multiply.",
                "math.ceil(height / tile) * math.ceil(width / tile)",
            ),
        ),
        Exercise(
            "crop",
            check_crop,
            hints=(
                "Row 0 of the window is row read_start of the image.",
                "Subtract first, in low-resolution pixels; then enlarge.",
                "scale * (start - read_start), scale * (stop - read_start)",
            ),
        ),
        Exercise(
            "geotransform",
            check_geotransform,
            hints=(
                "The image covers the same ground as before, from the same corner.",
                "a, b, d and e are steps of one pixel; c and f are the corner.",
                "Divide a, b, d and e by the scale, and leave c and f.",
            ),
        ),
        Exercise(
            "seam",
            check_seam,
            hints=(
                "A seam is a large error in few pixels. A mean divides by all of them.",
                "Take the largest difference, and mind that uint8 wraps around below 0.",
                "np.abs(whole.astype(int) - tiled.astype(int)).max()",
            ),
        ),
        Exercise(
            "valid",
            check_valid,
            hints=(
                "A pixel is missing if all its bands hold the value; one band may be 0 by right.",
                "NaN is not equal to NaN; np.isnan finds it.",
                "missing = np.isnan(pixels) if np.isnan(nodata) else pixels == nodata; then "
                "~missing.all(axis=2)",
            ),
        ),
        Exercise(
            "amdahl",
            _check_amdahl,
            hints=(
                "Only the network's seconds shrink.",
                "Speed-up is the time before over the time after.",
                "(decode + network + write) / (decode + network / speedup + write)",
            ),
        ),
        Exercise(
            "order",
            _check_order,
            hints=(
                "A line in the journal is a promise about pixels. When may it be made?",
                "A sync makes safe what was written before it. Both files need one.",
                "Pixels: write, sync. Then journal: write, sync.",
            ),
        ),
        Exercise(
            "estimate",
            _check_estimate,
            hints=(
                "The network sees (tile + 2 * overlap)**2 pixels for each tile of tile**2.",
                "The result has scale**2 times the pixels. 'most' is the whole over what is left "
                "when the network takes no time.",
                "fixed = pixels * (decode_us + scale**2 * write_us) / 1e6; network = pixels * "
                "network_us * ((tile + 2 * overlap) / tile)**2 / 1e6; most = (fixed + network) / "
                "fixed; halved = most >= 2",
            ),
        ),
    ],
    solution="solutions/13_whole_scene.ipynb",
)
check, hint = lab.check, lab.hint
