"""Claims on searches run live in Ray: what halving saves, what Ray costs, what a kill costs."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from internlab.claims import Measurement, claim
from internlab.hpo.demonstration import read_diary
from internlab.hpo.tuning import ray_session
from internlab.hpo.tuning.outcome import Outcome
from internlab.hpo.tuning.record import Record
from internlab.hpo.tuning.search import Search, run
from internlab.hpo.tuning.space import BUILDING_SPACE, LogUniform, Uniform

TRIALS, EPOCHS, SEARCH_SEEDS = 16, 16, (0, 1, 2)
OVERHEAD_TRIALS, OVERHEAD_ROUNDS = (4, 28), 3
KILLED_TRIALS, KILLED_EPOCHS, KILLS = 8, 8, 4
# Of the random moments at which the driver is killed.
KILL_SEED = 0


@claim(
    "hpo",
    "asha-live",
    "ASHA live in Ray against random search, the same 16 configurations, CPU-seconds of all "
    "trials, worst of 3 search seeds",
    at_most=0.75,
    unit="x",
)
def asha_cost() -> Measurement:
    """Return the largest ratio of the CPU-seconds."""
    ratios, shown = [], []
    for seed in SEARCH_SEEDS:
        random, asha = (each.trials for each in _both_searches(seed))
        ratios.append(float(asha["cpu_seconds"].sum() / random["cpu_seconds"].sum()))
        shown.append(
            f"{ratios[-1]:.2f} ({asha['cpu_seconds'].sum():.0f} of "
            f"{random['cpu_seconds'].sum():.0f} CPU-s, {asha['iterations'].sum()} of "
            f"{random['iterations'].sum()} epochs)"
        )
    return Measurement(max(ratios), "; ".join(shown))


@claim(
    "hpo",
    "asha-live-best",
    "ASHA live in Ray against random search, the same 16 configurations, validation IoU that the "
    "best loses, worst of 3 search seeds",
    at_most=0.03,
)
def asha_best() -> Measurement:
    """Return the most by which random search's best is better."""
    losses, shown = [], []
    for seed in SEARCH_SEEDS:
        random, asha = (each.best for each in _both_searches(seed))
        losses.append(random.value - asha.value)
        shown.append(f"{asha.value:.3f} of {random.value:.3f}")
    return Measurement(max(losses), "; ".join(shown))


@functools.cache
def _both_searches(seed: int) -> tuple[Outcome, Outcome]:
    """Run random search and ASHA with the same configurations; the same pair for both claims."""
    found = []
    with tempfile.TemporaryDirectory() as folder, ray_session.session(cpus=2):
        for scheduler in ("none", "asha"):
            search = Search(
                objective="internlab.hpo.training.objective:train_buildings",
                space=BUILDING_SPACE,
                metric="validation_iou",
                samples=TRIALS,
                scheduler=scheduler,
                max_iterations=EPOCHS,
                fixed={"epochs": EPOCHS},
                seed=seed,
            )
            found.append(run(search, Path(folder) / scheduler, progress=None))
    return found[0], found[1]


def trivial(trial: Any, *, rate: float = 0.5) -> None:
    """Report once, after the imports of a real training."""
    import albumentations
    import pytorch_lightning
    import torch

    assert torch and pytorch_lightning and albumentations
    trial.report({"score": rate})


@claim(
    "hpo",
    "ray-overhead",
    "Ray's CPU-seconds for one more trial that does nothing, with actors reused",
    at_most=1.5,
    unit="CPU-s",
)
def ray_overhead() -> Measurement:
    """Return the slope between few and many trials, median of the rounds, of all processes."""
    few, many = OVERHEAD_TRIALS
    slopes, costs = [], []
    with tempfile.TemporaryDirectory() as folder, ray_session.session(cpus=2):
        _trivial_search(Path(folder) / "warm-up", few)
        for number in range(OVERHEAD_ROUNDS):
            spent = {n: _trivial_search(Path(folder) / f"{number}-{n}", n) for n in (few, many)}
            costs.append(spent[few])
            slopes.append((spent[many] - spent[few]) / (many - few))
    shown = ", ".join(f"{each:.2f}" for each in slopes)
    return Measurement(
        float(np.median(slopes)),
        f"{few} and {many} trials, slope in each round: {shown}; a search of {few} takes "
        f"{np.median(costs):.0f} CPU-s, most of it two workers and their imports",
    )


def _trivial_search(folder: Path, trials: int) -> float:
    search = Search(
        objective=f"{__name__}:trivial",
        space={"rate": Uniform(0, 1)},
        metric="score",
        samples=trials,
        max_iterations=2,
    )
    with CpuOfTree() as spent:
        outcome = run(search, folder, progress=None)
    assert (outcome.trials["status"] == "finished").all()
    return spent.seconds


