"""The network: branches merge exactly, an untrained one is bicubic, and its view is bounded."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from internlab.data.aerial import aerial_images
from internlab.superres.arrays import to_array, to_image, to_tensor
from internlab.superres.degrade import bicubic_upscale
from internlab.superres.evaluate import as_upscaler, evaluate
from internlab.superres.metrics import psnr
from internlab.superres.model import (
    GlobalSR,
    RepBlock,
    RepSR,
    bicubic_convolution,
    cubic,
    load_pretrained,
    receptive_radius,
)

few = settings(max_examples=15)
sizes = st.integers(3, 23)


def with_random_branches(module: nn.Module, seed: int) -> nn.Module:
    """Give every weight a random value: some start at zero, where an error would not show."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.requires_grad:
                parameter.copy_(0.1 * torch.randn(parameter.shape, generator=generator))
    return module


def rand(*shape, seed=0, dtype=torch.float32):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def enlarge(image: torch.Tensor, scale: int) -> torch.Tensor:
    """Enlarge (1, 3, H, W) by the frozen convolution alone."""
    padded = nn.functional.pad(image, (2, 2, 2, 2), mode="replicate")
    conv = bicubic_convolution(scale).to(image.dtype)
    return nn.functional.pixel_shuffle(conv(padded), scale)


# The block


@given(st.integers(1, 9), sizes, sizes, st.integers(0, 99))
@few
def test_merged_and_branch_by_branch_are_the_same_function(channels, height, width, seed):
    block = with_random_branches(RepBlock(channels).double(), seed)
    x = rand(2, channels, height, width, seed=seed, dtype=torch.float64)
    torch.testing.assert_close(block(x), block.branches(x), rtol=0, atol=1e-12)


@given(st.integers(1, 6), st.integers(0, 99))
@few
def test_merged_and_branch_by_branch_have_the_same_gradients(channels, seed):
    block = with_random_branches(RepBlock(channels).double(), seed)
    x = rand(1, channels, 7, 5, seed=seed, dtype=torch.float64).requires_grad_()
    wanted = [x, *block.parameters()]
    target = rand(1, channels, 7, 5, seed=seed + 1, dtype=torch.float64)
    merged = torch.autograd.grad(((block(x) - target) ** 2).sum(), wanted)
    apart = torch.autograd.grad(((block.branches(x) - target) ** 2).sum(), wanted)
    assert len(merged) == 6
    for one, other in zip(merged, apart, strict=True):
        assert other.abs().max() > 0
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def test_a_new_block_already_passes_its_input_on():
    torch.manual_seed(0)
    block = RepBlock(4)
    with torch.no_grad():
        block.conv3.weight.zero_()
        block.conv3.bias.zero_()
        block.narrow.weight.zero_()
    x = rand(1, 4, 6, 6)
    torch.testing.assert_close(block(x), x)


@given(sizes, sizes, st.integers(0, 99))
@few
def test_fusing_changes_nothing_on_odd_sizes(height, width, seed):
    network = with_random_branches(RepSR(channels=8, blocks=2), seed).eval()
    batch = rand(1, 3, 2 * height + 1, 2 * width + 1, seed=seed)
    with torch.inference_mode():
        torch.testing.assert_close(network.fused()(batch), network(batch), rtol=0, atol=1e-5)


def test_fusing_makes_a_new_plain_network_and_leaves_the_old_one():
    network = RepSR(channels=8, blocks=2)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fused = network.fused()
    assert not any(isinstance(module, RepBlock) for module in fused.modules())
    assert not fused.training and network.training
    for parameter in fused.parameters():
        with torch.no_grad():
            parameter.zero_()
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, before[name])
    again = fused.fused()
    assert [type(block) for block in again.blocks] == [nn.Conv2d, nn.Conv2d]


def test_the_default_network_has_the_stated_size():
    fused = RepSR().fused()
    assert sum(each.numel() for each in fused.parameters() if each.requires_grad) == 59_852


# The bicubic skip


