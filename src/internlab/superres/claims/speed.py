"""Claims on export, quantisation and the speed of the runtimes.

The timed claims run in a new process, because the state of the C library's memory allocator, which
belongs to the process, moves PyTorch's times (see `internlab.superres.allocator`).
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from internlab.claims import Measurement, claim
from internlab.data.aerial import AerialImages, aerial_images
from internlab.superres.allocator import keep_freed_memory
from internlab.superres.benchmark import Timing, benchmark, ratios
from internlab.superres.export import to_onnx
from internlab.superres.model import RepSR, load_pretrained
from internlab.superres.pareto import fastest_within, measure_quality, pareto_table
from internlab.superres.quantise import calibration_crops, quantise_int8
from internlab.superres.runtimes import OnnxRuntime, OpenVinoRuntime, Runtime, TorchRuntime

SIZE, ROUNDS, WARMUP = 128, 41, 5
CALIBRATION_CROPS, CALIBRATION_SIZE = 32, 96
MAX_LOSS_DB = 0.1
EAGER, CHANNELS_LAST, ORT = "torch eager", "torch eager channels_last", "onnxruntime fp32"


@claim(
    "superres",
    "onnx-error",
    "ONNX Runtime against PyTorch on random odd sizes, largest absolute error",
    at_most=1e-5,
)
def onnx_error() -> Measurement:
    """Compare the exported pretrained network with the module at five odd sizes."""
    rng = np.random.default_rng(0)
    network = load_pretrained()
    worst, sizes = 0.0, []
    with _folder() as folder:
        exported = OnnxRuntime(to_onnx(network, folder / "fp32.onnx"))
        eager = TorchRuntime(network)
        for _ in range(5):
            height, width = (int(side) for side in 2 * rng.integers(4, 80, size=2) + 1)
            batch = rng.random((1, 3, height, width), dtype=np.float32)
            worst = max(worst, float(np.abs(exported(batch) - eager(batch)).max()))
            sizes.append(f"{height}x{width}")
    return Measurement(worst, f"sizes {', '.join(sizes)}")


@claim(
    "superres",
    "int8-loss",
    "PSNR lost by INT8 on the held-out aerial images, calibrated on each of 3 random draws of "
    "training crops, for ONNX Runtime and for TensorRT",
    at_most=MAX_LOSS_DB,
    unit="dB",
)
def int8_loss() -> Measurement:
    """Return the largest mean loss over draws and the two kinds of file, run by ONNX Runtime."""
    losses = _int8_losses({"onnxruntime": {}, "tensorrt": {"for_tensorrt": True}})
    return Measurement(max(max(each) for each in losses.values()), _losses_shown(losses))


@claim(
    "superres",
    "int8-loss-every-layer",
    "The same where the first and the last convolution are quantised too",
    reported=True,
    unit="dB",
)
def int8_loss_every_layer() -> Measurement:
    """Return the largest mean loss, to show what keeping two layers in float is worth."""
    every = {"keep_float": None}
    losses = _int8_losses({"onnxruntime": every, "tensorrt": {**every, "for_tensorrt": True}})
    return Measurement(max(max(each) for each in losses.values()), _losses_shown(losses))


@claim(
    "superres",
    "onnxruntime-speedup",
    f"ONNX Runtime FP32 against eager PyTorch (fused, channels_last) at {SIZE} px, 1 thread, "
    "CPU-seconds, in a new process with the C library at its defaults",
    at_least=1.2,
    unit="times",
)
def onnxruntime_speedup() -> Measurement:
    """Return the median ratio with the process's memory allocator as it starts."""
    return _in_new_process(_speedup_as_started)


@claim(
    "superres",
    "onnxruntime-speedup-memory-kept",
    "The same against a stronger baseline: the C library keeps freed memory, so that PyTorch has "
    "no page faults",
    reported=True,
    unit="times",
)
def onnxruntime_speedup_memory_kept() -> Measurement:
    """Return the median ratio against the baseline at its very best."""
    return _in_new_process(_speedup_memory_kept)


@claim(
    "superres",
    "best-cpu-path",
    f"Fastest CPU path that loses at most {MAX_LOSS_DB} dB, against eager PyTorch (fused, NCHW) "
    f"at {SIZE} px, 1 thread, CPU-seconds, memory kept",
    at_least=2.0,
    unit="times",
)
def best_cpu_path() -> Measurement:
    """Time all CPU paths in one run, and return the ratio of the fastest that is good enough."""
    return _in_new_process(_best_cpu_path)


