"""Run a program in a process of its own that cannot run for ever or print without end."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120.0
CHARACTERS = 20_000
# What a process needs from the machine to start at all; everything else is left out.
_NEEDED = ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True)
class Finished:
    """How a process ended: its status (None if it was stopped), what it printed, how long."""

    status: int | None
    output: str
    seconds: float

    @property
    def stopped(self) -> bool:
        """Whether it ran out of time."""
        return self.status is None


def run(
    arguments: Sequence[str | Path],
    folder: Path,
    *,
    variables: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Finished:
    """Run a program in `folder` with hardly any environment variables.

    Parameters
    ----------
    arguments : sequence of str
        The program and its arguments.
    folder : Path
        Its working directory.
    variables : mapping of str to str, optional
        Environment variables besides those without which nothing starts.
    seconds : float
        Wall time after which it is killed, and on Linux and macOS its children with it.

    Returns
    -------
    Finished
        With standard output and error together, cut after 20,000 characters.
    """
    environment = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    environment.update(variables or {})
    start = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [str(each) for each in arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=os.name == "posix",
        )
        try:
            status: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            # Also on Ctrl-C, and also what the program left behind.
            _kill(process)
        output.seek(0)
        text = output.read(4 * CHARACTERS).decode("utf-8", errors="replace")
    return Finished(status, text[:CHARACTERS], time.monotonic() - start)


def _kill(process: subprocess.Popen) -> None:
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
    elif process.poll() is None:
        process.kill()
    process.wait()
