"""Runtimes that read ONNX files: ONNX Runtime with any execution provider, and OpenVINO."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

from internlab.superres.export import read_signature
from internlab.superres.runtime_base import (
    ProviderFellBack,
    ProviderMissing,
    Runtime,
    checked_threads,
)

CPU, CUDA, TENSORRT = (
    "CPUExecutionProvider",
    "CUDAExecutionProvider",
    "TensorrtExecutionProvider",
)
_GPU_WHEEL = (
    "pip uninstall onnxruntime, then pip install onnxruntime-gpu (both own the module "
    "onnxruntime, so only one can be there)"
)
_INSTALL = {
    CUDA: _GPU_WHEEL,
    TENSORRT: f"{_GPU_WHEEL}, and the TensorRT version that its release notes name",
    "OpenVINOExecutionProvider": "pip install openvino, and use the runtime 'openvino' instead",
}


class OnnxRuntime(Runtime):
    """ONNX Runtime, with one execution provider and no silent change of it.

    Asked for a provider that it cannot use, ONNX Runtime warns at most, and computes on the CPU.
    Results stay right and timings become fiction, so here that is an error.

    Parameters
    ----------
    path : Path or str
        An ONNX file; see `read_signature` for what is accepted.
    provider : str
        Name of the execution provider that must run every node.
    threads : int
        CPU threads inside an operator.
    optimise : bool
        Let ONNX Runtime rewrite the graph for speed (fuse layers, choose memory layouts).
    provider_options : dict, optional
        Options of the provider, such as an engine cache for TensorRT.

    Raises
    ------
    ProviderMissing
        If the provider is not in the installed package.
    ProviderFellBack
        If it is, but ONNX Runtime would run nodes elsewhere.

    References
    ----------
    ONNX Runtime, "Execution Providers", https://onnxruntime.ai/docs/execution-providers/
    """

    def __init__(
        self,
        path: Path | str,
        provider: str = CPU,
        threads: int = 1,
        optimise: bool = True,
        provider_options: dict[str, Any] | None = None,
    ) -> None:
        import onnxruntime

        installed = onnxruntime.get_available_providers()
        if provider not in installed:
            cure = _INSTALL.get(provider, "choose one that is, or install a package that has it")
            raise ProviderMissing(
                f"{provider} is not in the installed onnxruntime {onnxruntime.__version__}, which "
                f"has {', '.join(installed)}. To get it: {cure}."
            )
        self.signature = read_signature(path)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = checked_threads(threads)
        options.inter_op_num_threads = 1
        if not optimise:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        if provider != CPU:
            # A provider may be loaded and still leave single nodes to the CPU. The list of
            # providers does not show that; with this entry, creating the session fails instead.
            options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
        try:
            self.session = onnxruntime.InferenceSession(
                str(path), options, providers=[(provider, provider_options or {})]
            )
        except Exception as error:
            if "fallback to CPU EP" not in str(error):
                raise
            raise ProviderFellBack(
                f"{provider} was asked for, but ONNX Runtime would run {Path(path).name} on the "
                "CPU, wholly or in part. Check the driver and the versions of CUDA, cuDNN and "
                "TensorRT that onnxruntime's release notes name, or ask for "
                "CPUExecutionProvider and call it that."
            ) from error
        used = self.session.get_providers()
        if used[0] != provider:
            raise ProviderFellBack(
                f"{provider} was asked for, and ONNX Runtime uses {used[0]} instead. Check the "
                "driver (nvidia-smi) and the versions of CUDA and cuDNN that onnxruntime's "
                f"release notes name, or ask for {used[0]} and call it that."
            )
        self.provider = provider
        self.scale = self.signature.scale
        self.precision = self.signature.precision
        suffix = {CUDA: " cuda", TENSORRT: " tensorrt"}.get(provider, "")
        plain = "" if optimise else " unoptimised"
        self.name = f"onnxruntime{suffix} {self.precision}{plain}"

    def _run(self, batch: np.ndarray) -> np.ndarray:
        given = batch.astype(self.signature.dtype, copy=False)
        [made] = self.session.run([self.signature.output], {self.signature.input: given})
        return made.astype(np.float32, copy=False)

    def close(self) -> None:
        super().close()
        self.session = None


class OpenVinoRuntime(Runtime):
    """Intel's OpenVINO on the CPU, from the same ONNX file.

    Parameters
    ----------
    path : Path or str
        An ONNX file; see `read_signature` for what is accepted.
    threads : int
        CPU threads.

    Raises
    ------
    ProviderMissing
        If the package openvino is not installed.
    """

    def __init__(self, path: Path | str, threads: int = 1) -> None:
        if importlib.util.find_spec("openvino") is None:
            raise ProviderMissing(
                "The runtime 'openvino' needs the package openvino, which is not installed. "
                "Run: pip install openvino; or choose 'onnxruntime'."
            )
        import openvino

        self.signature = read_signature(path)
        settings = {
            "INFERENCE_NUM_THREADS": checked_threads(threads),
            "NUM_STREAMS": 1,
            # Without this, OpenVINO computes in bfloat16 on processors that have it, and a
            # float32 file is then no float32 result.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self.compiled = openvino.Core().compile_model(str(path), "CPU", settings)
        self.provider = "cpu"
        self.scale = self.signature.scale
        self.precision = self.signature.precision
        self.name = f"openvino {self.precision}"

    def _run(self, batch: np.ndarray) -> np.ndarray:
        given = np.ascontiguousarray(batch, self.signature.dtype)
        # OpenVINO returns a view of memory that the next call overwrites.
        return np.array(self.compiled([given])[0], dtype=np.float32)

    def close(self) -> None:
        super().close()
        self.compiled = None