class CpuOfTree:
    """CPU-seconds of this process and all its descendants during a block, the ended ones too.

    Processes are looked at five times a second; what one that ends did after the last look is
    missed.
    """

    def __enter__(self) -> CpuOfTree:
        self._seen: dict[psutil.Process, float] = {}
        self._look()
        self._before = sum(self._seen.values())
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._keep_looking, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._watch.join()
        self._look()
        self.seconds = sum(self._seen.values()) - self._before

    def _keep_looking(self) -> None:
        while not self._over.wait(0.2):
            self._look()

    def _look(self) -> None:
        me = psutil.Process()
        for each in (me, *me.children(recursive=True)):
            try:
                times = each.cpu_times()
            except psutil.Error:
                continue
            self._seen[each] = times.user + times.system


@claim(
    "hpo",
    "driver-killed",
    "the search's process killed at random moments and gone on with: iterations of finished "
    "trials that are repeated",
    equals=0,
)
def repeated_iterations() -> Measurement:
    """Return the iterations that a trial ran after a kill that it had already ended before."""
    repeated, _, detail = _killed_and_whole()
    return Measurement(repeated, detail)


@claim(
    "hpo",
    "driver-killed-best",
    "the search's process killed at random moments and gone on with: difference of the best "
    "result to that of the uninterrupted search",
    equals=0,
)
def best_after_kills() -> Measurement:
    """Return the difference of the best losses."""
    _, difference, detail = _killed_and_whole()
    return Measurement(difference, detail)


@functools.cache
def _killed_and_whole() -> tuple[int, float, str]:
    rng = np.random.default_rng(KILL_SEED)
    moments = np.sort(rng.integers(0, KILLED_TRIALS * KILLED_EPOCHS, KILLS)).tolist()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ended: dict[float, int] = {}
        for moment in moments:
            _run_and_kill(folder / "killed", moment, float(rng.uniform(0, 0.5)))
            for rate, lines in _ended_trials(folder / "killed").items():
                ended.setdefault(rate, lines)
        with ray_session.session(cpus=2):
            resumed = run_with_diary(folder / "killed")
            whole = run_with_diary(folder / "whole")
        lines = _lines(folder / "killed")
        repeated = sum(lines[rate] - before for rate, before in ended.items())
        redone = sum(lines.values()) - KILLED_TRIALS * KILLED_EPOCHS
    shown = ", ".join(str(each) for each in moments)
    detail = (
        f"killed after {shown} of {KILLED_TRIALS * KILLED_EPOCHS} iterations; {len(ended)} trials "
        f"had ended by then, {redone} iterations of unfinished ones were done again; best loss "
        f"{resumed.best.value:.4g}, uninterrupted {whole.best.value:.4g}"
    )
    return repeated, abs(resumed.best.value - whole.best.value), detail


def run_with_diary(folder: Path) -> Outcome:
    """Start a small search, or go on with it; each iteration leaves a line beside its folder."""
    search = Search(
        objective="internlab.hpo.demonstration:descend",
        space={"lr": LogUniform(1e-3, 1e-1)},
        metric="loss",
        mode="min",
        samples=KILLED_TRIALS,
        max_iterations=KILLED_EPOCHS,
        fixed={"epochs": KILLED_EPOCHS, "seconds": 0.2, "diary": str(_diary(folder))},
    )
    return run(search, folder, resume=True, progress=None)


def _run_and_kill(folder: Path, moment: int, delay: float) -> None:
    """Run the search in a process of its own; kill it `delay` seconds after iteration `moment`."""
    code = f"from {__name__} import *; run_with_diary(Path({str(folder)!r}))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    try:
        while len(read_diary(_diary(folder))) < moment and process.poll() is None:
            time.sleep(0.05)
        time.sleep(delay)
        family = psutil.Process(process.pid).children(recursive=True)
    finally:
        process.kill()
        process.wait()
    # Its Ray ends by itself, but some helpers take half a minute to notice.
    _, alive = psutil.wait_procs(family, timeout=5)
    for each in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()


def _ended_trials(folder: Path) -> dict[float, int]:
    """Return how many iterations each trial was run that has ended, by its learning rate."""
    if not folder.exists():
        return {}
    lines = _lines(folder)
    return {each.config["lr"]: lines[each.config["lr"]] for each in Record(folder).ended()}


def _lines(folder: Path) -> dict[float, int]:
    diary = read_diary(_diary(folder))
    return diary["lr"].value_counts().to_dict() if len(diary) else {}


def _diary(folder: Path) -> Path:
    return folder.with_suffix(".jsonl")
