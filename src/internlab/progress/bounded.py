"""Run one lab in a bounded process. Nothing of the lab runs in this one."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

import psutil

from internlab.files import cache_dir, project_root
from internlab.progress import contain, landlock
from internlab.progress.catalogue import KitLab
from internlab.progress.contain import Protection
from internlab.progress.heard import Channel, Heard, outcome_of
from internlab.progress.limits import Limits
from internlab.progress.outcome import MISSING, Outcome, nothing_but
from internlab.progress.watched import Watched

# How often it is asked whether a lab has ended, and every how many times what it uses.
_LOOK_EVERY_S, _MEASURE_EVERY = 0.1, 3
_EMPTY_LAB = KitLab("", "", "internlab.exercises", ())


class CannotContain(RuntimeError):
    """This machine offers too little to run other people's code."""


def run_lab(
    notebook: Path,
    lab: KitLab,
    limits: Limits | None = None,
    hidden: Sequence[Path] = (),
    stop: threading.Event | None = None,
    protection: Protection | None = None,
) -> Outcome:
    """Run a participant's notebook in a bounded process.

    Parameters
    ----------
    notebook : Path
        The file; it is read in the bounded process, and never written.
    lab : KitLab
        The lab of the kit that it should be.
    limits : Limits, optional
    hidden : sequence of Path
        Folders that the lab does not get to see, such as the other participants' work.
    stop : threading.Event, optional
        Ends the run when it is set.
    protection : Protection, optional
        By default all that this machine offers.

    Returns
    -------
    Outcome
        For every exercise of `lab`, whatever the notebook does.

    Raises
    ------
    CannotContain
        If the process could not contain itself as promised; none of the lab ran then.
    KeyboardInterrupt
        If `stop` was set.
    """
    limits, stop = limits or Limits(), stop or threading.Event()
    heard, reason, measured = _run(
        notebook, lab, limits, hidden, stop, (protection or available()).layers
    )
    if reason == "interrupted":
        raise KeyboardInterrupt
    if heard.broken:
        return nothing_but(lab.exercises, MISSING, heard.broken, **measured)
    if heard.checks is None and not reason:
        return nothing_but(lab.exercises, MISSING, "the file ended the one who read it", **measured)
    if not heard.contained and not reason:
        raise CannotContain(heard.failed or "the process ended before it was contained")
    return outcome_of(heard, lab, reason, measured)


@cache
def available() -> Protection:
    """Try which layers this machine offers, with an empty lab, once in a process.

    Raises
    ------
    CannotContain
        If not even the kit itself runs in a bounded process.
    """
    if os.name != "posix":
        raise CannotContain("labs run in a bounded process on Linux and macOS; use WSL on Windows")
    found, refused = [], []
    for layer in contain.LAYERS:
        heard, *_ = _run(None, _EMPTY_LAB, Limits(), (), threading.Event(), (layer,))
        if heard.contained and heard.ended == 0:
            found.append(layer)
        else:
            refused.append(f"{layer}: {heard.failed or 'the process ended'}")
    layers = tuple(found)
    heard, *_ = _run(None, _EMPTY_LAB, Limits(), (), threading.Event(), layers)
    if not heard.contained or heard.ended != 0:
        raise CannotContain(heard.failed or "the bounded process ended before it began")
    return Protection(layers, landlock.version(), os.geteuid() == 0, tuple(refused))


def _run(
    notebook: Path | None,
    lab: KitLab,
    limits: Limits,
    hidden: Iterable[Path],
    stop: threading.Event,
    layers: tuple[str, ...],
) -> tuple[Heard, str, dict[str, float]]:
    """Return what was heard, why the run was stopped ("" if it was not), and what it took."""
    folder = Path(tempfile.mkdtemp(prefix="internlab-progress-"))
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-m", "internlab.progress.child", str(writing)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(writing,),
            env=_environment(folder),
            cwd=folder,
            start_new_session=True,
        )
        os.close(writing)
        channel = Channel(reading, limits.report_kb * 1000)
        job = {
            "word": channel.word,
            "notebook": str(notebook.absolute()) if notebook else "",
            "kit_notebook": str(project_root() / "labs" / f"{lab.file_name}.ipynb"),
            "lab": asdict(lab),
            "limits": asdict(limits),
            "layers": layers,
            "folder": str(folder),
            "hidden": [str(path) for path in (*_own_answers(), *hidden)],
            "more_processes": _more_processes(layers),
        }
        watched = Watched(process, folder, limits)
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(job).encode())
                process.stdin.close()
            reason = _watch(watched, channel, stop, started)
        finally:
            watched.end()
        channel.listen()
        measured = {
            "seconds": time.monotonic() - started,
            "cpu_seconds": max(watched.cpu_seconds, channel.heard.cpu_seconds),
            "memory_mb": watched.memory_mb,
        }
        return channel.heard, reason, measured
    finally:
        os.close(reading)
        shutil.rmtree(folder, ignore_errors=True)


def _watch(watched: Watched, channel: Channel, stop: threading.Event, started: float) -> str:
    look = 0
    while watched.process.poll() is None:
        look += 1
        channel.listen()
        if stop.wait(_LOOK_EVERY_S):
            return "interrupted"
        if time.monotonic() - started > watched.limits.wall_s:
            return f"it ran for more than {watched.limits.wall_s:g} s"
        reason = channel.too_much()
        if not reason and look % _MEASURE_EVERY == 0:
            reason = watched.exceeded()
        if reason:
            return reason
    return ""


def _environment(folder: Path) -> dict[str, str]:
    """Return the variables that a lab gets: none of this machine's own but the way to Python."""
    places = [str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
    return {
        "PATH": os.pathsep.join(places),
        "LANG": "C.UTF-8",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "USER": "participant",
        "LOGNAME": "participant",
        "IPYTHONDIR": str(folder / "home" / "ipython"),
        "MPLCONFIGDIR": str(folder / "home" / "matplotlib"),
        "MPLBACKEND": "Agg",
        "INTERNLAB_TIER": tier(),
        "INTERNLAB_NOTES": str(folder / "notes"),
        "INTERNLAB_CACHE": str(cache_dir()),
        "INTERNLAB_INTERVIEWS": "",
        "NO_ALBUMENTATIONS_UPDATE": "1",
        "CUDA_VISIBLE_DEVICES": "",
        **{
            f"{library}_NUM_THREADS": "1"
            for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "RAYON")
        },
    }


def tier() -> str:
    """Return the tier at which labs run: the smallest, unless the caller asks for another."""
    return os.environ.get("INTERNLAB_TIER", "smoke")


def _own_answers() -> list[Path]:
    """Return the folders of the kit that hold the solutions."""
    root = project_root()
    return [root / "solutions", root / "authoring", root / "tests", root / "notes"]


def _more_processes(layers: tuple[str, ...]) -> int:
    """Return how many processes and threads the user has, where the kernel counts them too."""
    if contain.NAMESPACES in layers or os.geteuid() == 0:
        return 0
    count = 0
    for process in psutil.process_iter(["uids", "num_threads"]):
        uids = process.info["uids"]
        if uids is not None and uids.real == os.getuid():
            count += process.info["num_threads"] or 0
    return count
