"""The loop of all training: one optimiser for many runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from internlab.debias.stack.batches import Batch


def optimise(
    parameters: list[nn.Parameter],
    losses: Callable[[Batch], Tensor],
    batches: Iterable[Batch],
    *,
    learning_rate: float,
    failures: list[str | None],
    stage: str,
    after_step: Callable[[Batch], None] | None = None,
) -> None:
    """Take one step of Adam a batch; see `Problem.train_stage`.

    The gradient of a sum of losses is, for the weights of one run, the gradient of that run's
    loss; and Adam treats every weight by itself. So the runs do not notice each other.

    Raises
    ------
    ValueError
        If the losses are not one number a run.
    """
    optimiser = torch.optim.Adam(parameters, lr=learning_rate, fused=True)
    for batch in batches:
        each = losses(batch)
        if each.shape != (len(failures),):
            raise ValueError(
                f"The losses have shape {tuple(each.shape)}; expected one number for each of "
                f"{len(failures)} runs. Average over the images only: mean(dim=1)."
            )
        now = each.detach()
        finite = torch.isfinite(now)
        if not finite.all():
            for run in (~finite).nonzero()[:, 0].tolist():
                if failures[run] is None:
                    failures[run] = (
                        f"the loss became {float(now[run])} in step {batch.step + 1} of {stage}"
                    )
        optimiser.zero_grad()
        each.sum().backward()
        failed = [run for run, reason in enumerate(failures) if reason is not None]
        if failed:
            # Their gradients may be NaN; at zero they stand still and cost nobody anything.
            _stop(parameters, failed)
        optimiser.step()
        if failed:
            _stop(parameters, failed)
        if after_step is not None:
            after_step(batch)


@torch.no_grad()
def _stop(parameters: list[nn.Parameter], failed: list[int]) -> None:
    for each in parameters:
        for run in failed:
            each[run] = 0
            if each.grad is not None:
                each.grad[run] = 0
