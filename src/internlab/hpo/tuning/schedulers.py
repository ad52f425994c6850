"""Ray's schedulers and its Optuna searcher, set up for a search and reminded of earlier runs.

Ray saves neither the rungs of a scheduler nor which trials it compared, so after a kill successive
halving would start with empty rungs and let every trial pass. Here a scheduler is shown the
recorded results again before it decides anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ray import tune
from ray.tune.schedulers import (
    ASHAScheduler,
    FIFOScheduler,
    MedianStoppingRule,
    PopulationBasedTraining,
    TrialScheduler,
)
from ray.tune.search import Searcher

from internlab.hpo.tuning.ray_trial import VALUE
from internlab.hpo.tuning.record import Record, TrialRecord
from internlab.hpo.tuning.space import Choice, LogUniform, Space, Uniform

if TYPE_CHECKING:
    from internlab.hpo.tuning.search import Search

# A trial is compared with the median only if at least so many others have come as far.
MEDIAN_OF_AT_LEAST = 3


def make_scheduler(search: Search, record: Record) -> TrialScheduler:
    """Return Ray's scheduler for `search`, which knows what `record` holds."""
    common = {"time_attr": "iteration", "metric": VALUE, "mode": search.mode}
    if search.scheduler == "asha":
        return _RemindedAsha(
            record,
            search.metric,
            **common,
            grace_period=search.grace,
            max_t=search.max_iterations,
            reduction_factor=search.reduction,
        )
    if search.scheduler == "median":
        return _RemindedMedian(
            record,
            search.metric,
            **common,
            grace_period=search.grace,
            min_samples_required=MEDIAN_OF_AT_LEAST,
        )
    if search.scheduler == "pbt":
        return _population(search, common)
    return FIFOScheduler()


class _Reminded:
    """Shows a scheduler what was recorded: ended trials at once, others when they are added."""

    def __init__(self, record: Record, recorded_metric: str, **options: Any) -> None:
        super().__init__(**options)
        self._earlier = {
            each.number: _results(each, recorded_metric) for each in record.unfinished()
        }
        for each in record.ended():
            stand_in = _StandIn(f"earlier-{each.number}")
            super().on_trial_add(None, stand_in)
            self._show(stand_in, _results(each, recorded_metric))

    def on_trial_add(self, controller: Any, trial: Any) -> None:
        super().on_trial_add(controller, trial)
        # A trial whose worker was killed is added again; it must not be shown twice.
        self._show(trial, self._earlier.pop(trial.config["trial"]["number"], []))

    def _show(self, trial: Any, rows: list[dict[str, Any]]) -> None:
        raise NotImplementedError


