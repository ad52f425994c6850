"""The benchmark interleaves and counts, and its ratios are what they say; no timing is asserted."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from internlab.superres import benchmark as module
from internlab.superres.allocator import keep_freed_memory
from internlab.superres.benchmark import Timing, benchmark, ratios


def timing(name, *samples):
    return Timing(name, tuple(float(each) for each in samples), "cpu")


def test_median_and_quartiles():
    each = timing("a", 5, 1, 2, 3, 100)
    assert (each.median_ms, each.q25_ms, each.q75_ms, each.rounds) == (3, 2, 5, 5)


def test_every_call_is_made_once_a_round_in_changing_order_after_the_warm_up():
    made = []
    calls = {name: (lambda name=name: made.append(name)) for name in "abcd"}
    timings = benchmark(calls, rounds=20, warmup=2, rng=np.random.default_rng(0))
    assert made[:8] == list("aabbccdd")
    rounds = [tuple(made[start : start + 4]) for start in range(8, len(made), 4)]
    assert len(rounds) == 20 and all(sorted(each) == list("abcd") for each in rounds)
    assert len(set(rounds)) > 10
    assert [each.name for each in timings] == list("abcd")
    assert all(each.rounds == 20 for each in timings)


def test_a_sample_is_the_clock_around_one_call(monkeypatch):
    now = [0]
    monkeypatch.setattr(module.time, "process_time_ns", lambda: now[0])

    def costs(milliseconds):
        def call():
            now[0] += milliseconds * 1_000_000

        return call

    calls = {"slow": costs(30), "fast": costs(10)}
    slow, fast = benchmark(calls, rounds=3, warmup=1, rng=np.random.default_rng(0))
    assert slow.samples_ms == (30, 30, 30) and fast.samples_ms == (10, 10, 10)


def test_sleeping_costs_wall_time_and_no_processor_time():
    import time

    calls = {"sleep": lambda: time.sleep(0.02)}
    [wall] = benchmark(calls, rounds=3, warmup=0, rng=np.random.default_rng(0), clock="wall")
    [cpu] = benchmark(calls, rounds=3, warmup=0, rng=np.random.default_rng(0), clock="cpu")
    assert wall.median_ms >= 20 > cpu.median_ms


def test_ratios_are_taken_within_rounds():
    # The machine is ten times slower in the last two rounds: the ratio is 2 in every round.
    # In the fourth, something else ran beside one of them, which the median does not see.
    timings = [timing("base", 2, 2, 2, 20, 20), timing("other", 1, 1, 1, 90, 10)]
    assert ratios(timings, "base") == {"base": 1, "other": 2}
    assert ratios(timings, "other") == {"base": 0.5, "other": 1}


def test_ratios_of_different_runs_are_refused():
    with pytest.raises(ValueError, match="not from one interleaved run"):
        ratios([timing("a", 1, 2), timing("b", 1, 2, 3)], "a")
    with pytest.raises(ValueError, match="No timing named 'c'"):
        ratios([timing("a", 1), timing("b", 1)], "c")


def test_bad_arguments_are_refused():
    rng = np.random.default_rng(0)
    for calls, rounds, warmup in (({}, 1, 1), ({"a": int}, 0, 1), ({"a": int}, 1, -1)):
        with pytest.raises(ValueError, match="Expected at least one call"):
            benchmark(calls, rounds, warmup, rng)
    with pytest.raises(ValueError, match="expected one of cpu, wall, cuda"):
        benchmark({"a": int}, 1, 1, rng, clock="gpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_the_cuda_clock_needs_a_device():
    with pytest.raises(RuntimeError, match="Use clock='cpu'"):
        benchmark({"a": int}, 1, 1, np.random.default_rng(0), clock="cuda")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_cuda_clock_waits_for_the_gpu():
    large = torch.rand(4096, 4096, device="cuda")
    small = torch.rand(64, 64, device="cuda")
    calls = {"large": lambda: large @ large, "small": lambda: small @ small}
    timings = benchmark(calls, 9, 3, np.random.default_rng(0), clock="cuda")
    assert timings[0].median_ms > 2 * timings[1].median_ms


def test_page_faults_are_seen_and_go_away_when_memory_is_kept():
    # In a new process, because what this one freed before may serve as memory that is kept. The
    # block is smaller than a large page (2 MiB), which would be cleared in one fault.
    code = (
        "from internlab.superres.allocator import keep_freed_memory, page_faults\n"
        "work = lambda: b'x' * 1_500_000\n"
        "for keep in (False, True):\n"
        "    print(keep_freed_memory(keep), page_faults(work))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    (could, returned), (_, kept) = (line.split() for line in done.stdout.splitlines())
    if could == "False":
        pytest.skip("this C library has no setting for freed memory")
    assert float(returned) > 300  # 366 pages of 4 KiB
    assert float(kept) < 30


def test_without_glibc_the_setting_says_so(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    assert keep_freed_memory() is False
