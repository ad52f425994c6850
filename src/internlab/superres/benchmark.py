"""Timings that can be compared: warm, interleaved in random order, with median and spread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

CLOCKS = ("cpu", "wall", "cuda")


@dataclass(frozen=True)
class Timing:
    """How long one of the compared calls takes.

    Parameters
    ----------
    name : str
    samples_ms : tuple of float
        Milliseconds of each round, in the order of the rounds.
    clock : str
        ``"cpu"``, ``"wall"`` or ``"cuda"``.
    """

    name: str
    samples_ms: tuple[float, ...] = field(repr=False)
    clock: str

    @property
    def median_ms(self) -> float:
        """The middle of the samples, which one disturbed round does not move."""
        return float(np.median(self.samples_ms))

    @property
    def q25_ms(self) -> float:
        """A quarter of the samples is shorter than this."""
        return float(np.percentile(self.samples_ms, 25))

    @property
    def q75_ms(self) -> float:
        """A quarter of the samples is longer than this."""
        return float(np.percentile(self.samples_ms, 75))

    @property
    def rounds(self) -> int:
        """Number of samples."""
        return len(self.samples_ms)


def benchmark(
    calls: Mapping[str, Callable[[], Any]],
    rounds: int,
    warmup: int,
    rng: np.random.Generator,
    clock: str = "cpu",
) -> list[Timing]:
    """Time several calls against each other.

    Every call is made `warmup` times unmeasured. Then, in each round, every call is timed once, in
    a new random order: a machine that slows down half-way slows all of them, and none is always
    the one that finds the cache filled by another.

    Parameters
    ----------
    calls : mapping of str to callable
        Each takes no argument and does the same work on the same input.
    rounds, warmup : int
        Measured and unmeasured calls of each.
    rng : numpy.random.Generator
        Draws the orders.
    clock : {"cpu", "wall", "cuda"}
        ``"cpu"``: processor seconds of this process, all its threads added up; the right clock on
        a shared machine. ``"wall"``: what a user waits. ``"cuda"``: CUDA events around the call,
        for work that is queued on a GPU.

    Returns
    -------
    list of Timing
        In the order of `calls`.

    Raises
    ------
    ValueError
        If there is nothing to time, or no such clock.
    RuntimeError
        If the clock is ``"cuda"`` and there is no CUDA device.
    """
    if not calls or rounds < 1 or warmup < 0:
        raise ValueError(
            f"Got {len(calls)} calls, rounds={rounds}, warmup={warmup}. Expected at least one call "
            "and one round, and no negative warm-up."
        )
    timed = _stopwatch(clock)
    for call in calls.values():
        for _ in range(warmup):
            call()
    samples: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for _ in range(rounds):
        for index in rng.permutation(len(names)):
            samples[names[index]].append(timed(calls[names[index]]))
    return [Timing(name, tuple(taken), clock) for name, taken in samples.items()]


def ratios(timings: Sequence[Timing], baseline: str) -> dict[str, float]:
    """Return how many times faster than `baseline` each call is.

    The ratio is taken within each round, and the median of these is returned: what disturbs a
    round disturbs both of its sides.

    Parameters
    ----------
    timings : sequence of Timing
        From one call of `benchmark`.
    baseline : str
        The name that everything is compared with; its own ratio is 1.

    Raises
    ------
    ValueError
        If `baseline` is not among the timings, or they are not from one run.
    """
    by_name = {timing.name: np.array(timing.samples_ms) for timing in timings}
    if baseline not in by_name:
        raise ValueError(f"No timing named {baseline!r}. There are {', '.join(by_name)}.")
    if len({len(samples) for samples in by_name.values()}) > 1:
        raise ValueError(
            "The timings differ in their number of rounds, so they are not from one interleaved "
            "run. Time everything that you compare in one call of benchmark."
        )
    return {name: float(np.median(by_name[baseline] / taken)) for name, taken in by_name.items()}


def _stopwatch(clock: str) -> Callable[[Callable[[], Any]], float]:
    """Return a function that makes a call and returns its milliseconds."""
    if clock not in CLOCKS:
        raise ValueError(f"clock={clock!r}, expected one of {', '.join(CLOCKS)}.")
    if clock == "cuda":
        return _cuda_stopwatch()
    now = time.process_time_ns if clock == "cpu" else time.perf_counter_ns

    def timed(call: Callable[[], Any]) -> float:
        start = now()
        call()
        return (now() - start) / 1e6

    return timed


def _cuda_stopwatch() -> Callable[[Callable[[], Any]], float]:
    import torch

    if not torch.cuda.is_available():
        raise RuntimeError(
            "clock='cuda' times work on a GPU, and PyTorch sees no CUDA device. Use clock='cpu' "
            "for runtimes on the CPU."
        )

    def timed(call: Callable[[], Any]) -> float:
        # A launch returns before the GPU has done the work; events are stamped on the GPU itself.
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize()
        start.record()
        call()
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end)

    return timed