class _RemindedAsha(_Reminded, ASHAScheduler):
    def _show(self, trial: Any, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            # Keeps the value in its rung; whether the trial goes on was decided back then.
            ASHAScheduler.on_trial_result(self, None, trial, row)


class _RemindedMedian(_Reminded, MedianStoppingRule):
    def _show(self, trial: Any, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            # Of this rule's two ways to take a result, the one that decides nothing.
            MedianStoppingRule.on_trial_complete(self, None, trial, row)


class _StandIn:
    """Stands for a trial of an earlier run; schedulers ask it for nothing but its name."""

    def __init__(self, trial_id: str) -> None:
        self.trial_id = trial_id


def _results(trial: TrialRecord, metric: str) -> list[dict[str, Any]]:
    return [{"iteration": each, VALUE: row[metric]} for each, row in trial.rows.items()]


class _Population(PopulationBasedTraining):
    """Ray's population-based training, without its wait for ever.

    Its trials wait for each other after every interval. Ray lets them wait also for a trial that
    has failed meanwhile, and, after a kill, for an iteration that all of them have passed.
    """

    def choose_trial_to_run(self, controller: Any) -> Any:
        chosen = super().choose_trial_to_run(controller)
        waiting = [each for each in controller.get_live_trials() if not each.is_finished()]
        if chosen is None and waiting and all(each.status == "PAUSED" for each in waiting):
            furthest = max(self._trial_state[each].last_train_time for each in waiting)
            self._next_perturbation_sync = furthest + self._perturbation_interval
            chosen = super().choose_trial_to_run(controller)
        return chosen


def _population(search: Search, common: dict[str, str]) -> PopulationBasedTraining:
    mutated = {name: search.space[name] for name in search.mutate or search.space}

    def keep_inside(config: dict[str, Any]) -> dict[str, Any]:
        """Move a value that a perturbation pushed over a bound back to that bound."""
        values = config["trial"]["config"]
        for name, each in mutated.items():
            if not isinstance(each, Choice):
                values[name] = float(min(max(values[name], each.low), each.high))
        return config

    return _Population(
        **common,
        perturbation_interval=search.grace,
        hyperparam_mutations={"trial": {"config": _mutations(mutated)}},
        custom_explore_fn=keep_inside,
        log_config=False,
        synch=True,
    )


def _mutations(space: Space) -> dict[str, Any]:
    # A list means "the neighbour to the left or right", which suits a choice of sizes.
    return {
        name: list(each.values) if isinstance(each, Choice) else _domain(each)
        for name, each in space.items()
    }


def _domain(each: Uniform | LogUniform | Choice) -> Any:
    if isinstance(each, Choice):
        return tune.choice(list(each.values))
    kind = tune.loguniform if isinstance(each, LogUniform) else tune.uniform
    return kind(each.low, each.high)


class TpeSearcher(Searcher):
    """Ray's OptunaSearch with the tree-structured Parzen estimator, its suggestions recorded.

    Trials of an earlier run are told to Optuna first, and unfinished ones are handed out again.
    A trial that the scheduler stopped is told as pruned: its value belongs to fewer iterations
    than that of a finished one.

    References
    ----------
    Bergstra, Bardenet, Bengio, Kegl, "Algorithms for hyper-parameter optimization", NeurIPS 2011,
    section 4.
    """

    def __init__(self, search: Search, record: Record, unfinished: list[dict[str, Any]]) -> None:
        import optuna
        from ray.tune.search.optuna import OptunaSearch

        super().__init__(metric=VALUE, mode=search.mode)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.search, self.record, self.again = search, record, list(unfinished)
        self.numbers: dict[str, int] = {}
        self.suggested: set[str] = set()
        planned = len(record.trials)
        self.optuna = OptunaSearch(
            space={name: _domain(each) for name, each in search.space.items()},
            metric=VALUE,
            mode=search.mode,
            sampler=optuna.samplers.TPESampler(
                # After a kill, not the same draws once more.
                seed=search.seed + 1_000_003 * planned,
                n_startup_trials=max(4, min(10, search.samples // 3)),
            ),
        )
        for each in record.ended():
            self._tell(each)

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        """Return the configuration for Ray's next trial."""
        if self.again:
            trial = self.again.pop(0)
        elif len(self.record.trials) >= self.search.samples:
            return Searcher.FINISHED
        else:
            number = len(self.record.trials)
            config = self.optuna.suggest(trial_id)
            self.record.append("planned", number, config=config)
            self.suggested.add(trial_id)
            trial = {"number": number, "config": config, "earlier": None}
        self.numbers[trial_id] = trial["number"]
        return {"trial": trial}

    def on_trial_result(self, trial_id: str, result: Mapping[str, Any]) -> None:
        """Pass an intermediate value on."""
        if trial_id in self.suggested and math.isfinite(result.get(VALUE, math.nan)):
            step = {"training_iteration": result["iteration"]}
            self.optuna.on_trial_result(trial_id, {**result, **step})

    def on_trial_complete(
        self, trial_id: str, result: Mapping[str, Any] | None = None, error: bool = False
    ) -> None:
        """Tell Optuna how a trial ended."""
        trial = self.record.trials[self.numbers[trial_id]]
        status = (result or {}).get("status")
        if trial_id not in self.suggested:
            if not error and status in (None, "finished"):
                self._tell(trial)
        elif error or status in ("failed", "diverged") or not trial.rows:
            self.optuna.on_trial_complete(trial_id, None, error=True)
        elif status == "finished" or result["iteration"] >= self.search.max_iterations:
            value = {VALUE: trial.value(self.search.metric)}
            self.optuna.on_trial_complete(trial_id, value)
        else:
            self.optuna.on_trial_complete(trial_id, None)

    def _tell(self, trial: TrialRecord) -> None:
        values = [row[self.search.metric] for row in trial.rows.values()]
        if not values or not all(map(math.isfinite, values)) or trial.status == "failed":
            return
        self.optuna.add_evaluated_point(
            trial.config,
            values[-1],
            pruned=trial.status == "stopped",
            intermediate_values=values,
        )
