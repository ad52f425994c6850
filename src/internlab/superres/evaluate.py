"""Score an upscaler on images, beside the bicubic baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from internlab.superres.arrays import to_image, to_tensor
from internlab.superres.degrade import bicubic_upscale, crop_to_multiple, downscale
from internlab.superres.metrics import psnr, ssim

Upscaler = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ImageScore:
    """PSNR (dB) and SSIM of one image, for the upscaler and for bicubic interpolation."""

    name: str
    psnr: float
    ssim: float
    bicubic_psnr: float
    bicubic_ssim: float

    @property
    def gain(self) -> float:
        """PSNR above bicubic, in dB; 0 where both are infinite, as on a flat image."""
        return 0.0 if self.psnr == self.bicubic_psnr else self.psnr - self.bicubic_psnr


def evaluate(
    upscale: Upscaler, images: Mapping[str, np.ndarray], scale: int = 2
) -> list[ImageScore]:
    """Shrink each image, enlarge it again, and compare with the original.

    Parameters
    ----------
    upscale : callable
        (h, w, 3) uint8 to (scale*h, scale*w, 3) uint8; see `as_upscaler` for a network.
    images : mapping of str to array
        Originals, each (H, W, 3) uint8; cropped to a multiple of `scale`.
    scale : int

    Returns
    -------
    list of ImageScore
        In the order of `images`; a border of `scale` pixels is left out.
    """
    scores = []
    for name, image in images.items():
        high = crop_to_multiple(image, scale)
        low = downscale(high, scale)
        enlarged, baseline = upscale(low), bicubic_upscale(low, scale)
        scores.append(
            ImageScore(
                name,
                psnr=psnr(high, enlarged, scale),
                ssim=ssim(high, enlarged, scale),
                bicubic_psnr=psnr(high, baseline, scale),
                bicubic_ssim=ssim(high, baseline, scale),
            )
        )
    return scores


def mean_gain(scores: Sequence[ImageScore]) -> float:
    """Return the mean PSNR gain over bicubic, in dB."""
    if not scores:
        raise ValueError("There is no score to average; expected at least one image.")
    return float(np.mean([score.gain for score in scores]))


def as_upscaler(network: torch.nn.Module) -> Upscaler:
    """Wrap a network, (1, 3, h, w) in [0, 1] to (1, 3, s*h, s*w), as a function of images."""

    @torch.inference_mode()
    def upscale(image: np.ndarray) -> np.ndarray:
        parameter = next(network.parameters())
        return to_image(network(to_tensor(image).to(parameter.device, parameter.dtype)))

    return upscale
