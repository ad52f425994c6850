"""Weights that make up for how often a group or a side occurs in training."""

from __future__ import annotations

import torch
from torch import Tensor

from internlab.debias.stack import Problem


def group_counts(problem: Problem) -> Tensor:
    """Return how many training images each group has: float32 (R, classes * biases).

    Raises
    ------
    ValueError
        If the bias is not labelled, or a run has no conflicting or no aligned image: then no
        weight can make up for it.
    """
    sides(problem)
    groups = problem.groups
    ones = torch.ones(groups.shape, device=groups.device)
    counts = ones.new_zeros(len(problem), problem.classes * problem.bias_values)
    return counts.scatter_add_(1, groups, ones)


def balancing_weights(problem: Problem) -> Tensor:
    """Return a weight for each training image, 1 / images of its group, scaled to mean 1: (R, N).

    With them every group that occurs counts as much as any other.
    """
    weights = 1 / group_counts(problem).gather(1, problem.groups)
    return weights / weights.mean(dim=1, keepdim=True)


def sides(problem: Problem) -> Tensor:
    """Return which side each training image is on: int64 (R, N), 0 aligned, 1 conflicting.

    Raises
    ------
    ValueError
        As `group_counts`.
    """
    side = (problem.biases != problem.labels).long()
    share = side.float().mean(dim=1)
    for run, found in enumerate(share.tolist()):
        if not 0 < found < 1:
            missing = "conflicting" if found == 0 else "aligned"
            raise ValueError(
                f"Run {run} has no {missing} training image, and {problem.method} weighs groups "
                "against each other; expected at least one. Choose a ratio between 0 and 1."
            )
    return side


def side_balancing_weights(problem: Problem) -> Tensor:
    """Return sampling weights (R, N) that draw aligned and conflicting images equally often."""
    side = sides(problem)
    conflicting = side.float().mean(dim=1, keepdim=True)
    return torch.where(side == 1, 1 / conflicting, 1 / (1 - conflicting))


def group_means(values: Tensor, groups: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Average values of a batch group by group.

    Parameters
    ----------
    values, groups : tensor
        (R, B), the second int64 in 0 to count - 1.
    count : int
        G.

    Returns
    -------
    means : tensor
        (R, G); 0 for a group that is not in the batch.
    present : tensor
        bool (R, G).
    """
    empty = values.new_zeros(len(values), count)
    sums = empty.scatter_add(1, groups, values)
    numbers = empty.scatter_add(1, groups, torch.ones_like(values))
    return sums / numbers.clamp(min=1), numbers > 0
