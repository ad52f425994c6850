"""Claims on TensorRT engines: what a machine without a GPU can build, and what the engines hold."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import torch

from internlab.claims import Measurement, claim
from internlab.superres.export import to_onnx
from internlab.superres.model import load_pretrained
from internlab.superres.quantise import quantise_int8
from internlab.superres.tensorrt import BuildFailed, Engine, Profile, build_engine
from internlab.superres.tensorrt_failures import FAILING_MODELS
from internlab.superres.tensorrt_log import bytes_per_pixel, convolution_types

TARGETS = ("SM75", "SM86", "SM89", "SM120")
PRECISIONS = ("fp32", "fp16", "int8")
PROFILE = Profile((32, 32), (128, 128), (512, 512))


@claim(
    "superres",
    "engines-without-gpu",
    "TensorRT engines built without a GPU: FP32, FP16 and INT8 for four GPU generations, dynamic "
    "profile",
    equals=len(TARGETS) * len(PRECISIONS),
    unit="engines",
)
def engines_without_gpu() -> Measurement:
    """Count the builds that succeed, with the network that ships with the kit."""
    engines = _engines()
    sizes = ", ".join(
        f"{precision} {target} {engine.size_bytes / 1000:.0f} kB"
        for (precision, target), engine in engines.items()
    )
    return Measurement(len(engines), sizes)


@claim(
    "superres",
    "engine-failures-explained",
    "Refusals of TensorRT that the adapter explains, of those that lesson 12 provokes",
    equals=len(FAILING_MODELS) + 1,
    unit="refusals",
)
def engine_failures_explained() -> Measurement:
    """Provoke each failure, and the missing profile, and count the ones named rightly."""
    explained = [name for name in FAILING_MODELS if _cause(FAILING_MODELS[name](), PROFILE) == name]
    if _cause(_files()["fp32"], None) == "missing profile":
        explained.append("missing profile")
    return Measurement(len(explained), ", ".join(explained))


@claim(
    "superres",
    "fp16-engine-layers",
    "Layers of the FP16 engine of those in the network, smallest reduction over the generations",
    at_most=0.7,
)
def fp16_engine_layers() -> Measurement:
    """Return the largest share of layers that is left after fusion."""
    shares = {
        target: len(engine.layers) / engine.log.network_layers
        for (precision, target), engine in _engines().items()
        if precision == "fp16"
    }
    return Measurement(max(shares.values()), _shown(shares))


@claim(
    "superres",
    "int8-on-turing",
    "Convolutions that the INT8 engine for Turing (SM75) multiplies in INT8",
    equals=0,
    unit="convolutions",
)
def int8_on_turing() -> Measurement:
    """Count them in the build log; those of the other generations stand in the detail."""
    counts = {
        target: convolution_types(engine.layers).get("int8", 0)
        for (precision, target), engine in _engines().items()
        if precision == "int8"
    }
    return Measurement(counts["SM75"], _shown(counts))


@claim(
    "superres",
    "int8-engine-traffic",
    "Activation bytes per pixel of the INT8 engine over those of the FP16 engine, least of all "
    "generations",
    at_least=2.0,
    unit="times",
)
def int8_engine_traffic() -> Measurement:
    """Return the ratio from the layers in the build logs."""
    engines = _engines()
    ratios = {
        target: bytes_per_pixel(engines["int8", target].layers)
        / bytes_per_pixel(engines["fp16", target].layers)
        for target in TARGETS
    }
    return Measurement(min(ratios.values()), _shown(ratios))


@cache
def _files() -> dict[str, bytes]:
    """Return the shipped network as ONNX files in the three precisions."""
    rng = np.random.default_rng(0)
    # Whether and how an engine is built does not depend on the scales, so noise calibrates.
    crops = [rng.random((1, 3, 64, 64), dtype=np.float32) for _ in range(2)]
    with tempfile.TemporaryDirectory(prefix="internlab-engines-") as name:
        folder = Path(name)
        fp32 = to_onnx(load_pretrained(), folder / "fp32.onnx")
        fp16 = to_onnx(load_pretrained(), folder / "fp16.onnx", dtype=torch.float16)
        int8 = quantise_int8(fp32, folder / "int8.onnx", crops, for_tensorrt=True)
        return {p: f.read_bytes() for p, f in zip(PRECISIONS, (fp32, fp16, int8), strict=True)}


@cache
def _engines() -> dict[tuple[str, str], Engine]:
    """Build every precision for every generation; leave out what is refused."""
    built = {}
    for precision, model in _files().items():
        for target in TARGETS:
            try:
                built[precision, target] = build_engine(
                    model, PROFILE, (target,), flavour="tensorrt_rtx"
                )
            except BuildFailed as refused:
                print(refused)
    return built


def _cause(model: bytes, profile: Profile | None) -> str:
    try:
        build_engine(model, profile, ("SM86",), flavour="tensorrt_rtx")
    except BuildFailed as refused:
        return refused.known.name if refused.known else "unknown"
    return "none"


def _shown(numbers: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in numbers.items())
