"""What a learner should know about a data set before using it."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class DataCard:
    """Origin, licence, size, hash and split of a data set.

    Parameters
    ----------
    name, what, origin, licence, split : str
        For people to read.
    size_bytes : int
        What is downloaded or shipped; 0 if nothing is.
    sha256 : str
        Of the downloaded or shipped file; several are joined by a space; "" if there is none.
    """

    name: str
    what: str
    origin: str
    licence: str
    size_bytes: int
    sha256: str
    split: str

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align:left;padding:2px 10px;vertical-align:top">{label}</th>'
            f'<td style="text-align:left;padding:2px 10px">{html.escape(text)}</td></tr>'
            for label, text in self._rows()
        )
        return f"<table>{rows}</table>"

    def __str__(self) -> str:
        return "\n".join(f"{label + ':':10}{text}" for label, text in self._rows())

    def _rows(self) -> list[tuple[str, str]]:
        facts = asdict(self)
        size = facts.pop("size_bytes")
        facts["size"] = show_size(size) if size else "nothing to download"
        facts["sha256"] = " ".join(digest[:16] + "..." for digest in self.sha256.split())
        order = ("name", "what", "origin", "licence", "size", "sha256", "split")
        return [(label, facts[label]) for label in order if facts[label]]


def show_size(size_bytes: int) -> str:
    """Write a number of bytes as people read it, in powers of ten."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:.1f} kB"
