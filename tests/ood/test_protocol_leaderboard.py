"""A board shows its public half, and the hidden half once."""

from __future__ import annotations

import numpy as np
import pytest

from internlab.ood.metrics import average_precision
from internlab.ood.protocol.leaderboard import Leaderboard

OUTLIER, VOID = 254, 255


@pytest.fixture
def labels():
    rng = np.random.default_rng(0)
    drawn = rng.choice([0, 3, VOID], (10, 12, 12), p=[0.5, 0.45, 0.05]).astype(np.uint8)
    drawn[:, 4:6, 4:6] = OUTLIER
    return drawn


def board_of(labels, **options):
    return Leaderboard(labels, 4, np.random.default_rng(1), **options)


def scores(labels, seed):
    return np.random.default_rng(seed).normal(1.0 * (labels == OUTLIER), 1)


def ap(labels, score, images):
    counted = labels[images] != VOID
    return average_precision(labels[images][counted] == OUTLIER, score[images][counted])


def test_a_submission_is_told_its_average_precision_on_the_public_images(labels):
    board, score = board_of(labels), scores(labels, 0)
    assert board.is_public.sum() == 4
    told = board.submit("first", score)
    assert told == pytest.approx(ap(labels, score, board.is_public), abs=1e-9)


def test_what_the_hidden_images_hold_changes_nothing_before_the_end(labels):
    board, other = board_of(labels), board_of(labels)
    score = scores(labels, 0)
    changed = score.copy()
    changed[~board.is_public] *= -1
    # Bins follow all outliers, so the two may differ by what binning costs, and no more.
    assert board.submit("a", score) == pytest.approx(other.submit("a", changed), abs=1e-3)
    assert all(each.hidden is None for each in board.standings())
    assert "hidden AP" not in board.standings()[0].as_row()
    with pytest.raises(ValueError, match="hidden half"):
        _ = board.counts


def test_the_end_shows_both_halves_and_both_ranks(labels):
    board = board_of(labels)
    given = {f"s{seed}": scores(labels, seed) for seed in range(6)}
    for name, score in given.items():
        board.submit(name, score)
    final = board.reveal()
    assert [each.rank for each in final] == [1, 2, 3, 4, 5, 6]
    assert sorted((each.public for each in final), reverse=True) == [e.public for e in final]
    for each in final:
        right = ap(labels, given[each.name], ~board.is_public)
        assert each.hidden == pytest.approx(right, abs=1e-9)
    by_hidden = sorted(final, key=lambda each: -each.hidden)
    assert [each.hidden_rank for each in by_hidden] == [1, 2, 3, 4, 5, 6]
    assert set(board.counts) == set(given)


def test_nobody_submits_after_the_end(labels):
    board = board_of(labels)
    board.submit("a", scores(labels, 0))
    board.reveal()
    with pytest.raises(ValueError, match="open a new board"):
        board.submit("b", scores(labels, 1))


def test_a_board_can_be_full(labels):
    board = board_of(labels, limit=1)
    board.submit("a", scores(labels, 0))
    with pytest.raises(ValueError, match="at most 1"):
        board.submit("b", scores(labels, 1))


def test_what_does_not_fit_is_refused_and_does_not_count(labels):
    board = board_of(labels)
    with pytest.raises(ValueError, match="must be equal"):
        board.submit("a", scores(labels, 0)[:, :5])
    with pytest.raises(ValueError, match="NaN"):
        board.submit("a", np.full(labels.shape, np.nan))
    with pytest.raises(ValueError, match="nothing to reveal"):
        board.reveal()
    board.submit("a", scores(labels, 0))
    with pytest.raises(ValueError, match="already"):
        board.submit("a", scores(labels, 1))
    assert len(board) == 1


@pytest.mark.parametrize("public", [0, 10, 11])
def test_both_parts_need_images(labels, public):
    with pytest.raises(ValueError, match="at least 1"):
        Leaderboard(labels, public, np.random.default_rng(0))


@pytest.mark.parametrize("fill", [0, OUTLIER])
def test_both_parts_need_outliers_and_inliers(labels, fill):
    board = board_of(labels)
    labels[~board.is_public] = fill
    with pytest.raises(ValueError, match="hidden part"):
        board_of(labels)
