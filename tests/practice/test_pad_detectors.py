"""Features, calibration, network and matcher do what they say."""

from dataclasses import replace

import numpy as np
import pytest

from internlab.data.captures import LIVE, collect, draw_session
from internlab.data.captures.frames import _take
from internlab.data.captures.scene import Presentation
from internlab.practice.antispoofing import budget, collecting, detector, matching
from internlab.practice.antispoofing.features import NAMES, features
from internlab.practice.antispoofing.network import NetworkDetector


def feature(images, name):
    return features(images)[:, NAMES.index(name)]


def test_features_are_named_and_say_what_they_are_named_after():
    images = np.full((2, 48, 48, 3), 51, np.uint8)
    images[1, :, :24] = 204
    found = features(images)
    assert found.shape == (2, len(NAMES)) and np.isfinite(found).all()
    assert feature(images, "green mean, border")[0] == pytest.approx(0.2)
    assert feature(images, "left minus right") == pytest.approx([0, 0.6])
    assert feature(images, "top minus bottom") == pytest.approx([0, 0])
    assert feature(images, "red/green, middle") == pytest.approx([0, 0])
    assert feature(images, "red spread, border")[0] == pytest.approx(0)


def test_fine_stripes_show_as_fine_structure():
    rng = np.random.default_rng(0)
    noise = rng.integers(90, 110, (48, 48, 3))
    stripes = noise + (30 * (np.arange(48) % 2))[None, :, None]
    images = np.stack([noise, stripes]).astype(np.uint8)
    for name in ("fine structure, band 5", "strongest wave"):
        plain, striped = feature(images, name)
        assert striped > plain + 0.5


def test_features_refuse_what_is_no_stack_of_frames():
    with pytest.raises(ValueError, match="expected uint8"):
        features(np.zeros((2, 48, 48, 3)))


def test_calibration_takes_away_what_a_session_adds():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(40, 5))
    sessions = np.repeat(["a", "b"], 20)
    known = np.arange(40) % 20 < 6
    moved = inputs + np.where(sessions == "a", 3.0, -7.0)[:, None]
    plain = detector.calibrated(inputs, sessions, known)
    assert detector.calibrated(moved, sessions, known) == pytest.approx(plain)
    assert plain[known & (sessions == "a")].mean(axis=0) == pytest.approx(np.zeros(5))
    with pytest.raises(ValueError, match="no known live frame"):
        detector.calibrated(inputs, sessions, known & (sessions == "a"))


@pytest.mark.parametrize("augment", [False, True])
def test_the_network_learns_what_is_plain_to_see_and_the_same_for_the_same_seed(augment):
    rng = np.random.default_rng(0)
    attacks = np.arange(96) % 2 == 1
    images = rng.integers(60, 120, (96, 48, 48, 3))
    images[attacks, ::2] += 60
    images = images.astype(np.uint8)
    once, again = (
        NetworkDetector(3, augment, epochs=4).fit(images, attacks).decision_function(images)
        for _ in range(2)
    )
    assert ((once >= 0) == attacks).mean() > 0.95
    assert (once == again).all()


def test_the_network_weighs_live_frames_as_much_as_attacks():
    """Where frames say nothing, a common class is no reason to call a frame by it."""
    images = np.full((40, 16, 16, 3), 128, np.uint8)
    attacks = np.arange(40) % 5 > 0
    scores = NetworkDetector(0, False, epochs=200).fit(images, attacks).decision_function(images)
    assert abs(scores.mean()) < 0.5  # the log of the odds is 1.39


