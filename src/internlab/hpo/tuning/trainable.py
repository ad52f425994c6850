"""What runs inside a Ray worker: one trial of the objective, and how its end is reported."""

from __future__ import annotations

import gc
import importlib
import math
import os
import pickle
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from internlab.hpo.tuning.ray_trial import VALUE, RayTrial
from internlab.hpo.tuning.trial import MetricMissing, TrialStopped

REASON_LENGTH = 160


@dataclass(frozen=True)
class Shipped:
    """An objective on its way to a worker.

    One that can be imported travels as its name, with the folders that this process imports from;
    any other (defined in a notebook, or inside a function) travels as code. The folder is the one
    that the search was called in: a Ray that was started elsewhere before works in another one.
    """

    name: str
    paths: tuple[str, ...] = ()
    code: bytes = b""
    folder: str = ""

    def load(self) -> Callable[..., Any]:
        """Return the objective, after going to the folder if this machine has it."""
        if os.path.isdir(self.folder):
            os.chdir(self.folder)
        # First, because code can call what is defined in files.
        sys.path.extend(path for path in self.paths if path not in sys.path)
        return pickle.loads(self.code) if self.code else resolve(self.name)


def ship(objective: Callable[..., Any] | str) -> Shipped:
    """Prepare an objective for a worker."""
    from ray import cloudpickle

    name = name_of(objective)
    paths = tuple(os.path.abspath(path) for path in sys.path)  # "" is the working directory
    folder = os.getcwd()
    if isinstance(objective, str):
        return Shipped(name, paths, folder=folder)
    module = sys.modules.get(getattr(objective, "__module__", ""))
    if module is not None and module.__name__ != "__main__":
        if getattr(module, getattr(objective, "__qualname__", ""), None) is objective:
            return Shipped(name, paths, folder=folder)
    return Shipped(name, paths, cloudpickle.dumps(objective), folder)


def name_of(objective: Callable[..., Any] | str) -> str:
    """Return ``"module:function"``."""
    if isinstance(objective, str):
        return objective
    name = getattr(objective, "__qualname__", type(objective).__qualname__)
    return f"{getattr(objective, '__module__', '__main__')}:{name}"


def resolve(name: str) -> Callable[..., Any]:
    """Import the objective that ``"module:function"`` names.

    Raises
    ------
    ValueError
        If the name has another form, there is no such module or function, the module cannot be
        imported, or what is named is not a function.
    """
    module_name, colon, function_name = name.partition(":")
    if not (module_name and colon and function_name):
        raise ValueError(
            f"The objective {name!r} is not a name of the form module:function, such as "
            "internlab.hpo.training.objective:train_buildings."
        )
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and f"{module_name}.".startswith(
            f"{error.name}."
        ):
            raise ValueError(
                f"The objective {name!r}: there is no module {module_name!r}. Run this in the "
                f"folder that holds {module_name.split('.')[0]}.py, or install its package."
            ) from error
        raise ValueError(
            f"The objective {name!r}: importing {module_name} raised {reason_of(error)}"
        ) from error
    found = getattr(module, function_name, None)
    if not callable(found):
        defined = [
            each
            for each, thing in vars(module).items()
            if callable(thing) and getattr(thing, "__module__", "") == module_name
        ]
        raise ValueError(
            f"The objective {name!r}: {module_name} has no function {function_name!r}. "
            f"It defines {', '.join(defined) or 'none'}."
        )
    return found


def run_trial(config: dict[str, Any], shipped: Shipped, metric: str, fixed: dict[str, Any]) -> None:
    """Run one trial, and report to Ray how it ended.

    Ray would try a trial that raises again, as it does one whose worker was killed. An exception
    would only be raised again, so it is reported as the trial's end instead.

    Parameters
    ----------
    config : dict
        Under ``"trial"``: ``config``, the searched hyperparameters, and ``earlier``, the path of a
        checkpoint from an earlier run or None.
    shipped : Shipped
        The objective.
    metric : str
    fixed : dict
        The hyperparameters that are not searched.
    """
    trial = None
    try:
        objective = shipped.load()
        earlier = config["trial"]["earlier"]
        trial = RayTrial(metric, Path(earlier) if earlier else None)
        objective(trial, **fixed, **config["trial"]["config"])
        end = {"status": "finished"}
        if trial.iteration == 0:
            end = {"status": "failed", "reason": f"returned without reporting {metric}"}
    except TrialStopped:
        return  # The last report said why.
    except MetricMissing as error:
        end = {"status": "metric missing", "reported": error.reported}
    except SystemExit as error:
        if trial is not None and trial.stopped:
            raise
        end = {"status": "failed", "reason": f"left by sys.exit({error.code})"}
    except Exception as error:
        end = {"status": "failed", "reason": reason_of(error), "trace": traceback.format_exc()}
    if end["status"] == "failed":
        _release_memory()
    _report_end(trial, end)


def reason_of(error: BaseException) -> str:
    """Return an exception in one short line, such as ``ValueError: lr is negative``."""
    shown = traceback.format_exception_only(error)[-1].strip().splitlines()[0]
    if isinstance(error, MemoryError) and not str(error):
        shown = "MemoryError: out of memory"
    return shown if len(shown) <= REASON_LENGTH else shown[: REASON_LENGTH - 3] + "..."


def _report_end(trial: RayTrial | None, end: dict[str, Any]) -> None:
    from ray import tune

    # Ray's schedulers want an iteration and a value in whatever is reported.
    last = {"iteration": 0, VALUE: math.nan}
    if trial is not None:
        last = {"iteration": trial.iteration, VALUE: trial.last.get(VALUE, math.nan)}
        last["cpu_step"] = trial.unreported()
    tune.report({**last, **end, "done": True})


def _release_memory() -> None:
    """Give memory back before the next trial: its worker is this process."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
