"""The state of an evaluation on disk, so that a run that was killed goes on."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from internlab.files import atomic_write
from internlab.ood.metrics.components import ComponentScores
from internlab.ood.metrics.streaming import StreamingScores

FILE = "progress.npz"


@dataclass
class Progress:
    """How far an evaluation has come.

    Parameters
    ----------
    fingerprint : str
        Of the settings and files; see `fingerprint_of`.
    streams : dict of StreamingScores
        By method.
    components : dict of list
        By method, one entry an image of the second pass.
    done : int
        Images counted in the first pass.
    void_seen : bool
        Whether a pixel had an ignored id.
    """

    fingerprint: str
    streams: dict[str, StreamingScores]
    components: dict[str, list[ComponentScores]] = field(default_factory=dict)
    done: int = 0
    void_seen: bool = False

    def save(self, folder: Path) -> None:
        """Write everything to one file in one step: a kill leaves the earlier state whole."""
        arrays: dict[str, Any] = {
            "done": self.done,
            "void_seen": self.void_seen,
            "fingerprint": self.fingerprint,
        }
        for name, stream in self.streams.items():
            arrays |= {f"stream/{name}/{key}": value for key, value in stream.state().items()}
        for name, images in self.components.items():
            for kind in ("siou", "ppv"):
                parts = [getattr(image, kind) for image in images]
                arrays[f"components/{name}/{kind}"] = np.concatenate([np.empty(0), *parts])
                arrays[f"components/{name}/{kind} count"] = np.array([p.size for p in parts], int)
        with atomic_write(folder / FILE) as temporary, open(temporary, "wb") as file:
            np.savez(file, **arrays)

    @classmethod
    def load(cls, folder: Path, fingerprint: str) -> Progress | None:
        """Return the saved state, or None if there is none.

        Raises
        ------
        ValueError
            If the file is damaged, or belongs to other settings or files.
        """
        path = folder / FILE
        if not path.exists():
            return None
        try:
            with np.load(path) as saved:
                arrays = dict(saved)
            state = cls._from_arrays(arrays)
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} is damaged ({error}). Pass --fresh to start anew.") from error
        if state.fingerprint != fingerprint:
            raise ValueError(
                f"{path} is of a run with other options or files, so this run cannot go on from "
                "it. Repeat that command to finish it, choose another --out, or pass --fresh."
            )
        return state

    @classmethod
    def _from_arrays(cls, arrays: dict[str, np.ndarray]) -> Progress:
        streams: dict[str, dict[str, np.ndarray]] = {}
        parts: dict[str, dict[str, np.ndarray]] = {}
        for key, value in arrays.items():
            kind, _, rest = key.partition("/")
            name, _, what = rest.rpartition("/")
            if kind == "stream":
                streams.setdefault(name, {})[what] = value
            elif kind == "components":
                parts.setdefault(name, {})[what] = value
        components = {}
        for name, each in parts.items():
            siou, ppv = (
                np.split(each[kind], np.cumsum(each[f"{kind} count"])[:-1])
                for kind in ("siou", "ppv")
            )
            counted = each["siou count"].size
            components[name] = [
                ComponentScores(*pair) for pair in zip(siou, ppv, strict=True)
            ] * bool(counted)
        return cls(
            fingerprint=str(arrays["fingerprint"]),
            streams={name: StreamingScores.from_state(each) for name, each in streams.items()},
            components=components,
            done=int(arrays["done"]),
            void_seen=bool(arrays["void_seen"]),
        )

    @staticmethod
    def remove(folder: Path) -> None:
        """Remove the state of a run that is complete or is to start anew."""
        (folder / FILE).unlink(missing_ok=True)


def fingerprint_of(settings: dict[str, Any], files: list[Path]) -> str:
    """Return a hash of settings and of the files' names, sizes and times."""
    stats = [(str(path.resolve()), path.stat()) for path in files]
    listed = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    return hashlib.sha256(json.dumps([settings, listed], default=str).encode()).hexdigest()
