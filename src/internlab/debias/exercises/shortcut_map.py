"""Check of lab 40: the map of Grad-CAM."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from internlab.answers import in_print
from internlab.exercises import NotYet, call


def check_grad_cam(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of (activations, gradients), both (C, h, w), to the map (h, w)."""
    rng = np.random.default_rng()
    for _ in range(2):
        given = _maps(rng)
        right, known = _grad_cam(*given)
        # Something speaks for the class, and no two ways give the same map by chance.
        while right.max() < 0.1 or _look_alike([right, *known.values()]):
            given = _maps(rng)
            right, known = _grad_cam(*given)
        # Tensors without a gradient, lists and arrays are all welcome.
        got = np.asarray(call(answer, *given), dtype=float)
        if got.shape == (1, *right.shape):
            got = got[0]
        if got.shape != right.shape:
            raise NotYet(
                f"your map has shape {got.shape}, expected {right.shape}, one number for each "
                "place: over what is the sum?"
            )
        if np.allclose(got, right, atol=1e-6):
            continue
        if not np.isfinite(got).all():
            raise NotYet("not all of your map is finite, expected numbers: what do you divide by?")
        place = np.unravel_index(np.abs(got - right).argmax(), right.shape)
        given_there, right_there = in_print(got[place], right[place], digits=3)
        where = tuple(int(axis) for axis in place)
        told = f"at place {where} your map has {given_there}, expected {right_there}"
        for says, value in known.items():
            if np.allclose(got, value, atol=1e-6):
                raise NotYet(f"{told}. {says}")
        raise NotYet(f"{told}: what is the weight of a channel, and what happens after the sum?")


def _grad_cam(
    activations: np.ndarray, gradients: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the right map, and what people give instead by what to say of it."""
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    summed = (weights * activations).sum(axis=0)
    right = np.maximum(summed, 0)
    known = {
        "Without the ReLU what speaks against the class is in the map too: which places speak for "
        "it?": summed,
        "The absolute value shows what speaks against the class as if it spoke for it: which part "
        "is kept?": np.abs(summed),
        "That is gradient times activation, place by place. In Grad-CAM a channel has one weight: "
        "over which axes is the gradient averaged?": (
            np.maximum((gradients * activations).sum(axis=0), 0)
        ),
        "The gradient was averaged over the channels. What is the weight of *one* channel?": (
            np.maximum((gradients.mean(axis=0) * activations).sum(axis=0), 0)
        ),
        "The ReLU was taken of each channel before the sum, so nothing could speak against: when "
        "is it taken?": np.maximum(weights * activations, 0).sum(axis=0),
        "That is the sum of the activations: which of the channels speak for this class?": (
            activations.sum(axis=0)
        ),
        "The activations were averaged and the gradients kept as maps. Which of the two gives one "
        "weight a channel?": np.maximum(
            (activations.mean(axis=(1, 2), keepdims=True) * gradients).sum(axis=0), 0
        ),
        "The gradients were summed over the places, not averaged: what is divided by the number "
        "of places?": np.maximum(summed * gradients[0].size, 0),
        "The channels were averaged, not summed: what does the formula say?": (
            np.maximum(summed / len(activations), 0)
        ),
        "The ReLU was taken of the weights, so no channel could speak against: when is it taken?": (
            (np.maximum(weights, 0) * activations).sum(axis=0)
        ),
        "The map was scaled to 1. That is for drawing: what are its values?": (
            right / max(right.max(), 1e-12)
        ),
    }
    return right, known


def _look_alike(maps: list[np.ndarray]) -> bool:
    return any(np.allclose(a, b, atol=1e-3) for a, b in itertools.combinations(maps, 2))


def _maps(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    # A convolution's output goes below zero, too; if it did not, a ReLU of the weights would be
    # one of the channels.
    activations = rng.normal(0.4, 1, (6, 5, 7))
    return activations, rng.normal(0, 1, (6, 5, 7)) + rng.normal(0, 0.7, (6, 1, 1))
