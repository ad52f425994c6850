"""A small segmentation network for street scenes: four scales down, and their sum up again."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from internlab.data import streets
from internlab.files import data_dir

CLASSES = len(streets.CLASSES)
FEATURES = 32
WEIGHTS = "street_net.pt"
# Of an 8-bit channel, roughly those of the training scenes; fixed, so that a saved network and its
# input always agree.
MEAN, SPREAD = 120.0, 60.0


class Block(nn.Sequential):
    """A 3 x 3 convolution, batch normalisation and a rectifier."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, stride, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class StreetNet(nn.Module):
    """Give every pixel one logit for each class.

    Going down, the image is halved four times, and dilated convolutions widen the view at the
    coarsest scale. Going up, each finer scale is added to the enlarged coarser one, so that a
    pixel knows its edge from the fine scale and its context from the coarse one.

    Parameters
    ----------
    classes : int
        Number of classes K.
    features : int
        Number of features D, the input of the last layer.

    References
    ----------
    Lin et al., "Feature pyramid networks for object detection", CVPR 2017, section 3; Yu and
    Koltun, "Multi-scale context aggregation by dilated convolutions", ICLR 2016.
    """

    def __init__(self, classes: int = CLASSES, features: int = FEATURES) -> None:
        super().__init__()
        self.down2 = nn.Sequential(Block(3, 24, stride=2), Block(24, 24))
        self.down4 = nn.Sequential(Block(24, 48, stride=2), Block(48, 48))
        self.down8 = nn.Sequential(Block(48, 72, stride=2), Block(72, 72))
        self.down16 = nn.Sequential(
            Block(72, 96, stride=2), Block(96, 96, dilation=2), Block(96, 96, dilation=4)
        )
        self.side16, self.side8 = nn.Conv2d(96, 48, 1), nn.Conv2d(72, 48, 1)
        self.side4, self.side2 = nn.Conv2d(48, 48, 1), nn.Conv2d(24, features, 1)
        self.up8, self.up4 = Block(48, 48), Block(48, 48)
        self.narrow, self.up2 = nn.Conv2d(48, features, 1), Block(features, features)
        self.drop = nn.Dropout2d(0.1)
        self.head = nn.Conv2d(features, classes, 1)

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """Return what the last layer sees.

        Parameters
        ----------
        images : tensor
            (N, 3, H, W) float, as `prepare` makes them.

        Returns
        -------
        tensor
            (N, D, H / 2, W / 2), halves rounded up; at least 0.
        """
        half = self.down2(images)
        quarter = self.down4(half)
        eighth = self.down8(quarter)
        sixteenth = self.down16(eighth)
        up = self.up8(self.side8(eighth) + _enlarge(self.side16(sixteenth), eighth))
        up = self.up4(self.side4(quarter) + _enlarge(up, quarter))
        return self.up2(self.side2(half) + _enlarge(self.narrow(up), half))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits, (N, K, H, W), of images (N, 3, H, W)."""
        return _enlarge(self.head(self.drop(self.features(images))), images)


def prepare(images: np.ndarray) -> torch.Tensor:
    """Return images as the network takes them.

    Parameters
    ----------
    images : array
        (N, H, W, 3) or (H, W, 3) uint8, RGB.

    Returns
    -------
    tensor
        (N, 3, H, W) float32, about zero mean and unit spread, channels last in memory.

    Raises
    ------
    ValueError
        If the array is of another type or shape.
    """
    images = np.asarray(images)
    if images.ndim == 3:
        images = images[None]
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(
            f"Got images of type {images.dtype} and shape {images.shape}. Expected uint8 and "
            "(N, H, W, 3), values 0 to 255."
        )
    # The permuted view lies in memory as channels last already, which the CPU convolves fastest.
    return (torch.from_numpy(images).permute(0, 3, 1, 2).float() - MEAN) / SPREAD


def load_pretrained() -> StreetNet:
    """Return the network that ships with the kit, in evaluation mode.

    How it was trained stands in ``data/README.md``.

    Raises
    ------
    FileNotFoundError
        If the weights are missing from the clone.
    """
    path = data_dir() / "models" / WEIGHTS
    if not path.is_file():
        raise FileNotFoundError(
            f"data/models/{WEIGHTS} is missing. Restore it with: git checkout data/models, or "
            "train it again as lesson 31 does."
        )
    network = StreetNet()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.to(memory_format=torch.channels_last).eval()


def _enlarge(coarse: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return F.interpolate(coarse, size=like.shape[-2:], mode="bilinear", align_corners=False)
