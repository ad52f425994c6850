"""The front page, how to run the kit, the data and the licence: from the kit's own files."""

from __future__ import annotations

import re
from itertools import groupby

from book.kit import Kit
from book.markup import Rewriter

CURRICULUM = "The curriculum"


def readme_sections(text: str) -> dict[str, str]:
    """Return the README's sections by heading; what stands above the first one under ``""``."""
    parts = re.split(r"^## +(.+)\n", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def index_page(kit: Kit) -> str:
    """Return the front page: the README's opening and curriculum, and the table of contents."""
    rewrite = Rewriter(kit, "", "index")
    sections = readme_sections(_readme(kit))
    opening, picture, pictures = rewrite(sections[""]).partition("![")
    first = kit.lessons[0]
    lines = [
        opening.strip(),
        "",
        f"This book shows the lessons with the outputs they had when they were last run. Begin "
        f"with [{first.number} {first.title}](lessons/{first.name}.ipynb). To change a number and "
        "see what happens, and to work on the [labs](labs.md), [run the kit](run.md) on your own "
        "machine. A word you do not know is in the [glossary](glossary.md), in English and Korean; "
        "whom the lessons build on is in the [bibliography](bibliography.md); and the interviews "
        "are in the [passages](passages.md), in our words.",
        "",
        f"{picture}{pictures}".strip(),
        "",
        f"## {CURRICULUM}",
        "",
        _with_class(rewrite(sections.get(CURRICULUM, "")).strip(), "curriculum"),
    ]
    for subject, lessons in groupby(kit.lessons, key=lambda each: each.subject):
        lines += ["", "```{toctree}", ":hidden:", f":caption: {subject}", ""]
        lines += [f"lessons/{lesson.name}" for lesson in lessons]
        lines += ["```"]
    lines += ["", "```{toctree}", ":hidden:", ":caption: Look it up", ""]
    lines += ["glossary", "passages", "bibliography", "data", "```"]
    lines += ["", "```{toctree}", ":hidden:", ":caption: Do it yourself", ""]
    lines += ["run", "labs", "licence", "```"]
    return "\n".join(lines) + "\n"


def run_page(kit: Kit) -> str:
    """Return the README's other sections: set-up, tools, GPU, teaching."""
    rewrite = Rewriter(kit, "", "run")
    sections = readme_sections(_readme(kit))
    lines = ["# Run the kit", ""]
    for heading, text in sections.items():
        if heading not in ("", CURRICULUM):
            lines += [f"## {heading}", "", rewrite(text).strip(), ""]
    return "\n".join(lines)


def data_page(kit: Kit) -> str:
    """Return ``data/README.md`` with its links led into the book."""
    text = (kit.root / "data" / "README.md").read_text(encoding="utf-8")
    return Rewriter(kit, "data", "data")(text)


def licence_page(kit: Kit) -> str:
    """Return the licence as a page."""
    text = (kit.root / "LICENSE").read_text(encoding="utf-8").strip()
    title, _, rest = text.partition("\n")
    return f"# {title}\n\n{rest.strip()}\n"


def _readme(kit: Kit) -> str:
    return (kit.root / "README.md").read_text(encoding="utf-8")


def _with_class(table: str, name: str) -> str:
    """Put the first table of a text into a container with a class of its own."""
    match = re.search(r"(?:^\|.*\n?)+", table, re.MULTILINE)
    if not match:
        return table
    body = f"::::{{container}} {name}\n{match[0].rstrip()}\n::::\n"
    return f"{table[: match.start()]}{body}{table[match.end() :]}"
