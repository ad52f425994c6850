"""What a learner's function returns: read from every container, or told what it is."""

import numpy as np
import pandas as pd
import pytest
import torch

from internlab.answers import in_print, number, several
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
