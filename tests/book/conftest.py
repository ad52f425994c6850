"""The book, made once for all its tests, and a real browser in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import FLAGS

from book.build import Book, build
from book.kit import Kit, read_kit
from internlab.files import project_root

ROOT = project_root()


@pytest.fixture(scope="session")
def kit() -> Kit:
    """What the book is made of."""
    return read_kit(ROOT)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The whole book, built from the kit as it is. A warning of the tool is a failure."""
    folder = tmp_path_factory.mktemp("made")
    return build(ROOT, folder / "book", folder / "work")


@pytest.fixture(scope="session")
def phone_and_desk(chromium: str, playwright):
    """A headless browser; each page comes with a width and a colour scheme of its own."""
    browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture
def open_page(phone_and_desk, made: Book) -> Iterator[Callable]:
    """Open a page of the book from the disk, as someone who was sent the folder would."""
    contexts = []

    def open_(name: str, width: int = 1280, scheme: str = "light"):
        size = {"width": width, "height": 900}
        # Without a network: whatever a page needs has to be in the folder.
        context = phone_and_desk.new_context(viewport=size, color_scheme=scheme, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("requestfailed", lambda request: page.faults.append(request.url))
        page.goto(f"{Path(made.folder).as_uri()}/{name}")
        return page

    yield open_
    for context in contexts:
        context.close()
