"""The search of a moment that the lab on search repeats over many seeds."""

import numpy as np
import pytest

from internlab.hpo.exercises.toy_search import search, stand_in_iou

GOOD = {"lr": 5e-3, "weight_decay": 1e-3, "width": 8, "colour": 1.0}


def test_the_formula_gives_an_iou_and_has_its_best_inside_the_space():
    rng = np.random.default_rng(0)
    best = stand_in_iou(**GOOD)
    for _ in range(200):
        value = stand_in_iou(
            lr=10 ** rng.uniform(-4, np.log10(5e-2)),
            weight_decay=10 ** rng.uniform(-6, np.log10(0.3)),
            width=int(rng.choice([8, 12, 16])),
            colour=rng.uniform(),
        )
        assert 0 < value < best < 1


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_a_search_repeats_with_its_seed_and_only_then(sampler):
    found = [search(sampler, seed, trials=12) for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


def test_more_trials_find_more():
    few, many = (np.mean([search("random", s, n) for s in range(8)]) for n in (2, 32))
    assert many > few + 0.1


def test_an_unknown_sampler_is_named():
    with pytest.raises(ValueError, match="No sampler 'grid'"):
        search("grid", 0)
