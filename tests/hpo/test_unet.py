"""The network: every pixel is used and every weight learns, and images do not meet in a batch."""

from __future__ import annotations

import pytest
import torch

from internlab.hpo.training.unet import UNet


def network(width=8, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return UNet(width)


def noise(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) - 0.5


@pytest.mark.parametrize(("height", "width"), [(64, 64), (8, 8), (24, 40)])
@pytest.mark.parametrize("channels", [4, 8, 12, 16])
def test_one_logit_for_every_pixel(channels, height, width):
    logits = network(channels)(noise(2, 3, height, width))
    assert logits.shape == (2, 1, height, width) and logits.dtype == torch.float32


@pytest.mark.parametrize(("height", "width"), [(63, 64), (64, 65), (4, 8), (12, 16)])
def test_a_side_that_does_not_halve_three_times_is_refused(height, width):
    with pytest.raises(ValueError, match=f"{height} x {width} pixels; expected multiples of 8"):
        network()(noise(1, 3, height, width))


@pytest.mark.parametrize("width", [0, -4, 2, 6, 13, 8.5])
def test_a_width_that_four_groups_do_not_divide_is_refused(width):
    with pytest.raises(ValueError, match=f"width of {width}; expected a multiple of 4"):
        UNet(width)


def test_every_parameter_gets_a_gradient():
    trained = network()
    trained(noise(2, 3, 16, 16)).square().mean().backward()
    for name, parameter in trained.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_the_stem_throws_no_pixel_away():
    image = noise(1, 3, 16, 16).requires_grad_()
    network()(image).square().mean().backward()
    assert (image.grad.abs().sum(dim=1) > 0).all()


def test_an_image_is_judged_alone_whatever_is_in_its_batch():
    trained = network().train()
    image, others = noise(1, 3, 32, 32), 40 * noise(3, 3, 32, 32, seed=1)
    alone = trained(image)
    torch.testing.assert_close(trained(torch.cat([others, image]))[3:], alone)
    torch.testing.assert_close(trained.eval()(image), alone)


@pytest.mark.parametrize(("row", "column"), [(10, 50), (37, 21)])
def test_a_pixel_speaks_for_its_own_place(row, column):
    trained, image = network(), noise(1, 3, 64, 64)
    changed = image.clone()
    changed[0, :, row, column] += 3
    with torch.inference_mode():
        difference = (trained(changed) - trained(image)).abs()[0, 0]
    found_row, found_column = divmod(int(difference.argmax()), 64)
    assert abs(found_row - row) <= 8 and abs(found_column - column) <= 8


def test_it_starts_near_the_share_of_building():
    with torch.inference_mode():
        share = network()(noise(4, 3, 64, 64)).sigmoid().mean()
    assert 0.05 < share < 0.3


def test_the_order_of_channels_in_memory_changes_nothing_but_speed():
    trained, image = network(), noise(2, 3, 32, 32)
    wanted = trained(image)
    rearranged = trained.to(memory_format=torch.channels_last)
    found = rearranged(image.to(memory_format=torch.channels_last))
    torch.testing.assert_close(found, wanted)
