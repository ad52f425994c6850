"""Streaming metrics: exact while they can be, near enough in bounded memory after that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.ood.metrics import evaluate
from internlab.ood.metrics.streaming import StreamingScores

KINDS = {
    "unbounded": lambda rng, y: rng.normal(-40, 12, y.size) + 20 * y,
    # 1 - p of a sure network: most of the mass within 1e-6 of 0, or of -1.
    "1 - p near 0": lambda rng, y: np.exp(-rng.gamma(9, 2, y.size) + 4 * y),
    "-p near -1": lambda rng, y: np.exp(-rng.gamma(9, 2, y.size) + 4 * y) - 1,
    "heavy tail": lambda rng, y: np.exp(rng.normal(0, 6, y.size) + 5 * y),
    "many ties": lambda rng, y: np.round(rng.normal(0, 2, y.size) + 2 * y, 1),
    "mass in one point": lambda rng, y: np.maximum(rng.normal(0, 1, y.size) + y, 0.5),
}


def draw(kind: str, count: int, seed: int = 0, rate: float = 0.02):
    rng = np.random.default_rng(seed)
    is_outlier = rng.random(count) < rate
    return is_outlier, KINDS[kind](rng, is_outlier)


def stream_of(is_outlier, score, bins, parts):
    stream = StreamingScores(bins)
    pieces = zip(np.array_split(is_outlier, parts), np.array_split(score, parts), strict=True)
    for labels, scores in pieces:
        stream.add(labels, scores)
    return stream


def assert_near(found, expected, within):
    for name in ("auroc", "average_precision", "fpr95"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=within), name
    assert found.pixels == expected.pixels
    assert found.base_rate == expected.base_rate


@given(
    st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), min_size=2, max_size=60),
    st.integers(1, 7),
)
def test_exact_while_there_are_fewer_scores_than_bins(pixels, parts):
    is_outlier, score = np.array(pixels, dtype=float).T
    is_outlier = is_outlier == 1
    stream = stream_of(is_outlier, score, 11, parts)
    if is_outlier.any() and not is_outlier.all():
        assert stream.result() == evaluate(is_outlier, score)
        assert stream.rank_error == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_near_the_exact_metrics_for_any_score(kind, dtype):
    is_outlier, score = draw(kind, 300_000)
    score = score.astype(dtype)
    stream = stream_of(is_outlier, score, 4096, 20)
    assert_near(stream.result(), evaluate(is_outlier, score), 5e-4)


def test_scores_that_drift_from_image_to_image():
    rng = np.random.default_rng(0)
    parts = []
    for step in range(30):
        is_outlier = rng.random(10_000) < 0.02
        parts.append((is_outlier, rng.normal(step, 1, 10_000) + 3 * is_outlier))
    stream = StreamingScores(4096)
    for part in parts:
        stream.add(*part)
    whole = [np.concatenate(each) for each in zip(*parts, strict=True)]
    assert_near(stream.result(), evaluate(*whole), 1e-3)


@pytest.mark.parametrize("one_score_for", ["nobody", "outliers", "inliers"])
def test_rank_error_bounds_every_threshold(one_score_for):
    is_outlier, score = draw("unbounded", 100_000, rate=0.5)
    if one_score_for != "nobody":
        # Only the others are merged then, and the bound must come from them.
        score[is_outlier == (one_score_for == "outliers")] = 1000
    stream = stream_of(is_outlier, score, 256, 25)
    kept = stream.thresholds()
    assert 0 < stream.rank_error < 0.2
    for threshold in np.quantile(score, np.linspace(0.01, 0.999, 50)):
        place = np.searchsorted(-kept.score, -threshold, side="right") - 1
        for counted, mine in ((kept.recall, is_outlier), (kept.false_positive_rate, ~is_outlier)):
            share = counted[place] if place >= 0 else 0
            assert abs(share - np.mean(score[mine] >= threshold)) <= stream.rank_error


def test_memory_stays_bounded():
    stream = StreamingScores(1000)
    rng = np.random.default_rng(0)
    for number in range(40):
        assert stream.pixels == 5000 * number
        stream.add(rng.random(5000) < 0.01, rng.normal(size=5000))
        waiting = sum(part.size for pair in stream._pending for part in pair)
        assert waiting < 4 * 1000
        assert all(array.size <= 3 * 1000 for array in stream.state().values())


def test_a_heavy_score_is_never_moved():
    is_outlier, score = draw("mass in one point", 200_000)
    kept = stream_of(is_outlier, score, 512, 20).thresholds()
    at_half = kept.score == 0.5
    counted = np.diff(kept.false_positives, prepend=0)[at_half]
    assert counted == np.sum(~is_outlier & (score == 0.5))


@given(st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), min_size=2, max_size=60))
def test_merged_streams_are_one_stream(pixels):
    is_outlier, score = np.array(pixels, dtype=float).T
    is_outlier = is_outlier == 1
    half = score.size // 2
    first, second = StreamingScores(50), StreamingScores(50)
    if half:
        first.add(is_outlier[:half], score[:half])
    second.add(is_outlier[half:], score[half:])
    before = second.state()
    merged = first.merge(second).state()
    one = StreamingScores(50).add(is_outlier, score).state()
    assert all(np.array_equal(merged[key], one[key]) for key in one)
    assert all(np.array_equal(before[key], value) for key, value in second.state().items())


def test_a_merged_stream_keeps_the_error_of_its_parts():
    is_outlier, score = draw("unbounded", 20_000)
    part, empty = stream_of(is_outlier, score, 64, 5), StreamingScores(4096)
    assert part.rank_error > 0
    assert empty.merge(part).rank_error >= part.rank_error


def test_merged_streams_stay_near_the_exact_metrics():
    is_outlier, score = draw("unbounded", 200_000)
    parts = [stream_of(is_outlier[i::4], score[i::4], 4096, 5) for i in range(4)]
    merged = StreamingScores(4096)
    for part in parts:
        merged.merge(part)
    assert_near(merged.result(), evaluate(is_outlier, score), 5e-4)
    assert merged.rank_error < 0.01


def test_the_order_of_images_changes_little():
    is_outlier, score = draw("unbounded", 100_000)
    order = np.random.default_rng(1).permutation(score.size)
    first = stream_of(is_outlier, score, 4096, 10).result()
    second = stream_of(is_outlier[order], score[order], 4096, 10).result()
    assert_near(first, second, 5e-4)


def test_saved_and_restored_it_goes_on_as_if_nothing_had_happened(tmp_path):
    is_outlier, score = draw("unbounded", 50_000)
    whole = StreamingScores(512)
    halves = np.array_split(np.arange(score.size), 2)
    whole.add(is_outlier[halves[0]], score[halves[0]])
    whole.save(tmp_path / "state.npz")
    whole.add(is_outlier[halves[1]], score[halves[1]])
    restored = StreamingScores.load(tmp_path / "state.npz")
    restored.add(is_outlier[halves[1]], score[halves[1]])
    expected, found = whole.state(), restored.state()
    assert all(np.array_equal(expected[key], found[key]) for key in expected)
    assert restored.result() == whole.result()


def test_a_damaged_state_is_refused(tmp_path):
    path = tmp_path / "state.npz"
    StreamingScores().add([0, 1], [0.0, 1.0]).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match="is not a saved state"):
        StreamingScores.load(path)
    np.savez(path, something=np.arange(3))
    with pytest.raises(ValueError, match="is not a saved state"):
        StreamingScores.load(path)
    np.save(tmp_path / "state.npy", np.arange(3))
    with pytest.raises(ValueError, match="is not a saved state"):
        StreamingScores.load(tmp_path / "state.npy")
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="is not a saved state"):
        StreamingScores.load(path)


def test_an_image_of_one_kind_is_fine_but_a_whole_stream_is_not():
    stream = StreamingScores()
    with pytest.raises(ValueError, match="Nothing was added yet"):
        stream.result()
    stream.add(np.zeros(5, bool), np.arange(5.0))
    with pytest.raises(ValueError, match="no outlier among 5 inliers"):
        stream.result()
    stream.add(np.ones(2, bool), np.arange(2.0) + 10)
    assert stream.result().auroc == 1


def test_a_refused_image_leaves_no_trace():
    stream = StreamingScores().add([0, 1], [0.0, 1.0])
    before = stream.result()
    with pytest.raises(ValueError, match="NaN"):
        stream.add([0, 1], [np.nan, 1.0])
    with pytest.raises(ValueError, match="must be equal"):
        stream.add([0, 1, 1], [2.0, 1.0])
    assert stream.result() == before


def test_too_few_bins_are_refused():
    with pytest.raises(ValueError, match="expected at least 2"):
        StreamingScores(1)
