"""How much one lab may use."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """What one lab may use before it is stopped.

    Parameters
    ----------
    wall_s, cpu_s : float
        Seconds for the whole lab; CPU-seconds are summed over all its processes.
    cell_s : float
        Seconds for one cell. The cell is interrupted and the next one runs.
    address_mb : int
        Address space of one process, in MB: more is a `MemoryError` in it.
    memory_mb : int
        Memory in use of all its processes together, in MB, sampled while it runs.
    processes : int
        Processes and threads.
    file_mb, folder_mb : int
        One file that it writes, and all of them together, in MB.
    report_kb : int
        What it may report of its exercises, in kB. What it prints is thrown away.
    notebook_mb : int
        A larger notebook file is not opened.
    """

    wall_s: float = 120.0
    cpu_s: float = 60.0
    cell_s: float = 30.0
    address_mb: int = 6000
    memory_mb: int = 3000
    processes: int = 64
    file_mb: int = 50
    folder_mb: int = 200
    report_kb: int = 256
    notebook_mb: int = 20

    def __str__(self) -> str:
        return (
            f"{self.wall_s:g} s, {self.cpu_s:g} CPU-s, {self.cell_s:.3g} s a cell, "
            f"{self.memory_mb} MB of memory, {self.processes} processes, "
            f"{self.folder_mb} MB of files"
        )
