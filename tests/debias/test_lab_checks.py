"""The checks of labs 40 to 42: every right answer in any form, and no two slips that look alike."""

import itertools
import math
import re

import numpy as np
import pandas as pd
import pytest
import torch

from internlab.answers import told_apart
from internlab.debias.exercises import (
    benchmark_grid_checks,
    benchmark_luck_checks,
    shortcut_checks,
    shortcut_map,
)
from internlab.debias.exercises.baselines import lab as baselines
from internlab.debias.exercises.benchmark import lab as benchmark
from internlab.debias.exercises.benchmark_grid_checks import CONCLUSION
from internlab.debias.exercises.shortcut import lab as shortcut
from internlab.debias.exercises.shortcut_control import CONTROL
from internlab.study import SEEDS

RNG = np.random.default_rng(40)


def biased(labels, ratio, rng):
    other = (labels + rng.integers(1, 3, len(labels))) % 3
    return np.where(rng.random(len(labels)) < ratio, labels, other)


def unbiased(labels, biases, predictions):
    return pd.Series(predictions == labels).groupby([labels, biases]).mean().mean()


def follow(labels, biases, predictions):
    return (predictions == biases)[labels != biases].mean()


def changed(before, after):
    return (before.argmax(axis=1) != after.argmax(axis=1)).mean()


def deploy(models, ratio):
    there = ratio * models.aligned + (1 - ratio) * models.conflicting
    return models.loc[there.idxmax(), "name"], there.max()


def audit(predictions, labels, biases):
    errors, conflicting = predictions != labels, labels != biases
    return errors[conflicting].mean(), conflicting[errors].mean()


def choose(results):
    last = results[results.step == results.step.max()].groupby("setting")
    mean = last[["balanced_unbiased", "test_unbiased"]].mean()
    best = mean.balanced_unbiased.idxmax()
    return best, mean.test_unbiased[best]


def difference(first, second):
    each = pd.Series(first) - pd.Series(second)
    return each.mean(), each.sem()


def sign_flip(differences):
    return benchmark_luck_checks._ways_to_flip(differences)[0]


def budget(values, reported, tried):
    return benchmark_grid_checks._ways_to_spend(values, reported, tried)[0]


SHARES = [
    (shortcut, "unbiased", unbiased),
    (shortcut, "follow", follow),
    (shortcut, "changed", changed),
    (benchmark, "sign-flip", sign_flip),
    (benchmark, "budget", budget),
]
PAIRS = [
    (shortcut, "deploy", deploy),
    (baselines, "audit", audit),
    (benchmark, "choose", choose),
    (benchmark, "difference", difference),
]
IDS = {"ids": lambda value: value if isinstance(value, str) else ""}


def in_form(answer, form):
    return lambda *given: form(answer(*given))


@pytest.mark.parametrize(("lab", "name", "answer"), SHARES, **IDS)
@pytest.mark.parametrize(
    "form", [float, np.float32, np.array, torch.tensor, lambda x: [x], lambda x: pd.Series([x])]
)
def test_a_number_is_right_in_every_form(lab, name, answer, form):
    assert lab.judge(name, in_form(answer, form)).label == "PASS"


@pytest.mark.parametrize(("lab", "name", "answer"), PAIRS, **IDS)
def test_two_values_are_right_in_every_container(lab, name, answer):
    forms = [tuple, list, pd.Series, lambda pair: np.array(pair, dtype=object)]
    if name in ("audit", "difference"):
        forms += [torch.tensor, np.array, lambda pair: tuple(map(np.float32, pair))]
    for form in forms:
        feedback = lab.judge(name, in_form(answer, form))
        assert feedback.label == "PASS", f"{form}: {feedback}"


@pytest.mark.parametrize(("lab", "name", "answer"), PAIRS, **IDS)
def test_one_value_and_a_dictionary_are_named(lab, name, answer):
    one = lab.judge(name, in_form(answer, lambda pair: pair[1]))
    assert "you gave 1 value (of type" in one.text and "expected two, " in one.text
    keyed = lab.judge(name, in_form(answer, lambda pair: dict(zip("ab", pair, strict=True))))
    assert "with the keys 'a', 'b'" in keyed.text


