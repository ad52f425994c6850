"""The feedback a learner gets: three outcomes, one line, never an exception."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from internlab import exercises
from internlab.exercises import (
    Blank,
    Exercise,
    Lab,
    NotYet,
    call,
    in_print,
    number,
    several,
)


def _check_double(answer):
    got = call(answer, 3)
    if got != 6:
        raise NotYet(f"for 3 you gave {got}, expected 6: what doubles a number?")


@pytest.fixture
def lab():
    return Lab(
        "demo",
        [Exercise("double", _check_double, hints=("nudge", "nearly"))],
        solution="solutions/demo.ipynb",
    )


def test_a_right_answer_passes(lab):
    assert lab.judge("double", lambda x: 2 * x).label == "PASS"


def test_another_right_answer_passes(lab):
    assert lab.judge("double", lambda x: x + x).label == "PASS"


@pytest.mark.parametrize("blank", [..., lambda x: ..., lambda x: (..., ...)])
def test_a_blank_is_todo(lab, blank):
    assert lab.judge("double", blank).label == "TODO"


def test_a_wrong_answer_gets_its_message(lab):
    feedback = lab.judge("double", lambda x: x**2)
    assert str(feedback) == "NOT YET double: for 3 you gave 9, expected 6: what doubles a number?"


@pytest.mark.parametrize("answer", [None, lambda x: None])
def test_none_asks_for_the_return(lab, answer):
    feedback = lab.judge("double", answer)
    assert feedback.label == "NOT YET"
    assert "return" in feedback.text


def test_an_exception_in_the_answer_is_feedback(lab):
    feedback = lab.judge("double", lambda x: x["key"])
    assert feedback.label == "NOT YET"
    assert "TypeError" in feedback.text


def test_the_learners_line_is_named(lab):
    import linecache

    code = "def answer(x):\n    return undefined_name * x\n"
    linecache.cache["<cell>"] = (len(code), None, code.splitlines(True), "<cell>")
    namespace = {"__name__": "__main__"}
    exec(compile(code, "<cell>", "exec"), namespace)
    assert "`return undefined_name * x`" in lab.judge("double", namespace["answer"]).text


def test_ctrl_c_passes_through(lab):
    def endless(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.judge("double", endless)


@given(
    st.one_of(
        st.none(), st.integers(), st.text(), st.lists(st.floats()), st.binary(), st.booleans()
    )
)
def test_no_answer_makes_check_raise(answer):
    lab = Lab("demo", [Exercise("double", _check_double, hints=("a", "b"))], solution="x")
    assert lab.judge("double", answer).label == "NOT YET"


def test_a_fault_in_the_checker_is_still_feedback():
    def check(answer):
        return answer.shape

    lab = Lab("demo", [Exercise("shape", check, hints=("a", "b"))], solution="x")
    feedback = lab.judge("shape", 5)
    assert feedback.label == "NOT YET"
    assert "type int" in feedback.text


def test_inputs_are_copied():
    given_array = np.zeros(3)

    def spoil(array):
        array += 1
        return array

    call(spoil, given_array)
    assert np.array_equal(given_array, np.zeros(3))


def test_an_unknown_name_lists_the_names(lab):
    assert "double" in lab.judge("duoble", 1).text


def test_hints_go_up_and_end_at_the_solution(lab, monkeypatch):
    shown = []
    monkeypatch.setattr(exercises, "_show", shown.append)
    lab.hint("double")
    lab.hint("double", 2)
    lab.hint("double", 3)
    lab.hint("unknown")
    assert 'hint("double", 2)' in shown[0].text
    assert "solutions/demo.ipynb" in shown[1].text
    assert "1 to 2" in shown[2].text
    assert "double" in shown[3].text


def test_feedback_is_one_line_and_escaped(lab):
    feedback = lab.judge("double", lambda x: "<b>\nbold")
    assert "\n" not in feedback.text
    assert "&lt;b&gt;" in feedback._repr_html_()


def test_an_exercise_needs_two_or_three_hints():
    with pytest.raises(ValueError, match="hints"):
        Exercise("x", _check_double, hints=("only",))


ONE = [0.5, np.float32(0.5), np.array(0.5), np.array([[0.5]]), [0.5], "0.5", pd.Series([0.5], [7])]


@pytest.mark.parametrize("value", [*ONE, torch.tensor([0.5]), torch.tensor(0.5).requires_grad_()])
def test_one_number_is_read_from_whatever_holds_it(value, recwarn):
    assert number(value, "the mean") == 0.5
    assert not recwarn.list


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([1, 2], "the mean is 2 values, expected one number: is a sum"),
        (torch.zeros(3), "the mean is 3 values, expected one number: is a sum"),
        (np.zeros((2, 2)), "the mean is of type ndarray, expected one number: is a sum"),
        ({"a": 1}, "the mean is of type dict"),
        ("51 %", "the mean is of type str, '51 %', expected one number: where did it"),
        (np.nan, "the mean is nan, expected a finite number"),
        (torch.tensor(np.inf), "the mean is inf, expected a finite number"),
    ],
)
def test_what_is_no_number_is_named(value, says):
    with pytest.raises(NotYet) as error:
        number(value, "the mean")
    assert str(error.value).startswith(says)


@pytest.mark.parametrize("form", [tuple, list, np.array, torch.tensor, pd.Series])
def test_several_values_are_read_from_every_container(form):
    found = several(form([0.5, 1.5]), "a mean", "a spread")
    assert [float(each) for each in found] == [0.5, 1.5]
    assert len(several(form([1, 2, 3]), "a", "b", "c")) == 3


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (1.5, r"you gave 1 value \(of type float\), expected two, a mean and a spread: what goes"),
        ("ab", r"you gave 1 value \(of type str\)"),
        ([1], "you gave 1 value, expected two"),
        (torch.zeros(3), "you gave 3 values, expected two"),
        (torch.tensor(1.0), r"you gave 1 value \(of type Tensor\)"),
        ({"mean": 1, "sd": 2}, "a dict with the keys 'mean', 'sd', expected two"),
    ],
)
def test_too_many_and_too_few_values_are_counted(value, says):
    with pytest.raises(NotYet, match=says):
        several(value, "a mean", "a spread")


def test_a_blank_among_several_is_a_blank():
    with pytest.raises(Blank):
        several((1, ...), "a mean", "a spread")
    with pytest.raises(Blank):
        number(..., "the mean")


def test_two_numbers_differ_in_print():
    assert in_print(0.25, 0.75) == ("0.2500", "0.7500")
    assert in_print(0.003, 0.0032, digits=3, sign="+") == ("+0.0030", "+0.0032")
    for off in 10.0 ** -np.arange(1, 16):
        assert len(set(in_print(1.16, 1.16 + off))) == 2
