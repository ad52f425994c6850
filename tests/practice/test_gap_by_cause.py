"""The gap by cause: what adds up, what does not, and the digits project."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.practice.gap import by_cause
from internlab.practice.project import (
    PARTS,
    NearestCentroid,
    Project,
    Training,
    thumbnails,
    without_suspects,
)


def _random_scores(seed, parts):
    rng = np.random.default_rng(seed)
    sets = [frozenset(c) for k in range(len(parts) + 1) for c in combinations(parts, k)]
    return dict(zip(sets, rng.random(len(sets)), strict=True))


def test_two_parts_that_need_each_other_by_hand():
    scores = {"": 0.5, "a": 0.5, "b": 0.6, "ab": 1.0}
    gap = by_cause(lambda parts: scores["".join(sorted(parts))], ["a", "b"])
    a, b = gap.causes
    assert (a.first, a.last, a.shared) == pytest.approx((0.0, 0.4, 0.2))
    assert (b.first, b.last, b.shared) == pytest.approx((0.1, 0.5, 0.3))
    assert gap.total == 0.5
    assert gap.largest is b


@given(st.integers(0, 1000), st.integers(1, 4))
def test_shares_add_up_and_are_the_mean_over_all_orders(seed, count):
    parts = PARTS[:count]
    scores = _random_scores(seed, parts)
    gap = by_cause(scores.__getitem__, parts)
    assert sum(cause.shared for cause in gap.causes) == pytest.approx(gap.total)
    for cause in gap.causes:
        gains = []
        for order in permutations(parts):
            before = frozenset(order[: order.index(cause.name)])
            gains.append(scores[before | {cause.name}] - scores[before])
        assert cause.shared == pytest.approx(np.mean(gains))


def test_where_parts_do_not_interact_all_three_agree():
    worth = dict(zip(PARTS, (0.1, 0.0, -0.05, 0.2), strict=True))
    for cause in by_cause(lambda parts: sum(worth[part] for part in parts), PARTS).causes:
        for value in (cause.first, cause.last, cause.shared):
            assert value == pytest.approx(worth[cause.name], abs=1e-12)


def test_each_set_is_scored_once():
    asked = []
    by_cause(lambda parts: asked.append(parts) or 0.0, PARTS)
    assert len(asked) == len(set(asked)) == 16


@pytest.mark.parametrize("parts", [[], ["a", "a"]])
def test_parts_need_names_of_their_own(parts):
    with pytest.raises(ValueError, match="each name once"):
        by_cause(lambda chosen: 0.0, parts)


@pytest.fixture(scope="module")
def project():
    return Project(0)


def test_ten_images_of_each_digit_of_which_a_fifth_is_mislabelled(project):
    given, truth = project.training(), project.training({"labels"})
    assert given.images.shape == (100, 64)
    assert np.array_equal(given.images, truth.images)
    assert (np.bincount(truth.labels) == 10).all()
    assert 8 <= (given.labels != truth.labels).sum() <= 32
    assert 0 <= given.images.min() and given.images.max() <= 1
    assert len(project.training({"data"}).labels) == 1000
    assert (np.bincount(project.training(per_digit=30).labels, minlength=10) > 0).all()


def test_more_images_keep_those_that_were_there(project):
    few, many = project.training(), project.training(per_digit=20)
    assert {image.tobytes() for image in few.images} < {image.tobytes() for image in many.images}


def test_no_image_is_in_two_of_the_three_sets(project):
    pool = project.training({"data"}).images
    sets = [{each.tobytes() for each in images} for images in
            (pool, project._validation, project._test)]  # fmt: skip
    assert [len(images) for images in (pool, project._validation, project._test)] == [
        1000, 397, 400,
    ]  # fmt: skip
    # Two of the 1,797 digits may be the same image; the sets as a whole are not.
    assert len(sets[0] & sets[1]) + len(sets[0] & sets[2]) + len(sets[1] & sets[2]) <= 2


def test_the_oracles_together_are_far_above_the_baseline_and_a_seed_repeats(project):
    assert project.accuracy(set(PARTS)) > project.accuracy() + 0.15
    assert Project(0).accuracy() == project.accuracy()
    assert project.accuracy(on="test") != project.accuracy()


def test_the_nearest_centroid_is_that_of_scikit_learn(project):
    from sklearn.neighbors import NearestCentroid as Independent

    everything = project.training({"data"})
    training = Training(everything.images[:300], everything.labels[:300])
    ours = NearestCentroid().fit(training.images, training.labels)
    theirs = Independent().fit(training.images, training.labels)
    assert np.array_equal(ours.predict(project._test), theirs.predict(project._test))


def test_a_thumbnail_is_the_mean_of_its_blocks():
    image = np.arange(64.0).reshape(1, 8, 8)
    small = thumbnails(image.reshape(1, 64)).reshape(4, 4)
    assert small[1, 2] == image[0, 2:4, 4:6].mean()


def test_a_suspect_is_outvoted_by_its_neighbours_and_a_tie_is_none():
    line = np.array([[0.0], [1], [2], [3], [100], [101], [102], [103]])
    labels = np.array([1, 1, 1, 2, 2, 2, 2, 1])
    kept = without_suspects(Training(line, labels), neighbours=3)
    assert kept.images.ravel().tolist() == [0, 1, 2, 100, 101, 102]
    # Each has one neighbour of its own label and two of the other: one vote is not enough.
    mixed = Training(np.array([[0.0], [1], [2.1], [3.3]]), np.array([1, 1, 2, 2]))
    assert without_suspects(mixed, neighbours=3).labels.size == 0
    # Two neighbours, of either label one: nobody is outvoted.
    pair = Training(np.array([[0.0], [1], [2]]), np.array([1, 2, 1]))
    assert without_suspects(pair, neighbours=2).labels.tolist() == [1, 1]


def test_an_unknown_part_or_set_is_named(project):
    with pytest.raises(ValueError, match="optimiser"):
        project.accuracy({"optimiser"})
    with pytest.raises(ValueError, match="'train'"):
        project.accuracy(on="train")
