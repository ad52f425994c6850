"""Start and stop Ray on this machine, quietly, and leave no process behind.

Ray is a small cluster even on one machine: a server that keeps the state (gcs_server), a raylet
that hands out CPUs, some helpers, and one worker process for each trial at a time. All of them are
children of this process, so that they can be ended here.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import signal
import tempfile
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

# Set before Ray is imported, because Ray reads most of them while it is imported. Workers inherit
# them. A variable that is already set keeps its value.
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    # Ray prints long messages on dead workers; the search says which trial it was.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
    # The search keeps its own record, so Tune's CSV, JSON and TensorBoard files are not written.
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    # A trial that fails may report without the metric; RayTrial checks the others.
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    # A stopped trial ends at its next report; a slow machine may need longer than 2 seconds for it.
    "TUNE_FUNCTION_THREAD_TIMEOUT_S": "60",
    # An objective finds its files as if it were run by hand in the folder Ray was started in.
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "OMP_NUM_THREADS": "1",
    "NO_ALBUMENTATIONS_UPDATE": "1",
}
ATTEMPTS = 4
# Trials get their data by themselves; Ray's shared memory holds little more than the objective.
OBJECT_STORE_BYTES = 150_000_000
_PREFIX = "internlab-ray-"

_running: _Running | None = None


class _Running:
    """What `stop` needs to know about the Ray that `start` started."""

    def __init__(self, cpus: int, folder: Path, roots: list[psutil.Process], on_term: Any) -> None:
        self.cpus, self.folder, self.roots, self.on_term = cpus, folder, roots, on_term
        # After a fork, the child must not end its parent's processes.
        self.owner = os.getpid()


def start(cpus: int = 2, gpus: float | None = None, attempts: int = ATTEMPTS) -> None:
    """Start Ray on this machine, unless this function already did with as many CPUs.

    Parameters
    ----------
    cpus : int
        How many CPUs trials may take together. Ray counts them, it does not bind to them.
    gpus : float, optional
        How many GPUs; default: those that Ray finds.
    attempts : int
        How often a start is tried.

    Raises
    ------
    ValueError
        If `cpus` or `attempts` is below 1.
    RuntimeError
        If Ray is running already with other CPUs, or started by other means; or if it does not
        start, with the end of its log and what to do.
    """
    global _running
    if cpus < 1 or attempts < 1:
        raise ValueError(f"cpus={cpus}, attempts={attempts}: expected at least 1 of each.")
    prepare_environment()
    import ray

    if ray.is_initialized():
        if _running is not None and _running.cpus == cpus:
            return
        has = f"with {_running.cpus} CPUs" if _running else "and was not started by the kit"
        raise RuntimeError(
            f"Ray is running already, {has}. Use it as it is, or end it first: "
            f"{'ray_session.stop()' if _running else 'ray.shutdown()'}."
        )

    def initialise(folder: Path) -> None:
        # Without address="local" Ray joins any cluster that it finds on this machine.
        ray.init(
            address="local",
            num_cpus=cpus,
            num_gpus=gpus,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            object_store_memory=OBJECT_STORE_BYTES,
            _temp_dir=str(folder),
        )

    folder, roots, on_term = attempt(initialise, attempts)
    _running = _Running(cpus, folder, roots, on_term)


def stop() -> None:
    """End the Ray that `start` started, with all its processes; do nothing if there is none."""
    global _running
    if _running is None or _running.owner != os.getpid():
        return
    running, _running = _running, None
    try:
        shut_down(running.roots)
    finally:
        _restore_sigterm(running.on_term)
        shutil.rmtree(running.folder, ignore_errors=True)


@contextmanager
def session(cpus: int = 2, gpus: float | None = None) -> Iterator[None]:
    """Start Ray for a block and stop it at the block's end, also after an error or Ctrl-C.

    A Ray that `start` started before goes on after the block.
    """
    had = is_running()
    start(cpus, gpus)
    try:
        yield
    finally:
        if not had:
            stop()


@contextmanager
def existing_or_own(cpus: int, gpus: float | None = None) -> Iterator[None]:
    """Use the Ray that this process is connected to, or start one for the block."""
    if is_running():
        yield
        return
    with session(cpus, gpus):
        yield


def is_running() -> bool:
    """Say whether this process is connected to a Ray, started here or by other means."""
    prepare_environment()
    import ray

    return ray.is_initialized()


def prepare_environment() -> None:
    """Set `ENVIRONMENT` where it is unset, and quiet Ray. To be called before Ray is imported."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    # In a notebook Ray asks for widgets, which the kit does without.
    logging.getLogger("ray.widgets.util").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message="IProgress not found")


