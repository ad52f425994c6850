"""The same search by Optuna alone: a library instead of a cluster, in this process.

Optuna proposes configurations, prunes trials and keeps both in a file. It starts in no time and
costs next to nothing for a trial. It brings no checkpoints, and a trial that was killed is lost:
both are written out here, and that is all it takes on one machine. Worker processes that are
watched, population-based training, GPUs that are counted and a cluster are what Ray is for.

References
----------
Akiba, Sano, Yanase, Ohta, Koyama, "Optuna: A Next-generation Hyperparameter Optimization
Framework", KDD 2019. https://arxiv.org/abs/1907.10902
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from internlab.hpo.tuning import outcome
from internlab.hpo.tuning.folder import describe, held, look_into, make_usable
from internlab.hpo.tuning.outcome import Outcome
from internlab.hpo.tuning.progress import Progress, Show
from internlab.hpo.tuning.record import JOURNAL, Record
from internlab.hpo.tuning.search import Search
from internlab.hpo.tuning.space import Choice, LogUniform, Space, check_space
from internlab.hpo.tuning.trainable import name_of, reason_of, resolve
from internlab.hpo.tuning.trial import (
    MetricMissing,
    OptunaTrial,
    Save,
    TrialStopped,
    newest_checkpoint,
)
from internlab.spelling import did_you_mean

STUDY_FILE = "optuna.journal"
CHECKPOINTS = "checkpoints"


def optuna_search(
    search: Search, folder: Path | str, resume: bool = False, progress: Show | None = print
) -> Outcome:
    """Run a search with Optuna alone, one trial after another in this process.

    It takes what `internlab.hpo.tuning.search.run` takes and gives the same tables. ``parallel`` is
    not used: Optuna's own `n_jobs` starts threads, which share one interpreter, one CPU budget and
    one set of random generators. Several processes on one study file do work, and you start them
    yourself; here only one may run at a time.

    Parameters
    ----------
    search : Search
        Its samplers are ``"tpe"``, and ``"random"`` or ``"grid"`` with the same configurations as
        in Ray; its schedulers ``"none"``, ``"asha"`` (Optuna's `SuccessiveHalvingPruner`) and
        ``"median"`` (`MedianPruner`). The rules differ a little from Ray's: of n trials at a rung
        the best n // reduction go on, the trial itself counted.
    folder : Path or str
        For the study, the record, the checkpoints and the tables.
    resume : bool
        Go on with the search in `folder`. Trials that ended are not touched; one that was killed
        goes on from its last checkpoint.
    progress : function of a Progress, optional
        Called when a trial ends; default: print one line. None for silence.

    Returns
    -------
    Outcome
        As Ray's: trials, curves, the best trial and its checkpoint.

    Raises
    ------
    ValueError
        If the search asks for what Optuna does not have, the objective is unknown or does not know
        a hyperparameter, `folder` holds another search, or the metric is not reported.
    OSError
        If `folder` cannot be written to, or another process is running this search.
    KeyboardInterrupt
        After Ctrl-C, with a note on how to go on.
    """
    objective = resolve(search.objective) if isinstance(search.objective, str) else search.objective
    check_space(search.space, objective, search.fixed)
    _check_search(search)
    folder = Path(folder)
    make_usable(folder)
    described = {"runner": "optuna", **describe(search, name_of(search.objective))}
    with held(folder):
        if look_into(folder, described, resume):
            for name in (JOURNAL, STUDY_FILE):
                (folder / name).unlink(missing_ok=True)
        record = Record(folder)
        wanted = len(search.configurations()) or search.samples
        try:
            with _quiet():
                study = _open_study(search, record)
                for trial in _unfinished(search, study, record):
                    _run_trial(search, objective, study, trial, record, progress)
                while len(record.trials) < wanted:
                    _run_trial(search, objective, study, study.ask(), record, progress)
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(
                f"Stopped after {len(record.ended())} of {wanted} trials; they are kept in "
                f"{folder}. Run the same again with resume to go on from there."
            )
            raise
        finally:
            outcome.write(search, record)
        return outcome.read(search, record)


def suggest(trial: optuna.Trial, space: Space) -> dict[str, Any]:
    """Let Optuna propose a value for every hyperparameter of a space."""
    config = {}
    for name, each in space.items():
        if isinstance(each, Choice):
            config[name] = trial.suggest_categorical(name, each.values)
        else:
            log = isinstance(each, LogUniform)
            config[name] = trial.suggest_float(name, each.low, each.high, log=log)
    return config


class _RecordedTrial(OptunaTrial):
    """A trial whose reports go into the record too, and that ends at its last iteration."""

    def __init__(self, trial: optuna.Trial, search: Search, record: Record) -> None:
        folder = record.folder / CHECKPOINTS / f"trial-{trial.number:03d}"
        super().__init__(trial, search.metric, folder)
        self.record, self.last_iteration = record, search.max_iterations

    def row(self, metrics: Mapping[str, float]) -> dict[str, float]:
        before = self.cpu_seconds
        row = super().row(metrics)
        if self.metric not in row:
            raise MetricMissing(sorted(metrics))
        step = {"cpu_step": self.cpu_seconds - before}
        self.record.append("report", self.trial.number, row={**row, **step})
        return row

    def report(self, metrics: Mapping[str, float], save: Save | None = None) -> None:
        super().report(metrics, save)
        if self.iteration >= self.last_iteration:
            raise TrialStopped(f"finished after iteration {self.iteration}")


class _BeforeTheEnd(optuna.pruners.BasePruner):
    """Asks another pruner, but not after the last iteration: there is nothing left to prune."""

    def __init__(self, pruner: optuna.pruners.BasePruner, last_iteration: int) -> None:
        self.pruner, self.last_iteration = pruner, last_iteration

    def prune(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> bool:
        return trial.last_step < self.last_iteration and self.pruner.prune(study, trial)


def _open_study(search: Search, record: Record) -> optuna.Study:
    sampler = optuna.samplers.TPESampler(
        # After a kill, not the same draws once more.
        seed=search.seed + 1_000_003 * len(record.trials),
        n_startup_trials=max(4, min(10, search.samples // 3)),
    )
    pruner = {
        "none": optuna.pruners.NopPruner(),
        "median": optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=search.grace),
        "asha": optuna.pruners.SuccessiveHalvingPruner(search.grace, int(search.reduction)),
    }[search.scheduler]
    study = optuna.create_study(
        study_name="search",
        storage=JournalStorage(JournalFileBackend(str(record.folder / STUDY_FILE))),
        load_if_exists=True,
        direction="maximize" if search.mode == "max" else "minimize",
        sampler=sampler,
        pruner=_BeforeTheEnd(pruner, search.max_iterations),
    )
    # Those that are known beforehand are laid down in order, and asked for one by one.
    for config in search.configurations()[len(study.get_trials(deepcopy=False)) :]:
        study.enqueue_trial(config)
    return study


def _unfinished(search: Search, study: optuna.Study, record: Record) -> list[optuna.Trial]:
    """Return the trials that a kill cut off, one at most: Optuna has them running for ever."""
    found = []
    for frozen in study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.RUNNING]):
        # This constructor is meant for Optuna, but a new trial instead of the old one would count
        # a second time at the rungs that it has passed.
        trial = optuna.Trial(study, frozen._trial_id)
        known = record.trials.get(trial.number)
        if known is not None and known.ended:
            _tell(study, trial, known.status, known.value(search.metric))
        else:
            found.append(trial)
    return found


def _run_trial(
    search: Search,
    objective: Any,
    study: optuna.Study,
    asked: optuna.Trial,
    record: Record,
    progress: Show | None,
) -> None:
    number, config = asked.number, suggest(asked, search.space)
    if number not in record.trials:
        record.append("planned", number, config=config)
    trial = _RecordedTrial(asked, search, record)
    known = record.append("started", number)
    status, reason = "finished", ""
    try:
        objective(trial, **search.fixed, **config)
        if trial.iteration == 0:
            status, reason = "failed", f"returned without reporting {search.metric}"
    except TrialStopped:
        pass
    except optuna.TrialPruned as pruned:
        diverged = str(pruned).startswith("diverged")
        status, reason = ("diverged", str(pruned)) if diverged else ("stopped", "")
    except MetricMissing as missing:
        raise ValueError(
            f"The search looks at the metric {search.metric!r}, but the objective reports "
            f"{', '.join(missing.reported)}.{did_you_mean(search.metric, missing.reported)} "
            "Nothing was searched."
        ) from None
    except (Exception, SystemExit) as error:
        status, reason = "failed", reason_of(error)
    checkpoint = newest_checkpoint(trial.folder)
    if checkpoint is not None:
        path = checkpoint.relative_to(record.folder).as_posix()
        record.append("checkpoint", number, iteration=trial.iteration, path=path)
    record.append("ended", number, status=status, reason=reason)
    _tell(study, asked, status, known.value(search.metric))
    if progress is not None:
        progress(Progress.of(search, record, number))


def _tell(study: optuna.Study, trial: optuna.Trial, status: str, value: float) -> None:
    """Tell Optuna how a trial ended; a stopped one is worth less than its number says."""
    state = optuna.trial.TrialState
    if status == "finished":
        study.tell(trial, value)
    else:
        study.tell(trial, state=state.PRUNED if status == "stopped" else state.FAIL)


def _check_search(search: Search) -> None:
    if search.scheduler == "pbt":
        raise ValueError(
            "Optuna has no population-based training. Use the scheduler asha, median or none, or "
            "Ray Tune."
        )
    if search.reduction != int(search.reduction):
        raise ValueError(f"reduction is {search.reduction}; Optuna expects a whole number.")
    if search.gpu_per_trial:
        raise ValueError(
            f"gpu_per_trial is {search.gpu_per_trial}, but Optuna counts no GPUs: set it to 0. The "
            "objective may use the GPU all the same, one trial runs at a time."
        )
    for name, each in search.space.items():
        if isinstance(each, Choice):
            for value in each.values:
                if not isinstance(value, (bool, int, float, str, type(None))):
                    raise ValueError(
                        f"Hyperparameter {name!r} has the choice {value!r}; expected numbers, "
                        "strings, True, False or None, which the study can write down."
                    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide what Optuna says about each trial: the progress line says it."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            # A repeated iteration after a kill is reported a second time.
            warnings.filterwarnings("ignore", message="The reported value is ignored")
            yield
    finally:
        optuna.logging.set_verbosity(level)
