"""The free energy of the logits."""

from __future__ import annotations

from torch import Tensor

from internlab.ood.detectors.base import Detector
from internlab.ood.outputs import Outputs


class Energy(Detector):
    """Free energy (자유 에너지): the evidence of all classes together.

    The score is ``-T log sum_k exp(f_k / T)``. As T goes to 0 it becomes MaxLogit.

    Parameters
    ----------
    temperature : float
        T, positive; the paper keeps 1.

    Raises
    ------
    ValueError
        If the temperature is not positive.

    References
    ----------
    Liu, Wang, Owens, Li, "Energy-based Out-of-distribution Detection", NeurIPS 2020, equation 4.
    """

    name = "energy"
    title = "Energy"
    paper = "Energy-based Out-of-distribution Detection"
    year = 2020
    url = "https://arxiv.org/abs/2010.03759"

    def __init__(self, temperature: float = 1.0) -> None:
        if not 0 < temperature < float("inf"):
            raise ValueError(f"Temperature {temperature}; expected a positive number, such as 1.")
        self.temperature = temperature

    def score(self, outputs: Outputs) -> Tensor:
        """Return `energy` of the logits."""
        return self.energy(outputs.logits, self.temperature)

    @staticmethod
    def energy(logits: Tensor, temperature: float = 1.0) -> Tensor:
        """Return the energy of logits (N, K) or (N, K, H, W): (N,) or (N, H, W)."""
        return -temperature * (logits / temperature).logsumexp(dim=1)
