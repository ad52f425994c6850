"""A small super-resolution network: many branches while it learns, one plain chain once it runs.

The network adds a learned correction to a bicubic enlargement. Between the first and the last
convolution stand blocks whose branches are summed; because every branch is linear, the sum is one
convolution, and `RepSR.fused` writes it as one.
"""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import nn

from internlab.files import data_dir


class RepBlock(nn.Module):
    """A block with four linear branches: 3x3, 1x1, a wide 1x1 before a 3x3, and the identity.

    In training the branches are merged into one kernel before the convolution. That gives the same
    function and the same gradients as four convolutions, at the cost of one.

    Parameters
    ----------
    channels : int
        In and out.

    References
    ----------
    Ding et al., "RepVGG: making VGG-style ConvNets great again", CVPR 2021, section 3.3 (merging
    branches); Zhang, Zeng, Zhang, "Edge-oriented convolution block", ACM Multimedia 2021 (the wide
    1x1 before a 3x3).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv3 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv1 = nn.Conv2d(channels, channels, 1, bias=False)
        # Without a bias, a zero padded before the wide branch is still zero after it, so merging
        # is exact up to the image's border.
        self.widen = nn.Conv2d(channels, 2 * channels, 1, bias=False)
        self.narrow = nn.Conv2d(2 * channels, channels, 3, padding=1, bias=False)
        # The extra branches start small: at first the block is its 3x3 convolution plus identity.
        nn.init.zeros_(self.conv1.weight)
        with torch.no_grad():
            self.narrow.weight.mul_(0.3)

    def merged_kernel(self) -> torch.Tensor:
        """Return the one 3x3 kernel, (channels, channels, 3, 3), that equals all branches."""
        identity = torch.eye(len(self.conv1.weight), device=self.conv1.weight.device)
        centre = self.conv1.weight + identity[:, :, None, None].to(self.conv1.weight.dtype)
        wide = torch.einsum("omhw,mi->oihw", self.narrow.weight, self.widen.weight[:, :, 0, 0])
        return self.conv3.weight + F.pad(centre, (1, 1, 1, 1)) + wide

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, channels, H, W) to the same shape."""
        return F.conv2d(x, self.merged_kernel(), self.conv3.bias, padding=1)

    def branches(self, x: torch.Tensor) -> torch.Tensor:
        """Compute `forward` branch by branch, to show what was merged."""
        return self.conv3(x) + self.conv1(x) + self.narrow(self.widen(x)) + x

    def fused(self) -> nn.Conv2d:
        """Return one plain convolution with the same function."""
        kernel = self.merged_kernel().detach()
        conv = nn.Conv2d(kernel.shape[1], kernel.shape[0], 3, padding=1)
        conv = conv.to(device=kernel.device, dtype=kernel.dtype)
        with torch.no_grad():
            conv.weight.copy_(kernel)
            conv.bias.copy_(self.conv3.bias)
        return conv


class SeparateBranches(nn.Module):
    """A `RepBlock` that computes its branches one by one, as training code is often written."""

    def __init__(self, block: RepBlock) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, channels, H, W) to the same shape."""
        return self.block.branches(x)


class RepSR(nn.Module):
    """Super-resolution with re-parameterised blocks and a bicubic skip.

    Parameters
    ----------
    scale : int
        Enlargement, at least 2.
    channels : int
        Feature maps inside.
    blocks : int
        Number of `RepBlock`.

    Notes
    -----
    Input (N, 3, H, W) in [0, 1], output (N, 3, scale*H, scale*W), which may leave [0, 1] a little.
    The last convolution starts near zero, so an untrained network is nearly bicubic interpolation.

    References
    ----------
    Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network", CVPR 2016, section 3.2 (sub-pixel convolution).
    """

    def __init__(self, scale: int = 2, channels: int = 32, blocks: int = 6) -> None:
        super().__init__()
        if scale < 2 or channels < 1 or blocks < 1:
            raise ValueError(
                f"Got scale {scale}, channels {channels}, blocks {blocks}. Expected a scale of at "
                "least 2 and at least one channel and block."
            )
        self.scale = scale
        self.head = nn.Conv2d(3, channels, 3, padding=1)
        self.blocks = nn.ModuleList(RepBlock(channels) for _ in range(blocks))
        self.tail = nn.Conv2d(channels, 3 * scale**2, 3, padding=1)
        self.skip = bicubic_convolution(scale)
        self.shuffle = nn.PixelShuffle(scale)
        with torch.no_grad():
            self.tail.weight.mul_(0.02)
            self.tail.bias.zero_()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Enlarge (N, 3, H, W) to (N, 3, scale*H, scale*W)."""
        features = F.relu(self.head(x))
        for block in self.blocks:
            features = F.relu(block(features))
        bicubic = self.skip(F.pad(x, (2, 2, 2, 2), mode="replicate"))
        return self.shuffle(self.tail(features) + bicubic)

    def fused(self) -> RepSR:
        """Return a new network with the same function and one convolution for each block."""
        network = copy.deepcopy(self)
        network.blocks = nn.ModuleList(
            block.fused() if isinstance(block, RepBlock) else block for block in network.blocks
        )
        return network.eval()

    def branched(self) -> RepSR:
        """Return a new network with the same function that computes every branch on its own.

        It is what the fused network is compared with: in its output, which should be equal, and in
        its cost, which should not.
        """
        network = copy.deepcopy(self)
        network.blocks = nn.ModuleList(SeparateBranches(block) for block in network.blocks)
        return network.eval()


