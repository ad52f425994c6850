"""An experiment on a small network: dropout that was left on."""

from __future__ import annotations

import torch
from torch import nn

from internlab.bars import Bar
from internlab.practice.experiments.digits import halves
from internlab.practice.experiments.experiment import Experiment

STEPS, HIDDEN = 150, 128


def _training_mode(seed: int) -> float:
    train, test, labels, wanted = halves(seed)
    pixels, unseen = (torch.tensor(each / 16, dtype=torch.float32) for each in (train, test))
    labels, wanted = torch.tensor(labels), torch.tensor(wanted)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Linear(64, HIDDEN), nn.ReLU(), nn.Dropout(0.5), nn.Linear(HIDDEN, 10)
        )
        optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
        for _ in range(STEPS):
            optimiser.zero_grad()
            nn.functional.cross_entropy(network(pixels), labels).backward()
            optimiser.step()
        with torch.no_grad():
            left_on = (network(unseen).argmax(dim=1) == wanted).double().mean()
            network.eval()
            right = (network(unseen).argmax(dim=1) == wanted).double().mean()
    return float(right - left_on)


NETWORKS = (
    Experiment(
        "training-mode",
        "A network with dropout is tested, and the call of eval() is forgotten. Does that cost at "
        "least 5 points of accuracy?",
        "64 pixels, 128 hidden units, 10 digits. Dropout silences each hidden unit with "
        "probability one half while training; eval() turns it off. 150 steps on half of the "
        "digits.",
        "loss of accuracy",
        _training_mode,
        Bar(">=", 0.05),
        "The network was trained to read digits with half of its units silent, and so it does. The "
        "fault is small enough to go unseen; the last part of this lesson catches it.",
    ),
)
