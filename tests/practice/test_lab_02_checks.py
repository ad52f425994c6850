"""The checks of lab 02: right answers in any form, on many draws, and no slip that passes."""

import numpy as np
import pytest
from scipy import stats

from internlab.answers import told_apart
from internlab.exercises import NotYet
from internlab.practice.exercises import significance_checks as checks
from internlab.practice.exercises import significance_choices as choices
from internlab.practice.exercises.significance import lab
from internlab.practice.exercises.significance_given import FLAWS, STUDY, measure


def interval(right_a, right_b, rng, ends=(0.025, 0.975), repeats=2000):
    gains = right_b.astype(float) - right_a.astype(float)
    drawn = gains[rng.integers(0, len(gains), (repeats, len(gains)))].mean(axis=1)
    return np.quantile(drawn, ends)


def test_two_thousand_redrawn_sets_are_always_enough():
    for _ in range(12):
        assert lab.judge("interval", interval).label == "PASS"


@pytest.mark.parametrize("ends", [(0.05, 0.95), (0.005, 0.995), (0.025, 0.5)])
def test_another_interval_is_no_95_per_cent(ends):
    for _ in range(4):
        said = lab.judge("interval", lambda a, b, rng: interval(a, b, rng, ends))
        assert said.label == "NOT YET"


def slips(name, rng):
    """Return a right number and what people give instead, on one draw that a check would use."""
    draws = {
        "p_value": lambda: checks._p_values(*checks._pair(rng, int(rng.integers(2)))),
        "real": lambda: choices._real(*choices._team(rng)),
    }
    return draws[name]()


@pytest.mark.parametrize("name", ["p_value", "real"])
def test_slips_are_told_apart_on_nearly_every_draw(name):
    rng = np.random.default_rng(0)
    draws = [slips(name, rng) for _ in range(100)]
    assert np.mean([told_apart(right, *known.values()) for right, known in draws]) > 0.8


def test_effects_are_told_apart_on_nearly_every_draw():
    rng = np.random.default_rng(1)
    draws = [choices._effects(*rng.uniform(60, 95, 4)) for _ in range(100)]
    apart = [
        all(told_apart(right, *known.values()) for right, known in zip(rights, slips, strict=True))
        for rights, slips in draws
    ]
    assert np.mean(apart) > 0.8


def test_a_number_of_images_rounded_down_is_no_other_slip():
    z = stats.norm.ppf([0.975, 0.8])

    def by_the_gain(gain, disagreement):
        root = z[0] * disagreement**0.5 + z[1] * (disagreement - gain**2) ** 0.5
        return int(root**2 / gain)

    for _ in range(100):
        assert "divides by the gain, not by its" in lab.judge("images", by_the_gain).text


def test_the_columns_of_the_tries_name_four_winners():
    rng = np.random.default_rng(2)
    for _ in range(20):
        table = choices._tries(rng).set_index("name")
        both = table.validation + table.test
        winners = {each.idxmax() for each in (table.training, table.validation, table.test, both)}
        assert len(winners) == 4


@pytest.mark.parametrize("kind", FLAWS)
def test_whoever_always_says_the_same_is_told_a_fact(kind):
    said = lab.judge("flaw", lambda report, log: kind)
    assert said.label == "NOT YET" and said.text.endswith("?")
    assert f"you gave {kind!r}, expected" in said.text


def test_the_study_concludes_that_decay_helps():
    differences = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}
    STUDY.check({"differences": differences, "conclusion": "helps"})
    with pytest.raises(NotYet, match="standard error"):
        STUDY.check({"differences": differences, "conclusion": "cannot tell"})


def test_a_p_value_may_come_from_scipy():
    def p_value(right_a, right_b):
        b = int((right_b & ~right_a).sum())
        n = b + int((right_a & ~right_b).sum())
        return stats.binomtest(b, n).pvalue if n else 1.0

    for _ in range(20):
        assert lab.judge("p_value", p_value).label == "PASS"


def test_an_interval_of_the_right_width_in_another_place_is_not_right():
    for _ in range(4):
        said = lab.judge("interval", lambda a, b, rng: interval(a, b, rng) + 0.6 * gain_error(a, b))
        assert said.label == "NOT YET"


def gain_error(right_a, right_b):
    return np.std(right_b.astype(float) - right_a) / np.sqrt(len(right_a))
