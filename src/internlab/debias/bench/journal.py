"""The journal of a benchmark: one file a run, so that a killed grid loses only what is in flight.

A run's file is named after a hash of everything that decides its result. So runs of other settings
lie in the same folder without being taken for each other, and what is asked for a second time is
read, not computed.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from internlab.debias.bench.record import Record
from internlab.files import atomic_write

RUNS, STARTS = "runs", "starts.jsonl"


class Journal:
    """The records of a results folder.

    Parameters
    ----------
    folder : Path
        The results folder; made when the first record is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.runs = self.folder / RUNS

    def __contains__(self, key: str) -> bool:
        return self._path(key).is_file()

    def __len__(self) -> int:
        return sum(1 for _ in self._files())

    def write(self, record: Record) -> None:
        """Keep a record; a kill leaves it whole or absent."""
        with atomic_write(self._path(record.key)) as path:
            path.write_text(json.dumps(record.to_json(), indent=1) + "\n", encoding="utf-8")

    def read(self, key: str) -> Record:
        """Return a record.

        Raises
        ------
        ValueError
            If the file is no record; the message says to remove it.
        """
        path = self._path(key)
        try:
            record = Record.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{path} is no record of a run ({type(error).__name__}: {error}); something else "
                "wrote to it. Remove it, and give the command again: that run is computed anew."
            ) from error
        if record.key != key:
            raise ValueError(
                f"{path} holds the run {record.key}; it was renamed or copied. Remove it."
            )
        return record

    def forget(self, key: str) -> None:
        """Remove a record, so that the run is computed again."""
        self._path(key).unlink(missing_ok=True)

    def note_start(self, keys: Iterable[str]) -> None:
        """Write down that runs are in flight; this counts what a kill makes repeat."""
        line = json.dumps({"process": os.getpid(), "keys": sorted(keys)}) + "\n"
        self.folder.mkdir(parents=True, exist_ok=True)
        # One call appends the whole line, so that two processes do not mix theirs.
        handle = os.open(self.folder / STARTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)

    def starts(self) -> Counter[str]:
        """Return how often each run was started; more than once if a kill interrupted it."""
        counted: Counter[str] = Counter()
        path = self.folder / STARTS
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    counted.update(json.loads(line)["keys"])
                except (ValueError, KeyError, TypeError):
                    continue  # The machine went off while this line was written.
        return counted

    def _path(self, key: str) -> Path:
        return self.runs / f"{key}.json"

    def _files(self) -> Iterator[Path]:
        # A name with a dot in front is a file that a kill left unfinished.
        return (path for path in self.runs.glob("*.json") if not path.name.startswith("."))
