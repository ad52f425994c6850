"""The text of every page as one script, for the search in a book that is opened from the disk.

There a browser does not let one page fetch another, so what is shown below a result has to come
from a script.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

_KEPT = {"section", "dl", "dt", "dd"}
_LEFT_OUT = {"script", "style"}


class _Outline(HTMLParser):
    """The main part of a page: its text, its sections and definitions, nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._inside = False
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("role") == "main":
            self._inside = True
        elif self._inside and (tag in _LEFT_OUT or given.get("class") == "headerlink"):
            self._skipping += 1
        elif self._inside and tag in _KEPT:
            place = f' id="{given["id"]}"' if given.get("id") else ""
            self.parts.append(f"<{tag}{place}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._inside = False
        elif self._skipping and (tag in _LEFT_OUT or tag == "a"):
            self._skipping -= 1
        elif self._inside and tag in _KEPT:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._inside and not self._skipping:
            escaped = data.replace("&", "&amp;").replace("<", "&lt;")
            self.parts.append(re.sub(r"\s+", " ", escaped))


def outline(page: str) -> str:
    """Return the main part of a page, without links, pictures and styles."""
    parser = _Outline()
    parser.feed(page)
    return f'<div role="main">{"".join(parser.parts)}</div>'


def write(site: Path) -> None:
    """Write ``_static/texts.js`` beside the scripts of a built site."""
    texts = {
        path.relative_to(site).as_posix(): outline(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
    }
    script = f"window.BOOK_TEXTS = {json.dumps(texts, ensure_ascii=False)};\n"
    (site / "_static" / "texts.js").write_text(script, encoding="utf-8")
