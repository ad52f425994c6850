"""A search for good hyperparameters with Ray Tune, which can be killed and gone on with."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from internlab.hpo.tuning import outcome, ray_session
from internlab.hpo.tuning.folder import describe, held, look_into, make_usable
from internlab.hpo.tuning.outcome import Best, Outcome
from internlab.hpo.tuning.progress import Progress, Show, total
from internlab.hpo.tuning.record import JOURNAL, Record
from internlab.hpo.tuning.search_checks import check_machine, check_plain, check_ray
from internlab.hpo.tuning.space import Space, check_space, grid, sample
from internlab.hpo.tuning.trainable import name_of, resolve
from internlab.spelling import did_you_mean

__all__ = ["Best", "Outcome", "Progress", "Search", "run"]

SCHEDULERS = ("none", "asha", "median", "pbt")
SAMPLERS = ("random", "grid", "tpe")
TAKEN = ("trial", "status", "reason", "iteration", "iterations", "cpu_seconds", "cpu_step")


@dataclass(frozen=True)
class Search:
    """What is searched, and how.

    Parameters
    ----------
    objective : callable or str
        Takes the trial first and the hyperparameters by name, see `internlab.hpo.tuning.trial`; or
        its name as ``"module:function"``.
    space : mapping of str to range
        What is searched, see `internlab.hpo.tuning.space`.
    metric : str
        What the objective reports and the search looks at.
    mode : {"max", "min"}
        Whether more of it is better.
    samples : int
        Number of trials; with the sampler ``"grid"`` the most that the grid may have.
    scheduler : {"none", "asha", "median", "pbt"}
        Who stops trials early: nobody; asynchronous successive halving [1]_; the median rule, by
        which a trial ends whose best value is worse than the median of the others' averages up to
        then [2]_; or population-based training, which stops nobody but lets the worst quarter take
        over weights and, changed a little, hyperparameters of the best [3]_.
    sampler : {"random", "grid", "tpe"}
        How configurations are chosen: drawn, all combinations, or by a tree-structured Parzen
        estimator that learns from the trials before.
    max_iterations : int
        Reports after which a trial is finished.
    grace : int
        No trial is stopped before this iteration; for ``"pbt"``, the iterations between exchanges.
    reduction : float
        Of successive halving: one in this many trials goes on at each rung.
    fixed : mapping, optional
        Hyperparameters that are the same in all trials.
    seed : int
        Fixes the configurations. The objective's own randomness is its own matter.
    parallel : int
        Trials at a time, one CPU each.
    gpu_per_trial : float
        Share of a GPU that a trial takes; 0.5 lets two trials share one. Ray counts the shares, it
        does not limit memory.
    max_failures : int
        How often a trial whose worker process was killed is started again, from its last
        checkpoint. One that raises is not: it would raise again.
    grid_points : int
        Points on each axis of a grid; a choice keeps all its values.
    mutate : sequence of str, optional
        What population-based training may change; default: all that is searched. Sizes of a network
        must not, because its weights are taken over.

    Raises
    ------
    ValueError
        If a value is not among those above.

    References
    ----------
    .. [1] Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar, "A system for
       massively parallel hyperparameter tuning", MLSys 2020, algorithm 2.
    .. [2] Golovin, Solnik, Moitra, Kochanski, Karro, Sculley, "Google Vizier: a service for
       black-box optimization", KDD 2017, section 3.2.2.
    .. [3] Jaderberg et al., "Population based training of neural networks", arXiv:1711.09846, 2017.
    """

    objective: Callable[..., Any] | str
    space: Space
    metric: str
    mode: str = "max"
    samples: int = 16
    scheduler: str = "none"
    sampler: str = "random"
    max_iterations: int = 16
    grace: int = 4
    reduction: float = 2
    fixed: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    parallel: int = 2
    gpu_per_trial: float = 0.0
    max_failures: int = 2
    grid_points: int = 3
    mutate: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name, value, known in (
            ("scheduler", self.scheduler, SCHEDULERS),
            ("sampler", self.sampler, SAMPLERS),
            ("mode", self.mode, ("max", "min")),
        ):
            if value not in known:
                raise ValueError(
                    f"Unknown {name} {value!r}; expected one of {', '.join(known)}."
                    f"{did_you_mean(value, known)}"
                )
        least = {"samples": 1, "max_iterations": 1, "grace": 1, "parallel": 1, "grid_points": 1}
        for name, smallest in {**least, "seed": 0, "max_failures": 0}.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
                raise ValueError(f"{name} is {value!r}; expected a whole number.")
            if value < smallest:
                raise ValueError(f"{name} is {value}; expected at least {smallest}.")
        if not (math.isfinite(self.reduction) and self.reduction > 1):
            raise ValueError(f"reduction is {self.reduction}; expected more than 1, such as 2.")
        if not (math.isfinite(self.gpu_per_trial) and self.gpu_per_trial >= 0):
            raise ValueError(f"gpu_per_trial is {self.gpu_per_trial}; expected 0 or more.")
        if self.scheduler in ("asha", "pbt") and self.grace > self.max_iterations:
            raise ValueError(
                f"grace is {self.grace}, but a trial has only {self.max_iterations} iterations "
                "(max_iterations); expected no more than those."
            )
        if not self.metric or self.metric in TAKEN or self.metric in self.space:
            raise ValueError(
                f"The metric {self.metric!r} has the name of a column that the table has anyway, "
                f"or none. Expected another name than {', '.join([*TAKEN, *self.space])}."
            )
        taken = [name for name in self.space if name in TAKEN]
        if taken:
            raise ValueError(
                f"The hyperparameter {taken[0]!r} has the name of a column that the tables have "
                "anyway; give it another one."
            )
        if self.scheduler == "pbt":
            self._check_population()

    def _check_population(self) -> None:
        if self.sampler == "tpe":
            raise ValueError(
                "The scheduler pbt changes configurations by itself, so it does not go together "
                "with the sampler tpe. Use the sampler random."
            )
        if self.samples < 2:
            raise ValueError("A population of 1 cannot learn from another; set samples to 4.")
        for name in self.mutate or ():
            if name not in self.space:
                raise ValueError(
                    f"mutate names {name!r}, which is not searched."
                    f"{did_you_mean(name, self.space)} The space has {', '.join(self.space)}."
                )

    def configurations(self) -> list[dict[str, Any]]:
        """Return the configurations that are known before the search: none for ``"tpe"``.

        Those of ``"random"`` depend on the space and the seed only; more samples are the same ones
        and then more.

        Raises
        ------
        ValueError
            If the grid has more than `samples`.
        """
        if self.sampler == "tpe":
            return []
        if self.sampler == "grid":
            points = grid(self.space, self.grid_points)
            if len(points) > self.samples:
                raise ValueError(
                    f"The grid has {len(points)} configurations, but samples is {self.samples}. "
                    "Raise samples, or lower grid_points or the number of hyperparameters."
                )
            return points
        rng = np.random.default_rng(self.seed)
        return [sample(self.space, rng) for _ in range(self.samples)]


def run(
    search: Search,
    folder: Path | str,
    resume: bool = False,
    progress: Show | None = print,
) -> Outcome:
    """Run a search, or go on with it.

    Uses the Ray that this process is connected to (see `internlab.hpo.tuning.ray_session`), or
    starts one and stops it at the end.

    Parameters
    ----------
    search : Search
    folder : Path or str
        For the record, the checkpoints and the results. On a cluster, a folder that all machines
        share.
    resume : bool
        Go on with the search in `folder`, after a kill or with more samples. Trials that ended are
        not touched; others go on from their last checkpoint. A search without a folder yet starts.
    progress : function of a Progress, optional
        Called when a trial ends; default: print one line. None for silence.

    Returns
    -------
    Outcome
        The tables and the best trial; the same is written to `folder`.

    Raises
    ------
    ValueError
        If the objective cannot be imported or does not know a hyperparameter, more trials are to
        run at a time than there are CPUs, `folder` holds another search, or the objective does not
        report the metric. Before any trial, except the last: there the first report tells.
    OSError
        If `folder` cannot be written to, or another process is running this search.
    RuntimeError
        If Ray does not start.
    KeyboardInterrupt
        After Ctrl-C, with a note on how to go on.
    """
    function = search.objective
    if isinstance(function, str):
        function = resolve(function)
    check_space(search.space, function, search.fixed)
    check_plain(search)
    configurations = search.configurations()
    folder = Path(folder)
    make_usable(folder)
    with held(folder):
        fresh = look_into(folder, describe(search, name_of(search.objective)), resume)
        check_machine(search)
        if fresh:
            (folder / JOURNAL).unlink(missing_ok=True)
            shutil.rmtree(folder / "ray", ignore_errors=True)
        record = Record(folder)
        for number, config in enumerate(configurations):
            if number not in record.trials:
                record.append("planned", number, config=config)
        try:
            _drive(search, record, progress)
        except KeyboardInterrupt as interrupt:
            done = f"{len(record.ended())} of {total(search, record)} trials"
            interrupt.add_note(
                f"Stopped after {done}; they are kept in {folder}. Run the same again with resume "
                "to go on from there."
            )
            raise
        finally:
            outcome.write(search, record)
        return outcome.read(search, record)


def _drive(search: Search, record: Record, progress: Show | None) -> None:
    if not record.unfinished() and (search.sampler != "tpe" or _all_suggested(search, record)):
        return  # Nothing left to do, so Ray need not start.
    gpus = None if search.gpu_per_trial else 0
    with ray_session.existing_or_own(search.parallel, gpus):
        from internlab.hpo.tuning.driver import drive

        check_ray(search)
        drive(search, record, progress)


def _all_suggested(search: Search, record: Record) -> bool:
    return len(record.trials) >= search.samples
