"""System calls of Linux that Python 3.11 has no function for."""

from __future__ import annotations

import ctypes
import os
import sys

IS_LINUX = sys.platform.startswith("linux")
PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_CAPBSET_DROP = 4, 8, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 36, 38, 22
CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library; a result below zero is an `OSError`."""
    return _checked(getattr(_libc, name)(*arguments), name)


def syscall(number: int, *arguments: object) -> int:
    """Make a system call by its number; a result below zero is an `OSError`."""
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *wide), f"system call {number}")


def prctl(option: int, value: int = 0, pointer: object = 0) -> None:
    """Change a property of this process."""
    second = ctypes.c_ulong(pointer) if isinstance(pointer, int) else pointer
    call("prctl", option, ctypes.c_ulong(value), second, ctypes.c_ulong(0), ctypes.c_ulong(0))


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Mount a file system, as mount(2)."""
    encoded = [None if each is None else os.fsencode(each) for each in (source, target, kind)]
    options = None if data is None else os.fsencode(data)
    try:
        call("mount", *encoded, ctypes.c_ulong(flags), options)
    except OSError as error:
        error.filename = target
        raise


def keep_capabilities(kept: int = 0) -> None:
    """Give up all capabilities but those in the bit mask `kept`, for good."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
    try:
        for number in range(64):
            prctl(PR_CAPBSET_DROP, number)
    except OSError:
        pass  # past the last one that this kernel knows, or not allowed to: the call below counts
    call("capset", header, data)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
