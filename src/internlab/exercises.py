"""Immediate feedback for labs: ``check()`` and ``hint()``.

An exercise has three outcomes, PASS, TODO and NOT YET, and one line of text. Checking never raises,
so *Run All* always reaches the end of a lab.
"""

from __future__ import annotations

import copy
import html
import inspect
import linecache
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from internlab.files import project_root

PASS, TODO, NOT_YET = "PASS", "TODO", "NOT YET"

# The label carries the meaning; colour only repeats it, so nobody depends on colour.
_LABEL_COLOURS = {PASS: "#00704a", TODO: "#6b6b6b", NOT_YET: "#b04a00", "HINT": "#0059a8"}


class NotYet(Exception):
    """An answer is not right yet. The text says what was given, what was expected, and asks."""


class NotPassed(AssertionError):
    """An exercise does not pass. Only `Lab.require` raises it, for a program that grades."""


class Blank(Exception):
    """An answer is still the ``...`` that the lab came with."""


@dataclass(frozen=True)
class Feedback:
    """What the learner sees after ``check`` or ``hint``: a label and one line of text."""

    label: str
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.label} {self.name}: {self.text}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colour = _LABEL_COLOURS.get(self.label, "#333333")
        return (
            f'<div style="border-left:4px solid {colour};padding:2px 8px;margin:2px 0">'
            f'<b style="color:{colour}">{self.label}</b> <code>{html.escape(self.name)}</code>: '
            f"{html.escape(self.text)}</div>"
        )


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lab.

    Parameters
    ----------
    name : str
        The name the learner passes to ``check`` and ``hint``.
    check : callable
        Takes the learner's answer and returns nothing if it is right. It raises `NotYet` with one
        line for the learner if it is not. It tests properties on fresh inputs and calls the
        answer only through `call`.
    hints : tuple of str
        Two or three, from a nudge to nearly the answer.
    """

    name: str
    check: Callable[[Any], None]
    hints: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.hints) <= 3:
            raise ValueError(
                f"Exercise {self.name!r} has {len(self.hints)} hints. Expected two or three, from "
                "a nudge to nearly the answer."
            )


class Lab:
    """The exercises of one lab, behind the two functions that the learner calls.

    Parameters
    ----------
    name : str
        For example ``"superres.training"``.
    exercises : iterable of Exercise
        In the order of the lab.
    solution : str
        Where the worked solution is, relative to the kit's folder.
    """

    def __init__(self, name: str, exercises: Iterable[Exercise], solution: str) -> None:
        self.name = name
        self.solution = solution
        self.exercises = {exercise.name: exercise for exercise in exercises}
        self._last: dict[str, Feedback] = {}

    def check(self, name: str, answer: Any = ...) -> None:
        """Show PASS, TODO or NOT YET with one line of feedback on `answer`. Never raises."""
        feedback = self.judge(name, answer)
        self._last[feedback.name] = feedback
        _show(feedback)

    def require(self, name: str) -> None:
        """Raise unless the last ``check`` of this exercise gave PASS.

        A learner never meets this: it is what a program that grades calls after the lab has run,
        because it takes an exception for a fail.

        Raises
        ------
        NotPassed
            With the feedback that the learner got, or that there was no check.
        """
        last = self._last.get(name)
        if last is None:
            raise NotPassed(f"{name}: its check was not run")
        if last.label != PASS:
            raise NotPassed(str(last))

    def hint(self, name: str, level: int = 1) -> None:
        """Show hint number `level` (1 is a nudge, the last is nearly the answer). Never raises."""
        exercise = self.exercises.get(name)
        if exercise is None:
            _show(self._unknown(name))
            return
        count = len(exercise.hints)
        if not isinstance(level, int) or not 1 <= level <= count:
            _show(Feedback("HINT", name, f"There are hints 1 to {count}, you asked for {level!r}."))
            return
        more = (
            f' (next: hint("{name}", {level + 1}))'
            if level < count
            else f" ({self._where_the_solution_is()})"
        )
        _show(Feedback("HINT", f"{name} {level}/{count}", exercise.hints[level - 1] + more))

    def _where_the_solution_is(self) -> str:
        if (project_root() / self.solution).is_file():
            return f"the worked solution is in {self.solution}"
        return "in a workshop, your instructor has the worked solution"

    def judge(self, name: str, answer: Any) -> Feedback:
        """Return the feedback on an answer without showing it.

        KeyboardInterrupt passes through, so that a learner can stop an endless loop.
        """
        exercise = self.exercises.get(name)
        if exercise is None:
            return self._unknown(name)
        try:
            if answer is ...:
                raise Blank
            if answer is None:
                raise NotYet("the answer is None. Did you forget to assign a value, or a `return`?")
            exercise.check(answer)
        except Blank:
            return Feedback(TODO, name, "still blank. Replace the ... and run the cell again.")
        except NotYet as problem:
            return Feedback(NOT_YET, name, _one_line(str(problem)))
        except Exception as error:
            return Feedback(
                NOT_YET,
                name,
                _one_line(
                    f"your answer is of type {type(answer).__name__} and could not be checked "
                    f"({type(error).__name__}: {error}). Is it of the type and shape that the "
                    "exercise asks for?"
                ),
            )
        return Feedback(PASS, name, "right.")

    def _unknown(self, name: str) -> Feedback:
        known = ", ".join(self.exercises)
        return Feedback(NOT_YET, str(name), f"no exercise has this name. This lab has: {known}.")


def call(function: Callable[..., Any], *inputs: Any, **named: Any) -> Any:
    """Call a learner's function on copies of `inputs` and return its result.

    Copies, because a function that changes its argument must not spoil the check.

    Raises
    ------
    Blank
        If the function is blank: it returns ``...``.
    NotYet
        If the answer is not callable, raises, or returns None; the message names the learner's
        own line.
    """
    if not callable(function):
        raise NotYet(
            f"expected a function, got {type(function).__name__}. Pass the function itself, "
            "without brackets?"
        )
    try:
        result = function(*copy.deepcopy(inputs), **copy.deepcopy(named))
    except (Blank, NotYet):
        raise
    except Exception as error:
        raise NotYet(_explain_exception(error)) from error
    if result is ... or (isinstance(result, tuple) and result and all(r is ... for r in result)):
        raise Blank
    if result is None:
        raise NotYet("your function returned None. Did you forget the `return`?")
    return result


def source_of(function: Callable[..., Any]) -> str:
    """Return the source of a learner's function, or "" where it cannot be had."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""


def _explain_exception(error: Exception) -> str:
    """Say which of the learner's lines raised, in one line."""
    where = ""
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        # A notebook cell's code is not part of an installed module: its globals are __main__'s.
        if frame.f_globals.get("__name__") == "__main__":
            line = linecache.getline(frame.f_code.co_filename, trace.tb_lineno).strip()
            where = f" at `{line}`" if line else f" at line {trace.tb_lineno}"
        trace = trace.tb_next
    # Some libraries' messages end in an empty line or run over many; one sentence is enough here.
    return f"your code raised {type(error).__name__}{where}: {error}. What does that line need?"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _show(feedback: Feedback) -> None:
    from IPython.display import display

    display(feedback)