@pytest.mark.parametrize(("lab", "name", "answer"), PAIRS, **IDS)
def test_two_values_in_the_wrong_order_are_told_so(lab, name, answer):
    told = lab.judge(name, in_form(answer, lambda pair: pair[::-1])).text
    assert "asked for first?" in told or "the wrong way round" in told


@pytest.mark.parametrize(("lab", "name", "answer"), SHARES + PAIRS[:3], **IDS)
def test_per_cent_has_its_own_message(lab, name, answer):
    def in_per_cent(found):
        if not isinstance(found, tuple):
            return 100 * found
        return tuple(each if isinstance(each, str) else 100 * each for each in found)

    for _ in range(3):
        assert "Yours is per cent" in lab.judge(name, in_form(answer, in_per_cent)).text


@pytest.mark.parametrize(("lab", "name", "answer"), SHARES + PAIRS, **IDS)
@pytest.mark.parametrize("off", [3e-5, 3e-3])
def test_given_and_expected_differ_in_print(lab, name, answer, off):
    def slightly_off(found):
        if not isinstance(found, tuple):
            return found + off
        return tuple(each if isinstance(each, str) else each + off for each in found)

    told = lab.judge(name, in_form(answer, slightly_off))
    assert told.label == "NOT YET"
    numbers = re.findall(r"[-+]?\d+\.\d+", told.text)
    assert len(set(numbers)) >= 2, told


@pytest.mark.parametrize(("lab", "name", "answer"), SHARES + PAIRS[:3], **IDS)
def test_a_rounded_answer_is_told_so(lab, name, answer):
    def rounded(found):
        if not isinstance(found, tuple):
            return round(found, 4)
        return tuple(each if isinstance(each, str) else round(each, 4) for each in found)

    told = [lab.judge(name, in_form(answer, rounded)) for _ in range(3)]
    # Now and then a number has no more than four digits to begin with.
    assert all(each.label == "PASS" or "Yours is rounded:" in each.text for each in told)


def test_a_right_bias_lies_within_what_is_allowed():
    spread = math.sqrt(0.7 * 0.3 / (3 * shortcut_checks.IMAGES_OF_CLASS))
    assert shortcut_checks.ALLOWED > 6 * spread
    for _ in range(40):
        assert shortcut.judge("biased", biased).label == "PASS"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (-1, "what lies before the first one?"),
        (3, "what happens behind the last one?"),
        (np.nan, "which images were given none?"),
        (0.5, "which whole number is it to be?"),
        ("red", "which number stands for it?"),
    ],
)
def test_a_bias_that_is_none_is_asked_where_it_comes_from(value, says):
    def answer(labels, ratio, rng):
        biases = biased(labels, ratio, rng).astype(object if isinstance(value, str) else float)
        biases[7] = value
        return biases

    assert says in shortcut.judge("biased", answer).text


def test_each_rule_chooses_a_model_of_its_own():
    for _ in range(50):
        models, ratio = shortcut_checks._candidates(RNG)
        there = ratio * models.aligned + (1 - ratio) * models.conflicting
        turned = (1 - ratio) * models.aligned + ratio * models.conflicting
        rules = (there, turned, models.aligned, models.conflicting, models.validation, -there)
        assert len({rule.idxmax() for rule in rules}) == 6


def test_no_two_maps_look_alike_to_the_check():
    one, other = RNG.random((2, 3, 4))
    assert not shortcut_map._look_alike([one, other])
    assert shortcut_map._look_alike([one, other, one + 1e-6])
    # Whether a ReLU of the weights and one of the channels differ depends on the activations.
    right, known = shortcut_map._grad_cam(*shortcut_map._maps(RNG))
    assert not shortcut_map._look_alike([right, *known.values()])


def gce_of(form):
    def answer(logits, labels, q):
        p = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0]
        return form(p, q)

    return answer


