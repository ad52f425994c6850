"""Several networks as a committee."""

from __future__ import annotations

from torch import Tensor

from internlab.ood.detectors.base import Detector
from internlab.ood.detectors.committee import measure_named
from internlab.ood.outputs import Outputs


class Ensemble(Detector):
    """Deep ensemble (앙상블): do networks that were trained apart agree?

    S networks, alike but for their seeds, answer the same images. With p_s the softmax of member
    s, the score is the entropy of the mean, ``H(mean_s p_s)``, or another measure of
    `committee`. It costs S trainings.

    Parameters
    ----------
    measure : {"entropy", "information", "confidence"}

    References
    ----------
    Lakshminarayanan, Pritzel, Blundell, "Simple and Scalable Predictive Uncertainty Estimation
    using Deep Ensembles", NeurIPS 2017.
    """

    name = "ensemble"
    title = "Ensemble"
    paper = "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles"
    year = 2017
    url = "https://arxiv.org/abs/1612.01474"
    needs = ("sampled_logits",)

    def __init__(self, measure: str = "entropy") -> None:
        self.measure = measure_named(measure)

    def score(self, outputs: Outputs) -> Tensor:
        """Return the measure over the members."""
        return self.measure(outputs.require("sampled_logits", self.title))
