"""The claims on quality: they measure what they say, and fail when it is not so."""

from __future__ import annotations

import numpy as np
import pytest

from internlab import claims
from internlab.data.aerial import AerialImages
from internlab.data.cards import DataCard
from internlab.data.wheels import DataUnavailable
from internlab.superres.claims import quality
from internlab.superres.model import RepBlock, RepSR

PARTS = ("train", "validation", "test")
CARD = DataCard("toy", "noise", "drawn here", "ours", 0, "", "by image")


@pytest.fixture
def toy_images() -> AerialImages:
    """One small image for each part, that does not count as the fallback."""
    rng = np.random.default_rng(0)
    drawn = [rng.integers(0, 256, size=(48, 64, 3), dtype=np.uint8) for _ in range(3)]
    parts = {part: {part: image} for part, image in zip(PARTS, drawn, strict=True)}
    return AerialImages(**parts, site={}, card=CARD, is_fallback=False)


def test_the_bars_are_registered_with_the_track():
    known = claims.of_track("superres")
    assert str(known["psnr-gain"].bar) == "at least 0.8 dB"
    assert str(known["fusion-error"].bar) == "at most 1e-05"


def test_fusion_holds_and_names_odd_sizes_only():
    measured = quality.fusion_error()
    assert 0 <= measured.value <= 1e-5
    sizes = measured.detail.removeprefix("sizes ").split(", ")
    assert len(sizes) == 5
    assert all(int(side) % 2 for size in sizes for side in size.split("x"))


def test_a_fusion_that_forgets_the_identity_is_caught(monkeypatch):
    right = RepBlock.merged_kernel

    def without_identity(block):
        kernel = right(block).clone()
        channels = range(len(kernel))
        kernel[channels, channels, 1, 1] -= 1
        return kernel

    monkeypatch.setattr(RepBlock, "merged_kernel", without_identity)
    assert quality.fusion_error().value > 1e-5


def test_the_gain_is_the_smallest_of_three_seeds_on_the_test_part(monkeypatch, toy_images):
    trained, scored = [], []

    def train(images, *, seed, cpu_seconds):
        assert images is toy_images.train
        assert cpu_seconds == 60
        trained.append(seed)
        return RepSR(channels=2, blocks=1)

    def evaluate(upscale, images):
        assert images is toy_images.test
        scored.append(len(scored))
        return [scored[-1]]

    monkeypatch.setattr(quality, "aerial_images", lambda allow_fallback: toy_images)
    monkeypatch.setattr(quality, "train", train)
    monkeypatch.setattr(quality, "evaluate", evaluate)
    monkeypatch.setattr(quality, "mean_gain", lambda scores: (1.2, 0.7, 1.1)[scores[0]])
    measured = quality.psnr_gain()
    assert trained == [0, 1, 2]
    assert measured.value == 0.7
    assert measured.detail == "seeds 0, 1, 2: 1.20, 0.70, 1.10"


def test_a_claim_about_aerial_images_is_not_measured_on_photographs(monkeypatch, tmp_path):
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path))
    monkeypatch.setenv("INTERNLAB_OFFLINE", "1")
    monkeypatch.setattr(quality, "train", lambda *_, **__: pytest.fail("trained on photographs"))
    with pytest.raises(DataUnavailable):
        quality.psnr_gain()
