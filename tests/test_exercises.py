"""The feedback a learner gets: three outcomes, one line, never an exception."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab import exercises
from internlab.exercises import Exercise, Lab, NotYet, call


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


def test_hints_go_up_and_end_at_the_solution(lab, monkeypatch, tmp_path):
    monkeypatch.setattr(exercises, "project_root", lambda: tmp_path)
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "demo.ipynb").touch()
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


def test_in_a_workshop_the_last_hint_names_the_instructor(lab, monkeypatch, tmp_path):
    monkeypatch.setattr(exercises, "project_root", lambda: tmp_path)
    shown = []
    monkeypatch.setattr(exercises, "_show", shown.append)
    lab.hint("double", 2)
    assert "your instructor has the worked solution" in shown[0].text


def test_feedback_is_one_line_and_escaped(lab):
    feedback = lab.judge("double", lambda x: "<b>\nbold")
    assert "\n" not in feedback.text
    assert "&lt;b&gt;" in feedback._repr_html_()


def test_an_exercise_needs_two_or_three_hints():
    with pytest.raises(ValueError, match="hints"):
        Exercise("x", _check_double, hints=("only",))


def test_a_grader_gets_an_exception_unless_the_last_check_passed(lab):
    with pytest.raises(exercises.NotPassed, match="double: its check was not run"):
        lab.require("double")
    lab.check("double", lambda x: x)
    with pytest.raises(exercises.NotPassed, match="NOT YET double: for 3 you gave 3"):
        lab.require("double")
    lab.check("double", ...)
    with pytest.raises(exercises.NotPassed, match="TODO double"):
        lab.require("double")
    lab.check("double", lambda x: 2 * x)
    lab.require("double")
    lab.check("double", lambda x: 3 * x)
    with pytest.raises(exercises.NotPassed):
        lab.require("double")
