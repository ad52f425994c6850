"""Checks and hints of the lab on training: measure, shuffle, fusion, reach, leak, conclusion."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from internlab.exercises import Exercise, Lab, NotYet, call


def _check_psnr(answer: Callable[..., float]) -> None:
    """Expect a function of (reference, estimate, border), (H, W) float arrays, to dB."""
    rng = np.random.default_rng()
    reference = rng.uniform(16, 235, size=(24, 31))
    estimate = reference + rng.normal(0, 6, size=reference.shape)
    # The border is spoiled, so that an answer which forgets to leave it out is far off.
    estimate[:2] += 90
    got = _number(call(answer, reference, estimate, 2), "your PSNR")

    def expected(border: int, log: Callable[[float], float] = math.log10) -> float:
        inner = (slice(border, reference.shape[0] - border), slice(border, -border or None))
        return 10 * log(255**2 / np.mean((reference[inner] - estimate[inner]) ** 2))

    right = expected(2)
    told = f"you gave {got:.2f} dB, expected {right:.2f} dB"
    if math.isclose(got, right, abs_tol=1e-6):
        return
    if math.isclose(got, expected(0), abs_tol=1e-6):
        raise NotYet(f"{told}, and the difference is the border: which pixels should be left out?")
    if math.isclose(got, expected(2, math.log), abs_tol=1e-6):
        raise NotYet(f"{told}: a decibel is ten times which logarithm?")
    if math.isclose(got, -right, abs_tol=1e-6):
        raise NotYet(f"{told}: a larger error must give a smaller PSNR, which way up is the ratio?")
    if math.isclose(got, right / 2, abs_tol=1e-6):
        raise NotYet(f"{told}, just half: is the ratio in the logarithm one of squares?")
    raise NotYet(f"{told}: what is the mean squared error inside the border, and the peak?")


def _check_shuffle(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of a (C*s*s, H, W) array and s to (C, s*H, s*W)."""
    rng = np.random.default_rng()
    for scale in (2, 3):
        channels = rng.normal(size=(3 * scale**2, 4, 5))
        got = np.asarray(call(answer, channels, scale))
        right = torch.nn.functional.pixel_shuffle(torch.from_numpy(channels), scale).numpy()
        if got.shape != right.shape:
            raise NotYet(
                f"for shape {channels.shape} and scale {scale} you gave shape {got.shape}, "
                f"expected {right.shape}: where do the {scale**2} values of a colour go?"
            )
        if np.allclose(got, right):
            continue
        if np.allclose(got, channels.reshape(right.shape)):
            raise NotYet(
                "the shape is right, but a reshape alone keeps the values in their old order: "
                "which axes have to change places before it?"
            )
        blocks = channels.reshape(3, scale, scale, 4, 5)
        swapped = blocks.transpose(0, 3, 2, 4, 1).reshape(right.shape)
        if np.allclose(got, swapped):
            raise NotYet(
                "rows and columns inside a block are exchanged: of the two small axes, which one "
                "belongs beside the height?"
            )
        raise NotYet(
            f"for scale {scale} the first block is {got[0, :scale, :scale].round(2).tolist()}, "
            f"expected {right[0, :scale, :scale].round(2).tolist()}: which channels hold it?"
        )


