"""Run a TensorRT engine on a GPU, with PyTorch tensors as its buffers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from internlab.superres.engine_cache import EngineCache
from internlab.superres.runtime_base import ProviderMissing, Runtime
from internlab.superres.tensorrt_build import Engine
from internlab.superres.tensorrt_module import load, logger_of
from internlab.superres.tensorrt_profile import Profile

# Tiles of a scene lie in this range; 256 pixels is where a tile's overlap costs little.
DEFAULT_PROFILE = Profile((16, 16), (256, 256), (1024, 1024))


def open_tensorrt(
    model: Path | str,
    profile: Profile = DEFAULT_PROFILE,
    cache: EngineCache | None = None,
    tf32: bool = True,
) -> TensorRTRuntime:
    """Build the engine of an ONNX file for the GPU in this machine, or take it from the cache.

    Parameters
    ----------
    model : Path
        An ONNX file. Its number types are the precision.
    profile : Profile
        The shapes to accept.
    cache : EngineCache, optional
        Default: the kit's cache folder.
    tf32 : bool
        See `build_engine`.

    Raises
    ------
    ProviderMissing
        If there is no GPU; nothing is built then.
    BuildFailed, TensorRTMissing
        As `build_engine` does.
    """
    _require_gpu()
    engine, _ = (cache or EngineCache()).get_or_build(model, profile, tf32=tf32)
    return TensorRTRuntime(engine)


class TensorRTRuntime(Runtime):
    """An engine ready to run, behind the interface that all runtimes of the kit share.

    Parameters
    ----------
    engine : Engine
        From `build_engine` or `EngineCache`, for this GPU and this version of TensorRT.

    Attributes
    ----------
    name : str
        ``"tensorrt fp16"`` and the like.
    precision : str
        ``"fp32"``, ``"fp16"`` or ``"int8"``.
    scale : int
        How many times larger the output is, on each axis.
    provider : str
        What really computes: flavour, version and GPU.

    Raises
    ------
    ProviderMissing
        If there is no GPU.
    RuntimeError
        If TensorRT cannot load the engine, with its reason.
    """

    def __init__(self, engine: Engine) -> None:
        _require_gpu()
        self.engine = engine
        self.name = f"tensorrt {engine.precision}"
        self.precision = engine.precision
        self._trt = load(engine.flavour)
        self._runtime, self._cuda_engine = _deserialise(self._trt, engine)
        self._context = self._cuda_engine.create_execution_context()
        if self._context is None:
            raise RuntimeError(
                f"TensorRT could not make an execution context: {_errors(self._trt)[-1]}. "
                "Usually GPU memory is short: build with a smaller profile maximum."
            )
        names = [
            self._cuda_engine.get_tensor_name(index)
            for index in range(self._cuda_engine.num_io_tensors)
        ]
        is_input = self._trt.TensorIOMode.INPUT
        self._input, self._output = sorted(
            names, key=lambda each: self._cuda_engine.get_tensor_mode(each) != is_input
        )
        self.input_dtype = self._torch_type(self._input)
        self.output_dtype = self._torch_type(self._output)
        # Work on the default stream would make TensorRT synchronise around every call.
        self._stream = torch.cuda.Stream()
        self._shape: tuple[int, ...] = ()
        self.scale = self._find_scale()
        self.provider = f"{engine.flavour} {engine.version} on {torch.cuda.get_device_name()}"

    def _run(self, batch: np.ndarray) -> np.ndarray:
        tensor = torch.from_numpy(np.ascontiguousarray(batch)).cuda()
        return self.run(tensor.to(self.input_dtype)).float().cpu().numpy()

    def run(self, images: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        """Enlarge images that lie on the GPU, without a copy; the path to time.

        The call returns before the GPU is done, as every PyTorch operation does.

        Parameters
        ----------
        images : tensor (N, 3, H, W) on the GPU, of the engine's input type, in [0, 1]
        out : tensor, optional
            Where to write; made if not given.

        Returns
        -------
        tensor (N, 3, scale * H, scale * W) of the engine's output type

        Raises
        ------
        ValueError
            If the device, type or shape is not one that the engine takes.
        """
        self._check(images)
        images = images.contiguous()
        if tuple(images.shape) != self._shape:
            self._context.set_input_shape(self._input, tuple(images.shape))
            self._shape = tuple(images.shape)
        if out is None:
            shape = tuple(self._context.get_tensor_shape(self._output))
            out = torch.empty(shape, dtype=self.output_dtype, device=images.device)
        self._context.set_tensor_address(self._input, images.data_ptr())
        self._context.set_tensor_address(self._output, out.data_ptr())
        current = torch.cuda.current_stream()
        self._stream.wait_stream(current)
        if not self._context.execute_async_v3(self._stream.cuda_stream):
            raise RuntimeError(f"TensorRT did not run: {_errors(self._trt)[-1]}")
        current.wait_stream(self._stream)
        # The allocator must not give this memory to others while our stream may still use it.
        images.record_stream(self._stream)
        out.record_stream(self._stream)
        return out

    def close(self) -> None:
        """Free the engine's GPU memory. The runtime cannot be used afterwards."""
        self._closed = True
        self._context = None
        self._cuda_engine = None
        self._runtime = None

    def _check(self, images: torch.Tensor) -> None:
        if self._closed:
            raise ValueError(f"{self.name} is closed. Open a new one from the engine.")
        if not images.is_cuda or images.dtype != self.input_dtype:
            raise ValueError(
                f"Got a {images.dtype} tensor on {images.device}, expected {self.input_dtype} on "
                "cuda. Convert it first; calling the runtime with a numpy array does both."
            )
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"Got shape {tuple(images.shape)}, expected (N, 3, H, W).")
        profile = self.engine.profile
        batch, _, height, width = images.shape
        if profile is not None and not profile.covers(height, width, batch):
            raise ValueError(
                f"Got {batch} images of {height}x{width} pixels, the engine's profile covers "
                f"{profile}. Tile the image, or build with a wider profile."
            )

    def _find_scale(self) -> int:
        profile = self.engine.profile
        if profile is not None:
            self._context.set_input_shape(self._input, profile.shapes()[1])
        low = tuple(self._context.get_tensor_shape(self._input))
        high = tuple(self._context.get_tensor_shape(self._output))
        if high[-2] % low[-2] or high[-2] // low[-2] != high[-1] // low[-1]:
            raise ValueError(f"The engine turns {low} into {high}: not a whole-number enlargement.")
        return high[-1] // low[-1]

    def _torch_type(self, name: str) -> torch.dtype:
        kinds = {
            self._trt.DataType.FLOAT: torch.float32,
            self._trt.DataType.HALF: torch.float16,
        }
        kind = self._cuda_engine.get_tensor_dtype(name)
        if kind not in kinds:
            raise ValueError(f"The engine's tensor {name} is {kind}, expected FLOAT or HALF.")
        return kinds[kind]


