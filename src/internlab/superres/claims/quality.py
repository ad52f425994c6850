"""Claims on what the network gains, and that fusing it changes nothing."""

from __future__ import annotations

import numpy as np
import torch

from internlab import tier
from internlab.claims import Measurement, claim
from internlab.data.aerial import aerial_images
from internlab.superres.evaluate import as_upscaler, evaluate, mean_gain
from internlab.superres.model import RepSR
from internlab.superres.training import train

SEEDS = (0, 1, 2)


@claim(
    "superres",
    "psnr-gain",
    "Mean PSNR gain over bicubic on the held-out aerial images after 60 CPU-seconds of training, "
    "each of 3 seeds",
    at_least=0.8,
    unit="dB",
)
def psnr_gain() -> Measurement:
    """Train three times and return the smallest gain on the test images."""
    images = aerial_images(allow_fallback=False)
    tier.one_thread()
    gains = []
    for seed in SEEDS:
        network = train(images.train, seed=seed, cpu_seconds=60).fused()
        gains.append(mean_gain(evaluate(as_upscaler(network), images.test)))
    shown = ", ".join(f"{gain:.2f}" for gain in gains)
    return Measurement(min(gains), f"seeds 0, 1, 2: {shown}")


@claim(
    "superres",
    "fusion-error",
    "Fused against branched network on random odd sizes, largest absolute error",
    at_most=1e-5,
)
def fusion_error() -> Measurement:
    """Return the largest difference over networks with random weights and images of odd sizes."""
    rng = np.random.default_rng(0)
    worst, sizes = 0.0, []
    for seed in range(5):
        height, width = (int(side) for side in 2 * rng.integers(4, 50, size=2) + 1)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = RepSR().eval()
            for block in network.blocks:
                torch.nn.init.normal_(block.conv1.weight, std=0.05)
            batch = torch.rand(1, 3, height, width)
        with torch.inference_mode():
            apart = network.branched()(batch)
            worst = max(worst, float((network.fused()(batch) - apart).abs().max()))
        sizes.append(f"{height}x{width}")
    return Measurement(worst, f"sizes {', '.join(sizes)}")
