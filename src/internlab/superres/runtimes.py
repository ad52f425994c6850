"""One interface to every program that can run the network.

A runtime is called with a float32 array (N, 3, H, W) in [0, 1] and returns a float32 array
(N, 3, s*H, s*W), whatever it computes with inside. So a benchmark, a test or the tiling of a scene
can take any of them, and what they return can be compared.
"""

from __future__ import annotations

import copy
import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from internlab.superres.export import read_signature

CPU, CUDA, TENSORRT = (
    "CPUExecutionProvider",
    "CUDAExecutionProvider",
    "TensorrtExecutionProvider",
)
RUNTIMES = (
    "torch",
    "onnxruntime",
    "openvino",
    "tensorrt",
    "onnxruntime-cuda",
    "onnxruntime-tensorrt",
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


class ProviderMissing(RuntimeError):
    """The program or execution provider that was asked for is not installed."""


class ProviderFellBack(RuntimeError):
    """A model was meant for one execution provider and some or all of it runs on another."""


class Runtime(ABC):
    """What all runtimes share.

    Attributes
    ----------
    name : str
        For tables and figures, such as ``"onnxruntime int8"``.
    precision : str
        ``"fp32"``, ``"fp16"``, ``"bf16"`` or ``"int8"``.
    scale : int
        Output size over input size.
    provider : str
        Who computes: ``"cpu"``, ``"cuda"``, or the name of an execution provider.
    """

    name: str
    precision: str
    scale: int
    provider: str

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Upscale a batch.

        Parameters
        ----------
        batch : array, shape (N, 3, H, W), float32
            RGB in [0, 1].

        Returns
        -------
        array, shape (N, 3, scale*H, scale*W), float32
            Not clamped: values may leave [0, 1] a little.

        Raises
        ------
        TypeError
            If `batch` is not a float32 array.
        ValueError
            If its shape is not (N, 3, H, W).
        """
        if not isinstance(batch, np.ndarray) or batch.dtype != np.float32:
            kind = getattr(batch, "dtype", type(batch).__name__)
            raise TypeError(
                f"{self.name} was given {kind}, expected a NumPy array of float32 in [0, 1]. "
                "Convert 8-bit images with internlab.superres.arrays.to_tensor."
            )
        if batch.ndim != 4 or batch.shape[1] != 3 or 0 in batch.shape:
            raise ValueError(
                f"{self.name} was given shape {batch.shape}, expected (N, 3, H, W): channels come "
                "second, and a single image has N = 1."
            )
        return self._run(batch)

    @abstractmethod
    def _run(self, batch: np.ndarray) -> np.ndarray:
        """Compute, on checked input."""

    def close(self) -> None:
        """Let go of the memory that the runtime holds. Calling it afterwards is an error."""

    def __enter__(self) -> Runtime:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{self.name}: {self.precision}, x{self.scale}, on {self.provider}>"


class TorchRuntime(Runtime):
    """PyTorch itself, the reference that the others are compared with.

    Parameters
    ----------
    model : torch.nn.Module
        Copied, so that its layout and mode stay as they are.
    channels_last : bool
        Store the channels of a pixel side by side (NHWC). The CPU's and the GPU's fast
        convolutions read that layout; the result is the same.
    compile : bool
        Let ``torch.compile`` generate code for the model. The first call of each kind of shape
        then takes seconds to minutes. On a CPU it needs a C++ compiler.
    device : str or torch.device
        ``"cpu"`` or ``"cuda"``. The call includes the copies to and from the device.
    threads : int
        CPU threads during a call. PyTorch's number of threads belongs to the whole process; it is
        set for the call and put back.

    Raises
    ------
    ProviderMissing
        If `device` is CUDA and PyTorch sees none.
    """

    def __init__(
        self,
        model: nn.Module,
        channels_last: bool = False,
        compile: bool = False,
        device: str | torch.device = "cpu",
        threads: int = 1,
    ) -> None:
        self.device = torch.device(device)
        if self.device.type == "cuda" and not torch.cuda.is_available():
            raise ProviderMissing(
                f"device={str(device)!r}, but PyTorch {torch.__version__} sees no CUDA device. "
                "Check nvidia-smi and install a CUDA build of torch, or use device='cpu'."
            )
        self.threads = _checked_threads(threads)
        self.layout = torch.channels_last if channels_last else torch.contiguous_format
        module = copy.deepcopy(model).eval().to(device=self.device, memory_format=self.layout)
        self.dtype = next(module.parameters()).dtype
        self.scale = _scale_of(module, self.device, self.dtype)
        self.compiled = compile
        self.module = torch.compile(module) if compile else module
        self.precision = {torch.float16: "fp16", torch.bfloat16: "bf16"}.get(self.dtype, "fp32")
        self.provider = self.device.type
        words = ["torch", "compile" if compile else "eager"]
        self.name = " ".join(words + ["channels_last"] * channels_last)

    def _run(self, batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode(), _torch_threads(self.threads):
            given = torch.from_numpy(np.ascontiguousarray(batch))
            given = given.to(device=self.device, dtype=self.dtype, memory_format=self.layout)
            try:
                made = self.module(given)
            except RuntimeError as error:
                if not self.compiled or type(error).__module__.split(".")[0] != "torch":
                    raise
                raise RuntimeError(
                    "torch.compile could not build the model for this machine. On a CPU it needs "
                    "a C++ compiler (g++ or clang++); without one use compile=False."
                ) from error
            return made.float().contiguous().cpu().numpy()

    def close(self) -> None:
        self.module = None


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
        options.intra_op_num_threads = _checked_threads(threads)
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
            "INFERENCE_NUM_THREADS": _checked_threads(threads),
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
        self.compiled = None


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
        return _open_tensorrt(model, **options)
    provider = {"onnxruntime": CPU, "onnxruntime-cuda": CUDA, "onnxruntime-tensorrt": TENSORRT}
    return OnnxRuntime(model, provider=provider[name], **options)


def _open_tensorrt(path: Path | str, profile: Any = None, **options: Any) -> Runtime:
    from internlab.superres import tensorrt

    # Any tile of a scene fits into this profile; lesson 12 shows what a narrower one is worth.
    profile = profile or tensorrt.Profile((16, 16), (256, 256), (1024, 1024))
    return tensorrt.TensorRTRuntime(tensorrt.build_engine(path, profile=profile), **options)


@contextmanager
def _torch_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(count)
        yield
    finally:
        torch.set_num_threads(before)


def _checked_threads(threads: int) -> int:
    if not isinstance(threads, int) or threads < 1:
        raise ValueError(f"threads={threads!r}, expected a whole number of at least 1.")
    return threads


def _scale_of(module: nn.Module, device: torch.device, dtype: torch.dtype) -> int:
    with torch.inference_mode():
        made = module(torch.zeros(1, 3, 16, 20, device=device, dtype=dtype))
    scale = made.shape[-1] // 20
    if scale < 1 or made.shape != (1, 3, 16 * scale, 20 * scale):
        raise ValueError(
            f"{type(module).__name__} makes {tuple(made.shape)} from (1, 3, 16, 20), expected "
            "(1, 3, 16*s, 20*s) with an integer scale s. Give a super-resolution network for RGB."
        )
    return scale
