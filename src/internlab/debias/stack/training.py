"""Train one method on many runs at once."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from internlab.debias.groups import GroupScores, group_scores
from internlab.debias.stack.batches import Batch
from internlab.debias.stack.problem import Needs, Problem, in_pieces
from internlab.debias.stack.recipe import Recipe
from internlab.debias.stack.runs import SPLITS, Runs, StackedImages

if TYPE_CHECKING:
    from internlab.debias.methods.base import Method


@dataclass(frozen=True)
class Moment:
    """What was seen after one step of training.

    Parameters
    ----------
    step : int
        How many steps had been taken.
    scores : tuple of GroupScores or None
        By run; None for a run that had failed.
    record : dict of tensor
        What `Method.record` offers, (R,) each. A value per image is averaged over the aligned and
        the conflicting images of the batch: ``weight`` becomes ``weight/aligned`` and
        ``weight/conflicting`` (NaN where the batch has none).
    """

    step: int
    scores: tuple[GroupScores | None, ...]
    record: dict[str, Tensor]


@dataclass(frozen=True)
class Trained:
    """A method after training.

    Parameters
    ----------
    method : Method
        With its networks.
    runs : Runs
        What it was trained on.
    history : tuple of Moment
        One for each step that was watched.
    failures : tuple of str or None
        By run: why it failed, or None.
    cpu_seconds : float
        Of this process, for all runs together.
    device : torch.device
        Where its networks are; logits and scores are on the CPU.
    """

    method: Method
    runs: Runs
    history: tuple[Moment, ...]
    failures: tuple[str | None, ...]
    cpu_seconds: float
    device: torch.device

    def logits(self, images: Tensor) -> Tensor:
        """Return the logits (R, B, K); NaN for a run that failed.

        Parameters
        ----------
        images : tensor
            uint8, or float32 in [0, 1]; (R, B, H, W, 3), or (B, H, W, 3) for all runs.
        """
        if images.ndim == 4:
            images = images[None].expand(len(self.runs), *images.shape)
        found = in_pieces(images.cpu(), self.method.logits, self.device)
        failed = [run for run, reason in enumerate(self.failures) if reason is not None]
        if failed:
            found[failed] = float("nan")
        return found

    def predictions(self, images: Tensor) -> Tensor:
        """Return the classes int64 (R, B); -1 for a run that failed."""
        logits = self.logits(images)
        return logits.argmax(dim=2).masked_fill(logits.isnan().any(dim=2), -1)

    def scores(self, split: str = "test") -> tuple[GroupScores | None, ...]:
        """Return the scores of each run on a split; None for a run that failed.

        Raises
        ------
        ValueError
            If these runs do not have the split, or nobody has labelled its bias.
        """
        return scores_on(_split(self.runs, split), self.runs, self.predictions)


def train(
    method: Method,
    runs: Runs,
    recipe: Recipe,
    *,
    watch: Collection[int] = (),
    watch_on: str = "test",
) -> Trained:
    """Train a method on all runs, side by side.

    What a run gives does not depend on the runs beside it.

    Parameters
    ----------
    method : Method
        A new object: it keeps its networks.
    runs : Runs
        The data.
    recipe : Recipe
        Network, steps, learning rate, batch size, device.
    watch : collection of int
        After how many steps to score all runs (0: before the first), for curves. It changes no
        result.
    watch_on : str
        The split on which to. Curves are for looking: a choice made on those of the test set is no
        longer a fair one.

    Raises
    ------
    ValueError
        If the method needs bias labels that these runs do not have, or `watch` lies outside.
    """
    start = time.process_time()
    outside = [step for step in watch if not 0 <= step <= recipe.steps]
    if outside:
        raise ValueError(f"Cannot watch step {outside[0]}; expected 0 to {recipe.steps}.")
    shown = _split(runs, watch_on)
    problem = Problem(runs, recipe, method.title, method.needs)
    expect_labels(problem)
    method.prepare(problem)
    history: list[Moment] = []

    def look(taken: int, record: dict[str, Tensor]) -> None:
        failures = tuple(problem.failures)
        now = Trained(method, runs, (), failures, 0.0, problem.device)
        history.append(Moment(taken, scores_on(shown, runs, now.predictions), record))

    def after_step(batch: Batch) -> None:
        if batch.step + 1 in watch:
            look(batch.step + 1, _summary(method.record(batch), batch, runs))

    if 0 in watch:
        look(0, {})
    problem.train_stage(
        method.parameters(),
        method.losses,
        steps=recipe.steps,
        purpose="training",
        sampling_weights=method.sampling_weights(),
        after_step=after_step,
    )
    with torch.no_grad():
        method.finish(problem)
    spent = time.process_time() - start
    failures = tuple(problem.failures)
    return Trained(method, runs, tuple(history), failures, spent, problem.device)


def expect_labels(problem: Problem) -> None:
    """Raise ValueError if a method has declared needs that the runs do not meet."""
    if Needs.TRAINING_BIAS_LABELS in problem.needs:
        _ = problem.biases
    if Needs.BALANCED_SET in problem.needs:
        _ = problem.balanced


def scores_on(split: StackedImages, runs: Runs, predict) -> tuple[GroupScores | None, ...]:
    """Score what `predict` gives for the images of a split, run by run.

    Parameters
    ----------
    split : StackedImages
        With bias labels.
    runs : Runs
        Say how many classes and biases there are.
    predict : callable
        From images uint8 (R, N, H, W, 3) to classes int64 (R, N) on the CPU; -1 where a run failed.

    Returns
    -------
    tuple
        One `GroupScores` a run; None for one that failed.

    Raises
    ------
    ValueError
        If the bias is not labelled.
    """
    if split.biases is None:
        raise ValueError("This split has no bias labels, so there are no groups to score.")
    predicted = predict(split.images)
    return tuple(
        group_scores(labels.numpy(), biases.numpy(), found.numpy(), runs.classes, runs.biases)
        if bool((found >= 0).all())
        else None
        for labels, biases, found in zip(split.labels, split.biases, predicted, strict=True)
    )


def _split(runs: Runs, name: str) -> StackedImages:
    if name not in SPLITS:
        raise ValueError(f"No split {name!r}; expected one of {', '.join(SPLITS)}.")
    split = getattr(runs, name)
    if split is None:
        there = ", ".join(each for each in SPLITS if getattr(runs, each) is not None)
        raise ValueError(f"These runs have no {name} set to score on; expected one of {there}.")
    return split


def _summary(record: dict[str, Tensor], batch: Batch, runs: Runs) -> dict[str, Tensor]:
    """Average what is per image over aligned and over conflicting images."""
    found: dict[str, Tensor] = {}
    for name, values in record.items():
        values = values.detach().cpu()
        if values.ndim == 1 or runs.train.biases is None:
            found[name] = values if values.ndim == 1 else values.mean(dim=1)
            continue
        conflicting = runs.train.conflicting.gather(1, batch.index.cpu())
        for kind, chosen in (("aligned", ~conflicting), ("conflicting", conflicting)):
            # 0 / 0 is NaN: nothing of this kind in the batch.
            found[f"{name}/{kind}"] = values.where(chosen, 0.0).sum(dim=1) / chosen.sum(dim=1)
    return found
