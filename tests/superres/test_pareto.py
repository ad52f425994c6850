"""Speed beside quality: errors are found, and the front is the front."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.superres.benchmark import Timing
from internlab.superres.degrade import bicubic_upscale, crop_to_multiple, downscale
from internlab.superres.metrics import psnr
from internlab.superres.pareto import (
    Quality,
    dominated,
    fastest_within,
    measure_quality,
    pareto_table,
)
from internlab.superres.runtimes import Runtime


class Bicubic(Runtime):
    """Bicubic enlargement with a constant added, as a runtime without a network."""

    precision, scale, provider = "fp32", 2, "cpu"

    def __init__(self, offset=0.0, part=...):
        self.name = f"bicubic {offset}"
        self.offset, self.part = offset, part

    def _run(self, batch):
        image = np.rint(batch[0].transpose(1, 2, 0) * 255).astype(np.uint8)
        large = bicubic_upscale(image, 2).astype(np.float32) / 255
        made = np.ascontiguousarray(large.transpose(2, 0, 1)[None])
        made[self.part] += np.float32(self.offset)
        return made


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    return {name: rng.integers(40, 200, (41, 52, 3), dtype=np.uint8) for name in "ab"}


def test_quality_is_the_mean_psnr_and_the_largest_error(images):
    spot = Bicubic(-0.2, part=(0, 1, 5, 5))
    runtimes = {"plain": Bicubic(), "shifted": Bicubic(0.1), "spot": spot}
    found = measure_quality(runtimes, "plain", images)
    expected = []
    for image in images.values():
        high = crop_to_multiple(image, 2)
        expected.append(psnr(high, bicubic_upscale(downscale(high, 2), 2), 2))
    assert found["plain"].psnr == pytest.approx(np.mean(expected))
    assert found["plain"].max_abs_error == 0
    assert found["shifted"].max_abs_error == pytest.approx(0.1, abs=1e-6)
    assert found["spot"].max_abs_error == pytest.approx(0.2, abs=1e-6)
    assert found["shifted"].psnr < found["plain"].psnr


def test_a_result_with_nan_is_named(images):
    with pytest.raises(ValueError, match="broken returned infinity or NaN on a"):
        measure_quality({"plain": Bicubic(), "broken": Bicubic(np.nan)}, "plain", images)
    with pytest.raises(ValueError, match="No runtime named 'x'"):
        measure_quality({"plain": Bicubic()}, "x", images)


def test_dominated_points_worked_by_hand():
    #          slow and best, dominated by it, in between, fast and worst, a copy of the last
    costs, values = [10, 12, 6, 2, 2], [30, 29, 28, 20, 20]
    assert dominated(costs, values) == [False, True, False, False, False]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
def test_the_front_is_never_empty_and_covers_every_other_point(points):
    flags = dominated([cost for cost, _ in points], [value for _, value in points])
    front = [point for point, flag in zip(points, flags, strict=True) if not flag]
    assert front
    for (cost, value), flag in zip(points, flags, strict=True):
        better = [(c, v) for c, v in front if c <= cost and v >= value and (c, v) != (cost, value)]
        assert bool(better) == flag


@pytest.fixture
def table():
    timings = [
        Timing("base", (20.0, 20.0, 20.0), "cpu"),
        Timing("fast", (5.0, 4.0, 6.0), "cpu"),
        Timing("poor", (2.0, 2.0, 2.0), "cpu"),
        Timing("slow", (30.0, 30.0, 30.0), "cpu"),
    ]
    qualities = {
        "base": Quality(30.0, 0.0),
        "fast": Quality(29.95, 0.01),
        "poor": Quality(25.0, 0.4),
        "slow": Quality(30.0002, 1e-7),
    }
    return pareto_table(timings, qualities, "base")


def test_the_table_is_sorted_and_relative_to_the_baseline(table):
    assert [each.name for each in table] == ["poor", "fast", "base", "slow"]
    fast = table[1]
    assert (fast.median_ms, fast.ratio) == (5, 4)
    assert fast.psnr_loss == pytest.approx(0.05) and fast.max_abs_error == 0.01
    # 0.0002 dB more is rounding, so the slower one is dominated.
    assert [each.dominated for each in table] == [False, False, False, True]


def test_a_timing_without_its_error_is_refused():
    with pytest.raises(ValueError, match="No quality was measured for b"):
        pareto_table(
            [Timing("a", (1.0,), "cpu"), Timing("b", (1.0,), "cpu")], {"a": Quality(1, 0)}, "a"
        )


def test_the_fastest_within_a_loss(table):
    assert fastest_within(table, 0.1).name == "fast"
    assert fastest_within(table, 9).name == "poor"
    assert fastest_within(table[2:], 0.1).name == "base"
    with pytest.raises(ValueError, match=r"loses at most 0.1 dB; the best loses 5.000 dB"):
        fastest_within(table[:1], 0.1)
