"""Landlock: a process gives up, for good, files that it does not need. No privilege is needed.

References
----------
https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from internlab.progress import kernel

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_IOCTL_DEV = 1 << 15
# How many kinds of access to files each version of the interface knows.
_KINDS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | _IOCTL_DEV  # 1 << 14: truncate


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """Return the version of the interface that this kernel offers; 0 for none."""
    if not kernel.IS_LINUX:
        return 0
    try:
        return kernel.syscall(_CREATE, None, 0, 1)
    except OSError:
        return 0


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Leave this process, and all that it starts, only these folders and files.

    From version 4 on, TCP is given up too, and from version 6 on signals to processes outside.

    Raises
    ------
    OSError
        If the kernel has no Landlock, or refuses.
    """
    known = version()
    if known < 1:
        raise OSError("this kernel has no Landlock")
    files = (1 << _KINDS[min(known, 5)]) - 1
    rules = _Ruleset(files, 3 if known >= 4 else 0, 3 if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    ruleset = kernel.syscall(_CREATE, ctypes.byref(rules), size, 0)
    try:
        for paths, allowed in ((readable, _READ), (writable, files & ~_IOCTL_DEV)):
            for path in paths:
                _allow(ruleset, path, allowed & files)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.syscall(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, allowed: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    try:
        if not path.is_dir():
            allowed &= _OF_A_FILE
        rule = _Beneath(allowed, parent)
        kernel.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)
