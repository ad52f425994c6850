"""Run the network over images in batches, and keep what detectors read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F

from internlab.ood.dense.network import StreetNet, prepare
from internlab.ood.dense.statistics import ClassStatistics
from internlab.ood.outputs import Outputs

AT_ONCE = 10


def logits_in_batches(
    network: torch.nn.Module, images: np.ndarray, at_once: int = AT_ONCE
) -> Iterator[torch.Tensor]:
    """Yield logits (n, K, H, W) of images (N, H, W, 3) uint8, `at_once` images at a time.

    Raises
    ------
    ValueError
        If there is no image, or none at once.
    """
    _check(images, at_once)
    device = next(network.parameters()).device
    for start in range(0, len(images), at_once):
        with torch.inference_mode():
            logits = network(prepare(images[start : start + at_once]).to(device)).cpu()
        yield logits


def collect(
    network: StreetNet,
    images: np.ndarray,
    *,
    labels: np.ndarray | None = None,
    features: bool = False,
    at_once: int = AT_ONCE,
) -> Outputs:
    """Return the network's outputs for images.

    Parameters
    ----------
    network : StreetNet
        In evaluation mode.
    images : array
        (N, H, W, 3) uint8.
    labels : array, optional
        (N, H, W) uint8, kept beside the logits.
    features : bool
        Whether to keep the features as well, enlarged to (N, D, H, W): four bytes each, which is
        4 MB for an image of 128 x 256.
    at_once : int
        Images in a batch.

    Raises
    ------
    ValueError
        If there is no image, or none at once.
    """
    _check(images, at_once)
    truth = None if labels is None else torch.from_numpy(np.asarray(labels)).long()
    if not features:
        return Outputs(torch.cat(list(logits_in_batches(network, images, at_once))), labels=truth)
    kept, logits = [], []
    size = np.shape(images)[1:3]
    for start in range(0, len(images), at_once):
        with torch.inference_mode():
            found = network.features(prepare(images[start : start + at_once]))
            scores = network.head(found)
        for coarse, fine in ((found, kept), (scores, logits)):
            fine.append(F.interpolate(coarse, size=size, mode="bilinear", align_corners=False))
    return Outputs(torch.cat(logits), features=torch.cat(kept), labels=truth)


def predict(network: torch.nn.Module, images: np.ndarray, at_once: int = AT_ONCE) -> np.ndarray:
    """Return the predicted class of every pixel, (N, H, W) uint8, of images (N, H, W, 3) uint8."""
    batches = logits_in_batches(network, images, at_once)
    return np.concatenate([batch.argmax(1).to(torch.uint8).numpy() for batch in batches])


def gather_statistics(
    network: torch.nn.Module, images: np.ndarray, at_once: int = AT_ONCE
) -> ClassStatistics:
    """Return the max-logit statistics of training images, (N, H, W, 3) uint8."""
    statistics: ClassStatistics | None = None
    for logits in logits_in_batches(network, images, at_once):
        statistics = (statistics or ClassStatistics(logits.shape[1])).add(logits)
    return statistics


def _check(images: np.ndarray, at_once: int) -> None:
    if not len(images):
        raise ValueError("There are no images. Expected at least one, of training or of a test.")
    if at_once < 1:
        raise ValueError(f"at_once is {at_once}. Expected at least 1 image in a batch.")
