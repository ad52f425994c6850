"""Arrays on the CPU with NumPy, or on the GPU with CuPy."""

import numpy


def pick(device):
    """Return the array library for a device, "cpu" or "cuda"."""
    if device == "cuda":
        try:
            import cupy

            return cupy
        except ImportError:
            pass
    return numpy
