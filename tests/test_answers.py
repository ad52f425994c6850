"""What a learner's function returns: read from every container, or told what it is."""

import numpy as np
import pandas as pd
import pytest
import torch

from internlab.answers import check_name, in_print, number, same, several, tell, told_apart
from internlab.exercises import Blank, NotYet

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


def told(got, right, known=(), **options):
    with pytest.raises(NotYet) as error:
        tell(got, right, dict(known), "what is averaged?", **options)
    return str(error.value)


@pytest.mark.parametrize("right", [0.3, 1 / 3, 0.0, -2.0, 640.7])
def test_a_right_number_is_told_nothing_even_as_float32(right):
    known = {"is a slip. Which?": right}
    assert tell(right, right, known, "why?") is None
    assert tell(float(np.float32(right)), right, known, "why?", share=True) is None


def test_a_wrong_number_is_told_which_slip_gives_it():
    known = {"is the sum. Of how many?": 2.5, "is a count. Out of how many?": 5.0}
    start = "you gave 5.0000, expected 0.2500"
    assert told(5.0, 0.25, known) == f"{start}. Yours is a count. Out of how many?"
    assert told(5.0, 0.25) == f"{start}: what is averaged?"
    # A slip that rounds the same comes first.
    assert told(0.3, 0.25, {"is the median. Why?": 0.3}).endswith("Yours is the median. Why?")


def test_a_message_has_words_before_and_after_the_number():
    said = told(2, 1, given="for 'oak' you gave", after=" (one group is empty)")
    assert said.startswith("for 'oak' you gave 2.0000 (one group is empty), expected 1.0000: what")


@pytest.mark.parametrize("decimals", [1, 2, 3, 4, 5])
def test_a_rounded_number_is_called_rounded(decimals):
    got = round(2 / 3, decimals)
    assert "Yours is rounded: what will" in told(got, 2 / 3)
    assert ("Yours is rounded" in told(got, 2 / 3, share=True)) == (decimals > 1)


def test_per_cent_is_a_slip_of_shares_alone():
    assert "Yours is per cent: what is it as a share" in told(25, 0.25, share=True)
    assert told(25, 0.25).endswith(": what is averaged?")


@pytest.mark.parametrize("size", [0.001, 1, 1000])
def test_numbers_are_the_same_up_to_a_float32(size):
    assert same(size, float(np.float32(size / 3) * 3))
    assert not same(size, size + 1e-5 * max(size, 1))


@pytest.mark.parametrize(
    ("values", "by", "apart"),
    [
        ((0.5, 0.6, 0.7), 1e-5, True),
        ((0.5, 0.7, 0.500001), 1e-5, False),
        ((-2.0, 5.0, -2.0), 1e-5, False),
        ((1000.0, 1000.005), 1e-5, False),
        ((-1000.0, -1000.02), 1e-5, True),
        ((0.5, 0.501), 1e-2, False),
        ((np.nan, 0.5, np.nan, np.inf, np.inf), 1e-5, True),
        ((0.5,), 1e-5, True),
    ],
)
def test_numbers_that_could_be_taken_for_each_other_are_not_told_apart(values, by, apart):
    assert told_apart(*values, by=by) is apart


def test_what_is_told_apart_is_not_the_same():
    for size in (0.01, 1, 500):
        for off in 10.0 ** -np.arange(1, 9):
            assert not (told_apart(size, size + off) and same(size, size + off))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (0.5, "oak", "the name is the second: which was asked for first?"),
        (np.float64(0.5), 0.7, "your values is 0.5, expected a name from the column `tree`: whose"),
        ("ash", 0.5, "is 'ash', expected a name from the column `tree`: whose?"),
        ("ash", "elm", "`tree`: whose?"),
    ],
)
def test_a_first_value_that_is_no_name_is_refused(name, value, says):
    assert check_name("oak", 0.5, {"oak"}, "tree", "whose?") is None
    with pytest.raises(NotYet) as error:
        check_name(name, value, {"oak"}, "tree", "whose?")
    assert says in str(error.value)
