"""The balanced set, halved: what a method trains on is not what it is chosen by."""

from __future__ import annotations

import torch

from internlab.debias.stack import StackedImages


def halve(balanced: StackedImages) -> tuple[StackedImages, StackedImages | None]:
    """Split the balanced images of each run group by group.

    Parameters
    ----------
    balanced : StackedImages
        Of R runs, each with groups of the same sizes, in any order.

    Returns
    -------
    tuple
        The first images of each group (class x bias), of an odd number one more: what a method
        that declares the balanced set is given. And the other images, which scores and selection
        rules are of; None if no group has two images.

    Raises
    ------
    ValueError
        If the bias is not labelled.
    """
    if balanced.biases is None:
        raise ValueError("The balanced images have no bias labels; expected one for each image.")
    kinds = int(balanced.biases.max()) + 1
    groups = balanced.labels * kinds + balanced.biases
    first = torch.stack([_in_first_half(each) for each in groups])
    rest = _take(balanced, ~first)
    return _take(balanced, first), rest if len(rest) else None


def _in_first_half(groups: torch.Tensor) -> torch.Tensor:
    """Return bool (N,): whether an image is among the first of its group (N,)."""
    chosen = torch.zeros(len(groups), dtype=torch.bool)
    for group in groups.unique():
        members = torch.nonzero(groups == group)[:, 0]
        chosen[members[: (len(members) + 1) // 2]] = True
    return chosen


def _take(balanced: StackedImages, chosen: torch.Tensor) -> StackedImages:
    """Return the chosen images (R, N) bool, as many of each run."""
    counts = sorted(set(chosen.sum(dim=1).tolist()))
    if len(counts) > 1:
        raise ValueError(
            f"Halves of the balanced set would have {counts} images; expected as many in each run. "
            "Give all runs balanced sets with groups of the same sizes."
        )
    index = torch.stack([torch.nonzero(each)[:, 0] for each in chosen])
    run = torch.arange(len(chosen))[:, None]
    return StackedImages(
        balanced.images[run, index], balanced.labels[run, index], balanced.biases[run, index]
    )