class GlobalSR(RepSR):
    """`RepSR` with channel attention over the whole image, as a contrast.

    Each channel is scaled by a factor that depends on the image's mean, so an output pixel depends
    on every input pixel: cut into tiles, the image changes.

    References
    ----------
    Hu, Shen, Sun, "Squeeze-and-excitation networks", CVPR 2018, section 3.
    """

    def __init__(self, scale: int = 2, channels: int = 32, blocks: int = 6) -> None:
        super().__init__(scale, channels, blocks)
        self.attention = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, channels, 1), nn.Sigmoid()
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Enlarge (N, 3, H, W) to (N, 3, scale*H, scale*W)."""
        features = F.relu(self.head(x))
        for block in self.blocks:
            features = F.relu(block(features))
        features = features * 2 * self.attention(features)
        bicubic = self.skip(F.pad(x, (2, 2, 2, 2), mode="replicate"))
        return self.shuffle(self.tail(features) + bicubic)


def cubic(distance: torch.Tensor) -> torch.Tensor:
    """Return the weight of bicubic interpolation at a distance in low-resolution pixels.

    References
    ----------
    Keys, "Cubic convolution interpolation for digital image processing", IEEE Transactions on
    Acoustics, Speech, and Signal Processing 29(6), 1981, equation 4, with a = -0.5.
    """
    a = -0.5
    d = distance.abs()
    near = (a + 2) * d**3 - (a + 3) * d**2 + 1
    far = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
    return torch.where(d <= 1, near, torch.where(d < 2, far, torch.zeros_like(d)))


def bicubic_convolution(scale: int) -> nn.Conv2d:
    """Return bicubic enlargement as a frozen convolution, to be followed by ``PixelShuffle``.

    Each of the ``scale**2`` output positions inside a low-resolution pixel (its phases) has fixed
    weights on the 5x5 neighbourhood. Written so, the skip needs no resize operator when the network
    is exported.

    Returns
    -------
    torch.nn.Conv2d
        3 to ``3 * scale**2`` channels, 5x5, no padding, without gradient.
    """
    phase = (torch.arange(scale, dtype=torch.float64) + 0.5) / scale - 0.5
    taps = torch.arange(-2, 3, dtype=torch.float64)
    weights = cubic(phase[:, None] - taps[None, :])
    weights = weights / weights.sum(dim=1, keepdim=True)
    # (phase y, phase x, tap y, tap x), the order in which PixelShuffle reads the channels.
    kernel = torch.einsum("ai,bj->abij", weights, weights).reshape(scale**2, 5, 5)
    conv = nn.Conv2d(3, 3 * scale**2, 5, bias=False)
    conv.requires_grad_(False)
    conv.weight.zero_()
    for channel in range(3):
        conv.weight[channel * scale**2 : (channel + 1) * scale**2, channel] = kernel.float()
    return conv


def receptive_radius(model: nn.Module, size: int = 65) -> int:
    """Measure how far away an input pixel can still change an output pixel.

    The gradient of the output pixels at the centre is zero wherever the input has no influence.

    Parameters
    ----------
    model : torch.nn.Module
        Takes (1, 3, size, size) and has ``.scale``.
    size : int
        Side of the probe in low-resolution pixels, odd, and more than twice the radius.

    Returns
    -------
    int
        The radius in low-resolution pixels, which is the overlap that tiles need.

    Raises
    ------
    ValueError
        If the influence reaches the border of the probe: the radius is larger, or the model sees
        the whole image and no overlap is enough.
    """
    parameter = next(model.parameters())
    generator = torch.Generator().manual_seed(0)
    probe = torch.rand(1, 3, size, size, generator=generator, dtype=torch.float64)
    probe = probe.to(parameter.device, parameter.dtype).requires_grad_(True)
    centre = slice(size // 2 * model.scale, (size // 2 + 1) * model.scale)
    was_training = model.training
    try:
        output = model.eval()(probe)
    finally:
        model.train(was_training)
    # Only the probe's gradient is asked for: those of the weights belong to whoever trains.
    (gradient,) = torch.autograd.grad(output[..., centre, centre].sum(), probe)
    touched = (gradient.abs().sum(dim=(0, 1)) > 0).nonzero()
    radius = int((touched - size // 2).abs().max())
    if radius >= size // 2:
        raise ValueError(
            f"The output depends on pixels at least {radius} away, the edge of a probe of {size}. "
            "Try a larger size; if it still fails, the model sees the whole image and no overlap "
            "makes tiles exact."
        )
    return radius


def load_pretrained() -> RepSR:
    """Return the network that ships with the kit: scale 2, fused, in evaluation mode.

    How it was trained stands in ``data/README.md``.

    Raises
    ------
    FileNotFoundError
        If the weights are missing from the clone.
    """
    path = data_dir() / "models" / "repsr_x2.pt"
    if not path.is_file():
        raise FileNotFoundError(
            "data/models/repsr_x2.pt is missing. Restore it with: git checkout data/models, or "
            "train it again with: python -m internlab.superres train data/models/repsr_x2.pt"
        )
    network = RepSR().fused()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval()
