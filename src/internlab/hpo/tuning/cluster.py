"""A Ray cluster of two nodes on this machine, one of which can be lost.

A node is a raylet with its own CPUs, object store and worker processes. Two of them on one machine
talk to each other as two machines would, and killing one leaves the other, so that what a search
does about a lost node can be watched without a second computer. What it cannot show: both nodes see
the same files and have the same Python. On a real cluster those are the first things to arrange.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from internlab.hpo.tuning import ray_session

HEAD, SECOND = "head", "second"
SUPPORTED = os.name != "nt"

_running: TwoNodes | None = None


class TwoNodes:
    """The two nodes while they run; made by `start` or `two_nodes`.

    Attributes
    ----------
    names : dict of str to str
        ``"head"`` or ``"second"`` for the id that Ray gave each node, as 56 hexadecimal digits.
    """

    def __init__(self, cpus: int) -> None:
        self.cpus = cpus
        self.names: dict[str, str] = {}
        self._cluster: Any = None
        self._second: Any = None
        self._folder, self._roots, self._on_term = ray_session.attempt(self._initialise)
        # After a fork, the child must not end its parent's processes.
        self._owner = os.getpid()

    @property
    def alive(self) -> list[str]:
        """The names of the nodes that have not been lost."""
        return [HEAD] + ([SECOND] if self._second is not None else [])

    def lose_node(self) -> None:
        """Kill the second node with everything that runs on it, as a power cut would.

        Returns when its processes are gone. Ray notices by itself, some seconds later.

        Raises
        ------
        RuntimeError
            If the second node is lost already.
        """
        if self._second is None:
            raise RuntimeError("The second node is lost already; start a new cluster for another.")
        second, self._second = self._second, None
        raylet = psutil.Process(second.all_processes["raylet"][0].process.pid)
        # Its workers too, and before they can notice: a power cut leaves nothing to finish a line.
        family = raylet.children(recursive=True)
        self._cluster.remove_node(second, allow_graceful=False)
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(family, timeout=10)

    def _initialise(self, folder: Path) -> None:
        import ray
        from ray.cluster_utils import Cluster

        settings = {
            "num_cpus": self.cpus,
            "num_gpus": 0,
            "object_store_memory": ray_session.OBJECT_STORE_BYTES,
            "include_dashboard": False,
            # Unless it is named, a second node of Ray 2.60 loses the setting of the first.
            "dashboard_agent_listen_port": 0,
        }
        self._cluster = Cluster(shutdown_at_exit=False)
        with _address_file_in(folder):
            head = self._cluster.add_node(temp_dir=str(folder), **settings)
        self._second = self._cluster.add_node(**settings)
        ray.init(
            address=self._cluster.address,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
        _keep_quiet()
        logging.getLogger("ray").setLevel(logging.ERROR)
        self.names = {head.node_id: HEAD, self._second.node_id: SECOND}

    def _stop(self) -> None:
        if self._owner != os.getpid():
            return
        try:
            # The nodes hold nothing worth a graceful end, so nobody waits for one.
            ray_session.shut_down(self._roots, patience=2.0)
        finally:
            if self._on_term and threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, self._on_term)
            shutil.rmtree(self._folder, ignore_errors=True)


def start(cpus_each: int = 1) -> TwoNodes:
    """Start two nodes on this machine and connect to them; searches then run on both.

    Parameters
    ----------
    cpus_each : int
        How many CPUs each node offers. Ray counts them, it does not bind to them.

    Raises
    ------
    ValueError
        If `cpus_each` is below 1.
    RuntimeError
        On Windows, where Ray's clusters are untested; if Ray runs already; or if it does not start,
        with the end of its log and what to do.
    """
    global _running
    if cpus_each < 1:
        raise ValueError(f"cpus_each={cpus_each}; expected at least 1 for each of the two nodes.")
    if not SUPPORTED:
        raise RuntimeError(
            "Ray calls its clusters on Windows experimental and untested, so none is started. Run "
            "this in WSL, or run the same search on one node: it only cannot lose any."
        )
    with _quietly():
        running = ray_session.is_running()
    if running:
        raise RuntimeError(
            "Ray is running already, on one node or another cluster. End it first, with "
            "ray_session.stop() or cluster.stop()."
        )
    with _quietly():
        _running = TwoNodes(cpus_each)
    return _running


def stop() -> None:
    """End the nodes that `start` started, with all their processes; do nothing without any."""
    global _running
    if _running is not None:
        running, _running = _running, None
        running._stop()


@contextmanager
def _quietly() -> Iterator[None]:
    """Hide what Ray and its parts remark in a notebook: which other packages one could install."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def _keep_quiet() -> None:
    """Keep Ray from printing the last lines of a lost node's log; no public setting does."""
    from ray._private import worker

    worker._worker_logs_enabled = False


@contextmanager
def _address_file_in(folder: Path) -> Iterator[None]:
    """Keep the file to ourselves through which any other ray.init() would join this cluster."""
    before = os.environ.get("RAY_TMPDIR")
    (folder / "ray").mkdir()
    os.environ["RAY_TMPDIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["RAY_TMPDIR"]
        if before is not None:
            os.environ["RAY_TMPDIR"] = before


@contextmanager
def two_nodes(cpus_each: int = 1) -> Iterator[TwoNodes]:
    """Start two nodes for a block and stop them at its end, also after an error or Ctrl-C."""
    try:
        yield start(cpus_each)
    finally:
        stop()


atexit.register(stop)
