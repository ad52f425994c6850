"""PyTorch as a runtime: eager, channels_last, or compiled."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from internlab.superres.runtime_base import ProviderMissing, Runtime, checked_threads


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
        self.threads = checked_threads(threads)
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
        super().close()
        self.module = None


@contextmanager
def _torch_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(count)
        yield
    finally:
        torch.set_num_threads(before)


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
