"""What a GPU makes of the network: ``python -m internlab.superres.gpu_report``.

Prints one table for each image size: for every way to run the network its time by CUDA events,
beside its error. What is not installed is named, with what would install it. It needs a GPU,
PyTorch and NumPy; everything else is used where it is there.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from internlab.superres.benchmark import benchmark
from internlab.superres.gpu_backends import CANDIDATES, Call, Missing, Workload, first_line

PACKAGES = ("torch", "triton", "onnx", "onnxruntime", "onnxruntime-gpu", "tensorrt", "tensorrt-rtx")
SIZES = (128, 256, 512, 1024)


@dataclass(frozen=True)
class Row:
    """One way to run the network at one size.

    Parameters
    ----------
    name : str
    latency_ms : tuple of float
        Lower quartile, median and upper quartile of single calls, from an idle GPU.
    queued_ms : float
        Median milliseconds a call when calls follow each other without waiting.
    max_error : float
        Largest absolute difference from exact float32, in the unit of the image (0 to 1).
    psnr_db : float
        PSNR of the output against exact float32, over all channels.
    finite : bool
        Whether every value is a number.
    missing : str
        Why there is no measurement; then the numbers are NaN.
    """

    name: str
    latency_ms: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    queued_ms: float = math.nan
    max_error: float = math.nan
    psnr_db: float = math.nan
    finite: bool = False
    missing: str = ""


def describe_machine() -> dict[str, str]:
    """Return GPU, driver, clocks and the versions that decide about speed."""
    described = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            described[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    described["CUDA of torch"] = str(torch.version.cuda)
    if torch.cuda.is_available():
        major, minor = torch.cuda.get_device_capability()
        described["GPU"] = f"{torch.cuda.get_device_name()} (SM{major}{minor})"
        described["cuDNN"] = str(torch.backends.cudnn.version())
    if shutil.which("nvidia-smi"):
        query = "driver_version,clocks.sm,clocks.mem,temperature.gpu,utilization.gpu"
        done = subprocess.run(
            ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"],
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            values = [value.strip() for value in done.stdout.splitlines()[0].split(",")]
            described |= dict(zip(query.split(","), values, strict=False))
    return described


def workload(network: nn.Module, size: int, folder: Path, rng: np.random.Generator) -> Workload:
    """Put an image of `size` x `size` pixels on the GPU and write the ONNX files beside it."""
    image = _smooth_noise(size, rng)
    work = Workload(network, torch.from_numpy(image).cuda())
    try:
        from internlab.superres.export import to_onnx
        from internlab.superres.quantise import quantise_int8
    except ImportError as error:
        work.faults = dict.fromkeys(("fp32", "fp16", "int8"), f"no ONNX export here: {error}")
        return work
    crops = [_smooth_noise(96, rng) for _ in range(8)]
    steps = {
        "fp32": lambda path: to_onnx(network, path),
        "fp16": lambda path: to_onnx(network, path, dtype=torch.float16),
        "int8": lambda path: quantise_int8(
            folder / "fp32.onnx", path, crops, for_tensorrt=True, keep_float="first and last"
        ),
    }
    for precision, write in steps.items():
        path = folder / f"{precision}.onnx"
        try:
            work.files[precision] = path if path.exists() else write(path)
        except Exception as error:
            reason = first_line(error)
            work.faults[precision] = f"the {precision} ONNX file could not be made: {reason}"
    return work


def measure(
    work: Workload, rounds: int, warmup: int, rng: np.random.Generator, only: str = ""
) -> list[Row]:
    """Set up every candidate, compare it with exact float32, and time all of them interleaved."""
    # After eight shapes of one module torch.compile gives up and runs it eagerly, so start afresh.
    torch.compiler.reset()
    calls: dict[str, Call] = {}
    rows: dict[str, Row] = {}
    reference = next(iter(CANDIDATES.values()))(work)().float().clone()
    for name, make in CANDIDATES.items():
        rows[name] = Row(name)
        if only and only not in name and name != next(iter(CANDIDATES)):
            rows[name] = Row(name, missing="left out by --only")
            continue
        try:
            call = make(work)
            made = call().float().clone()
        except Missing as reason:
            rows[name] = Row(name, missing=str(reason))
            continue
        rows[name] = Row(name, **_errors(made, reference))
        calls[name] = call
    timings = {t.name: t for t in benchmark(calls, rounds, warmup, rng, clock="cuda")}
    queued = queued_milliseconds(calls, repeats=20, rounds=max(3, rounds // 10), rng=rng)
    for name, timing in timings.items():
        quartiles = (timing.q25_ms, timing.median_ms, timing.q75_ms)
        rows[name] = Row(
            **{**asdict(rows[name]), "latency_ms": quartiles, "queued_ms": queued[name]}
        )
    return list(rows.values())


def queued_milliseconds(
    calls: Mapping[str, Call], repeats: int, rounds: int, rng: np.random.Generator
) -> dict[str, float]:
    """Return the median time of a call when calls are queued one behind the other.

    Two CUDA events enclose `repeats` calls, and all is synchronised once at the very end, so the
    GPU never waits for Python unless Python is the slower of the two.

    Parameters
    ----------
    calls : mapping of str to callable
    repeats : int
        Calls between two events.
    rounds : int
        Measurements of each, in a new random order every round.
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to float
        Milliseconds a call.
    """
    pairs: dict[str, list[tuple[torch.cuda.Event, torch.cuda.Event]]] = {name: [] for name in calls}
    names = list(calls)
    for _ in range(rounds):
        for index in rng.permutation(len(names)):
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            for _ in range(repeats):
                calls[names[index]]()
            end.record()
            pairs[names[index]].append((start, end))
    torch.cuda.synchronize()
    return {
        name: float(np.median([start.elapsed_time(end) / repeats for start, end in taken]))
        for name, taken in pairs.items()
    }


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the measured rows as a table, and the missing ones as a list below it."""
    base = rows[0].latency_ms[1]
    lines = [
        "| way | latency ms [quartiles] | times faster | queued ms | max error | PSNR to fp32 |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row.missing:
            continue
        low, middle, high = row.latency_ms
        parity = f"{row.max_error:.1e}" if row.finite else "NOT FINITE"
        lines.append(
            f"| {row.name} | {middle:.3f} [{low:.3f}, {high:.3f}] | {base / middle:.2f} "
            f"| {row.queued_ms:.3f} | {parity} | {row.psnr_db:.1f} dB |"
        )
    absent = [f"- {row.name}: {row.missing}" for row in rows if row.missing]
    return "\n".join(lines + (["", "Not measured:", *absent] if absent else []))


def load_network() -> tuple[nn.Module, str]:
    """Return the network that ships with the kit, or one with random weights, and which it is."""
    from internlab.superres.model import RepSR, load_pretrained

    try:
        return load_pretrained(), "the network that ships with the kit"
    except FileNotFoundError:
        torch.manual_seed(0)
        return RepSR().fused(), "RepSR with random weights, seed 0"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status: 1 without a GPU or if an output is not finite."""
    parser = argparse.ArgumentParser(prog="python -m internlab.superres.gpu_report")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="PIXELS")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--only", default="", metavar="TEXT", help="ways whose name holds TEXT")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there, too")
    options = parser.parse_args(arguments)
    if not torch.cuda.is_available():
        print(
            f"No GPU: PyTorch {torch.__version__} sees no CUDA device. Run this on a machine with "
            "an NVIDIA GPU; the CPU counterpart is lesson 11."
        )
        return 1
    machine = describe_machine()
    for key, value in machine.items():
        print(f"{key}: {value}")
    torch.backends.cudnn.benchmark = True
    network, which = load_network()
    print(f"network: {which}")
    results: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory(prefix="internlab-gpu-") as folder:
        for size in options.sizes:
            rng = np.random.default_rng(0)
            work = workload(network, size, Path(folder), rng)
            rows = measure(work, options.rounds, options.warmup, rng, options.only)
            results[str(size)] = rows
            print(f"\n## One image of {size} x {size} pixels, x2\n", flush=True)
            print(as_markdown(rows), flush=True)
    if options.json:
        report = {"machine": machine, "network": which}
        report["sizes"] = {size: [_plain(row) for row in rows] for size, rows in results.items()}
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    measured = [row for rows in results.values() for row in rows if not row.missing]
    return 0 if all(row.finite for row in measured) else 1


def _plain(row: Row) -> dict[str, object]:
    """Return a row for JSON, which has no infinity and no NaN."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in asdict(row).items()
        if not (key == "latency_ms" and row.missing)
    }


