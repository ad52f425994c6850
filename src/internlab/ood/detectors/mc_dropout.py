"""Dropout as a committee."""

from __future__ import annotations

from torch import Tensor

from internlab.ood.detectors.base import Detector
from internlab.ood.detectors.committee import measure_named
from internlab.ood.outputs import Outputs


class MCDropout(Detector):
    """Monte Carlo dropout (몬테카를로 드롭아웃): does the answer change when features go missing?

    The network answers S times with dropout left on. With p_s the softmax of pass s, the score is
    the mutual information ``H(mean_s p_s) - mean_s H(p_s)``, or another measure of
    `committee`.

    Parameters
    ----------
    measure : {"information", "entropy", "confidence"}

    References
    ----------
    Gal and Ghahramani, "Dropout as a Bayesian Approximation: Representing Model Uncertainty in
    Deep Learning", ICML 2016. The mutual information of the passes: Houlsby, Huszár, Ghahramani,
    Lengyel, "Bayesian Active Learning for Classification and Preference Learning", 2011, and Gal's
    thesis of 2016, section 3.3.
    """

    name = "mc_dropout"
    title = "MC dropout"
    paper = "Dropout as a Bayesian Approximation"
    year = 2016
    url = "https://arxiv.org/abs/1506.02142"
    needs = ("sampled_logits",)

    def __init__(self, measure: str = "information") -> None:
        self.measure = measure_named(measure)

    def score(self, outputs: Outputs) -> Tensor:
        """Return the measure over the passes."""
        return self.measure(outputs.require("sampled_logits", self.title))
