"""Train the runs of one method and setting side by side, and make a record of each."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import sklearn
import torch

from internlab.debias.bench import halves
from internlab.debias.bench.data import Stamps, identity, load_data, stamps_of
from internlab.debias.bench.fingerprint import fingerprint
from internlab.debias.bench.plan import Run, Settings, settings_of
from internlab.debias.bench.record import ONE_CLASS, SPLITS, Checkpoint, Record, Scores
from internlab.debias.bench.sources import Source, explain
from internlab.debias.methods import Method
from internlab.debias.stack import Recipe, Runs, StackedImages, recipe_for, train
from internlab.debias.stack.training import scores_on

# The recipe's learning rate is a hyperparameter of every method, the plain one too.
RATE = "learning_rate_times"
# Change it when the meaning of a record changes: earlier records are then not taken over.
VERSION = 2


@dataclass(frozen=True)
class Conditions:
    """What all runs of a benchmark share.

    Parameters
    ----------
    steps : int, optional
        In place of those of the data set's recipe.
    sizes : tuple of (str, int)
        Images of each part, in place of the usual ones.
    checkpoints : int
        How often the test set is scored on the way, the last step included.
    network, batch_size, device : optional
        In place of those of the data set's recipe; see `Recipe`.
    """

    steps: int | None = None
    sizes: tuple[tuple[str, int], ...] = ()
    checkpoints: int = 5
    network: str | None = None
    batch_size: int | None = None
    device: str | None = None

    def recipe(self, data: str, settings: Settings = ()) -> Recipe:
        """Return the recipe of a run.

        Raises
        ------
        ValueError
            If there is no such network or device, or a number is out of range.
        """
        usual = recipe_for(data)
        given = {
            name: getattr(self, name)
            for name in ("steps", "network", "batch_size", "device")
            if getattr(self, name) is not None
        }
        rate = usual.learning_rate * dict(settings).get(RATE, 1.0)
        return replace(usual, learning_rate=rate, **given)

    def watched(self, steps: int) -> list[int]:
        """Return the steps after which the test set is scored."""
        return sorted({round(steps * i / self.checkpoints) for i in range(1, self.checkpoints + 1)})


def default_settings(method: type[Method]) -> Settings:
    """Return what a method is run with if nobody tunes it."""
    return settings_of({**method().values, RATE: 1.0})


def key_of(run: Run, source: Source, conditions: Conditions, *, code_only: bool = False) -> str:
    """Return the hash of everything that decides a run's result.

    Those are the run itself, the recipe, the code of the method and the engine, the images, and the
    versions of the libraries that compute. With `code_only` the last two, which may differ from
    machine to machine, are left out.
    """
    decides = {
        "version": VERSION,
        "run": [run.method, run.data, repr(run.ratio), run.seed, list(run.settings)],
        "recipe": asdict(conditions.recipe(run.data, run.settings)),
        "sizes": sorted(conditions.sizes),
        "checkpoints": conditions.checkpoints,
        "code": [source.code, fingerprint(Path(halves.__file__))],
    }
    if not code_only:
        decides["images"] = identity_of(run, conditions)
        decides["libraries"] = [torch.__version__, np.__version__, sklearn.__version__]
    text = json.dumps(decides, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def identity_of(run: Run, conditions: Conditions) -> str:
    """Return a hash of the images that a run is given."""
    stamps = stamps_of(run.data, run.ratio)
    return _identity(run.data, run.ratio, run.seed, conditions.sizes, stamps)


@cache
def _identity(
    data: str, ratio: float, seed: int, sizes: tuple[tuple[str, int], ...], stamps: Stamps
) -> str:
    return identity(data, ratio, seed, dict(sizes) or None)


def train_together(
    runs: Sequence[Run], keys: Mapping[Run, str], source: Source, conditions: Conditions
) -> list[Record]:
    """Train runs that differ in ratio and seed only; return a record of each.

    A run that diverges is recorded as failed; the others are not touched by it. If the method
    itself raises, all of its runs are. A method that needs the balanced set trains on the first
    half of each of its groups; the scores of all methods on it are of the other half.

    Parameters
    ----------
    runs : sequence of Run
        Of one method, data set and setting.
    keys : mapping
        The key of each run, from `key_of`.
    source : Source
        Where the method is defined.
    conditions : Conditions
        What all runs share.

    Raises
    ------
    OSError, MemoryError
        These say nothing about the method, so nothing is recorded. PyTorch's RuntimeError for a
        full memory is raised as MemoryError.
    """
    stacked, kept_back = _stacked(
        runs[0].data,
        tuple((run.ratio, run.seed) for run in runs),
        conditions.sizes,
        tuple(stamps_of(run.data, run.ratio) for run in runs),
    )
    values = {name: value for name, value in runs[0].settings if name != RATE}
    recipe = conditions.recipe(runs[0].data, runs[0].settings)
    _warm_up()
    start = time.process_time()
    try:
        method = _make(source.load(), values)
        with np.errstate(all="ignore"):
            trained = train(method, stacked, recipe, watch=conditions.watched(recipe.steps))
            parts = {split: getattr(stacked, split) for split in SPLITS} | {"balanced": kept_back}
            parts = {split: part for split, part in parts.items() if part is not None}
            answers = {split: trained.predictions(part.images) for split, part in parts.items()}
            scores = {
                split: scores_on(part, stacked, lambda _, split=split: answers[split])
                for split, part in parts.items()
            }
    except (OSError, MemoryError):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        reason = explain(error, source.file if source.own else None)
        spent = (time.process_time() - start) / len(runs)
        return [Record(run, keys[run], failure=reason, cpu_seconds=spent) for run in runs]
    spent = (time.process_time() - start) / len(runs)
    records = []
    for place, run in enumerate(runs):
        reason = trained.failures[place]
        found = {split: each[place] for split, each in scores.items()}
        if reason is None and any(each is None for each in found.values()):
            reason = "its outputs are not finite"
        if reason is not None:
            records.append(Record(run, keys[run], failure=reason, cpu_seconds=spent))
            continue
        kept = {split: Scores.of(each) for split, each in found.items()}
        # What a method does after its last step, such as fitting the head again, counts at the end.
        on_the_way = [
            Checkpoint(moment.step, Scores.of(moment.scores[place]))
            for moment in trained.history[:-1]
        ]
        history = (*on_the_way, Checkpoint(recipe.steps, kept["test"]))
        note = ONE_CLASS if len(answers["test"][place].unique()) == 1 else ""
        records.append(Record(run, keys[run], "", kept, history, spent, note))
    return records


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that the memory is full."""
    # PyTorch has no exception of its own for this on the CPU.
    said = str(error).lower()
    told = "allocate memory" in said or "out of memory" in said
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and told)


def _make(method: type[Method], values: Mapping[str, float]) -> Method:
    """Return a method with its settings; whole numbers come back from floats as such."""
    return method(
        **{
            name: int(value) if isinstance(method.hyperparameters[name].default, int) else value
            for name, value in values.items()
        }
    )


@cache
def _warm_up() -> None:
    """Take one step: the first one of a process makes torch load what it needs, a second or more.

    Otherwise that would be counted as work of whichever method comes first.
    """
    weight = torch.nn.Parameter(torch.zeros(16))
    optimiser = torch.optim.Adam([weight], fused=True)
    weight.sum().backward()
    optimiser.step()


@lru_cache(maxsize=2)
def _stacked(
    data: str,
    which: tuple[tuple[float, int], ...],
    sizes: tuple[tuple[str, int], ...],
    stamps: tuple[Stamps, ...],
) -> tuple[Runs, StackedImages | None]:
    """Load the data of runs, and the balanced images that are kept from every method.

    Methods come one after another on the same data.
    """
    runs = Runs.of([load_data(data, ratio, seed, dict(sizes) or None) for ratio, seed in which])
    if runs.balanced is None:
        return runs, None
    given, kept_back = halves.halve(runs.balanced)
    return replace(runs, balanced=given), kept_back
