"""Experiment notes: what is expected is written down before a run, the verdict after it.

A note is one Markdown file with front matter that a person and a program can read. The question,
the hypothesis and the expectations are sealed with a hash when the note is opened, so that an
expectation that was edited after the results is seen.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from internlab.bars import Bar
from internlab.files import atomic_write, project_root
from internlab.notes.text import OWN_REMARKS, body_of, seal_of, split
from internlab.provenance import code_version, describe_environment, hash_data

FOLDER_VARIABLE = "INTERNLAB_NOTES"


@dataclass(frozen=True)
class Expect:
    """An expectation in numbers, for example ``Expect("gain_db", ">=", 0.8, "dB")``.

    Parameters
    ----------
    metric : str
        The key under which the result will be given to `Note.close`.
    comparison, threshold, unit
        See `internlab.bars.Bar`.
    """

    metric: str
    comparison: str
    threshold: float | tuple[float, float]
    unit: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", self.bar.threshold)

    @property
    def bar(self) -> Bar:
        """The bar that the metric is held against."""
        return Bar(self.comparison, self.threshold, self.unit)

    def verdict(self, value: float) -> str:
        """Return ``"held"`` or ``"surprised"``."""
        return "held" if self.bar.holds(value) else "surprised"


@dataclass
class Note:
    """One experiment: sealed expectations, and after `close` the results and the lesson.

    Make one with `open_note` (exported as ``notes.open``) or read one with `load`.
    """

    path: Path
    question: str
    hypothesis: str
    expectations: tuple[Expect, ...]
    opened: str
    seed: int | None
    code_version: str
    data_hash: str
    environment: dict[str, str]
    seal: str
    closed: str = ""
    results: dict[str, float] = field(default_factory=dict)
    learned: str = ""
    ask: str = ""
    remarks: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether the results are in."""
        return bool(self.closed)

    @property
    def is_intact(self) -> bool:
        """Whether question, hypothesis and expectations are those the note was opened with."""
        return self.seal == seal_of(self)

    @property
    def verdicts(self) -> dict[str, str]:
        """``"held"`` or ``"surprised"`` for each expected metric; empty while open."""
        if not self.is_closed:
            return {}
        return {e.metric: e.verdict(self.results[e.metric]) for e in self.expectations}

    def close(self, results: Mapping[str, float], *, learned: str, ask: str = "") -> Note:
        """Write the results and the verdict on every expectation into the note.

        The file is replaced in one step: whatever interrupts, the note is either still open with
        everything it had, or closed with everything.

        Parameters
        ----------
        results : mapping of str to float
            One number for every expected metric; further metrics are kept as well.
        learned : str
            What you know now that you did not know before.
        ask : str
            What you need from others, for the weekly report.

        Returns
        -------
        Note
            The same note, closed.

        Raises
        ------
        ValueError
            If an expected metric is missing, a result is not a number, the note is closed already
            with other results, or its expectations were edited after it was opened. Nothing is
            written then.
        """
        numbers = _as_numbers(results)
        missing = [e.metric for e in self.expectations if e.metric not in numbers]
        if missing:
            raise ValueError(
                f"No result for {', '.join(missing)}. The note expects "
                f"{', '.join(e.metric for e in self.expectations)}, close() was given "
                f"{', '.join(numbers) or 'nothing'}."
            )
        if not learned.strip():
            raise ValueError(
                "learned is empty. Write one sentence: what do you know now that you did not "
                "know before the run? A surprise teaches most."
            )
        on_disk = load(self.path) if self.path.exists() else self
        if not (on_disk.is_intact and on_disk.seal == self.seal):
            raise ValueError(
                f"The expectations in {self.path.name} were edited after the note was opened. "
                "Put them back, or open a new note with the new expectation and run again."
            )
        if on_disk.is_closed and on_disk.results != numbers:
            raise ValueError(
                f"{self.path.name} is closed already, with other results. A new run deserves a "
                "new hypothesis: open a new note."
            )
        closed = replace(
            on_disk,
            results=numbers,
            learned=learned.strip(),
            ask=ask.strip(),
            closed=on_disk.closed or _now(),
        )
        _write(closed)
        # Only what is on disk counts as closed, so the object changes after the write.
        self.__dict__.update(closed.__dict__)
        return self

    def _repr_markdown_(self) -> str:
        # In a notebook the note stands among headings of the lesson, so its own is a small one.
        text = body_of(self).split(OWN_REMARKS)[0].rstrip()
        return "#### Experiment note: " + text.removeprefix("# ") + "\n"

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else "open"
        return f"Note({self.question!r}, {state}, {len(self.expectations)} expectations)"