@claim(
    "superres",
    "branched-baseline",
    f"How many times slower the network with separate branches is than the fused one at {SIZE} px:"
    " the speed-up that an unfair baseline would fake",
    reported=True,
    unit="times",
)
def branched_baseline() -> Measurement:
    """Return the median ratio of branched to fused eager PyTorch."""
    return _in_new_process(_branched_baseline)


def _int8_losses(variants: dict[str, dict[str, Any]]) -> dict[str, list[float]]:
    """Return, by variant, the mean PSNR loss in dB for each draw of the calibration crops."""
    images = aerial_images(allow_fallback=False)
    losses: dict[str, list[float]] = {name: [] for name in variants}
    with _folder() as folder:
        fp32 = to_onnx(load_pretrained(), folder / "fp32.onnx")
        for seed in range(3):
            crops = _calibration(images, seed)
            runtimes: dict[str, Runtime] = {"fp32": OnnxRuntime(fp32)}
            for name, options in variants.items():
                path = quantise_int8(fp32, folder / f"{name}-{seed}.onnx", crops, **options)
                runtimes[name] = OnnxRuntime(path)
            qualities = measure_quality(runtimes, "fp32", images.test)
            for name in variants:
                losses[name].append(qualities["fp32"].psnr - qualities[name].psnr)
    return losses


def _losses_shown(losses: dict[str, list[float]]) -> str:
    return "; ".join(
        f"{name} {', '.join(f'{loss:.3f}' for loss in values)}" for name, values in losses.items()
    )


def _speedup_as_started() -> Measurement:
    with _folder() as folder:
        network = load_pretrained()
        runtimes = {
            CHANNELS_LAST: TorchRuntime(network, channels_last=True),
            ORT: OnnxRuntime(to_onnx(network, folder / "fp32.onnx")),
        }
        timings = _timed(runtimes)
    return Measurement(ratios(timings, CHANNELS_LAST)[ORT], _shown(timings))


def _speedup_memory_kept() -> Measurement:
    kept = keep_freed_memory()
    measured = _speedup_as_started()
    note = "" if kept else "; this C library has no such setting"
    return Measurement(measured.value, measured.detail + note)


def _best_cpu_path() -> Measurement:
    keep_freed_memory()
    images = aerial_images(allow_fallback=False)
    with _folder() as folder:
        network = load_pretrained()
        fp32 = to_onnx(network, folder / "fp32.onnx")
        int8 = quantise_int8(fp32, folder / "int8.onnx", _calibration(images))
        candidates: list[Runtime] = [
            TorchRuntime(network),
            TorchRuntime(network, channels_last=True),
            OnnxRuntime(fp32),
            OnnxRuntime(int8),
            OpenVinoRuntime(fp32),
            OpenVinoRuntime(int8),
        ]
        runtimes = {runtime.name: runtime for runtime in candidates}
        qualities = measure_quality(runtimes, EAGER, images.test)
        timings = _timed(runtimes)
    best = fastest_within(pareto_table(timings, qualities, EAGER), MAX_LOSS_DB)
    return Measurement(
        best.ratio, f"{best.name}, loses {best.psnr_loss:.3f} dB; medians: {_shown(timings)}"
    )


def _branched_baseline() -> Measurement:
    keep_freed_memory()
    network = RepSR()
    branched, fused = TorchRuntime(network.branched()), TorchRuntime(network.fused())
    timings = _timed({"branched": branched, "fused": fused})
    return Measurement(ratios(timings, "branched")["fused"], _shown(timings))


def _timed(runtimes: dict[str, Runtime]) -> list[Timing]:
    rng = np.random.default_rng(0)
    batch = rng.random((1, 3, SIZE, SIZE), dtype=np.float32)
    # A default argument keeps each runtime with its own call.
    calls = {name: lambda run=runtime: run(batch) for name, runtime in runtimes.items()}
    return benchmark(calls, ROUNDS, WARMUP, rng)


def _shown(timings: list[Timing]) -> str:
    return ", ".join(
        f"{each.name} {each.median_ms:.1f} ms [{each.q25_ms:.1f}, {each.q75_ms:.1f}]"
        for each in timings
    )


def _calibration(images: AerialImages, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return calibration_crops(images.train, CALIBRATION_CROPS, CALIBRATION_SIZE, rng)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="internlab-speed-") as name:
        yield Path(name)


def _in_new_process(measure: Callable[[], Measurement]) -> Measurement:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(measure).result()
