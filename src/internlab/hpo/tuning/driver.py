"""The Ray side of a search: sets Ray Tune up, and writes down what it does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from internlab.hpo.tuning import ray_session
from internlab.hpo.tuning.progress import Progress, Show
from internlab.hpo.tuning.put_back import seeded, signals_restored
from internlab.hpo.tuning.record import Record
from internlab.hpo.tuning.trainable import reason_of, run_trial, ship
from internlab.quiet import quiet
from internlab.spelling import did_you_mean

ray_session.prepare_environment()

import ray  # noqa: E402
from ray import tune  # noqa: E402
from ray.tune import Callback  # noqa: E402
from ray.tune.stopper import Stopper  # noqa: E402

from internlab.hpo.tuning.schedulers import TpeSearcher, make_scheduler  # noqa: E402

if TYPE_CHECKING:
    from internlab.hpo.tuning.search import Search

# A second one in case the newest is incomplete after a power cut.
CHECKPOINTS_KEPT = 2


def drive(search: Search, record: Record, show: Show | None) -> None:
    """Run the trials of `record` that have not ended, and those that are still to be suggested.

    Parameters
    ----------
    search : Search
        Already checked.
    record : Record
        Grows as trials report and end.
    show : function of a Progress, or None
        Called when a trial ends.

    Raises
    ------
    ValueError
        If the objective does not report the metric.
    OSError
        If the record cannot be written.
    KeyboardInterrupt
        After Ctrl-C, once Ray has ended the trials.
    """
    open_trials = [_prepare(record, each.number) for each in record.unfinished()]
    scheduler = make_scheduler(search, record)
    adaptive = search.sampler == "tpe"
    population = search.scheduler == "pbt"
    left = len(open_trials) + (search.samples - len(record.trials) if adaptive else 0)
    if left == 0:
        return
    ends = _Ends(search.max_iterations)
    recorder = _Recorder(search, record, ends, show)
    searcher = TpeSearcher(search, record, open_trials) if adaptive else None
    trainable = tune.with_parameters(
        run_trial,
        shipped=ship(search.objective),
        metric=search.metric,
        fixed=dict(search.fixed),
    )
    tuner = tune.Tuner(
        tune.with_resources(trainable, {"cpu": _cpus(search), "gpu": search.gpu_per_trial}),
        param_space=None if adaptive else {"trial": tune.grid_search(open_trials)},
        tune_config=tune.TuneConfig(
            num_samples=left if adaptive else 1,
            scheduler=scheduler,
            search_alg=searcher,
            # A population's trials take turns, so all of them have to be there.
            max_concurrent_trials=None if population else search.parallel,
            reuse_actors=True,
            trial_dirname_creator=_folder_name,
        ),
        run_config=tune.RunConfig(
            name=_next_name(record.folder / "ray"),
            storage_path=str(record.folder.resolve() / "ray"),
            stop=ends,
            callbacks=[recorder],
            failure_config=tune.FailureConfig(max_failures=search.max_failures),
            verbose=0,
        ),
    )
    try:
        with quiet("ray"), signals_restored(), seeded(search.seed):
            tuner.fit()
    except Exception as error:
        # What went wrong in the recorder, such as a full disk, without Ray's wrapping.
        raise recorder.raised or error from None
    if ends.problem:
        raise ValueError(ends.problem)
    if record.unfinished() or (adaptive and len(record.trials) < search.samples):
        raise KeyboardInterrupt


class _Ends(Stopper):
    """Ends a trial at the last iteration, and all of them when the search makes no sense."""

    def __init__(self, max_iterations: int) -> None:
        self.max_iterations = max_iterations
        self.problem = ""

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        return result.get("iteration", 0) >= self.max_iterations

    def stop_all(self) -> bool:
        return bool(self.problem)


class _Recorder(Callback):
    """Writes down what happens to each trial, and shows progress when one ends."""

    def __init__(self, search: Search, record: Record, ends: _Ends, show: Show | None) -> None:
        self.search, self.record, self.ends, self.show = search, record, ends, show
        # Not read from the configuration later on: population-based training copies those.
        self.numbers: dict[str, int] = {}
        # As they were when a trial was last started: a population's scheduler has changed them
        # for the next iterations by the time it passes this one's report on.
        self.configs: dict[str, dict[str, Any]] = {}
        self.died: dict[str, int] = {}
        self.raised: Exception | None = None

    def on_trial_start(self, iteration: int, trials: list, trial: Any, **info: Any) -> None:
        number = self.numbers.setdefault(trial.trial_id, trial.config["trial"]["number"])
        self.configs[trial.trial_id] = dict(trial.config["trial"]["config"])
        if self.record.trials[number].status == "waiting":
            self._write("started", number)

    def on_trial_result(
        self, iteration: int, trials: list, trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        number = self.numbers[trial.trial_id]
        status = result.get("status")
        if status == "metric missing":
            self.ends.problem = _missing(self.search.metric, result["reported"])
            return
        if status in (None, "diverged"):
            changing = self.search.scheduler == "pbt"
            config = {"config": self.configs[trial.trial_id]} if changing else {}
            self._write("report", number, row=result["row"], **config)
        if status is not None:
            self._trace(number, result.get("trace", ""))
            rest = 0.0 if status == "diverged" else result.get("cpu_step", 0.0)
            self._end(number, status, result.get("reason", ""), rest)

    def on_checkpoint(
        self, iteration: int, trials: list, trial: Any, checkpoint: Any, **info: Any
    ) -> None:
        number = self.numbers[trial.trial_id]
        known = self.record.trials[number]
        path = Path(checkpoint.path).relative_to(self.record.folder.resolve())
        reached = trial.last_result["iteration"]
        self._write("checkpoint", number, iteration=reached, path=path.as_posix())
        if self.search.scheduler == "pbt":
            return  # Others may still start from it.
        for each in sorted(known.checkpoints)[:-CHECKPOINTS_KEPT]:
            shutil.rmtree(known.checkpoints.pop(each), ignore_errors=True)

    def on_trial_complete(self, iteration: int, trials: list, trial: Any, **info: Any) -> None:
        number = self.numbers[trial.trial_id]
        known = self.record.trials[number]
        if not known.ended and not self.ends.problem:
            done = known.iterations >= self.search.max_iterations
            self._end(number, "finished" if done else "stopped")

    def on_trial_recover(self, iteration: int, trials: list, trial: Any, **info: Any) -> None:
        self.died[trial.trial_id] = self.died.get(trial.trial_id, 0) + 1

    def on_trial_error(self, iteration: int, trials: list, trial: Any, **info: Any) -> None:
        number = self.numbers.setdefault(trial.trial_id, trial.config["trial"]["number"])
        if self.record.trials[number].ended:
            return
        times = self.died.get(trial.trial_id, 0) + 1
        error = _last_error(trial)
        if isinstance(error, ray.exceptions.RayActorError):
            reason = f"its worker process died {times} times (killed, or out of memory)"
        else:
            reason = reason_of(getattr(error, "cause", None) or error)
        self._end(number, "failed", reason)

    def on_experiment_end(self, trials: list, **info: Any) -> None:
        """Account for trials whose worker could not be taken over; Ray tells of them only here."""
        for trial in trials:
            number = trial.config["trial"]["number"]
            if trial.status == "ERROR" and trial.trial_id not in self.numbers:
                self._end(number, "failed", "its worker was busy with a trial that did not end")

    def _end(self, number: int, status: str, reason: str = "", cpu_step: float = 0.0) -> None:
        self._write("ended", number, status=status, reason=reason, cpu_step=cpu_step)
        if self.show is not None:
            with self._remembered():
                self.show(Progress.of(self.search, self.record, number))

    def _write(self, event: str, number: int, **details: Any) -> None:
        with self._remembered():
            self.record.append(event, number, **details)

    @contextmanager
    def _remembered(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.raised = error
            raise

    def _trace(self, number: int, trace: str) -> None:
        if trace:
            folder = self.record.folder / "errors"
            folder.mkdir(exist_ok=True)
            (folder / f"trial-{number:03d}.txt").write_text(trace, encoding="utf-8")

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray keeps a copy of every callback; this one holds nothing worth keeping.


def _prepare(record: Record, number: int) -> dict[str, Any]:
    """Return what a worker needs to start a trial or to go on with it."""
    trial = record.trials[number]
    checkpoint = trial.last_checkpoint()
    if trial.status == "running":
        reached = trial.reached(checkpoint)
        if trial.iterations > reached:
            record.append("rewound", number, iteration=reached)
    earlier = str(checkpoint.resolve()) if checkpoint else None
    return {"number": number, "config": trial.config, "earlier": earlier}


def _last_error(trial: Any) -> Exception:
    """Return what ended a trial's worker; Ray keeps it in a file on the driver's machine."""
    try:
        with open(trial.pickled_error_file, "rb") as stream:
            return ray.cloudpickle.load(stream)
    except Exception as error:  # An exception of a module that cannot be imported here.
        return RuntimeError(f"the trial ended with an error that cannot be read ({error})")


def _cpus(search: Search) -> float:
    """Return Ray's CPUs for one trial: 1, or more where the number of trials cannot be limited."""
    if search.scheduler != "pbt":
        return 1
    return max(1, int(ray.cluster_resources().get("CPU", 1)) // search.parallel)


def _folder_name(trial: Any) -> str:
    return f"trial-{trial.config['trial']['number']:03d}"


def _next_name(folder: Path) -> str:
    return f"run-{len(list(folder.glob('run-*'))) + 1:02d}"


def _missing(metric: str, reported: list[str]) -> str:
    return (
        f"The search looks at the metric {metric!r}, but the objective reports "
        f"{', '.join(reported)}.{did_you_mean(metric, reported)} Nothing was searched."
    )
