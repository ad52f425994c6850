"""A mistyped name is met with the closest known one, and with nothing where none is close."""

from internlab.spelling import did_you_mean


def test_the_closest_name_is_offered():
    assert did_you_mean("widht", ["lr", "width", "dice"]) == " Did you mean 'width'?"
    assert did_you_mean("zzz", ["lr", "width"]) == ""
    assert did_you_mean(3, [30, 400]) == " Did you mean '30'?"
