"""One interface to every program that can run the network.

A runtime is called with a float32 array (N, 3, H, W) in [0, 1] and returns a float32 array
(N, 3, s*H, s*W), whatever it computes with inside. So a benchmark, a test or the tiling of a scene
can take any of them, and what they return can be compared.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from internlab.superres.runtime_base import ProviderFellBack, ProviderMissing, Runtime
from internlab.superres.runtime_names import RUNTIMES
from internlab.superres.runtime_onnx import CPU, CUDA, TENSORRT, OnnxRuntime, OpenVinoRuntime
from internlab.superres.runtime_torch import TorchRuntime

__all__ = [
    "RUNTIMES",
    "OnnxRuntime",
    "OpenVinoRuntime",
    "ProviderFellBack",
    "ProviderMissing",
    "Runtime",
    "TorchRuntime",
    "open_runtime",
]


def open_runtime(name: str, model: Path | str | nn.Module, **options: Any) -> Runtime:
    """Open a runtime by name.

    Parameters
    ----------
    name : str
        One of `RUNTIMES`.
    model : Path, str or torch.nn.Module
        An ONNX file; for ``"torch"`` a module.
    **options
        Passed to the runtime's class, such as ``threads=2``.

    Raises
    ------
    ValueError
        If the name is unknown or the model is of the wrong kind for it.
    ProviderMissing, ProviderFellBack
        If what the runtime needs is not there.
    """
    if name not in RUNTIMES:
        raise ValueError(f"No runtime {name!r}. Expected one of {', '.join(RUNTIMES)}.")
    if (name == "torch") != isinstance(model, nn.Module):
        kind = "a torch.nn.Module" if isinstance(model, nn.Module) else f"{Path(model).name}"
        wanted = "a torch.nn.Module" if name == "torch" else "the path of an ONNX file"
        raise ValueError(
            f"The runtime {name!r} was given {kind}, expected {wanted}. PyTorch runs modules and "
            "the others run files that internlab.superres.export.to_onnx wrote."
        )
    if name == "torch":
        return TorchRuntime(model, **options)
    if name == "openvino":
        return OpenVinoRuntime(model, **options)
    if name == "tensorrt":
        from internlab.superres.tensorrt_runtime import open_tensorrt

        return open_tensorrt(model, **options)
    provider = {"onnxruntime": CPU, "onnxruntime-cuda": CUDA, "onnxruntime-tensorrt": TENSORRT}
    return OnnxRuntime(model, provider=provider[name], **options)
