"""Make the book: write its pages, let Sphinx build them, check every link, put it in place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from book import front_pages, lesson_pages, links, reference_pages, search_texts
from book.kit import Kit, read_kit

# What tells a folder with a book from any other folder.
_OURS = Path("_static", "book.js")


class BookFailed(RuntimeError):
    """The book was not made; the message says why. What stood in its place stays."""


@dataclass(frozen=True)
class Book:
    """A finished book.

    Attributes
    ----------
    folder : Path
        Holds ``index.html``.
    pages : int
        How many pages were written from the kit's files.
    links : Links
        Links inside, all good, and those that lead outside.
    """

    folder: Path
    pages: int
    links: links.Links


def pages(kit: Kit) -> dict[str, str]:
    """Return the text of every page by its file name."""
    return {
        "index.md": front_pages.index_page(kit),
        "run.md": front_pages.run_page(kit),
        "data.md": front_pages.data_page(kit),
        "licence.md": front_pages.licence_page(kit),
        "labs.md": reference_pages.labs_page(kit),
        "passages.md": reference_pages.passages_page(kit),
        "glossary.md": reference_pages.glossary_page(kit),
        "bibliography.md": reference_pages.bibliography_page(kit),
        **{
            f"lessons/{lesson.name}.ipynb": lesson_pages.lesson_page(lesson, kit)
            for lesson in kit.lessons
        },
    }


def build(root: Path, folder: Path, work: Path) -> Book:
    """Make the book.

    Parameters
    ----------
    root : Path
        The kit's folder.
    folder : Path
        Where the book goes; an older one is replaced once the new one is whole.
    work : Path
        For the written pages and Sphinx's own files; emptied first.

    Raises
    ------
    BookFailed
        If Sphinx warns about anything, a link inside the book leads nowhere, or the folder holds
        something that is not a book.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / _OURS).is_file():
        raise BookFailed(
            f"{folder} holds other files, which a book would replace. Name a new or empty folder."
        )
    try:
        kit = read_kit(root)
        texts = pages(kit)
    except ValueError as error:
        raise BookFailed(str(error)) from error
    shutil.rmtree(work, ignore_errors=True)
    source = work / "pages"
    for name, text in texts.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copytree(root / "docs", source / "docs")
    site = work / "site"
    _sphinx(root, source, site, work / "doctrees")
    search_texts.write(site)
    found = links.check(site)
    if found.broken:
        raise BookFailed("Links that lead nowhere:\n" + "\n".join(found.broken))
    _replace(site, folder)
    return Book(folder, len(texts), found)


def _sphinx(root: Path, source: Path, site: Path, doctrees: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--fresh-env"]
    command += ["--fail-on-warning", "--quiet", "--conf-dir", str(Path(__file__).parent)]
    command += ["--doctree-dir", str(doctrees), str(source), str(site)]
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode or done.stderr.strip():
        raise BookFailed(f"Sphinx was not content:\n{done.stderr.strip() or done.stdout.strip()}")


def _replace(site: Path, folder: Path) -> None:
    """Put the finished site in place of the old one."""
    for left in (".buildinfo", "objects.inv"):
        (site / left).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(site, folder)
