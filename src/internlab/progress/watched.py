"""Look after a bounded process: what it and its children use, and how all of them are ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil

from internlab.progress.limits import MEGABYTE, Limits


class Watched:
    """The child and all that it started: what they use, and how they are ended."""

    def __init__(self, process: subprocess.Popen, folder: Path, limits: Limits) -> None:
        self.process, self.limits = process, limits
        self.cpu_seconds = self.memory_mb = 0.0
        self._folder = folder

    def exceeded(self) -> str:
        """Return which limit all its processes together exceed, or ""."""
        processes = self._all()
        cpu = 0.0
        for each in processes:
            with contextlib.suppress(psutil.Error):
                times = each.cpu_times()
                cpu += times.user + times.system
                cpu += getattr(times, "children_user", 0) + getattr(times, "children_system", 0)
        self.cpu_seconds = max(self.cpu_seconds, cpu)
        if cpu > self.limits.cpu_s:
            return f"it used more than {self.limits.cpu_s:g} CPU-s"
        most = self.limits.memory_mb * MEGABYTE
        memory = _memory(processes, most)
        self.memory_mb = max(self.memory_mb, memory / MEGABYTE)
        if memory > most:
            return f"it used more than {self.limits.memory_mb} MB of memory"
        # The launcher and the first process of the namespace are ours.
        if len(processes) > self.limits.processes + 2:
            return f"it started more than {self.limits.processes} processes"
        if _size(self._folder) > self.limits.folder_mb * MEGABYTE:
            return f"it wrote more than {self.limits.folder_mb} MB"
        return ""

    def end(self) -> None:
        """End all of them; those that were orphaned are children of the launcher."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            others = [each for each in self._all() if each.pid != self.process.pid]
            for each in others:
                with contextlib.suppress(psutil.Error):
                    each.kill()
            if not others:
                break
            time.sleep(0.01)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def _all(self) -> list[psutil.Process]:
        try:
            launcher = psutil.Process(self.process.pid)
            found = [launcher, *launcher.children(recursive=True)]
        except psutil.Error:
            return []
        return [each for each in found if _is_alive(each)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _memory(processes: list[psutil.Process], enough: float) -> float:
    """Return the bytes in use of processes together, exactly only where it comes to `enough`."""
    quick = sum(_bytes_of(each, "memory_info", "rss") for each in processes)
    if quick <= enough:
        return quick
    # What processes share after a fork counts once, which takes the kernel long to find out.
    return sum(_bytes_of(each, "memory_full_info", "pss") for each in processes)


def _bytes_of(process: psutil.Process, method: str, name: str) -> float:
    try:
        counted = getattr(process, method)()
    except psutil.AccessDenied:
        counted = process.memory_info() if _is_alive(process) else None
    except psutil.Error:
        return 0.0
    return float(getattr(counted, name, getattr(counted, "rss", 0)))


def _size(folder: Path) -> int:
    """Return the bytes of the files in a folder of this machine, looking at no more than 1000."""
    total = 0
    for seen, (place, _, names) in enumerate(os.walk(folder)):
        for name in names[:1000]:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
        if seen > 1000:
            break
    return total