def test_heads_are_cut_out_upright_wherever_they_are():
    session = draw_session(0, 0, spread=0)

    def cut(angle, shift, heads_of=None):
        rng = np.random.default_rng(0)
        there = Presentation(LIVE, "visible", 1.0, angle, shift, (0.0, 0.0))
        image, head = _take(4, session, rng, there)
        one = collect([session], [4], 0, 1, kinds=(LIVE,))
        heads = np.array([head if heads_of is None else heads_of])
        return matching.cut_out(replace(one, images=image[None], heads=heads))[0], head

    upright, head = cut(0.0, (0.0, 0.0))
    turned, _ = cut(20.0, (0.05, -0.04))
    unturned, _ = cut(20.0, (0.05, -0.04), heads_of=head)
    assert np.corrcoef(upright, turned)[0, 1] > 0.9 > np.corrcoef(upright, unturned)[0, 1] + 0.1


@pytest.fixture(scope="module")
def matched():
    matcher = matching.fit_matcher(people=40, sessions=2)
    sessions = [draw_session(0, number) for number in range(2)]
    return matcher, collect(sessions, range(6), 0, live_per_person=2)


def test_the_matcher_knows_people_on_another_day_and_rarely_takes_others(matched):
    matcher, frames = matched
    live = frames[frames.kinds == LIVE]
    enrolled, probes = (live[np.isin(live.sessions, names)] for names in (["0/0"], ["0/1"]))
    assert matcher.matches(probes, enrolled).mean() > 0.7
    # Everybody under somebody else's name.
    names = probes.people.copy()
    swapped = type(probes)(**{**probes.__dict__, "people": (names + 1) % 6})
    assert matcher.matches(swapped, enrolled).mean() < 0.2


def test_a_disguise_is_not_matched_and_a_print_is(matched):
    matcher, frames = matched
    enrolled = frames[(frames.kinds == LIVE) & (frames.sessions == "0/0")]
    others = frames[frames.sessions != "0/0"]
    share = {
        kind: matcher.matches(others[others.kinds == kind], enrolled).mean()
        for kind in ("paper", "disguise")
    }
    assert share["paper"] > 0.5 > share["disguise"]


def test_whoever_is_not_enrolled_is_named(matched):
    matcher, frames = matched
    with pytest.raises(ValueError, match=r"People \[5\] are not enrolled"):
        matcher.matches(frames, frames[frames.people < 5])


def test_collections_share_nobody_and_no_day():
    sizes = collecting.Sizes(sessions=2, people=2, test_sessions=2, test_people=2, live=1)
    ours, theirs = collecting.development(0, sizes), collecting.other_days(0, sizes)
    assert not set(ours.people) & set(theirs.people)
    assert not set(ours.sessions) & set(theirs.sessions)
    hidden = collecting.other_days(0, sizes, first=500)
    for other in (ours, theirs):
        assert not set(hidden.people) & set(other.people)
        assert not set(hidden.sessions) & set(other.sessions)
    assert not set(hidden.people) & set(matching.PEOPLE)
    more = collecting.more_people(0, [draw_session(0, 0)], 2, 1, 1)
    assert set(more.sessions) == {"0/0"} and not set(more.people) & set(ours.people)


def test_the_hours_of_half_the_sessions_buy_as_many_frames_elsewhere():
    sizes = collecting.Sizes(sessions=4, people=3, test_sessions=2, test_people=2, live=1)
    bought = {each.name: each for each in budget.arms(0, sizes, epochs=1)}
    start, more = bought["start"], bought["more sessions, same people"]
    assert (start.frames, more.frames) == (2 * 3 * 6, 4 * 3 * 6)
    # Two sessions of 18 frames: 2 * (4 + 0.9) hours are 196 frames, in two sessions of six each.
    crowd = bought["more people, same sessions"].frames
    assert crowd - start.frames == pytest.approx(
        budget.hours_for_sessions(2, 18) / budget.FRAME_HOURS, abs=6
    )
    assert {each.spent_on for each in bought.values()} == {
        "nothing",
        "data",
        "algorithm",
        "both",
        "set-up there",
    }
    for each in bought.values():
        assert 0 <= each.balanced_error <= 1 and 0 <= each.ordering_error <= 1
