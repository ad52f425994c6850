"""Play a participant: unpack a bundle elsewhere, set it up without a network, answer nothing.

What is tried is what a room does in its first minutes: the set-up, the report on the machine, a
lesson and a lab at the smallest size, and the progress page.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from authoring.workshop.bundle import FOLDER

LESSON, LAB = "notebooks/01_hypothesis.ipynb", "labs/01_hypothesis.ipynb"


@dataclass(frozen=True)
class Step:
    """One step of the rehearsal: what was done, whether it went well, and what it said."""

    what: str
    went_well: bool
    said: str
    seconds: float


# A new network namespace has even its own loopback switched off, which a notebook's kernel needs.
_LOOPBACK_ONLY = """
import fcntl, os, socket, struct, sys
with socket.socket() as any_socket:
    name_and_up = struct.pack("16sh", b"lo", 1)  # IFF_UP
    fcntl.ioctl(any_socket, 0x8914, name_and_up)  # SIOCSIFFLAGS
os.execvp(sys.argv[1], sys.argv[1:])
"""


def without_network() -> list[str]:
    """Return the command prefix that takes the network away; empty where the system has none.

    On Linux a new network namespace; elsewhere the rehearsal relies on pip being told to use no
    index, and the caller says so.
    """
    prefix = ["unshare", "--map-root-user", "--net", sys.executable, "-c", _LOOPBACK_ONLY]
    if not shutil.which("unshare"):
        return []
    tried = subprocess.run([*prefix, "true"], capture_output=True)
    return prefix if tried.returncode == 0 else []


def rehearse(bundle: Path) -> Iterator[Step]:
    """Yield the steps of a participant's first minutes, each after it was tried; stop at a failure.

    Parameters
    ----------
    bundle : Path
        The participants' zip file, with its packages.
    """
    with tempfile.TemporaryDirectory(prefix="internlab rehearsal ") as scratch:
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(scratch)
        folder = Path(scratch) / FOLDER
        python = str(folder / ".venv" / "bin" / "python")
        execute = [python, "-c", "from nbclient.cli import main; main()", "--inplace"]
        commands = {
            "make check": ["make", "check"],
            LESSON: [*execute, LESSON],
            LAB: [*execute, LAB],
            "make progress": ["make", "progress"],
        }
        for what, command in commands.items():
            # `progress` takes the network away itself, and as root changes its user, which it
            # could not inside the namespace that takes it away here.
            prefix = [] if what == "make progress" else without_network()
            step = _try(what, [*prefix, *command], folder)
            if what == LAB and step.went_well:
                step = _blank(step, folder / LAB)
            yield step
            if not step.went_well:
                return


def _try(what: str, command: list[str], folder: Path) -> Step:
    kept = ("PATH", "LANG", "TERM")
    variables = {name: os.environ[name] for name in kept if name in os.environ}
    # An own home: neither pip's cache nor a setting of this machine may help.
    variables |= {"HOME": str(folder.parent), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    variables |= {"INTERNLAB_OFFLINE": "1", "INTERNLAB_TIER": "smoke", "OMP_NUM_THREADS": "1"}
    began = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    said = (done.stdout + done.stderr).strip()
    return Step(what, done.returncode == 0, said, time.monotonic() - began)


def _blank(step: Step, lab: Path) -> Step:
    """Hold a lab that ran to what an unanswered one says: TODO to every exercise."""
    shown = [
        "".join(output["data"]["text/plain"])
        for cell in json.loads(lab.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", [])
        if output["output_type"] == "display_data"
    ]
    lines = [line for line in shown if line.startswith(("PASS ", "TODO ", "NOT YET "))]
    blank = bool(lines) and all(line.startswith("TODO ") for line in lines)
    said = f"{len(lines)} exercises answer TODO" if blank else str(lines)
    return Step(step.what, blank, said, step.seconds)
