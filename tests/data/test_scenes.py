"""A drawn scene: any size, the same for the same generator, and with something to see in it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.data.scenes import draw_scene


@given(height=st.integers(1, 160), width=st.integers(1, 160), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_any_size_is_drawn_and_repeats(height, width, seed):
    scene = draw_scene(height, width, np.random.default_rng(seed))
    assert scene.shape == (height, width, 3)
    assert scene.dtype == np.uint8
    again = draw_scene(height, width, np.random.default_rng(seed))
    np.testing.assert_array_equal(scene, again)


def test_another_generator_draws_another_scene():
    first, second = (draw_scene(96, 96, np.random.default_rng(seed)) for seed in (0, 1))
    assert np.mean(first != second) > 0.5


def test_one_generator_draws_different_scenes_in_a_row():
    rng = np.random.default_rng(0)
    assert np.mean(draw_scene(96, 96, rng) != draw_scene(96, 96, rng)) > 0.5


def test_the_global_random_state_is_left_alone():
    np.random.seed(3)
    expected = np.random.random()
    np.random.seed(3)
    draw_scene(32, 32, np.random.default_rng(0))
    assert np.random.random() == expected


def test_a_scene_has_fields_dark_trees_and_bright_lines():
    scene = draw_scene(400, 400, np.random.default_rng(0)).astype(int)
    brightness = scene.mean(axis=2)
    red, green, blue = scene.transpose(2, 0, 1)
    assert np.mean((green > blue + 15) & (red > blue + 5)) > 0.3
    assert np.mean(brightness < 50) > 0.003
    assert np.mean(brightness > 180) > 0.0005
    # Edges: neighbours differ far more than the drawn noise of 2 grey levels.
    assert np.percentile(np.abs(np.diff(brightness, axis=1)), 99) > 15


@pytest.mark.parametrize(("height", "width"), [(0, 10), (10, 0), (-3, 10)])
def test_a_scene_without_pixels_is_refused(height, width):
    with pytest.raises(ValueError, match="at least 1 x 1"):
        draw_scene(height, width, np.random.default_rng(0))
