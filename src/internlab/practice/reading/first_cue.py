"""Does the cue that a network learns first single out the images that go against it?

The cheap half of "Learning from Failure" (Nam and others, NeurIPS 2020, arXiv 2007.02561): its
first network, which is to be biased, trained alone and for a short while. Images with a high loss
are what the second network would be made to look at.
"""

from __future__ import annotations

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch.nn import functional

HIDDEN, BATCH, RATE, POWER = 64, 128, 1e-3, 0.7


def singled_out(
    images: np.ndarray, labels: np.ndarray, conflicting: np.ndarray, seed: int, steps: int = 100
) -> float:
    """Return how well the loss of a hastily trained network finds the conflicting images.

    Parameters
    ----------
    images : array
        (N, ...) uint8.
    labels : array
        (N,) int64, from 0.
    conflicting : array
        (N,) bool; used only to judge the loss, not in training.
    seed, steps : int
        Of the training.

    Returns
    -------
    float
        Area under the ROC curve: how often a conflicting image has a higher loss than an aligned
        one. 1 is always, 0.5 is chance.

    References
    ----------
    The loss of the biased network is the generalised cross entropy of Zhang and Sabuncu, NeurIPS
    2018 (arXiv 1805.07836), with their power of 0.7.
    """
    x = torch.tensor(images, dtype=torch.float32).flatten(1) / 255
    y = torch.tensor(labels)
    chance = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], HIDDEN),
            torch.nn.ReLU(),
            torch.nn.Linear(HIDDEN, int(y.max()) + 1),
        )
    optimiser = torch.optim.Adam(network.parameters(), RATE)
    for _ in range(steps):
        batch = torch.randint(len(x), (BATCH,), generator=chance)
        right = network(x[batch]).softmax(dim=1).gather(1, y[batch, None])
        # What is already likely pulls hardest, so the network follows its first cue.
        loss = ((1 - right**POWER) / POWER).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        losses = functional.cross_entropy(network(x), y, reduction="none")
    return float(roc_auc_score(conflicting, losses.numpy()))
