"""What became of an exercise, and of one participant's lab."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from internlab.exercises import NOT_YET, PASS, TODO

STOPPED, UNREACHED, MISSING, NONE = "STOPPED", "NOT REACHED", "MISSING", "no lab"
LABELS = (PASS, TODO, NOT_YET, STOPPED, UNREACHED, MISSING, NONE)
# Beside its colour each outcome has a sign of its own, for a narrow table and for every eye.
SIGNS = {PASS: "✓", TODO: "·", NOT_YET: "✗", STOPPED: "■", UNREACHED: "○", MISSING: "?", NONE: "-"}
MEANINGS = {
    PASS: "the check passes",
    TODO: "still blank",
    NOT_YET: "tried, not right yet",
    STOPPED: "its cell was stopped at a limit",
    UNREACHED: "the lab was stopped before it",
    MISSING: "the check is not in the notebook, or gave no answer",
    NONE: "no such lab handed in",
}
LONGEST_TEXT = 300


@dataclass(frozen=True)
class Told:
    """The label of one exercise and the line that the learner reads, made `plain`."""

    label: str
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", plain(self.text))


@dataclass(frozen=True)
class Outcome:
    """What one lab of one participant gave.

    Parameters
    ----------
    exercises : mapping of str to Told
        All exercises of the lab, in its order.
    problem : str
        Why the lab did not run to its end; empty if it did.
    remarks : tuple of str
        What looks odd in the notebook, such as a changed check.
    seconds, cpu_seconds, memory_mb : float
        What the run took; CPU and memory (the most at a time) as sampled while it ran.
    """

    exercises: Mapping[str, Told]
    problem: str = ""
    remarks: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    memory_mb: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "problem", plain(self.problem))
        object.__setattr__(self, "remarks", tuple(plain(each) for each in self.remarks))

    @property
    def passed(self) -> int:
        """How many exercises pass."""
        return sum(told.label == PASS for told in self.exercises.values())

    def worth_saying(self) -> dict[str, Told]:
        """Return the exercises whose line says more than the label and the lab's problem do."""
        silent = (PASS, TODO, UNREACHED)
        return {
            name: told
            for name, told in self.exercises.items()
            if told.label not in silent and not (self.problem and told.text == self.problem)
        }

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as plain dictionaries and lists."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Outcome:
        """Return the outcome that `as_json` gave.

        Raises
        ------
        ValueError
            If it is none.
        """
        try:
            told = {str(name): Told(**each) for name, each in stored["exercises"].items()}
            if any(each.label not in LABELS for each in told.values()):
                raise ValueError("an unknown label")
            return cls(
                told,
                str(stored["problem"]),
                tuple(map(str, stored["remarks"])),
                float(stored["seconds"]),
                float(stored["cpu_seconds"]),
                float(stored["memory_mb"]),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"not a stored outcome: {error}") from error


def nothing_but(names: Any, label: str, problem: str = "", **more: Any) -> Outcome:
    """Return an outcome with the same label for every exercise."""
    return Outcome({name: Told(label, problem) for name in names}, problem, **more)


def plain(text: Any, longest: int = LONGEST_TEXT) -> str:
    """Return a text of a participant as one line that no terminal and no reader is misled by.

    Control characters move a cursor, and characters of the Unicode category Cf turn the direction
    of writing; each becomes a question mark.
    """
    shown = "".join(
        " " if character.isspace() else "?" if _is_control(character) else character
        for character in str(text)[: 4 * longest]
    )
    shown = " ".join(shown.split())
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")
