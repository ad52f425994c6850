"""Checks and hints of the lab on export and runtimes: from rounding to a choice between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from internlab.exercises import Exercise, Lab, NotYet, call
from internlab.superres.exercises.runtimes_timing import check_decide, check_fair


def _check_affine(answer: Callable[..., tuple[float, int]]) -> None:
    """Expect a function of (low, high) to (scale, zero_point) for unsigned 8 bits."""
    rng = np.random.default_rng()
    cases = [(-float(rng.uniform(0.5, 3)), float(rng.uniform(0.5, 3))) for _ in range(3)]
    for low, high in [*cases, (0.8, 2.4), (-3.2, -1.1)]:
        scale, zero_point = _pair(call(answer, low, high))
        bottom, top = min(low, 0.0), max(high, 0.0)
        right = (top - bottom) / 255
        given = f"for the range {low:.2f} to {high:.2f} your scale is {scale:.5f}"
        if not math.isclose(scale, right, rel_tol=1e-6):
            if math.isclose(scale, (top - bottom) / 256, rel_tol=1e-6):
                raise NotYet(f"{given}: 256 values have how many steps between them?")
            if math.isclose(scale, (high - low) / 255, rel_tol=1e-6):
                raise NotYet(
                    f"{given}, and zero lies outside that range. A ReLU and the padding make "
                    "zeros: which range holds them too?"
                )
            raise NotYet(f"{given}, expected {right:.5f}: what is range over number of steps?")
        if zero_point != int(zero_point):
            raise NotYet(
                f"your zero point is {zero_point:.3f}: can it be stored in an 8-bit integer?"
            )
        if abs(zero_point - (-bottom / right)) > 0.5 + 1e-6:
            raise NotYet(
                f"for the range {low:.2f} to {high:.2f} your zero point is {zero_point:.0f}, so "
                f"the lowest value {bottom:.2f} is stored as {bottom / right + zero_point:.0f}: "
                "which integer should it be?"
            )


def _check_quantise(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of (x, scale, zero_point) to uint8 of the same shape."""
    rng = np.random.default_rng()
    scale, zero_point = float(rng.uniform(0.01, 0.03)), int(rng.integers(60, 180))
    steps = np.concatenate([rng.integers(0, 256, 40), [0, 255]]) - zero_point
    # Off the steps by less than half of one, so that rounding is defined.
    inside = ((steps + rng.uniform(-0.4, 0.4, steps.size)) * scale).astype(np.float32)
    outside = np.array([-9, 9, -40, 40], np.float32) * 256 * np.float32(scale)
    got = _array(call(answer, inside, scale, zero_point), inside.shape)
    right = steps + zero_point
    clipped = np.clip(right, 0, 255)
    if not np.array_equal(got, clipped):
        wrong = int(np.argmax(got != clipped))
        told = (
            f"x = {inside[wrong]:.4f} with scale {scale:.4f} and zero point {zero_point} became "
            f"{got[wrong]:.3f}, expected {clipped[wrong]}"
        )
        if np.abs(got - (got.round())).max() > 1e-3:
            raise NotYet(f"{told}: is that an integer?")
        if np.array_equal(got % 256, steps % 256):
            raise NotYet(f"{told}: where does the zero point come in?")
        if np.abs(got - clipped).max() <= 1:
            raise NotYet(f"{told}, one off: does your conversion round, or cut off?")
        raise NotYet(f"{told}: in which order do you divide, round and shift?")
    result = call(answer, outside, scale, zero_point)
    got = _array(result, outside.shape)
    if not np.array_equal(got, [0, 255, 0, 255]):
        raise NotYet(
            f"x = {outside.round(1).tolist()} lies far outside the range and became "
            f"{got.astype(int).tolist()}: what should the nearest of 0 to 255 be, and what does a "
            "conversion to uint8 do with 300?"
        )
    kind = getattr(result, "dtype", None)
    if kind not in (np.dtype(np.uint8), torch.uint8):
        raise NotYet(f"the values are right, of type {kind}: which type takes 8 bits?")


