"""What every runtime of the kit shares: how it is called, and how it says what is missing."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np


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
    _closed: bool = False

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
            If its shape is not (N, 3, H, W), or the runtime is closed.
        """
        if self._closed:
            raise ValueError(f"{self.name} is closed. Open it again with open_runtime.")
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
        """Let go of the memory that the runtime holds. Calling the runtime then is an error."""
        self._closed = True

    def __enter__(self) -> Runtime:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{self.name}: {self.precision}, x{self.scale}, on {self.provider}>"


def checked_threads(threads: int) -> int:
    """Return `threads`; raise ValueError unless it is a whole number of at least 1."""
    if not isinstance(threads, int) or threads < 1:
        raise ValueError(f"threads={threads!r}, expected a whole number of at least 1.")
    return threads
