"""Scores for any network's saved outputs: what ``python -m internlab.ood evaluate`` does.

``files`` pairs and reads, ``ids`` says what a label means, ``methods`` turns logits into scores,
``run`` streams through the images and survives a kill, ``report`` writes table and figure.
"""

from internlab.ood.evaluation.ids import LabelIds
from internlab.ood.evaluation.run import Evaluation, evaluate_files

__all__ = ["Evaluation", "LabelIds", "evaluate_files"]
