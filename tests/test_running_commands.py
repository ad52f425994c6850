"""Commands end with a status, and with a message that fits a terminal."""

import argparse

import pytest

from internlab.command import complain, error_text, run_command


def options(function):
    return argparse.Namespace(run=function)


def raising(error):
    def run(_):
        raise error

    return options(run)


def status_of(error):
    return (2, error_text(error)) if isinstance(error, (ValueError, OSError)) else None


def test_the_status_is_what_the_command_returns(capsys):
    assert run_command(options(lambda _: 7), status_of) == 7
    assert capsys.readouterr() == ("", "")


def test_a_known_error_becomes_a_message_and_a_status(capsys):
    assert run_command(raising(ValueError("no such band")), status_of) == 2
    missing = FileNotFoundError(2, "No such file or directory", "a.tif")
    assert run_command(raising(missing), status_of) == 2
    expected = "error: no such band\nerror: No such file or directory: a.tif\n"
    assert capsys.readouterr() == ("", expected)


def test_a_fault_of_the_kit_is_shown_whole():
    with pytest.raises(KeyError):
        run_command(raising(KeyError("x")), status_of)


def test_ctrl_c_says_what_its_notes_say(capsys):
    assert run_command(raising(KeyboardInterrupt()), status_of) == 1
    interrupt = KeyboardInterrupt()
    interrupt.add_note("3 of 9 are kept.")
    assert run_command(raising(interrupt), status_of) == 1
    said = capsys.readouterr().err
    assert said == "stopped: Stopped before anything was computed.\nstopped: 3 of 9 are kept.\n"


def test_a_message_is_broken_between_words_and_keeps_lines_of_its_own(capsys):
    complain("word " * 40 + "a-very-long-name-" * 8, "error")
    lines = capsys.readouterr().err.splitlines()
    assert all(len(line) <= 92 for line in lines[:-1])
    assert lines[-1] == "a-very-long-name-" * 8
    complain("the log says:\n  [1] first\n  [2] second", "error")
    assert capsys.readouterr().err.splitlines()[1:] == ["  [1] first", "  [2] second"]


def test_an_error_without_words_has_its_type():
    assert error_text(RuntimeError()) == "RuntimeError"
