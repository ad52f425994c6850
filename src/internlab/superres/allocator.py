"""The C library's memory allocator, a hidden partner in every benchmark on the CPU.

PyTorch asks the C library for the memory of every intermediate result and gives it back at once.
Whether the library keeps that memory or returns it to the operating system depends on what the
process did before. If it is returned, the next call gets fresh pages, and the first touch of each
is an interrupt (a page fault) in which the system clears 4 KiB. ONNX Runtime and OpenVINO keep
their memory themselves.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any

# Numbers of the options in glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_INITIAL = 128 * 1024
_LARGEST_TRIM, _LARGEST_MMAP = 2**31 - 1, 32 * 2**20


def keep_freed_memory(keep: bool = True) -> bool:
    """Tell the C library to keep freed memory for the next request, or to return it.

    Parameters
    ----------
    keep : bool
        True: blocks of up to 32 MiB are kept. False: back to the values that glibc starts with,
        128 KiB.

    Returns
    -------
    bool
        Whether the setting was made. It exists in glibc, so on most Linux systems; elsewhere
        nothing happens and False is returned.

    References
    ----------
    Linux manual page mallopt(3), M_TRIM_THRESHOLD and M_MMAP_THRESHOLD.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    trim, mmap = (_LARGEST_TRIM, _LARGEST_MMAP) if keep else (_INITIAL, _INITIAL)
    # mallopt returns 1 on success; other C libraries have the function and refuse every option.
    return mallopt(_TRIM_THRESHOLD, trim) == 1 and mallopt(_MMAP_THRESHOLD, mmap) == 1


def page_faults(call: Callable[[], Any], repeats: int = 5) -> float:
    """Return how many page faults one call causes, as the mean of `repeats` calls.

    The call is made twice before counting. On systems that do not count faults (Windows) the
    result is NaN.
    """
    try:
        import resource
    except ImportError:
        return float("nan")
    for _ in range(2):
        call()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(repeats):
        call()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / repeats
