"""A filter on system calls: no sockets, no new namespaces, no memory that nobody counts.

The filter is a program of the kernel's packet filter: it reads the number of a system call and
answers "allowed" or "error".

References
----------
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from internlab.progress import kernel

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# name: number on x86_64, number on aarch64
_REFUSED = {
    "socket": (41, 198),  # the network, and services of this machine behind a socket file
    "shmget": (29, 194),  # memory that outlives a process
    "msgget": (68, 186),
    "semget": (64, 190),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "unshare": (272, 97),
    "setns": (308, 268),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "open_by_handle_at": (304, 265),
    "io_uring_setup": (425, 425),  # it would open sockets past this filter
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
}
_CLONE, _CLONE3 = (56, 220), 435
_NEW_NAMESPACES = 0x7E020000
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_ANY, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000


def available() -> bool:
    """Say whether a filter can be written for this machine; installing one may still fail."""
    return kernel.IS_LINUX and platform.machine() in _ARCHITECTURES


def install() -> None:
    """Refuse these system calls to this process and all that it starts, for good.

    Raises
    ------
    OSError
        If the kernel refuses, or the machine is not one that the filter is written for.
    """
    if not available():
        raise OSError(f"no filter for {platform.machine()}")
    instructions = _program(platform.machine())
    program = b"".join(struct.pack("HBBI", *each) for each in instructions)
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

    described = Program(len(instructions), ctypes.addressof(code))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_SECCOMP, 2, ctypes.byref(described))


def _program(machine: str) -> list[tuple[int, int, int, int]]:
    """Return the instructions as (code, jump if true, jump if false, value)."""
    column = list(_ARCHITECTURES).index(machine)
    refuse = (_RETURN, 0, 0, _ERROR | errno.EPERM)
    program = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_JUMP_IF_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # the number of the call
    ]
    if machine == "x86_64":
        # The second numbering of 64-bit calls begins at bit 30.
        program += [(_JUMP_IF_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _KILL)]
    for numbers in _REFUSED.values():
        program += [(_JUMP_IF_EQUAL, 0, 1, numbers[column]), refuse]
    # clone3 has its flags in memory, where no filter sees them; the C library then uses clone.
    program += [
        (_JUMP_IF_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),
        (_JUMP_IF_EQUAL, 0, 3, _CLONE[column]),
        (_LOAD, 0, 0, 16),  # the low half of the first argument: the flags
        (_JUMP_IF_ANY, 0, 1, _NEW_NAMESPACES),
        refuse,
        (_RETURN, 0, 0, _ALLOW),
    ]
    return program
