"""The repair log: for each repair what was seen, what it was, what was changed, what it gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from internlab.files import atomic_write
from internlab.practice.repair.place import Place
from internlab.practice.repair.repairs import difference, texts
from internlab.practice.repair.runs import Run, stated


@dataclass(frozen=True)
class Entry:
    """One repair. `change` is a unified diff, `results` one line for each run after it."""

    title: str
    symptom: str
    cause: str
    change: str
    results: tuple[str, ...]


class RepairLog:
    """A log in a Markdown file, written anew at each entry.

    The change is not told but taken: it is the difference of the repository's text files since the
    last entry.

    Parameters
    ----------
    path : Path
        The file.
    place : Place
        Whose repository is being repaired.
    """

    def __init__(self, path: Path, place: Place) -> None:
        self.path, self.place = path, place
        self.entries: list[Entry] = []
        self._texts = texts(place.repository)
        self._stated = stated(place)
        self._write()

    def add(self, title: str, *, symptom: str, cause: str, runs: Sequence[Run]) -> Entry:
        """Add a repair with the runs that were made after it, and write the file.

        Raises
        ------
        ValueError
            If nothing was changed since the last entry, or symptom or cause is empty.
        """
        now = texts(self.place.repository)
        change = difference(self._texts, now)
        if not change:
            raise ValueError(f"Nothing has changed in {self.place.repository.name}/ since then.")
        if not symptom.strip() or not cause.strip():
            raise ValueError(
                "A log without what was seen and what it was helps nobody who meets it again. "
                "Expected a sentence for each of symptom and cause."
            )
        entry = Entry(title, symptom, cause, change, tuple(self.shown(run) for run in runs))
        self.entries.append(entry)
        self._texts = now
        self._write()
        return entry

    def shown(self, run: Run) -> str:
        """Return the number of a run against what is stated, or what stopped it."""
        if run.number is None:
            return f"no number ({run.ended_with})"
        where = "within" if self._stated.reached_by(run.number) else "outside"
        return f"{run.number:.2f} g, {where} what is stated"

    def _write(self) -> None:
        lines = [
            f"# Repair log of {self.place.repository.name}",
            "",
            f"Stated: {self._stated.number} g ± {self._stated.tolerance} g.",
        ]
        for number, entry in enumerate(self.entries, start=1):
            lines += [
                "",
                f"## {number}. {entry.title[:1].upper()}{entry.title[1:]}",
                "",
                f"- **Seen.** {entry.symptom}",
                f"- **Was.** {entry.cause}",
                *(f"- **After it.** {result}" for result in entry.results),
                "",
                "```diff",
                entry.change,
                "```",
            ]
        with atomic_write(self.path) as temporary:
            temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