def _errors(made: torch.Tensor, reference: torch.Tensor) -> dict[str, float | bool]:
    difference = (made - reference).double()
    mean_square = float(difference.square().mean())
    return {
        "max_error": float(difference.abs().max()),
        "psnr_db": math.inf if mean_square == 0 else -10 * math.log10(mean_square),
        "finite": bool(torch.isfinite(made).all()),
    }


def _smooth_noise(size: int, rng: np.random.Generator) -> np.ndarray:
    """Return (1, 3, size, size) float32 in [0, 1]: blobs of several sizes, a stand-in for an image.

    Timing does not depend on what an image shows; the error does a little, and white noise would be
    an input that the network never sees.
    """
    image = np.zeros((3, size, size))
    for cells in (4, 16, 64):
        coarse = rng.random((3, cells, cells))
        places = np.linspace(0, cells - 1, size)
        near = places.astype(int).clip(0, cells - 2)
        weight = places - near
        rows = coarse[:, near] * (1 - weight)[:, None] + coarse[:, near + 1] * weight[:, None]
        image += rows[:, :, near] * (1 - weight) + rows[:, :, near + 1] * weight
    image -= image.min()
    return np.ascontiguousarray((image / image.max())[None].astype(np.float32))


if __name__ == "__main__":
    sys.exit(main())
