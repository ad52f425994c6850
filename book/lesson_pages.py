"""Lessons as pages: the committed notebook, links led into the book, a list to look things up."""

from __future__ import annotations

import copy
import re

import nbformat
from nbformat import NotebookNode

from book.kit import Chapter, Kit
from book.markup import Rewriter, escaped

_CARD = re.compile(r"Passage <code>([\w-]+)</code>")
_CAPTION = re.compile(r"^\*(What to see: .+?)\*(?:\s|$)", re.DOTALL)
_HEADING = re.compile(r"^```[\s\S]*?^```|^(?P<marks>#{1,5})(?= )", re.MULTILINE)
_NO_CAPTION = "Figure drawn by the code above; the text around it says what it shows."


def lesson_page(lesson: Chapter, kit: Kit) -> str:
    """Return the notebook of a lesson's page as text. Nothing is executed."""
    rewrite = Rewriter(kit, "notebooks", f"lessons/{lesson.name}")
    notebook = copy.deepcopy(lesson.notebook)
    _keep_one_title(notebook)
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            cell.source = rewrite(cell.source)
        else:
            following = notebook.cells[index + 1 : index + 2]
            cell.metadata["mystnb"] = {"image": {"alt": _alternative_text(following)}}
            for output in cell.get("outputs", []):
                _link_passages(output)
    notebook.cells.append(nbformat.v4.new_markdown_cell(_look_up(lesson, kit), id="look-up"))
    return nbformat.writes(notebook)


def _keep_one_title(notebook: NotebookNode) -> None:
    """Lower the parts of a lesson by one level, where they have titles like the lesson's own.

    A page with two titles would stand in the table of contents as two pages. What stands before the
    first part keeps its level.
    """
    titles = 0

    def lowered(match: re.Match[str]) -> str:
        nonlocal titles
        titles += match["marks"] == "#"
        return f"#{match[0]}" if match["marks"] and titles > 1 else match[0]

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _HEADING.sub(lowered, cell.source)


def _alternative_text(following: list[NotebookNode]) -> str:
    """Return the caption below a figure as plain text, for whoever cannot see the figure."""
    match = _CAPTION.match(following[0].source) if following else None
    text = re.sub(r"[*`]|\$", "", match[1]) if match else _NO_CAPTION
    return " ".join(text.split())


def _link_passages(output: NotebookNode) -> None:
    """Lead the id on a passage card to the page of all passages."""
    data = output.get("data", {})
    if "text/html" in data:
        link = r'Passage <a href="../passages.html#passage-\1"><code>\1</code></a>'
        data["text/html"] = _CARD.sub(link, data["text/html"])


def _look_up(lesson: Chapter, kit: Kit) -> str:
    """Return the list that closes a page: lab, passages, terms and references of the lesson."""
    terms = [term for term in kit.terms if kit.explained_in(term) == lesson]
    papers = [paper for paper in kit.papers if lesson.name in paper.used_in]
    lines = [f"({lesson.anchor}-look-up)=", "## Look it up", ""]
    lab = kit.lab_of(lesson)
    if lab:
        lines.append(f"- Lab: [{lab.number} {escaped(lab.title)}](#lab-{lab.anchor})")
    if lesson.passages:
        links = (
            f"[{escaped(kit.passages[each].question)}](#passage-{each})" for each in lesson.passages
        )
        lines.append("- Passages: " + " · ".join(links))
    if terms:
        links = (f"{{term}}`{term.term}`" for term in sorted(terms, key=lambda t: t.term.lower()))
        lines.append("- Terms met first here: " + ", ".join(links))
    if papers:
        links = (f"[{escaped(paper.short)}](#ref-{paper.key})" for paper in papers)
        lines.append("- References: " + ", ".join(links))
    return "\n".join(lines)