def _check_fuse(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of a (C, C, 3, 3) and a (C, C) kernel to one (C, C, 3, 3) kernel."""
    rng = np.random.default_rng()
    wide, point = rng.normal(size=(4, 4, 3, 3)), rng.normal(size=(4, 4))
    got = np.asarray(call(answer, wide, point), dtype=float)
    if got.shape != wide.shape:
        raise NotYet(
            f"you gave shape {got.shape}, expected {wide.shape}: what shape has a 3x3 kernel?"
        )
    right = wide.copy()
    right[:, :, 1, 1] += point + np.eye(4)
    if np.allclose(got, right):
        return
    added = got - wide
    if np.allclose(added[:, :, 1, 1], point) and np.allclose(_without_centre(added), 0):
        raise NotYet(
            "the two kernels are merged, but the block also adds its input unchanged: which kernel "
            "copies each channel to itself?"
        )
    ring = np.abs(_without_centre(added)).max()
    if ring > 1e-8:
        raise NotYet(
            f"the kernel changed outside its centre, by up to {ring:.2f}, expected no change "
            "there: which of the nine positions looks at the pixel itself?"
        )
    if np.allclose(added[:, :, 1, 1], point + 1):
        raise NotYet(
            "you added 1 between all channels, expected it on the diagonal only: from which "
            "channel does the identity take channel 0?"
        )
    raise NotYet("the centre of the kernel is not the sum of the three parts: what does each add?")


def _check_radius(answer: Callable[..., int]) -> None:
    """Expect a function of a list of odd kernel sizes to the radius of the receptive field."""
    rng = np.random.default_rng()
    for _ in range(5):
        sizes = [int(size) for size in 2 * rng.integers(0, 4, size=rng.integers(2, 7)) + 1] + [3]
        got = _number(call(answer, sizes), "your radius")
        right = sum((size - 1) // 2 for size in sizes)
        if got == right:
            continue
        told = f"for kernels {sizes} you gave {got:g}, expected {right}"
        if got == 2 * right + 1:
            raise NotYet(f"{told}: that is the full width, and how far is it from the middle?")
        if got == sum(sizes):
            raise NotYet(f"{told}: how far from its middle does a kernel of 3 reach?")
        if got == max(sizes) // 2:
            raise NotYet(f"{told}: what does the second layer see of the first one's reach?")
        raise NotYet(f"{told}: how much does each layer add?")


def _check_leak(answer: Callable[..., set[str]]) -> None:
    """Expect a function of (site of each image, part of each image) to the set of leaking sites."""
    rng = np.random.default_rng()
    sites = {f"image_{i}": f"site_{rng.integers(6)}" for i in range(20)}
    parts = {name: ("train", "validation", "test")[rng.integers(3)] for name in sites}
    # One of each kind for sure: a leak into the test, one into validation only, and none.
    for name, site, part in (
        ("a1", "river", "train"),
        ("a2", "river", "test"),
        ("b1", "harbour", "train"),
        ("b2", "harbour", "validation"),
        ("c1", "forest", "train"),
        ("c2", "forest", "train"),
    ):
        sites[name], parts[name] = site, part
    right = _leaking(sites, parts)
    result = call(answer, sites, parts)
    if isinstance(result, str) or not hasattr(result, "__iter__"):
        raise NotYet(f"you gave {result!r}, expected a set of site names: can several sites leak?")
    got = set(result)
    if got == right:
        return
    if got and got <= set(sites):
        raise NotYet(
            "you gave names of images, expected names of sites: which dictionary has them?"
        )
    if "forest" in got:
        raise NotYet(
            "you also gave 'forest', which has two images, both in training: does a site leak when "
            "it has several images, or several parts?"
        )
    if "river" in got and "harbour" not in got:
        raise NotYet(
            "you found 'river' (train and test) but not 'harbour' (train and validation): why is a "
            "leak into validation one as well?"
        )
    raise NotYet(
        f"missing {sorted(right - got)}, too many {sorted(got - right)}: in how many parts is each "
        "site?"
    )


def _leaking(sites: Mapping[str, str], parts: Mapping[str, str]) -> set[str]:
    found: dict[str, set[str]] = {}
    for name, site in sites.items():
        found.setdefault(site, set()).add(parts[name])
    return {site for site, members in found.items() if len(members) > 1}


CONCLUSIONS = ("better", "worse", "cannot tell")


def _check_conclusion(answer: Mapping[str, Any]) -> None:
    """Expect {"gains": at least three gains in dB, "conclusion": one of CONCLUSIONS}."""
    if not isinstance(answer, Mapping) or set(answer) != {"gains", "conclusion"}:
        raise NotYet(
            "expected a dictionary with the keys 'gains' and 'conclusion': what is missing?"
        )
    if any(value is ... for value in answer.values()):
        raise NotYet(
            "one of the two entries is still blank: what did you measure, and what follows?"
        )
    gains = np.atleast_1d(np.asarray(answer["gains"], dtype=float))
    if gains.size < 3:
        raise NotYet(
            f"you gave {gains.size} gain{'s' * (gains.size != 1)}, expected one for each of at "
            "least three seeds: how would you know that it was not luck?"
        )
    if not np.isfinite(gains).all():
        raise NotYet(
            f"the gains are {gains.tolist()}, expected numbers in dB: which run went wrong?"
        )
    if np.unique(gains).size < gains.size:
        raise NotYet(
            f"the gains {gains.round(3).tolist()} repeat exactly, and runs with different seeds "
            "never do: did every run get a seed of its own?"
        )
    if answer["conclusion"] not in CONCLUSIONS:
        raise NotYet(
            f"the conclusion is {answer['conclusion']!r}, expected one of "
            f"{', '.join(CONCLUSIONS)}: which does the sign of the gains support?"
        )
    follows = CONCLUSIONS[0 if (gains > 0).all() else 1 if (gains < 0).all() else 2]
    if answer["conclusion"] != follows:
        raise NotYet(
            f"the gains run from {gains.min():+.3f} to {gains.max():+.3f} dB and you conclude "
            f"{answer['conclusion']!r}: do all seeds agree on the sign?"
        )


def _number(value: Any, what: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise NotYet(
            f"{what} is of type {type(value).__name__}, expected one number: did you forget to "
            "average?"
        ) from None


def _without_centre(kernel: np.ndarray) -> np.ndarray:
    ring = kernel.copy()
    ring[:, :, 1, 1] = 0
    return ring


lab = Lab(
    "superres.training",
    [
        Exercise(
            "psnr",
            _check_psnr,
            hints=(
                "Leave out `border` pixels on all four sides first, then take the mean of squares.",
                "The peak is 255, and both peak and error enter as squares.",
                "10 * np.log10(255**2 / mse), with mse over reference[b:-b, b:-b].",
            ),
        ),
        Exercise(
            "shuffle",
            _check_shuffle,
            hints=(
                "First give the s*s values of a colour axes of their own: (C, s, s, H, W).",
                "The first small axis is the row inside a block, the second the column.",
                "Transpose to (C, H, s, W, s), that is axes (0, 3, 1, 4, 2), then reshape.",
            ),
        ),
        Exercise(
            "fuse",
            _check_fuse,
            hints=(
                "A 1x1 convolution is a 3x3 convolution that looks at its centre only.",
                "The centre of a 3x3 kernel is at [:, :, 1, 1]. The identity is one too.",
                "fused[:, :, 1, 1] += point + np.eye(len(point)), on a copy of `wide`.",
            ),
        ),
        Exercise(
            "radius",
            _check_radius,
            hints=(
                "A kernel of size 3 reaches one pixel to each side.",
                "Stacked layers add their reaches.",
                "sum((size - 1) // 2 for size in sizes)",
            ),
        ),
        Exercise(
            "leak",
            _check_leak,
            hints=(
                "Collect, for each site, the set of parts that its images are in.",
                "A site leaks if that set has more than one member.",
                "Build {site: set of parts} in a loop over sites.items(), then filter by len.",
            ),
        ),
        Exercise(
            "conclusion",
            _check_conclusion,
            hints=(
                "Call measure_gain with at least three different seeds.",
                "If every gain has the same sign the seeds agree; if not, you cannot tell yet.",
                "gains = [measure_gain(seed) for seed in (0, 1, 2)], then look at min and max.",
            ),
        ),
    ],
    solution="solutions/10_train_super_resolution.ipynb",
)
check, hint = lab.check, lab.hint
