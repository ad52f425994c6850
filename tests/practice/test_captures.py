"""Drawn captures: a session shares what a real one shares, and a frame is what it says it is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.data.captures import (
    CARD,
    EDGES,
    KINDS,
    LIGHTS,
    LIVE,
    SENSOR,
    SPECIES,
    capture,
    collect,
    draw_session,
    joined,
)
from internlab.data.captures.camera import expose
from internlab.data.captures.scene import FINE, Place, to_linear
from internlab.practice.antispoofing.features import features


@pytest.fixture(scope="module")
def frames():
    sessions = [draw_session(0, number) for number in range(4)]
    return collect(sessions, range(5), 0, live_per_person=3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("edges", EDGES)
def test_a_frame_is_a_picture_and_the_same_for_the_same_lots(kind, edges):
    session = draw_session(0, 1)
    one, same, other = (
        capture(2, session, np.random.default_rng(seed), kind, edges) for seed in (5, 5, 6)
    )
    assert one.shape == (SENSOR, SENSOR, 3) and one.dtype == np.uint8
    assert (one == same).all() and (one != other).any()
    assert one.std() > 10


def test_the_kinds_differ_in_one_session_for_one_person_and_hold():
    session = draw_session(0, 2)
    shown = [capture(1, session, np.random.default_rng(0), kind) for kind in KINDS]
    for i, first in enumerate(shown):
        for second in shown[:i]:
            assert np.abs(first.astype(int) - second).mean() > 3


def test_a_collection_is_as_planned(frames):
    assert len(frames) == 4 * 5 * (3 + len(SPECIES))
    assert frames.attacks.sum() == 4 * 5 * len(SPECIES)
    assert set(frames.kinds) == set(KINDS) and set(frames.people) == set(range(5))
    assert (frames.edges[frames.kinds == LIVE] == "none").all()
    assert set(frames.edges[frames.kinds == "paper"]) <= set(EDGES)
    assert frames.heads.shape == (len(frames), 4)
    chosen = frames[frames.people == 3]
    assert len(chosen) == len(frames) // 5 and (chosen.people == 3).all()
    assert len(joined(chosen, chosen)) == 2 * len(chosen)


def variance_ratio(frames):
    """Return how much sessions differ over how much frames of one do, the median of features."""
    live = frames[~frames.attacks]
    found = features(live.images)
    parts = [found[live.sessions == name] for name in np.unique(live.sessions)]
    between = np.var([part.mean(axis=0) for part in parts], axis=0)
    return np.median(between / np.mean([part.var(axis=0) for part in parts], axis=0))


def test_what_a_session_shares_is_in_its_live_frames(frames):
    """The offset that a detector can learn: frames of a session are alike, sessions are not."""
    alike = collect([draw_session(0, n, 0.0) for n in range(4)], range(5), 0, 3, kinds=(LIVE,))
    assert variance_ratio(frames) > 5 * variance_ratio(alike)


def test_without_spread_all_sessions_are_one():
    first, second = (draw_session(seed, number, spread=0) for seed, number in ((0, 1), (3, 7)))
    assert replace(first, name="") == replace(second, name="")
    assert replace(draw_session(0, 1), name="") != replace(draw_session(0, 2), name="")


def test_the_light_can_be_chosen():
    for light in LIGHTS:
        assert draw_session(0, 3, light=light).light == light
    levels = [draw_session(0, 3, spread=0, light=light).level for light in LIGHTS]
    assert levels[LIGHTS.index("dim")] == min(levels)


def test_stripes_come_from_sampling_and_not_from_paint():
    """A raster finer than the sensor's pixels leaves waves much longer than its own pitch."""
    session = replace(draw_session(0, 0, spread=0), blur=0.2, noise=0.0, vignette=0.0)
    columns = np.arange(FINE)
    pitch = 3.2  # of fine pixels; a sensor's pixel has 3
    waves = 0.5 + 0.4 * np.sin(2 * np.pi * columns / pitch)
    scene = np.broadcast_to(waves[None, :, None], (FINE, FINE, 3)).astype(np.float32)
    row = expose(scene, session, np.random.default_rng(0))[24, :, 1].astype(float)
    power = np.abs(np.fft.rfft(row - row.mean())) ** 2
    strongest = np.fft.rfftfreq(SENSOR)[power.argmax()]
    assert strongest == pytest.approx(1 - 3 / pitch, abs=1.5 / SENSOR)
    # A pixel that were sensitive in its whole width would average nearly all of it away.
    assert row.std() > 20


def test_the_camera_brings_dark_and_bright_places_to_one_exposure():
    session = replace(draw_session(0, 0), noise=0.0)
    scene = np.full((FINE, FINE, 3), 0.2, np.float32)
    dark, bright = (expose(s * scene, session, np.random.default_rng(0)) for s in (0.1, 1.0))
    assert (dark == bright).all()
    assert to_linear(bright).mean() == pytest.approx(session.exposure, rel=0.05)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.5, 2),
    st.floats(-30, 30),
    st.tuples(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_where_a_head_is_said_to_be_is_where_it_is_drawn(size, angle, shift, point):
    place = Place(size, angle, shift)
    x, y = place.forward(*point)
    back = place.inverse() @ np.array([2 * x - 1, 2 * y - 1, 1])
    assert (back + 1) / 2 == pytest.approx(point, abs=1e-5)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"kind": "video"}, "kind is 'video'; expected one of live"),
        ({"edges": "torn"}, "edges is 'torn'; expected one of visible"),
        ({"distance": "far away"}, "distance is 'far away'"),
        ({"person": -1}, "person is -1"),
    ],
)
def test_a_frame_that_cannot_be_is_refused(given, says):
    asked = {"person": 0, "session": draw_session(0, 0), "rng": np.random.default_rng(0)} | given
    with pytest.raises(ValueError, match=says):
        capture(**asked)


def test_other_bad_input_is_refused():
    with pytest.raises(ValueError, match="spread is -1"):
        draw_session(0, 0, spread=-1)
    with pytest.raises(ValueError, match="light is 'neon'"):
        draw_session(0, 0, light="neon")
    with pytest.raises(ValueError, match="0 sessions and 1 people"):
        collect([], range(1), 0)


def test_the_card_says_that_all_is_drawn():
    assert "never photographs" in CARD.what and "Not simulated" in CARD.what
    assert CARD.size_bytes == 0
