"""A tiny objective for demonstrations of crashes: no network, next to no CPU, and a diary.

It keeps the convention of `internlab.hpo.training.objective.train_buildings`: the trial comes
first, keyword arguments are hyperparameters, every epoch reports and offers to save, and a trial
with a checkpoint goes on after it. So what is shown with it holds for a real training.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

STATE_FILE = "state.json"


def descend(
    trial: Any,
    *,
    lr: float = 0.05,
    momentum: float = 0.5,
    features: int = 10,
    epochs: int = 8,
    seconds: float = 0.0,
    diary: str = "",
) -> None:
    """Fit `features` weights by gradient descent, five steps an epoch, and report the loss.

    Parameters
    ----------
    trial : Trial
        Told ``loss`` after each epoch; training goes on from ``trial.checkpoint``.
    lr : float
        More than 0. Above 0.3 the loss grows, and a far too large one overflows.
    momentum : float
        0 to below 1.
    features : int
        How many weights; they have to fit into memory.
    epochs : int
    seconds : float
        How long an epoch waits, so that there is time to watch it.
    diary : str
        A file to which every epoch that was run appends a line: when, in which process, on which
        node, with which learning rate. It knows nothing of searches, so it can bear witness.

    Raises
    ------
    ValueError
        If the learning rate is not positive.
    """
    if not lr > 0:
        raise ValueError(f"lr={lr}; expected a positive learning rate.")
    steepness = np.linspace(1, 10, features)
    weights, velocity, first = np.ones(features), np.zeros(features), 1
    if trial.checkpoint:
        state = json.loads((trial.checkpoint / STATE_FILE).read_text(encoding="utf-8"))
        weights, velocity = np.array(state["weights"]), np.array(state["velocity"])
        first = state["epoch"] + 1
    for epoch in range(first, epochs + 1):
        time.sleep(seconds)
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(5):
                velocity = momentum * velocity - lr * steepness * weights
                weights = weights + velocity
            loss = float(np.mean(steepness * weights**2) / 2)
        write_diary(diary, lr=lr, epoch=epoch)
        state = {"weights": weights.tolist(), "velocity": velocity.tolist(), "epoch": epoch}
        trial.report({"loss": loss}, save=_writer(state))


def _writer(state: dict[str, Any]) -> Callable[[Path], None]:
    def save(folder: Path) -> None:
        (folder / STATE_FILE).write_text(json.dumps(state), encoding="utf-8")

    return save


def write_diary(diary: str, **facts: float) -> None:
    """Append one line to a diary, with the time, the process and the node; "" writes nothing."""
    if not diary:
        return
    line = {"time": time.time(), "process": os.getpid(), "node": _node(), **facts}
    # One short write in append mode: lines of several processes do not mix.
    with open(diary, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")


def read_diary(diary: Path | str) -> pd.DataFrame:
    """Return a diary as a table, oldest line first; empty if nothing was written yet.

    Columns: ``seconds`` since the first line, ``process``, ``node`` and the facts of the lines.
    """
    try:
        text = Path(diary).read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    # A process that is killed while it writes leaves half a line at most.
    lines = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
    table = pd.DataFrame(lines, columns=list(lines[0]) if lines else ["time", "process", "node"])
    table = table.sort_values("time", ignore_index=True)
    table.insert(0, "seconds", table["time"] - table["time"].min())
    return table.drop(columns="time")


def repeated(diary: pd.DataFrame, lrs: Any = None) -> int:
    """Return how many epochs of a diary were run although they had been run before.

    Parameters
    ----------
    diary : DataFrame
        As `read_diary` returns it; the learning rate tells trials apart.
    lrs : collection of float, optional
        Count only the trials with these learning rates.
    """
    chosen = diary if lrs is None else diary[diary["lr"].isin(list(lrs))]
    return int(chosen.duplicated(["lr", "epoch"]).sum())


def once(condition: Callable[[], bool], action: Callable[[], None]) -> threading.Thread:
    """Watch in the background, and act as soon as `condition` holds; for disasters on cue."""

    def watch() -> None:
        while not condition():
            time.sleep(0.05)
        action()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def kill(process: int) -> None:
    """End a process at once, as the operating system does when memory runs out."""
    psutil.Process(process).kill()


def kill_driver(driver: subprocess.Popen, patience: float = 5.0) -> None:
    """Kill the process that runs a search, and see that nothing of it is left.

    Ray's trials end by themselves some seconds after their driver; two of Ray's helpers take longer
    than anyone wants to wait.

    Parameters
    ----------
    driver : subprocess.Popen
    patience : float
        Seconds after which what Ray left is ended.
    """
    family = psutil.Process(driver.pid).children(recursive=True)
    driver.kill()
    driver.wait()
    _, alive = psutil.wait_procs(family, timeout=patience)
    for each in alive:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(alive, timeout=patience)


def _node() -> str:
    """Return the id of the Ray node that this runs on, or "" outside of Ray."""
    ray = sys.modules.get("ray")
    if ray is None or not ray.is_initialized():
        return ""
    return ray.get_runtime_context().get_node_id()
