"""One training and everything its networks said, collected once for all detectors."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from internlab.data.digit_sets import DigitSets, digit_sets
from internlab.ood.classifier import (
    EPOCHS,
    DigitNet,
    accuracy,
    collect,
    collect_ensemble,
    head_of,
    train,
)
from internlab.ood.detectors import Head
from internlab.ood.outputs import Outputs

MEMBERS = 3
PASSES = 20
# ODIN's step, the paper's own; it was made for images of another scale and is not tuned here.
EPSILON = 0.0014
# How the parts are named that serve to choose settings; the others are for the final test.
VALIDATION = "validation"


@dataclass(frozen=True)
class FeatureCache:
    """What one seed gave.

    Parameters
    ----------
    seed : int
        Of the split and of the first network.
    network : DigitNet
        The classifier that all detectors but two look at.
    accuracy, exposed_accuracy : float
        Share of right answers on the test digits: of the classifier, and of the network that was
        trained with outlier exposure.
    plain, ensemble, exposed : dict of str to Outputs
        By part: ``"train"``, ``"validation"`` and ``"test"`` are digits of the classes; the
        outliers of the test have their own names, those to choose with are called
        ``"validation near"`` and so on.
    """

    seed: int
    network: DigitNet
    accuracy: float
    exposed_accuracy: float
    plain: dict[str, Outputs]
    ensemble: dict[str, Outputs]
    exposed: dict[str, Outputs]

    @property
    def head(self) -> Head:
        """The last layer of `network`."""
        return head_of(self.network)

    @property
    def outliers(self) -> list[str]:
        """Names of the outliers of the test."""
        digits = ("train", VALIDATION, "test")
        return [n for n in self.plain if n not in digits and not n.startswith(f"{VALIDATION} ")]

    @property
    def validation_outliers(self) -> list[str]:
        """Names of the outliers to choose with."""
        return [name for name in self.plain if name.startswith(f"{VALIDATION} ")]

    def read_by(self, detector: str) -> dict[str, Outputs]:
        """Return the outputs that a detector reads: those of its own kind of network."""
        own = {"ensemble": self.ensemble, "outlier_exposure": self.exposed}
        return own.get(detector, self.plain)


def feature_cache(seed: int, *, epochs: int = EPOCHS, members: int = MEMBERS) -> FeatureCache:
    """Train the networks of a seed and collect what they say about every image set.

    Parameters
    ----------
    seed : int
        Decides the split, the first weights, and the order of training.
    epochs : int
        Passes over the training digits, for each network.
    members : int
        Networks in the ensemble, at least 2; the first is the classifier itself.

    Raises
    ------
    ValueError
        If the ensemble has fewer than two members.
    """
    if members < 2:
        raise ValueError(f"An ensemble of {members}; expected at least 2 networks.")
    sets = digit_sets(seed)
    # Far from the seeds that anybody passes, so that no member is another seed's classifier.
    seeds = [seed] + [10_000 * (member + 1) + seed for member in range(members - 1)]
    networks = [train(sets.train, each, epochs=epochs) for each in seeds]
    exposed = train(sets.train, seed, epochs=epochs, exposure=sets.exposure)
    images = _all_images(sets)
    labels = {"train": sets.train.labels, VALIDATION: sets.validation.labels}
    labels["test"] = sets.test.labels
    return FeatureCache(
        seed=seed,
        network=networks[0],
        accuracy=accuracy(networks[0], sets.test),
        exposed_accuracy=accuracy(exposed, sets.test),
        plain={
            name: collect(
                networks[0], each, labels.get(name), passes=PASSES, epsilon=EPSILON, seed=seed
            )
            for name, each in images.items()
        },
        ensemble={name: collect_ensemble(networks, each) for name, each in images.items()},
        exposed={name: collect(exposed, each) for name, each in images.items()},
    )


def together(first: Outputs, second: Outputs) -> Outputs:
    """Return the outputs of two sets as of one, without labels."""

    def joined(name: str, dim: int = 0) -> torch.Tensor | None:
        parts = [getattr(each, name) for each in (first, second)]
        return None if any(part is None for part in parts) else torch.cat(parts, dim)

    return Outputs(
        logits=joined("logits"),
        features=joined("features"),
        sampled_logits=joined("sampled_logits", dim=1),
        perturbed_logits=joined("perturbed_logits"),
    )


def _all_images(sets: DigitSets) -> dict:
    digits = {"train": sets.train, VALIDATION: sets.validation, "test": sets.test}
    to_choose = {f"{VALIDATION} {kind}": each for kind, each in sets.validation_outliers.items()}
    return {name: each.images for name, each in digits.items()} | sets.outliers | to_choose
