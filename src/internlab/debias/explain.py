"""What a network's answer rests on: swap the cue, and see where it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from internlab.quiet import quiet

if TYPE_CHECKING:
    from internlab.debias.stack.training import Trained


@dataclass(frozen=True)
class Swap:
    """What R runs answer to N images before and after one thing in them was swapped.

    Parameters
    ----------
    before, after : array
        (R, N, K), float64: probabilities of the classes.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]

    @property
    def changed(self) -> NDArray[np.float64]:
        """(R,): the share of images whose answer is another one after the swap."""
        return (self.before.argmax(axis=2) != self.after.argmax(axis=2)).mean(axis=1)


def swap_test(trained: Trained, before: np.ndarray, after: np.ndarray) -> Swap:
    """Ask a trained method about the same images with one thing swapped.

    Parameters
    ----------
    trained : Trained
        R runs.
    before, after : array
        (N, H, W, 3) uint8: image k of both differs in what was swapped and in nothing else.

    Raises
    ------
    ValueError
        If the two do not have the same shape, or no image is given.
    """
    if np.shape(before) != np.shape(after) or not len(before):
        raise ValueError(
            f"Got images of shapes {np.shape(before)} and {np.shape(after)}; expected one shape "
            "(N, H, W, 3): image k of both is the same but for the swap."
        )
    return Swap(probabilities(trained, before), probabilities(trained, after))


def probabilities(trained: Trained, images: np.ndarray) -> NDArray[np.float64]:
    """Return the softmax (R, N, K) of all runs on images (N, H, W, 3) uint8."""
    with torch.no_grad():
        logits = trained.logits(torch.from_numpy(np.ascontiguousarray(images)))
    return logits.double().softmax(dim=2).numpy()


def grad_cam(
    network: nn.Module, images: np.ndarray, targets: np.ndarray, *, layer: nn.Module | None = None
) -> NDArray[np.float32]:
    r"""Return where in an image a network finds what speaks for a class.

    .. math:: \mathrm{ReLU}\Big(\sum_k \alpha_k A^k\Big), \qquad
        \alpha_k = \frac{1}{Z} \sum_{i,j} \frac{\partial f_c}{\partial A^k_{ij}}

    for the activations A of channel k, with Z places, enlarged to the image. f is the logit of
    class c minus the mean of all logits: softmax cannot see a number that is added to all of them,
    and with two classes either logit alone may say nothing.

    Parameters
    ----------
    network : module
        Takes float32 (N, 3, H, W) in [0, 1], such as `StackedNetwork.member`.
    images : array
        (N, H, W, 3), uint8.
    targets : array
        (N,), int: the class to explain for each image.
    layer : module, optional
        Whose output is A; by default the last of `maps_of`.

    Returns
    -------
    array
        (N, H, W), float32, not negative; all zero where nothing speaks for the class.

    Raises
    ------
    ValueError
        If the network has no convolution.

    References
    ----------
    Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra, "Grad-CAM: Visual Explanations from Deep
    Networks via Gradient-based Localization", ICCV 2017, section 3. Computed by captum.
    """
    # It asks for a progress bar's widgets, which nobody needs here.
    with quiet():
        from captum.attr import LayerAttribution, LayerGradCam

    scaled = torch.from_numpy(np.ascontiguousarray(images)).float().div(255).movedim(-1, 1)

    def speaking_for(batch: torch.Tensor) -> torch.Tensor:
        logits = network(batch)
        return logits - logits.mean(dim=1, keepdim=True)

    explainer = LayerGradCam(speaking_for, maps_of(network)[-1] if layer is None else layer)
    coarse = explainer.attribute(
        scaled, target=torch.as_tensor(np.asarray(targets)).long(), relu_attributions=True
    )
    fine = LayerAttribution.interpolate(coarse, tuple(scaled.shape[2:]), "bilinear")
    return fine[:, 0].detach().clamp(min=0).numpy()


def maps_of(network: nn.Module) -> list[nn.Module]:
    """Return the modules whose outputs are maps: the ReLU behind each convolution, or itself.

    Raises
    ------
    ValueError
        If the network has no convolution.
    """
    modules = [module for module in network.modules() if not list(module.children())]
    found = []
    for module, behind in zip(modules, [*modules[1:], None], strict=True):
        if isinstance(module, nn.Conv2d):
            found.append(behind if isinstance(behind, nn.ReLU) else module)
    if not found:
        raise ValueError(
            "This network has no convolution, so its activations have no places. Expected one "
            'with convolutions, such as the "cnn" of a Recipe.'
        )
    return found


def heat_shares(
    trained: Trained, images: np.ndarray, masks: np.ndarray, *, convolution: int = -1
) -> NDArray[np.float64]:
    """Return which share of the Grad-CAM maps of each run's own answers lies on the masks.

    Parameters
    ----------
    trained : Trained
        R runs of a network with convolutions.
    images : array
        (N, H, W, 3), uint8.
    masks : array
        (N, H, W), bool.
    convolution : int
        Behind which convolution the activations are taken: 0 is the first, -1 the last.

    Returns
    -------
    array
        (R,): means over the images whose map is not zero everywhere.
    """
    answers = trained.predictions(torch.from_numpy(np.ascontiguousarray(images))).numpy()
    shares = []
    for run, answer in enumerate(answers):
        network = trained.method.network.member(run)
        layer = maps_of(network)[convolution]
        heat = grad_cam(network, images, answer, layer=layer)
        shares.append(np.nanmean(share_on(heat, masks)))
    return np.array(shares)


def share_on(maps: np.ndarray, masks: np.ndarray) -> NDArray[np.float64]:
    """Return the share of each attribution map that lies on its mask.

    A map that knows nothing has the share of the pixels there, ``masks.mean(axis=(1, 2))``: compare
    with it.

    Parameters
    ----------
    maps : array
        (N, H, W), not negative.
    masks : array
        (N, H, W), bool.

    Returns
    -------
    array
        (N,), 0 to 1; NaN where a map is zero everywhere.

    Raises
    ------
    ValueError
        If the shapes differ or a value is negative.
    """
    maps, masks = np.asarray(maps, dtype=float), np.asarray(masks, dtype=bool)
    if maps.shape != masks.shape or maps.ndim != 3:
        raise ValueError(
            f"Maps have shape {maps.shape} and masks {masks.shape}; expected (N, H, W) of both."
        )
    if (maps < 0).any():
        raise ValueError(
            f"A map holds {maps.min():.3g}; expected none below 0. A share of positive and "
            "negative parts means nothing: take one sign."
        )
    total = maps.sum(axis=(1, 2))
    on_mask = (maps * masks).sum(axis=(1, 2))
    return np.divide(on_mask, total, out=np.full(len(total), np.nan), where=total > 0)
