"""Read a paper, probe its idea, decide: cards, probes, ladders, learning curves, agreement.

``card`` holds what a reader takes from a paper, and ``lint`` asks for what is missing. ``probe``
seals a go or no-go line before a cheap experiment. ``learning_curve`` predicts how much data a
task needs, ``ladder`` makes a task easier one demand at a time, ``agreement`` compares two readers.
"""

from internlab.practice.reading.agreement import Agreement, agreement, kappa
from internlab.practice.reading.card import Claim, Evidence, PaperCard, Trial, load_card, save_card
from internlab.practice.reading.ladder import Demand, Step, Walk, walk
from internlab.practice.reading.learning_curve import Curve, fit_curve, forecast
from internlab.practice.reading.lint import Asked, lint, shared_runs
from internlab.practice.reading.probe import Decision, Probe, chance_of, decide, open_probe

__all__ = [
    "Agreement",
    "Asked",
    "Claim",
    "Curve",
    "Decision",
    "Demand",
    "Evidence",
    "PaperCard",
    "Probe",
    "Step",
    "Trial",
    "Walk",
    "agreement",
    "chance_of",
    "decide",
    "fit_curve",
    "forecast",
    "kappa",
    "lint",
    "load_card",
    "open_probe",
    "save_card",
    "shared_runs",
    "walk",
]
