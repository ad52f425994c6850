"""Check the links of the built book: what they point to, file and anchor, must exist."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

_PLACES = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src"}


@dataclass
class _Page(HTMLParser):
    """The links and the anchors of one page."""

    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if value and _PLACES.get(tag) == name:
                self.links.append(value)


@dataclass(frozen=True)
class Links:
    """What a check found.

    Attributes
    ----------
    broken : tuple of str
        One line for each link inside the book that leads nowhere.
    external : dict
        Addresses outside the book, each with the pages that hold it.
    internal : int
        How many links inside the book were checked.
    """

    broken: tuple[str, ...]
    external: dict[str, tuple[str, ...]]
    internal: int


def check(site: Path) -> Links:
    """Check every page of a built site, offline."""
    site = site.resolve()
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    broken = []
    external = defaultdict(set)
    internal = 0
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        for link in page.links:
            if urlsplit(link).scheme in ("http", "https"):
                external[link].add(name)
                continue
            if urlsplit(link).scheme:
                continue
            internal += 1
            fault = _fault(link, path, pages)
            if fault:
                broken.append(f"{name}: {link}: {fault}")
    found = {link: tuple(sorted(names)) for link, names in sorted(external.items())}
    return Links(tuple(broken), found, internal)


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _fault(link: str, path: Path, pages: dict[Path, _Page]) -> str:
    address, anchor = urldefrag(link)
    address, anchor = unquote(address.split("?")[0]), unquote(anchor)
    target = (path.parent / address).resolve() if address else path
    if target not in pages:
        return "" if target.is_file() else "there is no such file"
    if anchor and anchor not in pages[target].anchors:
        return f"the page has no place {anchor!r}"
    return ""


def ask(address: str, seconds: float = 20) -> str:
    """Return an empty text if an address outside answers, else what it said instead."""
    request = urllib.request.Request(address, headers={"User-Agent": "internlab link check"})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return "" if answer.status < 400 else f"status {answer.status}"
    except urllib.error.HTTPError as error:
        return f"status {error.code}"
    except (urllib.error.URLError, OSError) as error:
        return str(error)
