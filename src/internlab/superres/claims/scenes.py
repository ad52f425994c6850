"""What the lesson on whole scenes claims: seams, memory, throughput, and surviving a kill."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import tempfile
import time
from pathlib import Path

import numpy as np

from internlab.claims import Measurement, claim
from internlab.data.scenes import draw_scene
from internlab.files import sha256_of
from internlab.superres.benchmark import benchmark
from internlab.superres.opening import default_onnx, open_from_files
from internlab.superres.scene import upscale_scene
from internlab.superres.scene_measure import scene_extra_memory, write_geotiff
from internlab.superres.scene_parts import JOURNAL, partial_folder
from internlab.superres.tiling import Network, SeamError, seam_error, upscale_tiled, upscale_whole

OVERLAP, TILE = 8, 256


@claim(
    "superres",
    "tiled-equals-whole",
    "pixels in which the tiled image differs from the whole one after rounding to 8 bits, "
    "random sizes, overlap at the receptive radius; PyTorch with "
    "windows from 110 px",
    equals=0,
    unit="px",
)
def tiled_equals_whole() -> Measurement:
    """Compare on random sizes and tiles with every runtime that computes on the CPU."""
    rng = np.random.default_rng(13)
    counted = {}
    for name in ("onnxruntime", "openvino"):
        with open_from_files(name) as runtime:
            counted[name] = _random_seams(runtime, rng, (9, 200), (8, 64), 40)
    # PyTorch chooses another algorithm for small inputs; the next claim counts what that does.
    with open_from_files("torch") as runtime:
        found = _random_seams(runtime, rng, (220, 400), (128, 200), 20)
        counted["torch, windows from 110 px"] = found
    pixels = {name: sum(error.pixels for error, _ in found) for name, found in counted.items()}
    detail = "; ".join(f"{name}: {len(counted[name])} images, {pixels[name]} px" for name in pixels)
    return Measurement(sum(pixels.values()), detail)


@claim(
    "superres",
    "tiled-torch-small-tiles",
    "PyTorch with tiles under 64 px: pixels in a million that differ after rounding",
    reported=True,
    unit="ppm",
)
def torch_small_tiles() -> Measurement:
    """Count the pixels that tip over when PyTorch adds up small inputs in another order."""
    with open_from_files("torch") as runtime:
        found = _random_seams(runtime, np.random.default_rng(13), (9, 200), (8, 64), 40)
    differing, total = (sum(n) for n in zip(*((e.pixels, size) for e, size in found), strict=True))
    largest = max(error.largest for error, _ in found)
    detail = f"{differing} of {total} px, by at most {largest} of 255 grey levels"
    return Measurement(1e6 * differing / total, detail)


def _random_seams(
    network: Network,
    rng: np.random.Generator,
    sides: tuple[int, int],
    tiles: tuple[int, int],
    count: int,
) -> list[tuple[SeamError, int]]:
    """Compare random images of random size; return each seam error with the pixels compared."""
    found = []
    for _ in range(count):
        height, width = (int(side) for side in rng.integers(*sides, size=2))
        image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        whole = upscale_whole(network, image)
        tiled = upscale_tiled(network, image, int(rng.integers(*tiles)), OVERLAP)
        found.append((seam_error(whole, tiled), whole.shape[0] * whole.shape[1]))
    return found


@claim(
    "superres",
    "scene-memory",
    "extra memory of a 4096 x 4096 scene over that of a 1024 x 1024 one, tiled",
    at_most=1.3,
    unit="x",
)
def scene_memory() -> Measurement:
    """Upscale both in processes of their own: the peak of a process never goes down."""
    with tempfile.TemporaryDirectory() as folder:
        extra = {side: scene_extra_memory(side, Path(folder)) for side in (1024, 4096)}
    detail = ", ".join(f"{side} px: +{mib:.0f} MiB" for side, mib in extra.items())
    return Measurement(extra[4096] / extra[1024], detail)


@claim(
    "superres",
    "tiled-throughput",
    "tiled throughput against whole-image throughput at 1024 px, ONNX Runtime, tiles of 256 px",
    at_least=0.9,
    unit="x",
)
def tiled_throughput() -> Measurement:
    """Time both in one interleaved run, in CPU-seconds."""
    image = draw_scene(1024, 1024, np.random.default_rng(0))
    with open_from_files("onnxruntime") as runtime:
        whole, tiled = benchmark(
            {
                "whole": lambda: upscale_whole(runtime, image),
                "tiled": lambda: upscale_tiled(runtime, image, TILE, OVERLAP),
            },
            rounds=7,
            warmup=1,
            rng=np.random.default_rng(0),
            clock="cpu",
        )
    detail = ", ".join(
        f"{each.name} {each.median_ms:.0f} ms [{each.q25_ms:.0f}, {each.q75_ms:.0f}]"
        for each in (whole, tiled)
    )
    return Measurement(whole.median_ms / tiled.median_ms, detail)


@claim(
    "superres",
    "kill-and-resume",
    "of 20 runs killed at a random moment and resumed, those equal bit for bit to an "
    "uninterrupted run",
    equals=20,
)
def kill_and_resume() -> Measurement:
    """Kill (SIGKILL) at moments drawn over the whole length of a run, then resume."""
    with tempfile.TemporaryDirectory() as folder:
        kept = survived_kills(20, Path(folder), random.Random(13))
    equal = [rows for rows, is_equal in kept if is_equal]
    return Measurement(len(equal), f"rows finished at the kill: {sorted(rows for rows, _ in kept)}")


def survived_kills(count: int, folder: Path, rng: random.Random) -> list[tuple[int, bool]]:
    """Kill `count` runs at random moments and resume each once.

    Returns
    -------
    list of (int, bool)
        For each: rows of tiles finished at the kill, and whether the resumed result equals that
        of an uninterrupted run, byte for byte.
    """
    source, whole, target = (folder / name for name in ("scene.tif", "whole.tif", "killed.tif"))
    write_geotiff(source, draw_scene(400, 400, np.random.default_rng(0)))
    default_onnx()
    _run_in_child(source, whole, kill_after=None)  # Warms the disk's cache.
    whole.unlink()
    length = _run_in_child(source, whole, kill_after=None)
    expected = sha256_of(whole)
    outcomes: list[tuple[int, bool]] = []
    while len(outcomes) < count:
        _run_in_child(source, target, kill_after=rng.uniform(0, length))
        if target.exists():  # It was done before the kill came: another try.
            target.unlink()
            continue
        journal = partial_folder(target) / JOURNAL
        lines = journal.read_text().count("\n") if journal.exists() else 0
        _run_in_child(source, target, kill_after=None)
        outcomes.append((max(lines - 1, 0), sha256_of(target) == expected))
        target.unlink()
    return outcomes


def _run_in_child(source: Path, target: Path, kill_after: float | None) -> float:
    """Upscale in a process of its own, killed after some seconds; return how long it lived."""
    # A forked child has the modules loaded, so the kill falls on the work and not on the imports.
    child = multiprocessing.get_context("fork").Process(target=_upscale, args=(source, target))
    start = time.perf_counter()
    child.start()
    child.join(kill_after)
    if child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    elif child.exitcode:
        raise RuntimeError(f"Upscaling {source.name} ended with status {child.exitcode}.")
    return time.perf_counter() - start


def _upscale(source: Path, target: Path) -> None:
    with open_from_files("onnxruntime") as runtime:
        upscale_scene(source, target, runtime, tile=40, overlap=OVERLAP, progress=False)
