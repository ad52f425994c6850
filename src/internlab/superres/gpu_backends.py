"""The ways to run one network on a GPU that the report compares, each ready to be called again.

Every entry is set up once and then called without copies: the input lies on the GPU, and so does
the output. What is not installed raises `Missing`, with what would install it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

Call = Callable[[], torch.Tensor]


class Missing(RuntimeError):
    """A way to run the network that this machine lacks; the text says what would add it."""


@dataclass
class Workload:
    """One network on one input.

    Parameters
    ----------
    network : torch.nn.Module
        Fused, evaluation mode, float32, on the CPU.
    images : tensor (N, 3, H, W), float32, on the GPU, in [0, 1]
    files : dict of str to Path
        ONNX files by precision (``"fp32"``, ``"fp16"``, ``"int8"``), as far as they could be made.
    faults : dict of str to str
        Why a file is missing.
    """

    network: nn.Module
    images: torch.Tensor
    files: dict[str, Path] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def file(self, precision: str) -> Path:
        """Return the ONNX file of a precision, or raise `Missing` with why there is none."""
        if precision not in self.files:
            raise Missing(self.faults.get(precision, f"no {precision} ONNX file was made"))
        return self.files[precision]


def eager(
    work: Workload, half: bool = False, channels_last: bool = False, tf32: bool = False
) -> Call:
    """PyTorch as it is."""
    network, images = _placed(work, half, channels_last)

    def run() -> torch.Tensor:
        # Process-wide switch, so it is set for each call: the candidates are interleaved.
        torch.backends.cudnn.allow_tf32 = tf32
        with torch.inference_mode():
            return network(images)

    return run


def compiled(work: Workload, half: bool = True, mode: str = "default") -> Call:
    """``torch.compile``; the mode ``"reduce-overhead"`` adds CUDA graphs."""
    network, images = _placed(work, half, channels_last=True)
    network = torch.compile(network, mode=mode, dynamic=False)

    def run() -> torch.Tensor:
        torch.backends.cudnn.allow_tf32 = False
        with torch.inference_mode():
            return network(images)

    try:
        run()
    except Exception as error:
        raise Missing(
            f"torch.compile failed ({first_line(error)}); it needs Triton and a C compiler"
        ) from error
    return run


def graphed(work: Workload, half: bool = True) -> Call:
    """Eager kernels recorded once as a CUDA graph and replayed with a single launch."""
    return _captured(eager(work, half, channels_last=True))


def through_onnxruntime(work: Workload, precision: str, provider: str) -> Call:
    """ONNX Runtime with a GPU provider, input and output bound to GPU memory.

    Its call returns only when the GPU is done, so its time includes one synchronisation.
    """
    path = work.file(precision)
    from internlab.superres.runtimes import OnnxRuntime, ProviderFellBack, ProviderMissing

    try:
        runtime = OnnxRuntime(path, provider=provider)
    except (ProviderMissing, ProviderFellBack) as error:
        raise Missing(str(error)) from error
    except Exception as error:
        raise Missing(f"{provider} could not open {path.name}: {first_line(error)}") from error
    kind = np.float16 if precision == "fp16" else np.float32
    images = work.images.to(torch.float16 if precision == "fp16" else torch.float32).contiguous()
    count, _, height, width = images.shape
    scale = runtime.scale
    out = torch.empty(
        (count, 3, scale * height, scale * width), dtype=images.dtype, device=images.device
    )
    binding = runtime.session.io_binding()
    place = {"device_type": "cuda", "device_id": 0, "element_type": kind}
    binding.bind_input(
        runtime.signature.input, shape=tuple(images.shape), buffer_ptr=images.data_ptr(), **place
    )
    binding.bind_output(
        runtime.signature.output, shape=tuple(out.shape), buffer_ptr=out.data_ptr(), **place
    )

    def run(_keep: Any = (images, runtime)) -> torch.Tensor:
        runtime.session.run_with_iobinding(binding)
        return out

    return run


def through_tensorrt(
    work: Workload, precision: str, tf32: bool = False, graph: bool = False
) -> Call:
    """TensorRT or TensorRT-RTX, whichever is installed, with the profile at the input's shape."""
    path = work.file(precision)
    from internlab.superres.tensorrt import (
        BuildFailed,
        Profile,
        TensorRTMissing,
        TensorRTRuntime,
        build_engine,
    )

    count, _, height, width = work.images.shape
    profile = Profile((height, width), (height, width), (height, width), (count, count, count))
    try:
        runtime = TensorRTRuntime(build_engine(path, profile, tf32=tf32))
    except TensorRTMissing as error:
        raise Missing(str(error)) from error
    except (BuildFailed, RuntimeError, ValueError) as error:
        raise Missing(f"TensorRT is installed, but: {first_line(error)}") from error
    images = work.images.to(runtime.input_dtype).contiguous()
    out = runtime.run(images)

    def run() -> torch.Tensor:
        return runtime.run(images, out)

    return _captured(run) if graph else run


CUDA, TENSORRT = "CUDAExecutionProvider", "TensorrtExecutionProvider"

# In the order of the report. The first is what all others are compared with; it is also the
# reference for their error, because TF32 is off.
CANDIDATES: dict[str, Callable[[Workload], Call]] = {
    "eager fp32": lambda work: eager(work),
    "eager fp32, TF32": lambda work: eager(work, tf32=True),
    "eager fp32, channels_last": lambda work: eager(work, channels_last=True),
    "eager fp16": lambda work: eager(work, half=True),
    "eager fp16, channels_last": lambda work: eager(work, half=True, channels_last=True),
    "CUDA graph fp32": lambda work: graphed(work, half=False),
    "CUDA graph fp16": lambda work: graphed(work),
    "compile fp32": lambda work: compiled(work, half=False),
    "compile fp16": lambda work: compiled(work),
    "compile fp16 + CUDA graph": lambda work: compiled(work, mode="reduce-overhead"),
    "onnxruntime cuda fp32": lambda work: through_onnxruntime(work, "fp32", CUDA),
    "onnxruntime cuda fp16": lambda work: through_onnxruntime(work, "fp16", CUDA),
    "onnxruntime tensorrt fp32": lambda work: through_onnxruntime(work, "fp32", TENSORRT),
    "onnxruntime tensorrt fp16": lambda work: through_onnxruntime(work, "fp16", TENSORRT),
    "tensorrt fp32": lambda work: through_tensorrt(work, "fp32"),
    "tensorrt fp32, TF32": lambda work: through_tensorrt(work, "fp32", tf32=True),
    "tensorrt fp16": lambda work: through_tensorrt(work, "fp16"),
    "tensorrt fp16 + CUDA graph": lambda work: through_tensorrt(work, "fp16", graph=True),
    "tensorrt int8": lambda work: through_tensorrt(work, "int8"),
}


def _placed(work: Workload, half: bool, channels_last: bool) -> tuple[nn.Module, torch.Tensor]:
    """Return a copy of the network and the input on the GPU, in the type and layout asked for."""
    kind = torch.float16 if half else torch.float32
    layout = torch.channels_last if channels_last else torch.contiguous_format
    network = copy.deepcopy(work.network).eval().to("cuda", kind).to(memory_format=layout)
    return network, work.images.to(kind).contiguous(memory_format=layout)


def _captured(call: Call) -> Call:
    """Record a call as a CUDA graph and return its replay."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            call()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            out = call()
    except RuntimeError as error:
        raise Missing(f"could not be captured as a CUDA graph: {first_line(error)}") from error

    def replay() -> torch.Tensor:
        graph.replay()
        return out

    return replay


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text, at most 300 characters of it."""
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__