def open_note(
    question: str,
    hypothesis: str,
    expect: Iterable[Expect],
    *,
    seed: int | None = None,
    data: Any = None,
    slug: str = "",
    folder: Path | str | None = None,
) -> Note:
    """Open a note: write down, before the run, what you expect in numbers.

    Parameters
    ----------
    question : str
        What the run is to answer.
    hypothesis : str
        What you think will happen, and why.
    expect : iterable of Expect
        At least one. Metrics must differ.
    seed : int, optional
        The seed of the run.
    data : Path, array, mapping of arrays, or str, optional
        What the run is made on. A file or arrays are hashed; a string is taken as a hash or name.
    slug : str
        A short name for the file; made from the question by default.
    folder : Path, optional
        Where notes are kept. Default: the environment variable ``INTERNLAB_NOTES``, else
        ``notes/`` in the kit.

    Returns
    -------
    Note
        Open, and on disk.

    Raises
    ------
    ValueError
        If the question or hypothesis is empty, or there is no expectation in numbers.
    """
    expectations = tuple(expect)
    if not question.strip() or not hypothesis.strip():
        raise ValueError("A note needs a question and a hypothesis; one of them is empty.")
    if not expectations or not all(isinstance(each, Expect) for each in expectations):
        raise ValueError(
            "expect must hold at least one Expect(metric, comparison, threshold, unit): an "
            "expectation that has no number cannot be surprised."
        )
    metrics = [each.metric for each in expectations]
    if len(set(metrics)) < len(metrics):
        raise ValueError(f"Each expectation needs a metric of its own, got {', '.join(metrics)}.")
    opened = _now()
    note = Note(
        path=_free_path(Path(folder) if folder else notes_folder(), opened, slug or question),
        question=question.strip(),
        hypothesis=hypothesis.strip(),
        expectations=expectations,
        opened=opened,
        seed=seed,
        code_version=code_version(),
        data_hash=hash_data(data),
        environment=describe_environment(),
        seal="",
    )
    note.seal = seal_of(note)
    _write(note)
    return note


def load(path: Path | str) -> Note:
    """Read a note from its file, open or closed, for example after a kernel restart.

    Raises
    ------
    ValueError
        If the file is not a note, saying what is missing.
    """
    path = Path(path)
    header, text = split(path)
    try:
        front = yaml.safe_load(header)
        expectations = tuple(
            Expect(
                metric=each["metric"],
                comparison=each["comparison"],
                threshold=each["threshold"],
                unit=each.get("unit", ""),
            )
            for each in front.pop("expectations")
        )
        front.pop("status")
        note = Note(path=path, expectations=expectations, **front)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path.name} is not a complete note ({type(error).__name__}: {error}). Restore it "
            "from version control, or open a new one."
        ) from error
    _, mark, remarks = text.partition(OWN_REMARKS + "\n")
    return replace(note, remarks=remarks.strip() if mark else "")


def load_all(folder: Path | str | None = None) -> list[Note]:
    """Read every note of a folder, oldest first."""
    folder = Path(folder) if folder else notes_folder()
    # A hidden file is what a killed process left half-written.
    paths = [path for path in folder.glob("*.md") if not path.name.startswith(".")]
    return sorted((load(path) for path in paths), key=lambda note: note.opened)


def problems(note: Note) -> list[str]:
    """Return what is wrong with a note's file: edits of what was sealed, or of the verdict."""
    found = []
    if not note.is_intact:
        found.append(
            f"{note.path.name}: the question, hypothesis or an expectation was edited after the "
            "note was opened."
        )
    _, written = split(note.path)
    if written.split(OWN_REMARKS)[0].strip() != body_of(note).split(OWN_REMARKS)[0].strip():
        found.append(
            f"{note.path.name}: the text above '{OWN_REMARKS}' does not follow from the recorded "
            "expectations and results. Write below it instead."
        )
    return found


def notes_folder() -> Path:
    """Return where notes are kept: ``INTERNLAB_NOTES``, else ``notes/`` in the kit."""
    return Path(os.environ.get(FOLDER_VARIABLE) or project_root() / "notes")


def _write(note: Note) -> None:
    front = {
        "question": note.question,
        "hypothesis": note.hypothesis,
        "status": "closed" if note.is_closed else "open",
        "opened": note.opened,
        "closed": note.closed,
        "expectations": [_as_yaml(each) for each in note.expectations],
        "seal": note.seal,
        "results": note.results,
        "learned": note.learned,
        "ask": note.ask,
        "seed": note.seed,
        "code_version": note.code_version,
        "data_hash": note.data_hash,
        "environment": note.environment,
    }
    header = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=96)
    with atomic_write(note.path) as temporary:
        temporary.write_text(f"---\n{header}---\n{body_of(note)}", encoding="utf-8")


def _as_yaml(expectation: Expect) -> dict[str, Any]:
    record = asdict(expectation)
    if isinstance(record["threshold"], tuple):
        record["threshold"] = list(record["threshold"])
    return record


def _as_numbers(results: Mapping[str, Any]) -> dict[str, float]:
    numbers = {}
    for metric, value in results.items():
        try:
            numbers[str(metric)] = float(value)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"The result {metric!r} is {value!r} ({type(value).__name__}), expected one "
                "number. Take the mean or the worst case before closing the note."
            ) from error
    return numbers


def _free_path(folder: Path, opened: str, name: str) -> Path:
    words = re.sub(r"[^a-z0-9가-힣]+", "-", name.lower()).strip("-")[:48].strip("-") or "note"
    stem = f"{opened[:10]}-{words}"
    path, count = folder / f"{stem}.md", 2
    while path.exists():
        path, count = folder / f"{stem}-{count}.md", count + 1
    return path


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
