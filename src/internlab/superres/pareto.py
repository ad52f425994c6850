"""Speed and quality side by side: what each runtime costs, and which ones are worth having."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from internlab.superres.arrays import to_image, to_tensor
from internlab.superres.benchmark import Timing, ratios
from internlab.superres.degrade import crop_to_multiple, downscale
from internlab.superres.metrics import psnr
from internlab.superres.runtime_base import Runtime

# Differences below this are rounding in the last place, not quality.
PSNR_STEP_DB = 0.001


@dataclass(frozen=True)
class Quality:
    """What a runtime's results are worth.

    Parameters
    ----------
    psnr : float
        Mean PSNR on luminance over the images, in dB.
    max_abs_error : float
        Largest absolute difference from the reference runtime, on a scale of 0 to 1.
    """

    psnr: float
    max_abs_error: float


@dataclass(frozen=True)
class Candidate:
    """One line of the quality-speed table; times in milliseconds, PSNR in dB.

    `ratio` is how many times faster than the baseline it is, `psnr_loss` how much lower its PSNR
    is than the baseline's, and `dominated` whether another is better in one and worse in none.
    """

    name: str
    median_ms: float
    q25_ms: float
    q75_ms: float
    ratio: float
    psnr: float
    psnr_loss: float
    max_abs_error: float
    dominated: bool


def measure_quality(
    runtimes: Mapping[str, Runtime], reference: str, images: Mapping[str, np.ndarray]
) -> dict[str, Quality]:
    """Run every runtime on the images, each shrunk by the scale first.

    Parameters
    ----------
    runtimes : mapping of str to Runtime
        All of one scale.
    reference : str
        The runtime whose results the errors are measured from.
    images : mapping of str to array, (H, W, 3) uint8
        Originals that none of the runtimes was trained or calibrated on.

    Raises
    ------
    ValueError
        If `reference` is not among the runtimes, or a result is not finite.
    """
    if reference not in runtimes:
        raise ValueError(f"No runtime named {reference!r}. There are {', '.join(runtimes)}.")
    scores: dict[str, list[float]] = {name: [] for name in runtimes}
    errors: dict[str, list[float]] = {name: [] for name in runtimes}
    scale = runtimes[reference].scale
    for image_name, image in images.items():
        high = crop_to_multiple(image, scale)
        low = to_tensor(downscale(high, scale)).numpy()
        expected = runtimes[reference](low)
        for name, runtime in runtimes.items():
            made = runtime(low)
            if not np.isfinite(made).all():
                raise ValueError(
                    f"{name} returned infinity or NaN on {image_name}. Its time means nothing "
                    "then; look for an overflow in half precision."
                )
            scores[name].append(psnr(high, to_image(made), scale))
            errors[name].append(float(np.abs(made - expected).max()))
    return {name: Quality(float(np.mean(scores[name])), max(errors[name])) for name in runtimes}


def pareto_table(
    timings: Sequence[Timing], qualities: Mapping[str, Quality], baseline: str
) -> list[Candidate]:
    """Join timings and qualities, the fastest first.

    Parameters
    ----------
    timings : sequence of Timing
        From one call of `benchmark`.
    qualities : mapping of str to Quality
        Of the same names; a time without its error is not shown.
    baseline : str
        What ratios and losses are relative to.

    Raises
    ------
    ValueError
        If a timing has no quality.
    """
    missing = [timing.name for timing in timings if timing.name not in qualities]
    if missing:
        raise ValueError(
            f"No quality was measured for {', '.join(missing)}. Measure every runtime that is "
            "timed: a fast wrong answer would win."
        )
    factors = ratios(timings, baseline)
    flags = dominated(
        [timing.median_ms for timing in timings],
        [round(qualities[timing.name].psnr / PSNR_STEP_DB) for timing in timings],
    )
    table = [
        Candidate(
            name=timing.name,
            median_ms=timing.median_ms,
            q25_ms=timing.q25_ms,
            q75_ms=timing.q75_ms,
            ratio=factors[timing.name],
            psnr=qualities[timing.name].psnr,
            psnr_loss=qualities[baseline].psnr - qualities[timing.name].psnr,
            max_abs_error=qualities[timing.name].max_abs_error,
            dominated=flag,
        )
        for timing, flag in zip(timings, flags, strict=True)
    ]
    return sorted(table, key=lambda each: each.median_ms)


def dominated(costs: Sequence[float], values: Sequence[float]) -> list[bool]:
    """Say of each point whether another is at least as cheap and as good, and better in one.

    Parameters
    ----------
    costs : sequence of float
        Less is better.
    values : sequence of float
        More is better.
    """
    points = list(zip(costs, values, strict=True))
    return [
        any(c <= cost and v >= value and (c, v) != (cost, value) for c, v in points)
        for cost, value in points
    ]


def fastest_within(table: Sequence[Candidate], max_loss_db: float) -> Candidate:
    """Return the fastest candidate whose PSNR loss is at most `max_loss_db`.

    Raises
    ------
    ValueError
        If none is good enough.
    """
    good = [each for each in table if each.psnr_loss <= max_loss_db]
    if not good:
        raise ValueError(
            f"No candidate loses at most {max_loss_db} dB; the best loses "
            f"{min(each.psnr_loss for each in table):.3f} dB. Allow more, or add an fp32 runtime."
        )
    return min(good, key=lambda each: each.median_ms)
