"""A sheet of forecasts: sealed before the answers are known, scored after.

A sheet is one Markdown file that a person and a program can read, in ``predictions/`` beside the
experiment notes. Its *seal* is a hash of the questions and the forecasts. An edit that does not
renew the seal is seen. The seal protects you from your own memory, not from a forger, who could
renew it: for that, show the seal to somebody else before the answers are known.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import yaml

from internlab.files import atomic_write
from internlab.notes import notes_folder
from internlab.practice.calibration import brier
from internlab.spelling import did_you_mean

FOLDER = "predictions"


@dataclass
class Sheet:
    """Forecasts of yes, one a question; with `score` the answers as well.

    Make one with `seal` or read one with `load`.
    """

    path: Path
    forecaster: str
    questions: dict[str, str]
    forecasts: dict[str, float]
    sealed: str
    seal: str
    answers_known: bool = False
    outcomes: dict[str, bool] = field(default_factory=dict)

    @property
    def is_intact(self) -> bool:
        """Whether questions and forecasts are those that were sealed."""
        return self.seal == _seal_of(self)

    @property
    def brier(self) -> float:
        """The Brier score.

        Raises
        ------
        ValueError
            If the answers are not in yet.
        """
        if not self.outcomes:
            raise ValueError(f"{self.path.name} has no answers yet: score it first.")
        return brier(*zip(*self._pairs(), strict=True))

    def score(self, outcomes: Mapping[str, bool]) -> Sheet:
        """Write the answers into the sheet and return it.

        Raises
        ------
        ValueError
            If an answer is missing or not asked for, the sheet was edited after it was sealed, or
            it holds other answers already. Nothing is written then.
        """
        on_disk = load(self.path) if self.path.exists() else self
        if not (on_disk.is_intact and on_disk.seal == self.seal):
            raise ValueError(
                f"{self.path.name} was edited after it was sealed. Put the forecasts back, or seal "
                "a new sheet on questions whose answers you have not seen."
            )
        answers = {name: bool(outcomes[name]) for name in self.questions if name in outcomes}
        _same_names(answers, self.questions, "answer")
        if on_disk.outcomes and on_disk.outcomes != answers:
            raise ValueError(f"{self.path.name} is scored already, with other answers.")
        scored = replace(on_disk, outcomes=answers)
        _write(scored)
        # Only what is on disk counts as scored, so the object changes after the write.
        self.__dict__.update(scored.__dict__)
        return self

    def _pairs(self) -> list[tuple[float, bool]]:
        return [(p, self.outcomes[name]) for name, p in self.forecasts.items()]

    def __repr__(self) -> str:
        state = f"Brier score {self.brier:.3f}" if self.outcomes else "no answers yet"
        return f"Sheet({self.forecaster!r}, {len(self.questions)} questions, {state})"


def seal(
    forecaster: str,
    forecasts: Mapping[str, float],
    questions: Mapping[str, str],
    folder: Path | str | None = None,
) -> Sheet:
    """Write forecasts down before the answers are known.

    Parameters
    ----------
    forecaster : str
        Whose they are.
    forecasts : mapping of str to float
        The probability of yes, from 0 to 1, under the name of each question.
    questions : mapping of str to str
        The text of each question under its name.
    folder : Path, optional
        Default: ``predictions/`` in the folder of the experiment notes.

    Returns
    -------
    Sheet
        Sealed, and on disk. `Sheet.answers_known` says whether an earlier sheet of this folder
        holds the answer to one of the questions: then it is no forecast any more.

    Raises
    ------
    ValueError
        If a question has no forecast, a forecast no question, or one is no probability.
    """
    _same_names(forecasts, questions, "forecast")
    numbers = {name: _probability(forecasts[name], name) for name in questions}
    folder = Path(folder) if folder else notes_folder() / FOLDER
    known = any(set(sheet.outcomes) & set(questions) for sheet in load_all(folder))
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    sheet = Sheet(
        _free_path(folder, now, forecaster), forecaster, dict(questions), numbers, now, "", known
    )
    sheet.seal = _seal_of(sheet)
    _write(sheet)
    return sheet


def load(path: Path | str) -> Sheet:
    """Read a sheet from its file.

    Raises
    ------
    ValueError
        If the file is not a sheet.
    """
    path = Path(path)
    try:
        _, front, _ = re.split(
            r"^---\n", path.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE
        )
        return Sheet(path=path, **yaml.safe_load(front))
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path.name} is not a complete sheet of forecasts ({type(error).__name__}). Move it "
            "elsewhere, or seal a new one."
        ) from error


def load_all(folder: Path | str | None = None) -> list[Sheet]:
    """Read every sheet of a folder, oldest first."""
    folder = Path(folder) if folder else notes_folder() / FOLDER
    # A hidden file is what a killed process left half-written.
    paths = [path for path in folder.glob("*.md") if not path.name.startswith(".")]
    return sorted((load(path) for path in paths), key=lambda sheet: sheet.sealed)


def _seal_of(sheet: Sheet) -> str:
    sealed = {
        "forecaster": sheet.forecaster,
        "questions": sheet.questions,
        "forecasts": sheet.forecasts,
        "sealed": sheet.sealed,
    }
    text = json.dumps(sealed, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def _write(sheet: Sheet) -> None:
    record = {key: value for key, value in vars(sheet).items() if key != "path"}
    header = yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=96)
    with atomic_write(sheet.path) as temporary:
        temporary.write_text(f"---\n{header}---\n{_text_of(sheet)}", encoding="utf-8")


def _text_of(sheet: Sheet) -> str:
    """Return what people read: every question with its forecast, and the score."""
    lines = [f"# Forecasts of {sheet.forecaster}", ""]
    if sheet.answers_known:
        lines += ["The answers to these questions were known when this sheet was sealed.", ""]
    if sheet.outcomes:
        lines += [f"Brier score {sheet.brier:.3f} (0 is perfect, 0.25 is one half each time).", ""]
    lines += ["| Question | Forecast of yes | Answer | Cost |", "|---|---|---|---|"]
    for name, text in sheet.questions.items():
        forecast = sheet.forecasts[name]
        answer = cost = ""
        if sheet.outcomes:
            answer = "yes" if sheet.outcomes[name] else "no"
            cost = f"{(forecast - sheet.outcomes[name]) ** 2:.3f}"
        lines.append(f"| **{name}**: {text} | {forecast:.2f} | {answer} | {cost} |")
    return "\n".join(lines) + "\n"


def _same_names(given: Mapping[str, object], questions: Mapping[str, str], what: str) -> None:
    missing = [name for name in questions if name not in given]
    if missing:
        raise ValueError(
            f"No {what} for {', '.join(missing)}. Expected one for each of the {len(questions)} "
            "questions."
        )
    unknown = [name for name in given if name not in questions]
    if unknown:
        raise ValueError(
            f"No question is called {unknown[0]!r}.{did_you_mean(unknown[0], questions)}"
        )


def _probability(value: object, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError(
            f"The forecast of {name!r} is {value!r}, expected a probability of yes from 0 to 1."
        )
    return number


def _free_path(folder: Path, now: str, forecaster: str) -> Path:
    words = re.sub(r"[^a-z0-9가-힣]+", "-", forecaster.lower()).strip("-")[:40] or "sheet"
    stem = f"{now[:10]}-{words}"
    path, count = folder / f"{stem}.md", 2
    while path.exists():
        path, count = folder / f"{stem}-{count}.md", count + 1
    return path
