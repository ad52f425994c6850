"""An optimisation profile is checked before TensorRT sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.superres.tensorrt_profile import Profile

sizes = st.integers(1, 4096)


def test_shapes_are_batch_channels_height_width():
    profile = Profile((32, 48), (128, 160), (512, 640), batch=(1, 2, 8))
    assert profile.shapes() == ((1, 3, 32, 48), (2, 3, 128, 160), (8, 3, 512, 640))
    assert profile.shapes(channels=1)[0] == (1, 1, 32, 48)


@given(st.lists(sizes, min_size=3, max_size=3), st.lists(sizes, min_size=3, max_size=3))
def test_exactly_the_ordered_triples_are_accepted(heights, widths):
    ordered = heights == sorted(heights) and widths == sorted(widths)
    pairs = list(zip(heights, widths, strict=True))
    if ordered:
        profile = Profile(*pairs)
        assert all(profile.covers(*pair) for pair in pairs)
    else:
        with pytest.raises(ValueError, match="minimum <= optimum <= maximum"):
            Profile(*pairs)


@given(sizes, sizes, st.integers(1, 20))
def test_covers_is_the_box_between_minimum_and_maximum(height, width, batch):
    profile = Profile((16, 32), (64, 64), (1024, 2048), batch=(1, 1, 8))
    inside = 16 <= height <= 1024 and 32 <= width <= 2048 and batch <= 8
    assert profile.covers(height, width, batch) == inside


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (((64, 64), (32, 64), (512, 512)), "height has minimum 64, optimum 32"),
        (((32, 64), (64, 32), (512, 512)), "width has minimum 64, optimum 32"),
        (((0, 32), (64, 64), (512, 512)), "height has 0"),
        (((32.5, 32), (64, 64), (512, 512)), "height has 32.5"),
        ((128, (64, 64), (512, 512)), "minimum=128"),
        (((1, 3, 32, 32), (64, 64), (512, 512)), "minimum="),
    ],
)
def test_the_error_names_the_axis_and_what_was_given(arguments, named):
    with pytest.raises(ValueError, match=named):
        Profile(*arguments)


def test_the_batch_is_checked_too():
    with pytest.raises(ValueError, match="batch has minimum 2, optimum 1"):
        Profile((32, 32), (64, 64), (128, 128), batch=(2, 1, 8))
    with pytest.raises(ValueError, match="three numbers"):
        Profile((32, 32), (64, 64), (128, 128), batch=4)