def _require_gpu() -> None:
    """Refuse to go on without a GPU, and say what works instead."""
    if not torch.cuda.is_available():
        raise ProviderMissing(
            f"A TensorRT engine runs on an NVIDIA GPU, and PyTorch ({torch.__version__}) sees "
            "none. Building works without one; to run here use "
            'open_runtime("onnxruntime", ...) or open_runtime("openvino", ...).'
        )


def _deserialise(trt: Any, engine: Engine) -> tuple[Any, Any]:
    """Load an engine; TensorRT answers None where it cannot, so say why."""
    if trt.__version__ != engine.version:
        raise RuntimeError(
            f"The engine was built by {engine.flavour} {engine.version}, installed is "
            f"{trt.__version__}. Engines load only in the version that built them: build it again."
        )
    logger_of(trt).messages.clear()
    # The engine needs its Runtime alive as long as itself; the caller keeps both.
    runtime = trt.Runtime(logger_of(trt))
    loaded = runtime.deserialize_cuda_engine(engine.serialized)
    if loaded is None:
        major, minor = torch.cuda.get_device_capability()
        raise RuntimeError(
            f"TensorRT could not load the engine: {_errors(trt)[0]}. It was built for "
            f"{', '.join(engine.targets) or 'the GPU of the machine that built it'}; this GPU is "
            f"{torch.cuda.get_device_name()} (SM{major}{minor}). Build it again for this GPU."
        )
    return runtime, loaded


def _errors(trt: Any) -> list[str]:
    """Return the first lines of TensorRT's errors since the engine was loaded, oldest first."""
    errors = [text for kind, text in logger_of(trt).messages if kind.endswith("ERROR")]
    return [error.split("\n")[0] for error in errors] or ["no reason given"]
