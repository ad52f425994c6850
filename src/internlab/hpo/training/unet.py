"""A small U-Net for tiles: three scales, skip connections, and a stem that halves the image."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Sequential):
    """Twice a 3 x 3 convolution, a normalisation and a rectifier.

    Group normalisation (Wu and He, ECCV 2018) takes its statistics from one image at a time. Batch
    normalisation keeps running ones for the evaluation, and with a dozen steps an epoch those lag
    behind the weights.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        for channels in (inputs, outputs):
            self.append(nn.Conv2d(channels, outputs, 3, padding=1, bias=False))
            self.append(nn.GroupNorm(4, outputs))
            self.append(nn.ReLU(inplace=True))


class UNet(nn.Module):
    """Predict for every pixel whether it is building.

    Ronneberger, Fischer, Brox, "U-Net: Convolutional networks for biomedical image segmentation",
    MICCAI 2015, made small. The stem lays each 2 x 2 block of pixels out as channels (space to
    depth), so that all convolutions work on a quarter of the pixels and none is thrown away.

    Parameters
    ----------
    width : int
        Channels at the finest scale, a multiple of 4.

    Raises
    ------
    ValueError
        If the width is not a positive multiple of 4, or an image's side is not one of 8.
    """

    def __init__(self, width: int = 12) -> None:
        super().__init__()
        if width < 4 or width % 4:
            raise ValueError(f"A width of {width}; expected a multiple of 4, such as 8 or 12.")
        width = int(width)  # a table of numbers holds 8 as 8.0
        self.fine = Block(3 * 4, width)
        self.middle = Block(width, 2 * width)
        self.coarse = Block(2 * width, 4 * width)
        self.up_middle = Block(4 * width + 2 * width, 2 * width)
        self.up_fine = Block(2 * width + width, width)
        self.head = nn.Conv2d(width, 4, 1)
        # Few pixels are building. Starting near their share saves the first epochs.
        nn.init.constant_(self.head.bias, -2.0)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return logits, (N, 1, H, W) float32, of images (N, 3, H, W) float32, centred on 0."""
        if image.shape[-1] % 8 or image.shape[-2] % 8:
            height, width = image.shape[-2:]
            raise ValueError(f"An image of {height} x {width} pixels; expected multiples of 8.")
        stem = F.pixel_unshuffle(image, 2).contiguous(memory_format=torch.channels_last)
        fine = self.fine(stem)
        middle = self.middle(F.max_pool2d(fine, 2))
        coarse = self.coarse(F.max_pool2d(middle, 2))
        up = self.up_middle(torch.cat([middle, F.interpolate(coarse, scale_factor=2)], dim=1))
        up = self.up_fine(torch.cat([fine, F.interpolate(up, scale_factor=2)], dim=1))
        return F.pixel_shuffle(self.head(up), 2)