def _check_channels(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of (out, in, k, k) weights to (out,) symmetric int8 scales."""
    rng = np.random.default_rng()
    weight = rng.normal(size=(6, 4, 3, 3)) * rng.uniform(0.01, 2, size=(6, 1, 1, 1))
    # In two channels the value of largest size is negative.
    weight[:2] = -np.abs(weight[:2])
    got = np.asarray(call(answer, weight.astype(np.float32)), dtype=float)
    size = np.abs(weight).max(axis=(1, 2, 3))
    if got.size == 1:
        raise NotYet(
            "you gave one scale for the whole tensor. The largest output channel here is "
            f"{size.max() / size.min():.0f} times as large as the smallest: how many steps are "
            "left for that one?"
        )
    if got.size != 6:
        raise NotYet(
            f"weights of shape {weight.shape} gave {got.size} scales, expected one for each of "
            "the 6 output channels: which axis are they on, and which axes go?"
        )
    got = got.reshape(6)
    if np.allclose(got, size / 127, rtol=1e-4):
        return
    if np.allclose(got, weight.max(axis=(1, 2, 3)) / 127, rtol=1e-4):
        raise NotYet(
            f"channel 0 runs from {weight[0].min():.2f} to {weight[0].max():.2f} and your scale "
            f"is {got[0]:.5f}: is its largest value also its largest in size?"
        )
    if np.allclose(got, size / 255, rtol=1e-4) or np.allclose(got, size / 128, rtol=1e-4):
        raise NotYet(
            f"your scale of channel 0 is {got[0]:.5f}, and its largest size {size[0]:.3f} would "
            f"be stored as {size[0] / got[0]:.0f}: what is the largest integer in -127 to 127?"
        )
    if np.allclose(got, (weight.max(axis=(1, 2, 3)) - weight.min(axis=(1, 2, 3))) / 255, rtol=1e-3):
        raise NotYet(
            "that is the scale of a range from minimum to maximum, which needs a zero point. "
            "Symmetric weights have none: which number decides the scale then?"
        )
    raise NotYet(f"your scale of channel 0 is {got[0]:.5f}, expected {size[0] / 127:.5f}: why?")


def _check_half(answer: Callable[[nn.Module], nn.Module]) -> None:
    """Expect a function of a float32 module to a float16 copy; the module stays as it was."""
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).eval()
    before = [value.clone() for value in module.state_dict().values()]
    # Not through copies of the input: that it stays as it was is the point.
    got = call(lambda: answer(module))
    if not isinstance(got, nn.Module):
        raise NotYet(f"you returned {type(got).__name__}, expected a torch.nn.Module: which one?")
    if next(module.parameters()).dtype != torch.float32:
        raise NotYet(
            "the module you were given is now float16 itself, so the float32 baseline of your "
            "benchmark is gone: does Module.half() make a copy?"
        )
    if any(
        not torch.equal(a, b) for a, b in zip(before, module.state_dict().values(), strict=True)
    ):
        raise NotYet("the weights of the module you were given have changed: what rounded them?")
    if next(got.parameters()).dtype != torch.float16:
        raise NotYet(
            f"the parameters of your copy are {next(got.parameters()).dtype}, expected "
            "torch.float16: which call converts them?"
        )
    made = got.state_dict().values()
    for theirs, ours in zip(made, before, strict=True):
        if ours.is_floating_point() and not torch.equal(theirs.float(), ours.half().float()):
            raise NotYet("the copy has other weights than the original: did you make a new module?")


def _check_agree(answer: Callable[..., bool]) -> None:
    """Expect a function of (run_a, run_b, sizes, tolerance) to bool."""
    sizes = [(8, 8), (7, 5), (12, 9)]

    def honest(batch: np.ndarray) -> np.ndarray:
        return batch.repeat(2, axis=2).repeat(2, axis=3)

    def off_by(amount: float, where: Callable[[tuple[int, ...]], bool], part: Any = ...) -> Any:
        def run(batch: np.ndarray) -> np.ndarray:
            made = honest(batch)
            if where(batch.shape[2:]):
                made[part] += amount
            return made

        return run

    def always(size: Sequence[int]) -> bool:
        return True

    corner = (0, 0, 0, 0)
    cases = [
        (off_by(5e-6, always), True, "an error of 5e-6 everywhere", "is that within 1e-5"),
        (off_by(0.1, always), False, "an error of 0.1 everywhere", "what is compared with what"),
        (
            off_by(0.1, lambda size: size[0] % 2 == 1),
            False,
            "an error of 0.1 at odd heights only",
            "are all sizes tried",
        ),
        (off_by(1e-3, always, corner), False, "one pixel off by 1e-3", "does a mean see it"),
        (
            off_by(np.nan, always, corner),
            False,
            "a NaN in one pixel",
            "what does every comparison with NaN give",
        ),
    ]
    for broken, expected, what, question in cases:
        got = [
            _truth(call(answer, first, second, list(sizes), 1e-5))
            for first, second in ((honest, broken), (broken, honest))
        ]
        if got[0] != got[1]:
            raise NotYet(
                f"for two runtimes with {what} you said {got[0]}, and after exchanging them "
                f"{got[1]}: is the difference taken in size, without its sign?"
            )
        if got[0] != expected:
            raise NotYet(
                f"for two runtimes with {what} you said {got[0]}, expected {expected}: {question}?"
            )


def _truth(value: Any) -> bool:
    if isinstance(value, (bool, np.bool_)) or (
        isinstance(value, (np.ndarray, torch.Tensor)) and value.shape == ()
    ):
        return bool(value)
    raise NotYet(f"you returned {type(value).__name__}, expected True or False: which?")


def _check_elsewhere(answer: Callable[..., float]) -> None:
    """Expect a function of (asked, rows) to the share of time on other providers."""
    rng = np.random.default_rng()
    asked = "CUDAExecutionProvider"
    rows = [("Conv", asked, float(rng.uniform(0.1, 0.3))) for _ in range(8)]
    rows += [("Resize", "CPUExecutionProvider", float(rng.uniform(4, 6))) for _ in range(2)]
    rows = [rows[index] for index in rng.permutation(len(rows))]
    total = sum(ms for *_, ms in rows)
    off = sum(ms for _, provider, ms in rows if provider != asked)
    got = _number(call(answer, asked, rows))
    if not math.isclose(got, off / total, rel_tol=1e-6):
        told = f"you gave {got:.3f}, expected {off / total:.3f}"
        if math.isclose(got, 0.2, rel_tol=1e-6):
            raise NotYet(f"{told}: 2 of 10 operators are elsewhere, but how long do they take?")
        if math.isclose(got, 1 - off / total, rel_tol=1e-6):
            raise NotYet(
                f"{told}: is that the share on the provider that was asked for, or off it?"
            )
        if math.isclose(got, off, rel_tol=1e-6):
            raise NotYet(f"{told}: that is milliseconds, what are they a share of?")
        if got in (0.0, 1.0):
            raise NotYet(f"{told}: does your answer look at every row, or at one?")
        raise NotYet(f"{told}: which rows have a provider other than {asked}?")
    if call(answer, asked, [("Conv", asked, 1.0)]) != 0:
        raise NotYet("all the time was spent where it was asked for: what share is elsewhere?")
    other = call(answer, asked, [("Conv", "TensorrtExecutionProvider", 1.0)])
    if not math.isclose(_number(other), 1.0):
        raise NotYet(
            f"asked for {asked}, everything ran on TensorrtExecutionProvider, and you gave "
            f"{_number(other):.2f}: is the CPU the only place where work can land by mistake?"
        )


def _pair(value: Any) -> tuple[float, float]:
    try:
        first, second = value
    except (TypeError, ValueError):
        raise NotYet(
            f"you returned {value!r}, expected two numbers: a scale and a zero point?"
        ) from None
    return _number(first), _number(second)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise NotYet(f"you returned {type(value).__name__}, expected one number: which?") from None


def _array(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    got = np.asarray(value)
    if got.shape != shape:
        raise NotYet(f"x of shape {shape} became shape {got.shape}: one integer for each value?")
    return got.astype(float)


lab = Lab(
    "superres.runtimes",
    [
        Exercise(
            "affine",
            _check_affine,
            hints=(
                "Stretch the range first, so that it holds zero.",
                "256 integers have 255 steps between them. The zero point is the integer that "
                "stands for 0.0.",
                "low, high = min(low, 0), max(high, 0); scale = (high - low) / 255; zero point = "
                "round(-low / scale).",
            ),
        ),
        Exercise(
            "quantise",
            _check_quantise,
            hints=(
                "Divide by the scale, round, add the zero point, and only then think of 8 bits.",
                "A conversion to uint8 wraps around: 256 becomes 0. Clip before it.",
                "np.clip(np.round(x / scale) + zero_point, 0, 255).astype(np.uint8)",
            ),
        ),
        Exercise(
            "channels",
            _check_channels,
            hints=(
                "Symmetric means that zero is stored as 0, and both signs get the same room.",
                "The largest size (absolute value) of each output channel becomes 127.",
                "np.abs(weight).max over the axes 1, 2 and 3, divided by 127",
            ),
        ),
        Exercise(
            "half",
            _check_half,
            hints=(
                "Tensor.half() returns a new tensor. Module.half() changes the module, and returns "
                "it.",
                "Convert a copy: the standard library has a module for copies that go all the way "
                "down.",
                "copy.deepcopy(module).half()",
            ),
        ),
        Exercise(
            "agree",
            _check_agree,
            hints=(
                "Collect the largest absolute difference over all sizes, and compare once.",
                "Comparisons with NaN are False. Ask for `largest <= tolerance`, not for `not "
                "largest > tolerance`, and mind that max() may drop a NaN.",
                "For each size draw a batch (1, 3, h, w); all(np.abs(a - b).max() <= tolerance).",
            ),
        ),
        Exercise(
            "elsewhere",
            _check_elsewhere,
            hints=(
                "Two sums of milliseconds: one over some rows, one over all.",
                "Elsewhere is every provider that is not the one asked for.",
                "sum(ms for _, provider, ms in rows if provider != asked) / sum of all ms",
            ),
        ),
        Exercise(
            "fair",
            check_fair,
            hints=(
                "Three parts: a warm-up of each call, rounds that time each call once, a median.",
                "Draw a new order in each round, from the generator that you get.",
                "for each round: for name in rng.permutation(list(calls)): start = clock(); "
                "calls[name](); keep clock() - start under the name. At the end np.median.",
            ),
        ),
        Exercise(
            "decide",
            check_decide,
            hints=(
                "Compare each row with every other. For the choice, filter first, then take the "
                "fastest.",
                "A row is dominated if another is at most as slow and at least as good, and is not "
                "equal in both.",
                "front = [n for n, (t, q) in rows.items() if not any(a <= t and b >= q and (a, b) "
                "!= (t, q) for a, b in rows.values())]; choice = min over the rows whose quality "
                "is at least rows[baseline][1] - max_loss, by time.",
            ),
        ),
    ],
    solution="solutions/11_export_and_run.ipynb",
)
check, hint = lab.check, lab.hint