def test_the_kernel_is_one_at_its_centre_and_zero_at_other_pixels():
    weights = cubic(torch.tensor([0.0, 1, -1, 2, -2, 3, 0.5, 1.5], dtype=torch.float64))
    assert weights.tolist() == [1, 0, 0, 0, 0, 0, 0.5625, -0.0625]


@given(st.integers(2, 4), st.floats(0, 1))
@few
def test_one_grey_is_reproduced(scale, level):
    enlarged = enlarge(torch.full((1, 3, 5, 6), level, dtype=torch.float64), scale)
    torch.testing.assert_close(enlarged, torch.full_like(enlarged, level), rtol=0, atol=1e-6)


@given(st.integers(2, 4), st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
@few
def test_a_ramp_is_reproduced_in_the_interior(scale, slope_y, slope_x):
    y, x = torch.meshgrid(*[torch.arange(12, dtype=torch.float64)] * 2, indexing="ij")
    low = (slope_y * y + slope_x * x).expand(1, 3, 12, 12)
    fine = (torch.arange(12 * scale, dtype=torch.float64) + 0.5) / scale - 0.5
    expected = (slope_y * fine[:, None] + slope_x * fine[None, :]).expand(1, 3, -1, -1)
    inner = np.s_[..., 2 * scale : -2 * scale, 2 * scale : -2 * scale]
    torch.testing.assert_close(enlarge(low, scale)[inner], expected[inner], rtol=0, atol=1e-6)


@given(st.integers(2, 4), st.integers(0, 99))
@few
def test_the_skip_agrees_with_pillow(scale, seed):
    rng = np.random.default_rng(seed)
    # Middling values: Pillow rounds and clips between rows and columns, the convolution does not.
    image = rng.integers(60, 196, (11, 14, 3), dtype=np.uint8)
    ours = to_image(enlarge(to_tensor(image), scale)).astype(int)
    inner = np.s_[2 * scale : -2 * scale, 2 * scale : -2 * scale]
    assert np.abs(ours - bicubic_upscale(image, scale))[inner].max() <= 2


def test_the_skip_is_frozen():
    network = RepSR()
    assert not network.skip.weight.requires_grad
    assert "skip.weight" in network.state_dict()


@given(st.integers(2, 4), st.integers(0, 99))
@few
def test_without_its_tail_the_network_is_bicubic(scale, seed):
    network = with_random_branches(RepSR(scale, channels=4, blocks=1), seed)
    with torch.no_grad():
        network.tail.weight.zero_()
        network.tail.bias.zero_()
        batch = rand(2, 3, 9, 7, seed=seed)
        torch.testing.assert_close(network(batch), enlarge(batch, scale))


def test_an_untrained_network_is_nearly_bicubic():
    torch.manual_seed(0)
    image = np.random.default_rng(0).integers(60, 196, (20, 20, 3), dtype=np.uint8)
    enlarged = as_upscaler(RepSR())(image)
    assert psnr(bicubic_upscale(image, 2), enlarged, 4) > 30


# The whole network


@given(st.integers(2, 4), st.integers(1, 3), sizes, sizes)
@few
def test_the_output_is_scale_times_the_input(scale, batch, height, width):
    network = RepSR(scale, channels=4, blocks=1)
    with torch.inference_mode():
        assert network(rand(batch, 3, height, width)).shape == (
            (batch, 3, scale * height, scale * width)
        )


def test_images_of_a_batch_do_not_see_each_other():
    network = with_random_branches(RepSR(channels=4, blocks=2), 0)
    batch = rand(3, 3, 8, 9)
    with torch.inference_mode():
        apart = torch.cat([network(each[None]) for each in batch])
        torch.testing.assert_close(network(batch), apart, rtol=0, atol=1e-6)


@pytest.mark.parametrize("arguments", [(1, 32, 6), (2, 0, 6), (2, 32, 0)])
def test_a_network_of_nothing_is_refused(arguments):
    with pytest.raises(ValueError, match="scale of at least 2"):
        RepSR(*arguments)


# How far it sees


def test_the_default_network_sees_eight_pixels_far():
    torch.manual_seed(0)
    assert receptive_radius(RepSR()) == 8
    assert receptive_radius(load_pretrained()) == 8


@given(st.integers(2, 3), st.integers(1, 6), st.integers(0, 99))
@few
def test_the_radius_is_one_for_each_convolution(scale, blocks, seed):
    torch.manual_seed(seed)
    network = RepSR(scale, channels=8, blocks=blocks)
    assert receptive_radius(network, size=25) == blocks + 2
    assert receptive_radius(network.fused(), size=25) == blocks + 2


def test_a_pixel_beyond_the_radius_changes_nothing_and_one_inside_does():
    network = with_random_branches(RepSR(channels=8, blocks=2), 0).eval()
    radius = receptive_radius(network, size=25)
    first = rand(1, 3, 25, 25)
    with torch.inference_mode():
        centre = network(first)[..., 24:26, 24:26]
        for distance, same in ((radius + 1, True), (radius, False)):
            second = first.clone()
            second[..., 12 + distance, :] += 0.5
            assert torch.equal(network(second)[..., 24:26, 24:26], centre) == same


def test_a_network_that_sees_everything_is_refused():
    torch.manual_seed(0)
    for size in (25, 33):
        with pytest.raises(ValueError, match="sees the whole image"):
            receptive_radius(GlobalSR(channels=8, blocks=1), size)


def test_a_probe_that_is_too_small_is_refused():
    torch.manual_seed(0)
    with pytest.raises(ValueError, match="larger size"):
        receptive_radius(RepSR(channels=8, blocks=6), size=17)


def test_measuring_leaves_the_network_as_it_was():
    network = RepSR(channels=4, blocks=1).train()
    receptive_radius(network, size=15)
    assert network.training
    assert all(parameter.grad is None for parameter in network.parameters())


def test_attention_makes_a_tile_differ_from_the_whole():
    torch.manual_seed(0)
    network = with_random_branches(GlobalSR(channels=8, blocks=1), 0).eval()
    batch = rand(1, 3, 40, 40)
    batch[..., 20:] *= 0.1
    with torch.inference_mode():
        whole, tile = network(batch), network(batch[..., :20])
    assert (whole[..., :10] - tile[..., :10]).abs().max() > 1e-4


# The network that ships


def test_the_shipped_network_is_fused_and_ready():
    network = load_pretrained()
    assert network.scale == 2 and not network.training
    assert all(isinstance(block, nn.Conv2d) for block in network.blocks)
    image = np.random.default_rng(0).integers(0, 256, (9, 13, 3), dtype=np.uint8)
    with torch.inference_mode():
        output = network(to_tensor(image))
    assert output.shape == (1, 3, 18, 26)
    assert torch.isfinite(output).all()
    # It changes what bicubic gives, but not into something else.
    assert np.abs(to_array(bicubic_upscale(image, 2)) - output.numpy()).mean() < 0.1


def test_the_shipped_network_beats_bicubic_on_the_validation_image():
    images = aerial_images()
    if images.is_fallback:
        pytest.skip("the aerial images (22 MB) could not be fetched, is there a network?")
    (score,) = evaluate(as_upscaler(load_pretrained()), images.validation)
    assert score.gain > 0.5
    assert score.ssim > score.bicubic_ssim


def test_a_clone_without_weights_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setattr("internlab.superres.model.data_dir", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match="git checkout data/models"):
        load_pretrained()


def test_the_branched_network_is_the_same_function_computed_apart():
    torch.manual_seed(0)
    network = RepSR(channels=6, blocks=2).double().eval()
    before = [type(block) for block in network.blocks]
    image = torch.rand(1, 3, 11, 7, dtype=torch.float64)
    branched = network.branched()
    with torch.inference_mode():
        apart = branched(image)
        assert torch.allclose(apart, network(image), rtol=0, atol=1e-12)
        assert torch.allclose(apart, network.fused()(image), rtol=0, atol=1e-12)
    assert [type(block) for block in network.blocks] == before
    calls = []
    branched.blocks[0].block.branches = lambda x: calls.append(x) or x
    branched(image)
    assert len(calls) == 1
