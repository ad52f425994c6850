"""The exact metrics that streaming is held against are exact."""

from __future__ import annotations

import numpy as np
import pytest

from internlab.ood.metrics import evaluate
from internlab.ood.metrics.stream_check import KINDS, exact_scores, scores_of


@pytest.mark.parametrize("kind", KINDS)
def test_two_passes_give_what_sorting_gives(kind):
    parts = list(scores_of(kind, images=4, pixels=5000))
    whole = evaluate(*(np.concatenate(each) for each in zip(*parts, strict=True)))
    found = exact_scores(kind, images=4, pixels=5000)
    assert found.as_row() == pytest.approx(whole.as_row(), abs=1e-12)


def test_softmax_scores_are_tied_and_need_the_ties():
    score = next(scores_of("softmax", images=1, pixels=50_000))[1]
    assert np.unique(score).size < 0.9 * score.size