@pytest.mark.parametrize(
    "form",
    [
        lambda p, q: (1 - p**q) / q,
        lambda p, q: p.detach() ** q * -p.log(),
        lambda p, q: (1 - p.float() ** q) / q,
        lambda p, q: p.detach() ** (q - 1) * (1 - p),
    ],
)
def test_a_loss_of_the_right_gradient_that_ends_at_zero_is_right(form):
    for _ in range(10):
        feedback = baselines.judge("gce", gce_of(form))
        assert feedback.label == "PASS", feedback


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (lambda p, q: -(p**q) / q, "Yours is -p^q / q"),
        (lambda p, q: (1 - p**q) / q + 5, "what have you added"),
        (lambda p, q: (1 - p**q) / q - 5, "what have you added"),
    ],
)
def test_a_loss_of_the_right_gradient_that_does_not_is_refused(form, says):
    for _ in range(10):
        feedback = baselines.judge("gce", gce_of(form))
        assert feedback.label == "NOT YET" and says in feedback.text


def test_every_way_to_continue_computes_other_runs():
    for _ in range(20):
        plan, journal, code = benchmark_grid_checks._half_done(RNG)
        right, known = benchmark_grid_checks._ways_to_continue(plan, journal, code)
        assert right == [r for r in plan if r not in journal or journal[r]["code"] != code[r[0]]]
        ways = [tuple(right), *map(tuple, known.values())]
        assert len(set(ways)) == len(ways)
        for run in plan:
            record = journal.get(run, {"status": "none"})
            if record["status"] == "failed" and record["code"] != code[run[0]]:
                break
        else:
            pytest.fail("no run has failed with code that was mended")


def test_a_run_that_is_listed_twice_is_named():
    def answer(plan, journal, code):
        return [r for r in plan if r not in journal or journal[r]["code"] != code[r[0]]] * 2

    assert "is there 2 times" in benchmark.judge("missing", answer).text


@pytest.mark.parametrize("below", [False, True])
def test_the_wrong_flips_are_told_apart_on_either_side_of_zero(below):
    for count in (6, 7):
        differences, right, known = benchmark_luck_checks._differences(RNG, count, below)
        assert (differences.mean() < 0) == below
        assert told_apart(right, 100 * right, *known.values())


@pytest.mark.parametrize("twice", [False, True])
def test_a_flip_that_is_right_above_zero_only_is_refused(twice):
    def answer(differences):
        signs = np.array(list(itertools.product((1, -1), repeat=len(differences))))
        means = (signs * differences).mean(axis=1)
        bound = differences.mean() - 1e-12
        return 2 * (means >= bound).mean() if twice else (np.abs(means) >= bound).mean()

    for _ in range(4):
        assert benchmark.judge("sign-flip", answer).label == "NOT YET"


def test_absolute_differences_are_never_right():
    def answer(first, second):
        each = (pd.Series(first) - pd.Series(second)).abs()
        return each.mean(), each.sem()

    # Where the first is better for every seed, they would be.
    for _ in range(40):
        assert "the mean of the absolute" in benchmark.judge("difference", answer).text


@pytest.mark.parametrize("tried", [2, 3, 4])
def test_no_two_ways_to_spend_a_budget_agree(tried):
    _, _, right, known = benchmark_grid_checks._tuned(RNG, tried)
    assert told_apart(right, 100 * right, *known.values())
    assert ("tries one setting fewer" in " ".join(known)) == (tried > 2)


@pytest.mark.parametrize(
    ("lab", "name", "study", "conclusion"),
    [
        (shortcut, "control", CONTROL, "costs"),
        (benchmark, "conclusion", CONCLUSION, "LDD is better"),
    ],
)
def test_the_units_of_a_study_are_told(lab, name, study, conclusion):
    measured = {seed: study.measure(seed) for seed in SEEDS}

    def told(factor):
        differences = {seed: factor * value for seed, value in measured.items()}
        return lab.judge(name, {"differences": differences, "conclusion": conclusion}).text

    assert told(1) == "right."
    assert "did you turn shares into points?" in told(100)
    assert "did you divide by 100?" in told(0.01)
