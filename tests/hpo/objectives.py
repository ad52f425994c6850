"""Objectives of the tests: no training, no torch, a fraction of a second."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path


def climb(trial, *, rate=0.5, offset=0.0, steps=6, log="", pause=0.0, seed=0):
    """Rise towards 1, the faster the larger `rate`; the value depends on all iterations before."""
    score, first = offset, 0
    if trial.checkpoint:
        state = json.loads((trial.checkpoint / "state.json").read_text())
        score, first = state["score"], state["step"]
    for step in range(first, steps):
        score += rate * (1 - score) / 4
        time.sleep(pause)
        if log:
            with open(log, "a") as stream:
                stream.write(f"{rate!r} {step + 1}\n")
        state = {"score": score, "step": step + 1}
        trial.report(
            {"score": score, "loss": 1 - score},
            save=lambda folder, state=state: (folder / "state.json").write_text(json.dumps(state)),
        )


def trouble(trial, *, kind="", steps=4, folder="", rate=0.5):
    """`climb` with one of the troubles that trials really have."""
    if kind == "silent":
        return
    first = int((trial.checkpoint / "step").read_text()) if trial.checkpoint else 0
    for step in range(first, steps):
        if step == 2:
            _trouble(kind, Path(folder))
        score = float("nan") if kind == "nan" and step == 1 else rate * step
        if kind == "infinite" and step == 1:
            score = float("inf")
        trial.report(
            {"score": score},
            save=lambda at, step=step: (at / "step").write_text(str(step + 1)),
        )


def _trouble(kind, folder):
    if kind == "raises":
        raise ValueError("the learning rate is too blue\nsecond line")
    if kind == "memory":
        raise MemoryError
    if kind == "exits":
        raise SystemExit(3)
    if kind == "always killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "killed once" and not (folder / "killed").exists():
        (folder / "killed").touch()
        os._exit(1)


def never_reports(trial, *, rate=0.5):
    """Return at once."""


def with_a_required_one(trial, *, rate, needed):
    """Has a hyperparameter without a default."""
