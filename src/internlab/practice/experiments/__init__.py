"""Twelve small experiments with a yes or no for an answer, to forecast before they run.

All are measured when they are asked for: no outcome is stored. Each runs in about a second.
"""

from internlab.practice.experiments.chance import CHANCE
from internlab.practice.experiments.digits import DIGITS
from internlab.practice.experiments.experiment import SEEDS, Experiment, Outcome
from internlab.practice.experiments.networks import NETWORKS
from internlab.practice.experiments.recorded import AUTHOR
from internlab.practice.experiments.tables import TABLES

_ALL = {each.name: each for each in (*DIGITS, *TABLES, *CHANCE, *NETWORKS)}
# The order of the recorded forecast: easy and hard mixed.
EXPERIMENTS = {name: _ALL[name] for name in AUTHOR}

__all__ = ["AUTHOR", "EXPERIMENTS", "SEEDS", "Experiment", "Outcome"]
