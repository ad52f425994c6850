"""What keeps a participant's code to its own temporary folder: three layers, each where it is had.

``namespaces``
    The process sees a machine of its own: every file system read-only but its own folder, which
    is memory of a fixed size; no process but its own; no network. Ends all its processes at once.
``landlock``
    It may read Python, the kit and the system's folders, and write its own folder; no solution
    and no other participant's work. From version 6 on it cannot signal processes outside.
``seccomp``
    It opens no socket and takes no memory past the account.

Each layer is applied in the child before the first cell, and whatever it cannot do is an error
there, never passed over. Resource limits and a session of its own come with every run. Each needs
Linux; on macOS there are only the resource limits.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import site
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from internlab.files import cache_dir, data_dir
from internlab.progress import kernel, landlock, seccomp
from internlab.progress.limits import MEGABYTE, Limits

NAMESPACES, LANDLOCK, SECCOMP = "namespaces", "landlock", "seccomp"
LAYERS = (NAMESPACES, LANDLOCK, SECCOMP)
# A user that no other process has, so that a limit on processes counts only this lab's.
FIRST_USER = 1_900_000_000

_NEW_MOUNTS, _NEW_IPC, _NEW_USER, _NEW_PIDS, _NEW_NETWORK = (
    0x00020000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
_NOSUID, _NODEV, _READ_ONLY, _RECURSIVE, _PRIVATE = 2, 4, 1, 16384, 1 << 18
_MOUNT_SETATTR, _HERE, _AT_RECURSIVE = 442, -100, 0x8000


class _Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


@dataclass(frozen=True)
class Protection:
    """What contains a run on this machine.

    Parameters
    ----------
    layers : tuple of str
        Of `LAYERS`.
    landlock : int
        Its version, 0 for none.
    as_root : bool
        Whether the caller is root; the labs then run as a user that exists only for them.
    refused : tuple of str
        For each layer that is not in force, why.
    """

    layers: tuple[str, ...]
    landlock: int
    as_root: bool
    refused: tuple[str, ...] = ()

    @property
    def isolated(self) -> bool:
        """Whether a lab cannot write outside its folder, by one layer or the other."""
        return NAMESPACES in self.layers or LANDLOCK in self.layers

    @property
    def complete(self) -> bool:
        """Whether all layers are in force."""
        return self.layers == LAYERS

    def sentences(self) -> list[str]:
        """Return what is and what is not contained, one plain sentence each."""
        spaces, lock = NAMESPACES in self.layers, self.landlock if LANDLOCK in self.layers else 0
        no_sockets = SECCOMP in self.layers
        said = [
            "Time, CPU, memory, processes, and the size of files are limited; the memory of all "
            "processes together is looked at three times a second."
        ]
        if spaces:
            said.append("Files outside a lab's own temporary folder are read-only.")
        elif lock:
            said.append(
                "A lab writes only in its own temporary folder. Not contained: permissions and "
                "dates of files that this user owns."
            )
        elif self.as_root:
            said.append("Labs run as another user. Not contained: files that anyone may write.")
        else:
            said.append("Not contained: a lab may change or delete any file of this user.")
        if lock:
            said.append("A lab reads Python, the kit and system folders: no solution, no home.")
        else:
            said.append("Not contained: a lab may read what this user may read.")
        if spaces or no_sockets:
            said.append("A lab has no network.")
        elif lock >= 4:
            said.append("A lab has no TCP. Not contained: other protocols.")
        else:
            said.append("Not contained: the network.")
        if spaces:
            said.append("All processes of a lab end with it, also those that hide.")
        elif lock >= 6 or self.as_root:
            said.append("A lab cannot end other processes; its own are looked for and ended.")
        else:
            said.append("Not contained: a lab may end other processes of this user.")
        if not no_sockets:
            said.append("Not contained: memory shared past the account (memfd, System V).")
        said.append("Code in the same process as its check can always cheat: see the remarks.")
        return said


def enter_namespaces() -> None:
    """Leave the machine's namespaces; the next fork begins the new process namespace.

    Raises
    ------
    OSError
        If the kernel or the container does not allow it.
    """
    spaces = _NEW_MOUNTS | _NEW_IPC | _NEW_PIDS | _NEW_NETWORK
    user, group = os.getuid(), os.getgid()
    if user == 0:
        kernel.call("unshare", spaces)
        return
    kernel.call("unshare", spaces | _NEW_USER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def lay_out_files(folder: Path, hidden: Iterable[Path], limits: Limits) -> None:
    """Make every file system read-only but a new one on `folder`. In the new process namespace.

    Parameters
    ----------
    folder : Path
        Becomes a file system in memory, of ``limits.folder_mb``.
    hidden : iterable of Path
        Folders that look empty afterwards.

    Raises
    ------
    OSError
        If a mount is refused.
    """
    kernel.mount("none", "/", None, _RECURSIVE | _PRIVATE)
    try:
        kernel.mount("proc", "/proc", "proc", _NOSUID | _NODEV)
    except OSError:
        # A container that covers parts of /proc allows no fresh one; an empty one shows nothing.
        kernel.mount("tmpfs", "/proc", "tmpfs", _NOSUID | _NODEV | _READ_ONLY, "size=4k")
    for path in (*hidden, Path("/run")):
        if path.is_dir() and not any(_is_within(needed, path) for needed in (*_needed(), folder)):
            kernel.mount("tmpfs", str(path), "tmpfs", _NOSUID | _NODEV | _READ_ONLY, "size=4k")
    size = limits.folder_mb * MEGABYTE
    writable = [folder]
    options = f"size={size},nr_inodes=10000,mode=700"
    kernel.mount("tmpfs", str(folder), "tmpfs", _NOSUID | _NODEV, options)
    if Path("/dev/shm").is_dir():
        options = f"size={size // 4},nr_inodes=1000,mode=1777"
        kernel.mount("tmpfs", "/dev/shm", "tmpfs", _NOSUID | _NODEV, options)
        writable.append(Path("/dev/shm"))
    _set_attributes(Path("/"), _Attributes(set=_READ_ONLY | _NOSUID), _AT_RECURSIVE)
    for path in writable:
        _set_attributes(path, _Attributes(clear=_READ_ONLY), 0)


def become_nobody(folder: Path) -> None:
    """As root: become a user that no other process has, owner of `folder` alone.

    If that user could not read Python or the kit, as in root's home, it keeps the one privilege
    to read files, and no other.

    Raises
    ------
    OSError
        If this process may not change its user.
    """
    if not kernel.IS_LINUX:
        raise OSError("labs are not run as root on this system; use an ordinary account")
    user = FIRST_USER + int.from_bytes(os.urandom(3), "big")
    needed = _needed()  # while they can be looked for, also in a folder of root alone
    os.chown(folder, user, user)
    os.setgroups([])
    kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    readable = all(os.access(path, os.R_OK) for path in needed)
    kernel.keep_capabilities(0 if readable else 1 << kernel.CAP_DAC_READ_SEARCH)
    # So that it can read what /proc says of itself.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)


def shut(layers: Iterable[str], folder: Path) -> None:
    """Apply what a process applies to itself: Landlock and the filter on system calls.

    Raises
    ------
    OSError
        If one of them is refused.
    """
    if kernel.IS_LINUX:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if LANDLOCK in layers:
        system = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/sys", "/dev")
        memory = [Path("/dev/shm")] if NAMESPACES in layers else []
        landlock.restrict(
            readable=[*map(Path, system), *_needed()],
            writable=[folder, Path("/dev/null"), *memory],
        )
    if SECCOMP in layers:
        seccomp.install()


def limit_resources(limits: Limits, more_processes: int) -> None:
    """Set this process's resource limits, for good.

    Parameters
    ----------
    limits : Limits
    more_processes : int
        Those that the user has already, where they are counted too.
    """
    _set_limits(
        RLIMIT_CPU=int(limits.cpu_s) + 1,
        RLIMIT_FSIZE=limits.file_mb * MEGABYTE,
        RLIMIT_NPROC=limits.processes + more_processes,
        RLIMIT_NOFILE=256,
        RLIMIT_MSGQUEUE=0,
        RLIMIT_MEMLOCK=0,
    )


def limit_reading(limits: Limits) -> None:
    """Set what is limited already while the notebook is read, before any of it runs."""
    _set_limits(RLIMIT_AS=limits.address_mb * MEGABYTE, RLIMIT_CORE=0)


def _set_limits(**wanted: int) -> None:
    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue  # macOS has not all of them
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # macOS knows RLIMIT_AS and refuses to set it.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def _needed() -> list[Path]:
    """Return the folders that a lab reads."""
    package = Path(__file__).resolve().parents[2]
    folders = [sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))]
    folders += [*site.getsitepackages(), package / "internlab", data_dir(), cache_dir()]
    return list(dict.fromkeys(Path(each).resolve() for each in folders))


def _is_within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _set_attributes(path: Path, attributes: _Attributes, flags: int) -> None:
    kernel.syscall(
        _MOUNT_SETATTR,
        _HERE,
        ctypes.c_char_p(os.fsencode(path)),
        flags,
        ctypes.byref(attributes),
        ctypes.sizeof(attributes),
    )
