"""Lab 04, what is computed: a difference of bytes, and predictions that depend on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from internlab.answers import in_print, number
from internlab.exercises import NotYet, call

_LEARNING = (
    "the network's running mean and variance changed while it predicted: what tells BatchNorm not "
    "to learn?"
)


def check_difference(answer: Callable[..., Any]) -> None:
    """answer: function (a, b) -> mean absolute difference of two uint8 images"""
    rng = np.random.default_rng()
    dark = rng.integers(0, 120, (24, 24), dtype=np.uint8)
    for a, b in (
        (dark + np.uint8(100), dark),  # a is brighter everywhere: nothing wraps yet
        *(rng.integers(0, 256, (2, 24, 24), dtype=np.uint8) for _ in range(2)),
        (np.full((600, 600), 200, np.uint8), np.zeros((600, 600), np.uint8)),
    ):
        right = np.abs(a.astype(float) - b.astype(float)).mean()
        result = call(answer, a, b)
        if getattr(result, "dtype", None) == np.float16 or right == 200:
            _judge_large(result, right)
        got = number(result, "the difference", "is a sum or a mean missing?")
        if abs(got - right) <= 1e-4 * right:
            continue
        shown, expected = in_print(got, right, 2)
        signed = (a.astype(float) - b).mean()
        wrapped = (a - b).mean()
        narrow = np.abs(a.astype(np.int8).astype(int) - b.astype(np.int8)).mean()
        narrow_too = np.abs(a.astype(np.int8) - b.astype(np.int8)).mean()
        squared = ((a.astype(float) - b) ** 2).mean()
        says = "which arithmetic did the subtraction use?"
        if np.isclose(got, wrapped):
            says = "3 - 5 in uint8 is 254; in which type do you subtract?"
        elif np.isclose(got, signed):
            says = "darker and brighter pixels cancel; where is the absolute value?"
        elif np.isclose(got, narrow) or np.isclose(got, narrow_too):
            says = "int8 ends at 127; which type holds every difference from -255 to 255?"
        elif np.isclose(got, squared) or np.isclose(got, np.sqrt(squared)):
            says = "that squares the differences; which mean was asked for?"
        elif np.isclose(got, right / 255):
            says = "that is in units of the whole range; in which units are the pixels?"
        raise NotYet(f"you gave {shown}, expected {expected}: {says}")


def _judge_large(result: Any, right: float) -> None:
    with np.errstate(all="ignore"):
        value = float(np.asarray(result, dtype=float).reshape(-1)[0])
    if not np.isfinite(value) or abs(value - right) > 1e-4 * right:
        raise NotYet(
            f"for a large image you gave {value:.4g}, expected {right:.4g}: how many digits, and "
            "which largest number, has the type that you add up in?"
        )


def check_predict(answer: Callable[..., Any]) -> None:
    """answer: function (network, images) -> logits"""
    import torch

    for state in ("training", "evaluation", "frozen part"):
        network = _network(state)
        before = [module.training for module in network.modules()]
        numbers = {name: value.clone() for name, value in network.state_dict().items()}
        images = torch.randn(12, 6)
        expected = _network_in_evaluation(network)(images).detach()
        got = _as_tensor(_on(answer, network, images), expected)
        changed = any(not torch.equal(numbers[k], v) for k, v in network.state_dict().items())
        after = [module.training for module in network.modules()]
        if not torch.allclose(got, expected, atol=1e-5):
            _explain_wrong(answer, network, images, changed)
        if changed:
            raise NotYet(_LEARNING)
        _judge_modes(before, after, state)


def _judge_modes(before: list[bool], after: list[bool], state: str) -> None:
    if before == after:
        return
    if state == "training":
        raise NotYet(
            "the network came in training mode and is left in evaluation mode: what will the next "
            "epoch of training do without dropout?"
        )
    if state == "evaluation":
        raise NotYet(
            "the network came in evaluation mode and is left in training mode: how do you know in "
            "which of the two it was?"
        )
    raise NotYet(
        "a frozen BatchNorm came in evaluation mode inside a network in training mode, and is not "
        "left so: is the mode one fact of the network, or one of each module?"
    )


def _explain_wrong(answer: Any, network: Any, images: Any, changed: bool) -> None:
    import torch

    results = [_on(answer, network, images) for _ in range(2)]
    no_gradient = not getattr(results[0], "requires_grad", False)
    again = [_as_tensor(each, each) for each in results]
    if not torch.equal(*again):
        told = "the same images get other logits each time: "
        if no_gradient:
            raise NotYet(told + "no_grad keeps no gradients, and what stops dropout?")
        raise NotYet(told + "which module is still drawing at random?")
    if changed:
        raise NotYet(_LEARNING)
    raise NotYet(
        "the logits are not those of the network in evaluation mode: was the mode set before the "
        "images went through?"
    )


def _network(state: str) -> Any:
    import torch
    from torch import nn

    network = nn.Sequential(
        nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3)
    )
    with torch.no_grad():
        network[1].running_mean.normal_()
        network[1].running_var.uniform_(0.5, 2.0)
    network.train(state != "evaluation")
    if state == "frozen part":
        network[1].eval()
    return network


def _network_in_evaluation(network: Any) -> Any:
    import copy

    return copy.deepcopy(network).eval()


def _on(answer: Any, network: Any, images: Any) -> Any:
    # The network itself: whether it is left as it came is what the exercise is about.
    return (
        call(lambda copied: answer(network, copied), images) if callable(answer) else call(answer)
    )


def _as_tensor(got: Any, expected: Any) -> Any:
    import torch

    try:
        found = torch.as_tensor(np.asarray(got.detach() if hasattr(got, "detach") else got))
    except (TypeError, ValueError):
        raise NotYet(
            f"you gave a {type(got).__name__}, expected logits: what does the network return?"
        ) from None
    if tuple(found.shape) != tuple(expected.shape):
        raise NotYet(
            f"the logits have the shape {tuple(found.shape)}, expected {tuple(expected.shape)}, a "
            "row for each image and a column for each class: what was taken away?"
        )
    return found.float()
