"""A learner's study: its seeds are fixed before it is measured, and all of it is measured again."""

import re

import numpy as np
import pandas as pd
import pytest

from internlab.exercises import NotYet
from internlab.hpo.exercises.search import lab as search_lab
from internlab.hpo.exercises.search_checks import CONCLUSION
from internlab.ood.exercises.trust import lab as trust_lab
from internlab.ood.exercises.trust_control import CONTROL
from internlab.study import SEEDS, Study

# Differences whose mean lies two standard errors above zero, and no further.
TREND = 1 + np.linspace(-1, 1, 12) * 2


def study(right):
    return Study(
        measure=lambda seed: float(right[seed]),
        what="ours minus theirs",
        conclusions=("better", "worse", "cannot tell"),
        of_each="seed",
        asks="is it far from zero?",
        asks_of_number="of the same seed?",
        slips=lambda seed: [(right[seed] + 0.25, "Yours is a quarter more: why?")],
    )


def told(study, differences):
    """Return what is said of the differences with every conclusion; "" for a right answer."""
    found = []
    for conclusion in study.conclusions:
        try:
            study.check({"differences": differences, "conclusion": conclusion})
            found.append("")
        except NotYet as error:
            found.append(str(error))
    return found


def by_seed(values):
    return dict(enumerate(values))


@pytest.mark.parametrize(("shift", "follows"), [(2.0, 0), (-4.0, 1), (-1.0, 2)])
def test_the_mean_against_two_standard_errors_decides(shift, follows):
    right = TREND + shift
    said = told(study(right), by_seed(right))
    assert [each == "" for each in said] == [index == follows for index in range(3)]
    assert "is it far from zero?" in said[follows - 1]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("value", "says"),
    [(0.0123, "which run gave"), (np.nan, "a finite number"), (-np.inf, "a finite number")],
)
def test_no_seed_may_be_invented(seed, value, says):
    for said in told(study(TREND), by_seed(TREND) | {seed: value}):
        assert f"seed {seed} " in said and says in said


@pytest.mark.parametrize("count", range(12))
def test_nobody_stops_early(count):
    for said in told(study(TREND), by_seed(TREND[:count])):
        assert "the study is seeds 0 to 11" in said


def test_seeds_given_as_text_are_told_so():
    for said in told(study(TREND), dict.fromkeys(map(str, range(12)), 0.1)):
        assert "names seeds by text, such as '0'" in said


@pytest.mark.parametrize("seeds", [(84, 85, 86), range(13), range(-1, 11), range(1, 13)])
def test_nobody_brings_other_seeds(seeds):
    for said in told(study(TREND), dict.fromkeys(seeds, 0.1)):
        assert "who chose yours" in said


def test_a_known_slip_and_a_swapped_sign_are_named():
    assert "which is taken from which" in told(study(TREND), by_seed(-TREND))[0]
    assert "Yours is a quarter more" in told(study(TREND), by_seed(TREND + 0.25))[0]
    assert "of the same seed?" in told(study(TREND), by_seed(TREND + 5))[0]


def test_numpy_seeds_and_values_are_accepted():
    given = {np.int64(seed): np.float64(value) for seed, value in enumerate(TREND)}
    assert "" in told(study(TREND), given)


def test_float32_a_series_and_arrays_of_one_are_accepted():
    in_percent = 40 + 10 * TREND
    assert "" in told(study(TREND), {s: np.float32(v) for s, v in enumerate(TREND)})
    assert "" in told(study(in_percent), {s: np.float32(v) for s, v in enumerate(in_percent)})
    assert "" in told(study(TREND), {s: np.array([v]) for s, v in enumerate(TREND)})
    assert "" in told(study(TREND), pd.Series(TREND, index=range(12)))


def test_points_for_shares_and_shares_for_points_are_told():
    assert "did you turn shares into points?" in told(study(TREND), by_seed(100 * TREND))[0]
    assert "did you divide by 100?" in told(study(TREND), by_seed(TREND / 100))[0]


@pytest.mark.parametrize("digits", [1, 2, 3])
def test_rounded_differences_are_told_so(digits):
    said = told(study(TREND), by_seed(np.round(TREND, digits)))[0]
    assert f"Yours are rounded to {digits} digit" in said
    given, measured = re.findall(r"[+-]\d\.\d+", said)[:2]
    assert given != measured
    # One invented number among them is none that was rounded, and zeros are no rounding.
    assert "which run gave" in told(study(TREND), by_seed(TREND) | {3: round(TREND[3], 1) + 1})[0]
    assert "rounded" not in told(study(TREND / 1000), by_seed(0 * TREND))[0]


def test_an_answer_of_another_shape_says_what_is_missing():
    for answer in (None, {}, {"differences": {}}):
        with pytest.raises(NotYet, match="what is missing"):
            study(TREND).check(answer)
    with pytest.raises(NotYet, match="you gave str, expected a dictionary"):
        study(TREND).check("better")
    with pytest.raises(NotYet, match="you gave 'differences', 'conclusion', 'mean', expected"):
        study(TREND).check({"differences": {}, "conclusion": "better", "mean": 1})
    with pytest.raises(NotYet, match="from seed to difference"):
        study(TREND).check({"differences": list(TREND), "conclusion": "better"})
    with pytest.raises(NotYet, match="of type str"):
        study(TREND).check({"differences": by_seed(TREND) | {0: "a"}, "conclusion": "better"})


@pytest.mark.parametrize(
    ("study", "lab", "name"),
    [(CONCLUSION, search_lab, "conclusion"), (CONTROL, trust_lab, "control")],
)
def test_one_conclusion_follows_from_each_study_of_the_labs(study, lab, name):
    measured = {seed: study.measure(seed) for seed in SEEDS}
    answers = [{"differences": measured, "conclusion": each} for each in study.conclusions]
    labels = sorted(lab.judge(name, answer).label for answer in answers)
    assert labels == ["NOT YET", "NOT YET", "PASS"]