def attempt(
    initialise: Callable[[Path], None], attempts: int = ATTEMPTS
) -> tuple[Path, list[psutil.Process], Any]:
    """Call `initialise` with a fresh folder until it succeeds, at most `attempts` times.

    A raylet aborts if its helper has not answered after 15 seconds, which no setting changes
    (https://github.com/ray-project/ray/issues/65983), so on a busy machine a start can fail and
    the next one succeed.

    Parameters
    ----------
    initialise : function of a Path
        Starts Ray with the folder for its logs and sockets.
    attempts : int
        At least 1.

    Returns
    -------
    folder : Path
    roots : list of psutil.Process
        The processes that were started as children of this one.
    on_term
        The handler of SIGTERM before; Ray sets its own.

    Raises
    ------
    RuntimeError
        If the last attempt fails too.
    """
    _remove_stale_folders()
    on_term = signal.getsignal(signal.SIGTERM)
    before = set(psutil.Process().children())
    for number in range(1, attempts + 1):
        # Sockets lie in this folder, and their paths must stay under about 100 characters, which
        # the temporary folder of macOS or of a test would exceed.
        top = "/tmp" if os.name == "posix" else None
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=top))
        try:
            initialise(folder)
        except BaseException as error:
            shut_down(_started_since(before))
            _restore_sigterm(on_term)
            tail = log_tail(folder)
            shutil.rmtree(folder, ignore_errors=True)
            if not isinstance(error, Exception):  # Ctrl-C
                raise
            if number == attempts:
                raise RuntimeError(_explain(attempts, error, tail)) from error
        else:
            return folder, _started_since(before), on_term
    raise ValueError(f"attempts={attempts}: expected at least 1.")


def shut_down(roots: list[psutil.Process], patience: float = 10.0) -> None:
    """Disconnect from Ray, wait for its processes to end, and kill those that do not.

    Parameters
    ----------
    roots : list of psutil.Process
        Children of this process that belong to Ray; their descendants end with them.
    patience : float
        Seconds to wait.
    """
    import ray

    # Listed first: a worker whose raylet has ended is nobody's descendant any more.
    family = _descendants(roots)
    ray.shutdown()
    _, alive = psutil.wait_procs(family, timeout=patience)
    left = list({*alive, *_descendants(roots)})
    for each in left:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            pass
    psutil.wait_procs(left, timeout=patience)


def log_tail(folder: Path, lines: int = 12) -> str:
    """Return the end of the newest raylet.err below `folder`, or of raylet.out if that is empty."""
    for name in ("raylet.err", "raylet.out"):
        logs = [each for each in folder.glob(f"session_2*/logs/{name}") if each.stat().st_size]
        if logs:
            newest = max(logs, key=lambda each: each.stat().st_mtime)
            with open(newest, encoding="utf-8", errors="replace") as stream:
                return "".join(deque(stream, lines)).rstrip()
    return ""


def _explain(attempts: int, error: Exception, tail: str) -> str:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    shown = f"The end of its log:\n{tail}" if tail else "It left no log."
    return (
        f"Ray did not start, {attempts} attempts failed: {reason}\n"
        "It gives up when the machine is too busy to start its processes in 15 seconds. Close "
        f"other programs and other notebooks' kernels, then run this again. {shown}"
    )


def _started_since(before: set[psutil.Process]) -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if each not in before]


def _descendants(roots: list[psutil.Process]) -> list[psutil.Process]:
    found = []
    for root in roots:
        try:
            found += [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
    return found


def _restore_sigterm(handler: Any) -> None:
    if handler is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)


def _remove_stale_folders() -> None:
    """Remove the folders of sessions whose process was killed."""
    top = Path("/tmp" if os.name == "posix" else tempfile.gettempdir())
    for folder in top.glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


atexit.register(stop)
