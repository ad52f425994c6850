"""A trial of a Ray Tune search, as the objective sees it; the interface is that of all trials."""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from internlab.hpo.tuning.trial import CountedTrial, MetricMissing, Save, TrialStopped

# What the search compares, under one name whatever the metric is called.
VALUE = "value"


class RayTrial(CountedTrial):
    """A trial of a Ray Tune search; made inside the worker that runs it.

    Parameters
    ----------
    metric : str
        The name that the search optimises.
    earlier : Path, optional
        Checkpoint of an earlier run of the search, used where Ray itself knows none.

    Attributes
    ----------
    last : dict
        The last report: the iteration, the search's metric as ``"value"``, and the whole ``"row"``.
    stopped : bool
        Whether Ray ended the trial in a report.
    """

    def __init__(self, metric: str, earlier: Path | None = None) -> None:
        from ray import tune

        found = tune.get_checkpoint()
        if found is not None:
            # On a local or shared file system the checkpoint is read where it lies.
            local = os.path.isdir(found.path)
            earlier = Path(found.path if local else found.to_directory())
        super().__init__(earlier)
        self.metric = metric
        self.last: dict[str, Any] = {}
        self.stopped = False

    def report(self, metrics: Mapping[str, float], save: Save | None = None) -> None:
        """Report to Ray Tune; see `Trial.report`.

        Ray ends a stopped trial here, by a SystemExit.

        Raises
        ------
        MetricMissing
            If the metric of the search is not among the reported ones.
        TrialStopped
            If that metric is not finite, after it was reported.
        """
        from ray import tune

        spent = self.cpu_seconds
        row = self.row(metrics)
        if self.metric not in row:
            raise MetricMissing(sorted(metrics))
        # The driver adds the steps up: what is done again after a kill has its price too, and
        # population-based training moves checkpoints, and the counts in them, between trials.
        row["cpu_step"] = self.cpu_seconds - spent
        value = row[self.metric]
        # Under names of its own, so that no metric is mistaken for one that Ray adds.
        self.last = {"iteration": row["iteration"], VALUE: value, "row": row}
        try:
            if not math.isfinite(value):
                self._report_divergence(value)
            elif save is None:
                tune.report(self.last)
            else:
                with tempfile.TemporaryDirectory(prefix="checkpoint-") as folder:
                    self.write(save, Path(folder))
                    tune.report(self.last, checkpoint=tune.Checkpoint.from_directory(folder))
        except SystemExit:
            self.stopped = True
            raise

    def _report_divergence(self, value: float) -> None:
        from ray import tune

        reason = f"{self.metric} is {value} at iteration {self.iteration}"
        # Schedulers know how to leave out NaN, but not infinity.
        self.last[VALUE] = math.nan
        tune.report({**self.last, "status": "diverged", "reason": reason, "done": True})
        raise TrialStopped(reason)

    def unreported(self) -> float:
        """Return the CPU-seconds since the last report."""
        return time.process_time() - self._clock
